//! Statements with regions that have to be left in an orderly way: `with`, `try`, `except`, `finally`.

use super::{Block, Compiler, R};
use crate::syntax::code::{Const, Op};
use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::Ranged;

impl<'a> Compiler<'a> {
    /// Leave all blocks above `keep`; `value` says that the stack's top is to be kept.
    pub(super) fn unwind_to(&mut self, keep: usize, value: bool) -> R {
        let mut popped = Vec::new();
        while self.unit().blocks.len() > keep {
            let Some(block) = self.unit().blocks.pop() else { break };
            self.unwind(&block, value)?;
            popped.push(block);
        }
        while let Some(block) = popped.pop() {
            self.unit().blocks.push(block);
        }
        Ok(())
    }

    pub(super) fn drop_below(&mut self, value: bool) {
        if value {
            self.emit(Op::Swap(2));
        }
        self.emit(Op::Pop);
    }

    fn unwind(&mut self, block: &Block<'a>, value: bool) -> R {
        match block {
            Block::Loop { is_for, .. } => {
                if *is_for {
                    self.drop_below(value);
                }
            }
            Block::Try => {
                self.emit(Op::PopBlock);
            }
            Block::Finally(body) => {
                self.emit(Op::PopBlock);
                let (body, span) = (*body, self.span);
                if value {
                    self.unit().blocks.push(Block::Value);
                }
                self.body(body)?;
                if value {
                    self.unit().blocks.pop();
                }
                self.span = span;
            }
            Block::FinallyEnd => {
                self.drop_below(value);
                self.emit(Op::PopExc);
            }
            Block::Value => self.drop_below(value),
            Block::With => {
                self.emit(Op::PopBlock);
                if value {
                    self.emit(Op::Swap(2));
                }
                self.emit(Op::WithExit);
            }
            Block::Handler { name } => {
                if let Some(name) = name {
                    self.emit(Op::PopBlock);
                    self.forget(name);
                }
                self.drop_below(value);
                self.emit(Op::PopExc);
            }
            Block::StarHandler { name } => {
                self.emit(Op::PopBlock);
                if let Some(name) = name {
                    self.forget(name);
                }
                self.emit(Op::PopExc);
                self.emit(Op::PopExc);
                self.drop_below(value);
                self.drop_below(value);
                self.drop_below(value);
            }
        }
        Ok(())
    }

    /// `name = None; del name`, at the end of an `except … as name`.
    fn forget(&mut self, name: &str) {
        self.constant(Const::None);
        self.store_name(name);
        self.delete_name(name);
    }

    pub(super) fn with_items(&mut self, items: &'a [ast::WithItem], body: &'a [Stmt]) -> R {
        let Some((item, rest)) = items.split_first() else { return self.body(body) };
        self.expr(&item.context_expr)?;
        self.at(item.context_expr.range());
        self.emit(Op::WithEnter);
        let setup = self.emit(Op::SetupWith(0));
        self.unit().blocks.push(Block::With);
        match &item.optional_vars {
            Some(target) => self.store(target)?,
            None => {
                self.emit(Op::Pop);
            }
        }
        self.with_items(rest, body)?;
        self.unit().blocks.pop();
        self.at(item.context_expr.range());
        self.emit(Op::PopBlock);
        self.emit(Op::WithExit);
        let end = self.emit(Op::Jump(0));
        self.land(setup);
        self.emit(Op::PushExc);
        self.emit(Op::WithExcept);
        let swallowed = self.emit(Op::JumpIfTrue(0));
        self.emit(Op::Reraise);
        self.land(swallowed);
        self.emit(Op::Pop);
        self.emit(Op::PopExc);
        self.emit(Op::Pop);
        self.land(end);
        Ok(())
    }

    pub(super) fn try_stmt(&mut self, s: &'a ast::StmtTry) -> R {
        self.with_finally(&s.finalbody, |this| {
            if s.handlers.is_empty() {
                this.body(&s.body)?;
                return this.body(&s.orelse);
            }
            this.try_except(s)
        })
    }

    fn with_finally(&mut self, finalbody: &'a [Stmt], body: impl FnOnce(&mut Self) -> R) -> R {
        if finalbody.is_empty() {
            return body(self);
        }
        let setup = self.emit(Op::Setup(0));
        self.unit().blocks.push(Block::Finally(finalbody));
        body(self)?;
        self.unit().blocks.pop();
        self.emit(Op::PopBlock);
        self.body(finalbody)?;
        let end = self.emit(Op::Jump(0));
        self.land(setup);
        self.emit(Op::PushExc);
        self.unit().blocks.push(Block::FinallyEnd);
        self.body(finalbody)?;
        self.unit().blocks.pop();
        self.emit(Op::Reraise);
        self.land(end);
        Ok(())
    }

    fn try_except(&mut self, s: &'a ast::StmtTry) -> R {
        let setup = self.emit(Op::Setup(0));
        self.unit().blocks.push(Block::Try);
        self.body(&s.body)?;
        self.unit().blocks.pop();
        self.emit(Op::PopBlock);
        self.body(&s.orelse)?;
        let mut ends = vec![self.emit(Op::Jump(0))];
        self.land(setup);
        self.emit(Op::PushExc);
        for ast::ExceptHandler::ExceptHandler(handler) in &s.handlers {
            self.at(handler.range);
            let mut next = None;
            if let Some(kind) = &handler.type_ {
                self.expr(kind)?;
                self.at(kind.range());
                self.emit(Op::ExcMatch);
                next = Some(self.emit(Op::JumpIfFalse(0)));
            }
            let name = handler.name.as_ref().map(|name| name.as_str());
            self.handler(name, &handler.body)?;
            ends.push(self.emit(Op::Jump(0)));
            if let Some(next) = next {
                self.land(next);
            }
        }
        self.emit(Op::Reraise);
        ends.into_iter().for_each(|jump| self.land(jump));
        Ok(())
    }

    fn handler(&mut self, name: Option<&'a str>, body: &'a [Stmt]) -> R {
        let mut setup = None;
        if let Some(name) = name {
            self.emit(Op::Dup);
            self.store_name(name);
            setup = Some(self.emit(Op::Setup(0)));
        }
        self.unit().blocks.push(Block::Handler { name });
        self.body(body)?;
        self.unit().blocks.pop();
        if let (Some(name), Some(setup)) = (name, setup) {
            self.emit(Op::PopBlock);
            self.forget(name);
            let over = self.emit(Op::Jump(0));
            self.land(setup);
            self.forget(name);
            self.emit(Op::Reraise);
            self.land(over);
        }
        self.emit(Op::Pop);
        self.emit(Op::PopExc);
        Ok(())
    }

    pub(super) fn try_star(&mut self, s: &'a ast::StmtTry) -> R {
        self.with_finally(&s.finalbody, |this| {
            let setup = this.emit(Op::Setup(0));
            this.unit().blocks.push(Block::Try);
            this.body(&s.body)?;
            this.unit().blocks.pop();
            this.emit(Op::PopBlock);
            this.body(&s.orelse)?;
            let end = this.emit(Op::Jump(0));
            this.land(setup);
            // original, what was raised by handlers, what is left
            this.emit(Op::PushExc);
            this.emit(Op::BuildList(0));
            this.emit(Op::Copy(2));
            for ast::ExceptHandler::ExceptHandler(handler) in &s.handlers {
                this.star_handler(handler)?;
            }
            this.emit(Op::ListAppend(1));
            this.emit(Op::ExcStarEnd);
            this.emit(Op::Dup);
            this.constant(Const::None);
            this.emit(Op::Is(false));
            let done = this.emit(Op::JumpIfTrue(0));
            this.emit(Op::PopExc);
            this.emit(Op::Reraise);
            this.land(done);
            this.emit(Op::Pop);
            this.emit(Op::PopExc);
            this.land(end);
            Ok(())
        })
    }

    fn star_handler(&mut self, handler: &'a ast::ExceptHandlerExceptHandler) -> R {
        let Some(kind) = &handler.type_ else {
            return self.error(handler.range, "expected one or more exception types");
        };
        self.expr(kind)?;
        self.at(kind.range());
        self.emit(Op::ExcStarMatch);
        self.emit(Op::Dup);
        self.constant(Const::None);
        self.emit(Op::Is(false));
        let none = self.emit(Op::JumpIfTrue(0));
        self.emit(Op::PushExc);
        let name = handler.name.as_ref().map(|name| name.as_str());
        match name {
            Some(name) => self.store_name(name),
            None => {
                self.emit(Op::Pop);
            }
        }
        let setup = self.emit(Op::Setup(0));
        self.unit().blocks.push(Block::StarHandler { name });
        self.body(&handler.body)?;
        self.unit().blocks.pop();
        self.emit(Op::PopBlock);
        if let Some(name) = name {
            self.forget(name);
        }
        self.emit(Op::PopExc);
        let next = self.emit(Op::Jump(0));
        self.land(setup);
        if let Some(name) = name {
            self.forget(name);
        }
        self.emit(Op::PopExc);
        self.emit(Op::ListAppend(2));
        let next_too = self.emit(Op::Jump(0));
        self.land(none);
        self.emit(Op::Pop);
        self.land(next);
        self.land(next_too);
        Ok(())
    }
}
