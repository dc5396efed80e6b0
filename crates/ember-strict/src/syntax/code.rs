//! The analyser's own bytecode: what a module, class body or function is compiled to.
//!
//! The idea: an explicit stack machine instead of walking the tree, because a generator is then nothing but a frame that
//! is put aside, `finally` and `with` need no recursion, and fuel is counted in one place. The instructions follow
//! CPython's closely where a difference could be seen, so that evaluation order is the same.

use crate::value::Str;
use num_bigint::BigInt;
use std::sync::Arc;

/// Binary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    MatMul,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    Or,
    Xor,
    And,
    FloorDiv,
}

/// Unary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnOp {
    Invert,
    Not,
    Pos,
    Neg,
}

/// Rich comparisons.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Index into a code's names, constants, variables, cells or children.
pub type Ix = u32;

/// One instruction. In comments the stack grows to the right.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    Nop,
    Const(Ix),
    LoadFast(Ix),
    StoreFast(Ix),
    DeleteFast(Ix),
    /// Cells: own ones first, then free ones.
    LoadDeref(Ix),
    StoreDeref(Ix),
    DeleteDeref(Ix),
    /// The class's namespace first, then the cell.
    LoadClassDeref(Ix, Ix),
    LoadCell(Ix),
    LoadName(Ix),
    StoreName(Ix),
    DeleteName(Ix),
    LoadGlobal(Ix),
    StoreGlobal(Ix),
    DeleteGlobal(Ix),
    LoadAttr(Ix),
    StoreAttr(Ix),
    DeleteAttr(Ix),
    LoadItem,
    /// value, object, key →
    StoreItem,
    DeleteItem,
    Binary(BinOp),
    Inplace(BinOp),
    Unary(UnOp),
    Compare(Cmp),
    Is(bool),
    In(bool),
    Jump(Ix),
    JumpIfFalse(Ix),
    JumpIfTrue(Ix),
    /// Jump and keep the value, or drop it.
    JumpIfFalseKeep(Ix),
    JumpIfTrueKeep(Ix),
    Pop,
    Dup,
    /// Push a copy of the n-th value from the top (1 is the top).
    Copy(Ix),
    /// Exchange the top with the n-th value from the top.
    Swap(Ix),
    BuildTuple(Ix),
    BuildList(Ix),
    BuildSet(Ix),
    BuildMap(Ix),
    BuildString(Ix),
    BuildSlice,
    ListAppend(Ix),
    SetAdd(Ix),
    MapAdd(Ix),
    ListExtend,
    SetUpdate,
    DictUpdate,
    /// As `DictUpdate`, but a key that is there is an error: keyword arguments.
    DictMerge,
    ListToTuple,
    /// f, a1 … an → result
    Call(Ix),
    /// f, a1 … an, k1 … km → result; the names are a constant.
    CallKw(Ix, Ix),
    /// f, tuple, dict → result
    CallEx,
    /// `super()` without arguments: f, class cell's value, self → result
    CallSuper,
    /// The first parameter for `super()`, if it is one and still there.
    LoadSelf(Ix),
    /// Make the frame's variables visible to `locals()` and its like.
    SyncLocals,
    /// Child code; flags say what stands on the stack: defaults, kwdefaults, annotate, closure.
    MakeFunction(Ix, u8),
    LoadBuildClass,
    GetIter,
    ForIter(Ix),
    Unpack(Ix),
    UnpackEx(Ix, Ix),
    FormatValue(u8),
    /// value, spec → text
    FormatSpec(u8),
    /// Enter a protected region; on an exception the stack is cut and the exception pushed.
    Setup(Ix),
    PopBlock,
    /// The exception on top is now the one being handled.
    PushExc,
    /// The one before is being handled again.
    PopExc,
    /// exception, type → exception, bool
    ExcMatch,
    /// exception, type → rest or None, group or None
    ExcStarMatch,
    /// original, list of raised or unhandled → exception or None
    ExcStarEnd,
    /// 0: bare, 1: exception, 2: exception and cause
    Raise(u8),
    Reraise,
    /// context → exit, entered
    WithEnter,
    /// exit → ; called without exception
    WithExit,
    /// exit, exception → exit, exception, result
    WithExcept,
    Return,
    Yield,
    GetYieldFromIter,
    /// iterator, value to send → value: the whole of `yield from`.
    YieldFrom,
    ImportName(Ix),
    ImportFrom(Ix),
    ImportStar,
    /// Note how high the stack is; forget that; cut the stack to it.
    Mark,
    Unmark,
    CutToMark,
    /// Take the top aside under a name; push it again.
    Capture(Ix),
    LoadCapture(Ix),
    MatchClass(Ix),
    MatchMapping,
    MatchSequence,
    /// subject, keys → subject, keys, values or None
    MatchKeys,
    /// subject, tuple of keys → rest
    MatchRest,
    Len,
    LoadAssertionError,
    /// Namespace dict, then a global, or a cell: names in annotations in a class.
    LoadDictOrGlobal(Ix),
    LoadDictOrDeref(Ix, Ix),
    /// function that gives the annotation → ; noted under a name with its text.
    Annotate(Ix, Ix),
    /// Store what was noted as `__annotate__` of the module or class.
    StoreAnnotate(bool),
    LoadLocals,
    /// As `Setup`, one value below the top.
    SetupWith(Ix),
    SetupAnnotations,
    /// Name and kind of a type parameter; bound and default, functions or None, are on the stack.
    TypeParam(Ix, u8),
    /// type parameters, function → alias of this name
    TypeAlias(Ix),
    /// tuple of type parameters → Generic[…]
    GenericBase,
    /// function, type parameters → function
    SetTypeParams,
    BuildTemplate(Ix),
    BuildInterpolation(u8),
}

/// What `MakeFunction` finds on the stack, in this order from below.
pub mod make {
    pub const DEFAULTS: u8 = 1;
    pub const KWDEFAULTS: u8 = 2;
    pub const ANNOTATE: u8 = 4;
    pub const CLOSURE: u8 = 8;
}

/// A constant; strings are made objects when they are first loaded.
#[derive(Clone, Debug)]
pub enum Const {
    None,
    Bool(bool),
    Ellipsis,
    Int(i64),
    Big(BigInt),
    Float(f64),
    Complex(f64, f64),
    Str(Str),
    Bytes(Arc<[u8]>),
    Tuple(Vec<Const>),
    FrozenNames(Vec<Str>),
}

/// What kind of scope a code belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeKind {
    Module,
    Class,
    Function,
    Expression,
}

/// A text range in a source, in bytes.
pub type Span = (u32, u32);

/// An `import` of a statement.
#[derive(Clone, Debug)]
pub struct ImportSpec {
    pub module: Str,
    pub level: u32,
    /// `None` for `import a.b`, which gives `a` unless `leaf`.
    pub names: Option<Vec<Str>>,
}

/// Compiled code.
#[derive(Debug)]
pub struct Code {
    pub name: Str,
    pub qualname: Str,
    pub kind: CodeKind,
    pub source: Arc<crate::source::Source>,
    pub ops: Vec<Op>,
    pub spans: Vec<Span>,
    pub consts: Vec<Const>,
    pub names: Vec<Str>,
    /// Local variables, parameters first.
    pub varnames: Vec<Str>,
    pub cellvars: Vec<Str>,
    pub freevars: Vec<Str>,
    /// For each own cell the parameter it begins with.
    pub cell_params: Vec<Option<u32>>,
    pub children: Vec<Arc<Code>>,
    pub imports: Vec<ImportSpec>,
    pub argcount: usize,
    pub posonly: usize,
    pub kwonly: usize,
    pub varargs: bool,
    pub varkw: bool,
    pub is_generator: bool,
    pub is_async: bool,
    /// Starts of the statements of a module, for going on after an error.
    pub statements: Vec<u32>,
    pub docstring: Option<Str>,
    pub span: Span,
    /// `import __strict__` stands where it makes the module strict.
    pub strict: bool,
    /// Where it stands and does not.
    pub misplaced_flags: Vec<Span>,
    /// Imports from `__strict__` inside functions and classes.
    pub misplaced_marks: Vec<Span>,
}

impl Code {
    /// How many variables are parameters.
    pub fn params(&self) -> usize {
        self.argcount + self.kwonly + usize::from(self.varargs) + usize::from(self.varkw)
    }

    /// Whether this is a comprehension that CPython executes in the frame around it.
    pub fn is_inlined(&self) -> bool {
        matches!(self.name.as_str(), "<listcomp>" | "<setcomp>" | "<dictcomp>")
    }

    /// The place of the instruction at `pc`.
    pub fn span_at(&self, pc: usize) -> Span {
        self.spans.get(pc).copied().unwrap_or(self.span)
    }
}
