//! Frames: the state of running code.

use crate::syntax::code::{Code, Ix};
use crate::value::{Ref, Str, Value};
use std::sync::Arc;

/// A protected region that is open.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Where its handler begins.
    pub handler: Ix,
    /// How high the stack is when the handler begins.
    pub height: usize,
    /// How many exceptions were being handled when it was entered, counted from the frame's first.
    pub handling: usize,
}

/// Code that runs, or a generator that is put aside.
#[derive(Clone, Debug)]
pub struct Frame {
    pub code: Arc<Code>,
    pub pc: usize,
    pub stack: Vec<Value>,
    pub locals: Vec<Value>,
    /// Own cells, then free ones.
    pub cells: Vec<Value>,
    /// A dict object.
    pub globals: Ref,
    /// The namespace of a module or class body.
    pub names: Value,
    pub blocks: Vec<Block>,
    pub marks: Vec<usize>,
    pub captures: Vec<(Ix, Value)>,
    pub annotations: Vec<(Str, Value, Str)>,
    /// Exceptions being handled, saved while a generator is put aside.
    pub handled: Vec<Value>,
    /// How many exceptions this frame is handling.
    pub handled_now: usize,
    /// The function, for messages and `super`.
    pub function: Value,
}

impl Frame {
    /// A frame at the beginning of its code.
    pub fn new(code: Arc<Code>, globals: Ref, names: Value) -> Frame {
        let locals = vec![Value::Null; code.varnames.len()];
        Frame {
            code,
            pc: 0,
            stack: Vec::with_capacity(8),
            locals,
            cells: Vec::new(),
            globals,
            names,
            blocks: Vec::new(),
            marks: Vec::new(),
            captures: Vec::new(),
            annotations: Vec::new(),
            handled: Vec::new(),
            handled_now: 0,
            function: Value::Null,
        }
    }

    pub fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or(Value::Null)
    }

    pub fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// The n-th value from the top; 1 is the top.
    pub fn peek(&self, n: usize) -> Value {
        self.stack.len().checked_sub(n).and_then(|at| self.stack.get(at)).copied().unwrap_or(Value::Null)
    }

    /// The top `n` values, in order.
    pub fn pop_n(&mut self, n: usize) -> Vec<Value> {
        let at = self.stack.len().saturating_sub(n);
        self.stack.split_off(at)
    }
}
