//! Short forms to write HIR by hand.

use ember_hir::{
    Block, BlockCall, ConstData, ConstId, ErrorMode, FrameState, FrameStateId, Function, Inst, Op, Type, Value,
};

pub struct Build {
    pub f: Function,
    pub at: Block,
}

impl Build {
    /// A function of `params` objects and as many locals, plus `more` of these.
    pub fn new(params: usize, more: u32) -> (Build, Vec<Value>) {
        let mut f = Function::new("test", params as u32 + more);
        let at = f.entry;
        let values = (0..params).map(|_| f.add_param(at, Type::Object)).collect();
        (Build { f, at }, values)
    }

    pub fn inst(&mut self, op: Op, args: &[Value]) -> Inst {
        self.f.append(self.at, op, args)
    }

    pub fn op(&mut self, op: Op, args: &[Value]) -> Value {
        let inst = self.inst(op, args);
        self.f.result(inst)
    }

    /// An operation with a frame state.
    pub fn op_at(&mut self, op: Op, args: &[Value], state: FrameStateId) -> Value {
        let inst = self.inst_at(op, args, state);
        self.f.result(inst)
    }

    pub fn inst_at(&mut self, op: Op, args: &[Value], state: FrameStateId) -> Inst {
        let inst = self.inst(op, args);
        self.f.insts[inst].state = state.into();
        self.f.insts[inst].bci = self.f.states[state].bci;
        inst
    }

    pub fn state(&mut self, bci: u32, locals: &[Option<Value>], stack: &[Value]) -> FrameStateId {
        let state = FrameState { bci, level: None, locals: locals.to_vec(), stack: stack.to_vec(), parent: None };
        self.f.states.push(state)
    }

    pub fn int(&mut self, value: i64) -> Value {
        self.op(Op::CInt { value }, &[])
    }

    pub fn double(&mut self, value: f64) -> Value {
        self.op(Op::CDouble { bits: value.to_bits() }, &[])
    }

    pub fn constant(&mut self, address: u64, ty: Type, int: Option<i64>) -> ConstId {
        self.f.consts.push(ConstData { address, ty, int, double: None, text: "c".to_owned() })
    }

    pub fn ret(&mut self, value: Value) {
        self.inst(Op::Return, &[value]);
    }

    pub fn jump(&mut self, block: Block, args: &[Value]) {
        let inst = self.inst(Op::Jump, &[]);
        self.f.insts[inst].targets.push(BlockCall { block, args: args.into() });
    }

    pub fn branch(&mut self, op: Op, value: Value, yes: Block, no: Block) {
        let inst = self.inst(op, &[value]);
        for block in [yes, no] {
            self.f.insts[inst].targets.push(BlockCall { block, args: [].as_slice().into() });
        }
    }

    pub fn block(&mut self, params: &[Type]) -> (Block, Vec<Value>) {
        let block = self.f.new_block();
        let params = params.iter().map(|&ty| self.f.add_param(block, ty)).collect();
        (block, params)
    }

    pub fn null_on_error(&mut self, inst: Inst) {
        self.f.insts[inst].on_error = ErrorMode::Null;
    }
}

/// A function over two ints: guards, unboxes, `op`, boxes.
pub fn int_binary(op: Op) -> Function {
    let (mut b, p) = Build::new(2, 0);
    let state = b.state(4, &[Some(p[0]), Some(p[1])], &[p[0], p[1]]);
    let mut ints = Vec::new();
    for &value in &p {
        let long = b.op_at(Op::GuardType { ty: Type::Long }, &[value], state);
        ints.push(b.op_at(Op::UnboxInt, &[long], state));
    }
    let result = b.op_at(op, &ints, state);
    let boxed = match b.f.ty(result) {
        Type::CBool => {
            let int = b.op(Op::BoolToInt, &[result]);
            b.op(Op::BoxInt, &[int])
        }
        _ => b.op(Op::BoxInt, &[result]),
    };
    b.ret(boxed);
    b.f
}
