//! Objects and the heaps they live in.
//!
//! Every module has a heap. While the module is analysed its heap is *live* and belongs to one thread; then it is frozen
//! and shared. The invariant that makes this sound: nothing changes an object but through [`crate::vm::Vm::change`], and
//! that refuses (and reports) objects of another owner, so a frozen heap never needs a lock.

use crate::dict::Dict;
use crate::syntax::code::Code;
use crate::value::{ModId, Ref, Str, Value};
use crate::vm::call::Args;
use crate::vm::frame::Frame;
use crate::vm::{R, Vm};
use num_bigint::BigInt;
use std::sync::Arc;

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its class.
    pub class: Ref,
    /// Its attributes: a dict object of the same owner. A class's namespace, too.
    pub dict: Option<Ref>,
    /// What it is to the interpreter.
    pub kind: Kind,
}

/// A function of the interpreter itself.
pub struct Native {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub call: fn(&mut Vm<'_>, Args) -> R,
    /// Whether it may be given unknown values, because it does nothing but hold them.
    pub holds: bool,
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A native function that uses its arguments.
pub const fn native(name: &'static str, call: fn(&mut Vm<'_>, Args) -> R) -> Native {
    Native { name, call, holds: false }
}

/// A native function that only holds its arguments.
pub const fn holder(name: &'static str, call: fn(&mut Vm<'_>, Args) -> R) -> Native {
    Native { name, call, holds: true }
}

/// A computed attribute of a builtin type.
pub struct GetSet {
    /// Its name.
    pub name: &'static str,
    /// Reads it.
    pub get: fn(&mut Vm<'_>, Value) -> R,
    /// Writes it (`Null` deletes), if that can be done.
    pub set: Option<fn(&mut Vm<'_>, Value, Value) -> R<()>>,
}

impl std::fmt::Debug for GetSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What an object is.
#[derive(Clone, Debug)]
pub enum Kind {
    Plain,
    Str(Str),
    Bytes(Arc<[u8]>),
    ByteArray(Vec<u8>),
    /// An instance of a subclass of `int`, or of `bool`'s type.
    Int(i64),
    Big(Arc<BigInt>),
    Float(f64),
    Complex(f64, f64),
    Tuple(Arc<[Value]>),
    List(Vec<Value>),
    Dict(Box<Dict>),
    Set(Box<Dict>),
    Class(Box<Class>),
    Function(Box<Function>),
    Native(&'static Native),
    /// A bound method.
    Method(Value, Value),
    Module(Str),
    /// fget, fset, fdel, doc
    Property(Box<[Value; 4]>),
    ClassMethod(Value),
    StaticMethod(Value),
    Cell(Value),
    Code(Arc<Code>),
    Range(i64, i64, i64),
    Slice(Box<[Value; 3]>),
    Iter(Box<Iter>),
    Generator(Box<Generator>),
    Exception(Box<Exception>),
    /// The class after which to look, the object, the class in whose order.
    Super(Box<(Value, Value, Value)>),
    /// `mappingproxy` of a dict object or mapping.
    Proxy(Value),
    View(Ref, View),
    /// A descriptor for a name in `__slots__`.
    Member(Str),
    GetSet(&'static GetSet),
    /// Deferred annotations: name, function or None, text.
    Annotate(Vec<(Str, Value, Str)>),
    Unknown(Box<Unknown>),
}

/// Which view of a dict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    Keys,
    Values,
    Items,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    pub name: Str,
    pub qualname: Str,
    pub bases: Vec<Ref>,
    pub mro: Vec<Ref>,
    /// The builtin type that decides how instances are laid out.
    pub layout: Ref,
    /// Whether instances have a `__dict__`.
    pub has_dict: bool,
    /// A class of the program, which may be changed by its owner.
    pub heap: bool,
    /// Marked `@mutable` in a strict module.
    pub mutable: bool,
    /// Names in `__slots__`, if it has them.
    pub slots: Option<Vec<Str>>,
    /// A reason why calling or using it is not safe, for classes that stubs declare so.
    pub subclasses: Vec<Ref>,
}

/// A function of the program.
#[derive(Clone, Debug)]
pub struct Function {
    pub code: Arc<Code>,
    pub globals: Ref,
    pub defaults: Vec<Value>,
    pub kwdefaults: Option<Ref>,
    pub closure: Arc<[Value]>,
    pub name: Str,
    pub qualname: Str,
    pub annotate: Value,
    pub module: Value,
}

/// What has been noted of an exception.
#[derive(Clone, Debug)]
pub struct Exception {
    pub args: Value,
    pub cause: Value,
    pub context: Value,
    pub suppress: bool,
    /// Where it passed, innermost first.
    pub trace: Vec<(Arc<Code>, u32)>,
}

/// A generator, or a coroutine that nobody may drive.
#[derive(Clone, Debug)]
pub struct Generator {
    /// Nothing once it has finished, or while it runs.
    pub frame: Option<Box<Frame>>,
    pub code: Arc<Code>,
    pub running: bool,
    pub started: bool,
}

/// Iterators of the interpreter.
#[derive(Clone, Debug)]
pub enum Iter {
    /// Over a list, tuple, string…: object and position.
    Sequence(Value, usize),
    /// Backwards: object and what is left.
    Reversed(Value, i64),
    Range {
        next: i64,
        step: i64,
        left: u64,
    },
    /// A dict or set: object, place, size at the beginning, what is given.
    Dict {
        dict: Ref,
        place: usize,
        size: usize,
        view: View,
    },
    DictReversed {
        dict: Ref,
        place: usize,
        view: View,
    },
    Values(Arc<[Value]>, usize),
    Enumerate(Value, i64),
    Zip(Vec<Value>, bool),
    Map(Value, Vec<Value>, bool),
    Filter(Value, Value),
    /// `iter(function, sentinel)`
    Callable(Value, Value),
    Done,
}

/// A value that the analysis cannot know.
#[derive(Debug, Clone)]
pub struct Unknown {
    /// How it is called in messages.
    pub name: Str,
    /// The module in which a use of what it was made from has been reported: it says no more of it there.
    pub reported: Option<ModId>,
    /// It came from outside of the program by an effect that was reported, not of something that nothing is known of.
    pub outside: bool,
}

/// A frozen heap.
pub type Frozen = Vec<Object>;

macro_rules! types {
    ($($name:ident $text:literal $base:ident),* $(,)?) => {
        /// The builtin types. Each is the object of this number in the builtins' heap.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        pub enum T { $($name),* }
        /// Types with their Python names and bases, in the order of their numbers.
        pub const TYPES: &[(T, &str, T)] = &[$((T::$name, $text, T::$base)),*];
    };
}

types! {
    Object "object" Object, Type "type" Object, NoneType "NoneType" Object, Int "int" Object, Bool "bool" Int,
    Float "float" Object, Complex "complex" Object, Str "str" Object, Bytes "bytes" Object,
    ByteArray "bytearray" Object, MemoryView "memoryview" Object, Tuple "tuple" Object, List "list" Object,
    Dict "dict" Object, Set "set" Object, FrozenSet "frozenset" Object, Range "range" Object, Slice "slice" Object,
    Function "function" Object, Builtin "builtin_function_or_method" Object, Method "method" Object,
    MethodDescriptor "method_descriptor" Object, WrapperDescriptor "wrapper_descriptor" Object,
    MethodWrapper "method-wrapper" Object, ClassMethodDescriptor "classmethod_descriptor" Object,
    GetSet "getset_descriptor" Object, Member "member_descriptor" Object,
    Module "module" Object, Property "property" Object, ClassMethod "classmethod" Object,
    StaticMethod "staticmethod" Object, Cell "cell" Object, Code "code" Object, Generator "generator" Object,
    Coroutine "coroutine" Object, AsyncGenerator "async_generator" Object, Super "super" Object,
    MappingProxy "mappingproxy" Object, EllipsisType "ellipsis" Object, NotImplementedType "NotImplementedType" Object,
    ListIterator "list_iterator" Object, TupleIterator "tuple_iterator" Object, StrIterator "str_ascii_iterator" Object,
    BytesIterator "bytes_iterator" Object, RangeIterator "range_iterator" Object,
    SetIterator "set_iterator" Object, DictKeyIterator "dict_keyiterator" Object,
    DictValueIterator "dict_valueiterator" Object, DictItemIterator "dict_itemiterator" Object,
    DictReverseKeyIterator "dict_reversekeyiterator" Object,
    CallableIterator "callable_iterator" Object, SequenceIterator "iterator" Object,
    Enumerate "enumerate" Object, Zip "zip" Object, Map "map" Object, Filter "filter" Object,
    Reversed "reversed" Object, DictKeys "dict_keys" Object, DictValues "dict_values" Object,
    DictItems "dict_items" Object, Frame "frame" Object, Traceback "traceback" Object, Unknown "unknown" Object,
    BaseException "BaseException" Object, Exception "Exception" BaseException,
    GeneratorExit "GeneratorExit" BaseException, KeyboardInterrupt "KeyboardInterrupt" BaseException,
    SystemExit "SystemExit" BaseException, BaseExceptionGroup "BaseExceptionGroup" BaseException,
    ArithmeticError "ArithmeticError" Exception, AssertionError "AssertionError" Exception,
    AttributeError "AttributeError" Exception, BufferError "BufferError" Exception, EOFError "EOFError" Exception,
    ImportError "ImportError" Exception, ModuleNotFoundError "ModuleNotFoundError" ImportError,
    LookupError "LookupError" Exception, IndexError "IndexError" LookupError, KeyError "KeyError" LookupError,
    MemoryError "MemoryError" Exception, NameError "NameError" Exception,
    UnboundLocalError "UnboundLocalError" NameError, OSError "OSError" Exception,
    BlockingIOError "BlockingIOError" OSError, ChildProcessError "ChildProcessError" OSError,
    ConnectionError "ConnectionError" OSError, BrokenPipeError "BrokenPipeError" ConnectionError,
    ConnectionAbortedError "ConnectionAbortedError" ConnectionError,
    ConnectionRefusedError "ConnectionRefusedError" ConnectionError,
    ConnectionResetError "ConnectionResetError" ConnectionError, FileExistsError "FileExistsError" OSError,
    FileNotFoundError "FileNotFoundError" OSError, InterruptedError "InterruptedError" OSError,
    IsADirectoryError "IsADirectoryError" OSError, NotADirectoryError "NotADirectoryError" OSError,
    PermissionError "PermissionError" OSError, ProcessLookupError "ProcessLookupError" OSError,
    TimeoutError "TimeoutError" OSError, ReferenceError "ReferenceError" Exception,
    RuntimeError "RuntimeError" Exception, NotImplementedError "NotImplementedError" RuntimeError,
    PythonFinalizationError "PythonFinalizationError" RuntimeError, RecursionError "RecursionError" RuntimeError,
    StopAsyncIteration "StopAsyncIteration" Exception, StopIteration "StopIteration" Exception,
    SyntaxError "SyntaxError" Exception, IndentationError "IndentationError" SyntaxError,
    TabError "TabError" IndentationError, SystemError "SystemError" Exception, TypeError "TypeError" Exception,
    ValueError "ValueError" Exception, UnicodeError "UnicodeError" ValueError,
    UnicodeDecodeError "UnicodeDecodeError" UnicodeError, UnicodeEncodeError "UnicodeEncodeError" UnicodeError,
    UnicodeTranslateError "UnicodeTranslateError" UnicodeError, FloatingPointError "FloatingPointError" ArithmeticError,
    OverflowError "OverflowError" ArithmeticError, ZeroDivisionError "ZeroDivisionError" ArithmeticError,
    ExceptionGroup "ExceptionGroup" BaseExceptionGroup, Warning "Warning" Exception,
    BytesWarning "BytesWarning" Warning, DeprecationWarning "DeprecationWarning" Warning,
    EncodingWarning "EncodingWarning" Warning, FutureWarning "FutureWarning" Warning,
    ImportWarning "ImportWarning" Warning, PendingDeprecationWarning "PendingDeprecationWarning" Warning,
    ResourceWarning "ResourceWarning" Warning, RuntimeWarning "RuntimeWarning" Warning,
    SyntaxWarning "SyntaxWarning" Warning, UnicodeWarning "UnicodeWarning" Warning, UserWarning "UserWarning" Warning,
}

impl T {
    /// The type's object.
    pub const fn r(self) -> Ref {
        Ref { owner: 0, index: self as u32 }
    }

    /// The type as a value.
    pub const fn v(self) -> Value {
        Value::Obj(self.r())
    }

    /// Whether it is an exception.
    pub const fn is_exception(self) -> bool {
        self as u32 >= T::BaseException as u32
    }
}
