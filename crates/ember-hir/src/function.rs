//! A function in HIR: blocks, instructions, values, frame states and constants.

use crate::ops::Op;
use crate::types::Type;
use cranelift_entity::{EntityRef, PrimaryMap, SecondaryMap, entity_impl, packed_option::PackedOption};
use smallvec::SmallVec;

/// A basic block.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block(u32);
entity_impl!(Block, "bb");

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Inst(u32);
entity_impl!(Inst, "i");

/// A value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(u32);
entity_impl!(Value, "v");

/// A frame state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameStateId(u32);
entity_impl!(FrameStateId, "fs");

/// An object constant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstId(u32);
entity_impl!(ConstId, "k");

/// A function body merged into this one: level 0 is the function itself, the others are inlined callees.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(u32);
entity_impl!(Level, "level");

/// What happens when an instruction which may raise does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ErrorMode {
    /// Leave native code: traceback entry, unwind the frame, return NULL.
    #[default]
    Exit,
    /// Give the error value (NULL, or a negative number) to the [`Op::BranchError`] that follows.
    Null,
}

/// A block and the arguments for its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockCall {
    /// The target.
    pub block: Block,
    /// One value for each of its parameters.
    pub args: SmallVec<[Value; 4]>,
}

/// A basic block's contents.
#[derive(Clone, Debug, Default)]
pub struct BlockData {
    /// Parameters.
    pub params: Vec<Value>,
    /// Instructions; the last one is the terminator.
    pub insts: Vec<Inst>,
    /// Whether the block is expected to run rarely.
    pub cold: bool,
}

/// An instruction's contents.
#[derive(Clone, Debug)]
pub struct InstData {
    /// What it does.
    pub op: Op,
    /// Operands.
    pub args: SmallVec<[Value; 4]>,
    /// Successors, for terminators.
    pub targets: SmallVec<[BlockCall; 2]>,
    /// The value defined, if any.
    pub result: PackedOption<Value>,
    /// The interpreter's state before the bytecode instruction this belongs to.
    pub state: PackedOption<FrameStateId>,
    /// What happens on error.
    pub on_error: ErrorMode,
    /// Code unit index of the bytecode instruction this belongs to.
    pub bci: u32,
    /// The function body it belongs to.
    pub level: Level,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueDef {
    /// The result of an instruction.
    Inst(Inst),
    /// A parameter of a block.
    Param(Block, u32),
}

/// A value's type and definition.
#[derive(Clone, Copy, Debug)]
pub struct ValueData {
    /// What is known of it.
    pub ty: Type,
    /// Where it is defined.
    pub def: ValueDef,
}

/// The interpreter's state at a bytecode instruction: what must be in the frame for the interpreter to go on there.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FrameState {
    /// Code unit index of the instruction to execute.
    pub bci: u32,
    /// The function body this frame runs.
    pub level: Option<Level>,
    /// Locals, cells and free variables; `None` is an unbound one.
    pub locals: Vec<Option<Value>>,
    /// The operand stack, bottom first; NULL is a value of type [`Type::Null`].
    pub stack: Vec<Value>,
    /// The caller's frame, for a state inside an inlined callee: its `bci` is the call.
    pub parent: Option<FrameStateId>,
}

/// What the compiler knows about an object constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstData {
    /// The object's address; kept alive by the compiled code.
    pub address: u64,
    /// Its type.
    pub ty: Type,
    /// Its value if it is an `int` that fits.
    pub int: Option<i64>,
    /// The bits of its value if it is a `float`.
    pub double: Option<u64>,
    /// A short text for dumps (deterministic, without addresses).
    pub text: String,
}

/// A body merged into a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelData {
    /// Qualified name, for dumps and reports.
    pub name: String,
    /// The code object, a constant.
    pub code: Option<ConstId>,
    /// The function object if it is a constant (inlined callees).
    pub func: Option<ConstId>,
    /// Number of locals, cells and free variables.
    pub nlocalsplus: u32,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Qualified name.
    pub name: String,
    /// Blocks.
    pub blocks: PrimaryMap<Block, BlockData>,
    /// Instructions.
    pub insts: PrimaryMap<Inst, InstData>,
    /// Values.
    pub values: PrimaryMap<Value, ValueData>,
    /// Frame states.
    pub states: PrimaryMap<FrameStateId, FrameState>,
    /// Object constants.
    pub consts: PrimaryMap<ConstId, ConstData>,
    /// Bodies: the function itself and what was inlined.
    pub levels: PrimaryMap<Level, LevelData>,
    /// The entry block; its parameters are the function's arguments.
    pub entry: Block,
    /// The last locals of the function's own frame stand for names of a module or class body, which live in its `f_locals`: by index in `co_names`. Exits write them back.
    pub names: Vec<u32>,
    /// Values whose reference the exit of an instruction owns; filled in by reference count insertion.
    pub exit_owned: SecondaryMap<Inst, SmallVec<[Value; 4]>>,
    /// Local slots whose memory already holds the frame state's value at the exit of an instruction; filled in by frame sync.
    pub exit_synced: SecondaryMap<Inst, SmallVec<[u32; 4]>>,
}

impl Function {
    /// An empty function with an empty entry block.
    #[must_use]
    pub fn new(name: impl Into<String>, nlocalsplus: u32) -> Function {
        let name = name.into();
        let mut blocks = PrimaryMap::new();
        let entry = blocks.push(BlockData::default());
        let mut levels = PrimaryMap::new();
        levels.push(LevelData { name: name.clone(), code: None, func: None, nlocalsplus });
        Function {
            name,
            blocks,
            insts: PrimaryMap::new(),
            values: PrimaryMap::new(),
            states: PrimaryMap::new(),
            consts: PrimaryMap::new(),
            levels,
            entry,
            names: Vec::new(),
            exit_owned: SecondaryMap::new(),
            exit_synced: SecondaryMap::new(),
        }
    }

    /// The level of the function itself.
    #[must_use]
    pub fn root(&self) -> Level {
        Level::new(0)
    }

    /// Adds an empty block.
    pub fn new_block(&mut self) -> Block {
        self.blocks.push(BlockData::default())
    }

    /// Adds a parameter to a block.
    pub fn add_param(&mut self, block: Block, ty: Type) -> Value {
        let index = self.blocks[block].params.len() as u32;
        let value = self.values.push(ValueData { ty, def: ValueDef::Param(block, index) });
        self.blocks[block].params.push(value);
        value
    }

    /// Makes an instruction, not yet in any block; it gets a result of type `ty` unless that is `None`.
    pub fn make_inst(&mut self, op: Op, args: &[Value], ty: Option<Type>) -> Inst {
        let inst = self.insts.push(InstData {
            op,
            args: SmallVec::from_slice(args),
            targets: SmallVec::new(),
            result: PackedOption::default(),
            state: PackedOption::default(),
            on_error: ErrorMode::Exit,
            bci: 0,
            level: Level::new(0),
        });
        if let Some(ty) = ty {
            let value = self.values.push(ValueData { ty, def: ValueDef::Inst(inst) });
            self.insts[inst].result = value.into();
        }
        inst
    }

    /// Appends an instruction to a block. The result's type is the one its table row gives.
    pub fn append(&mut self, block: Block, op: Op, args: &[Value]) -> Inst {
        let ty = op.result_type(self, args);
        let inst = self.make_inst(op, args, ty);
        self.blocks[block].insts.push(inst);
        inst
    }

    /// The value an instruction defines. Panics when it defines none (a compiler bug).
    #[must_use]
    pub fn result(&self, inst: Inst) -> Value {
        self.insts[inst].result.expect("instruction has a result")
    }

    /// The type of a value.
    #[must_use]
    pub fn ty(&self, value: Value) -> Type {
        self.values[value].ty
    }

    /// The operation which defines a value, unless it is a block parameter.
    #[must_use]
    pub fn def_op(&self, value: Value) -> Option<&Op> {
        match self.values[value].def {
            ValueDef::Inst(inst) => Some(&self.insts[inst].op),
            ValueDef::Param(..) => None,
        }
    }

    /// The instruction which defines a value, unless it is a block parameter.
    #[must_use]
    pub fn def_inst(&self, value: Value) -> Option<Inst> {
        match self.values[value].def {
            ValueDef::Inst(inst) => Some(inst),
            ValueDef::Param(..) => None,
        }
    }

    /// The terminator of a block. Panics on an empty block (a compiler bug).
    #[must_use]
    pub fn terminator(&self, block: Block) -> Inst {
        *self.blocks[block].insts.last().expect("block has a terminator")
    }

    /// The successors of a block, with the arguments passed.
    #[must_use]
    pub fn successors(&self, block: Block) -> &[BlockCall] {
        match self.blocks[block].insts.last() {
            Some(&inst) => &self.insts[inst].targets,
            None => &[],
        }
    }

    /// Calls `visit` on every value of a frame state and of its parents.
    pub fn visit_state(&self, state: FrameStateId, visit: &mut dyn FnMut(Value)) {
        let mut next = Some(state);
        while let Some(id) = next {
            let state = &self.states[id];
            state.locals.iter().flatten().copied().for_each(&mut *visit);
            state.stack.iter().copied().for_each(&mut *visit);
            next = state.parent;
        }
    }

    /// Calls `visit` on every value an instruction uses: operands, arguments to successors, and its frame state's values.
    pub fn visit_uses(&self, inst: Inst, visit: &mut dyn FnMut(Value)) {
        let data = &self.insts[inst];
        data.args.iter().copied().for_each(&mut *visit);
        data.targets.iter().flat_map(|call| call.args.iter().copied()).for_each(&mut *visit);
        if let Some(state) = data.state.expand() {
            self.visit_state(state, visit);
        }
    }

    /// Rewrites every use of a value through `map` (operands, successor arguments and all frame states).
    pub fn rewrite_uses(&mut self, map: &dyn Fn(Value) -> Value) {
        for data in self.insts.values_mut() {
            for arg in &mut data.args {
                *arg = map(*arg);
            }
            for call in &mut data.targets {
                for arg in &mut call.args {
                    *arg = map(*arg);
                }
            }
        }
        for state in self.states.values_mut() {
            for local in state.locals.iter_mut().flatten() {
                *local = map(*local);
            }
            for value in &mut state.stack {
                *value = map(*value);
            }
        }
    }
}
