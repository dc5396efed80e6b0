//! Statements.

use super::{Block, Compiler, R};
use crate::syntax::code::{BinOp, Const, ImportSpec, Ix, Op};
use crate::syntax::scope::ScopeKind;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

pub(super) fn bin_op(op: ast::Operator) -> BinOp {
    match op {
        ast::Operator::Add => BinOp::Add,
        ast::Operator::Sub => BinOp::Sub,
        ast::Operator::Mult => BinOp::Mul,
        ast::Operator::MatMult => BinOp::MatMul,
        ast::Operator::Div => BinOp::Div,
        ast::Operator::Mod => BinOp::Mod,
        ast::Operator::Pow => BinOp::Pow,
        ast::Operator::LShift => BinOp::LShift,
        ast::Operator::RShift => BinOp::RShift,
        ast::Operator::BitOr => BinOp::Or,
        ast::Operator::BitXor => BinOp::Xor,
        ast::Operator::BitAnd => BinOp::And,
        ast::Operator::FloorDiv => BinOp::FloorDiv,
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) -> R {
        for stmt in body {
            self.stmt(stmt)?;
        }
        Ok(())
    }

    pub(super) fn stmt(&mut self, stmt: &'a Stmt) -> R {
        self.at(stmt.range());
        match stmt {
            Stmt::FunctionDef(def) => self.function_def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Return(s) => self.return_stmt(s),
            Stmt::Delete(s) => s.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::TypeAlias(s) => self.type_alias(s),
            Stmt::Assign(s) => self.assign(s),
            Stmt::AugAssign(s) => self.aug_assign(s),
            Stmt::AnnAssign(s) => self.ann_assign(s),
            Stmt::For(s) => self.for_stmt(s),
            Stmt::While(s) => self.while_stmt(s),
            Stmt::If(s) => self.if_stmt(s),
            Stmt::With(s) => self.with_items(&s.items, &s.body),
            Stmt::Match(s) => self.match_stmt(s),
            Stmt::Raise(s) => self.raise(s),
            Stmt::Try(s) if s.is_star => self.try_star(s),
            Stmt::Try(s) => self.try_stmt(s),
            Stmt::Assert(s) => self.assert(s),
            Stmt::Import(s) => self.import(s),
            Stmt::ImportFrom(s) => self.import_from(s),
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => Ok(()),
            Stmt::Expr(s) => {
                self.expr(&s.value)?;
                self.emit(Op::Pop);
                Ok(())
            }
            Stmt::Break(s) => self.leave_loop(s.range(), true),
            Stmt::Continue(s) => self.leave_loop(s.range(), false),
        }
    }

    fn return_stmt(&mut self, s: &'a ast::StmtReturn) -> R {
        if matches!(self.scope().kind, ScopeKind::Module | ScopeKind::Class) {
            return self.error(s.range, "'return' outside function");
        }
        match &s.value {
            Some(value) => self.expr(value)?,
            None => self.constant(Const::None),
        }
        self.at(s.range);
        self.unwind_to(0, true)?;
        self.emit(Op::Return);
        Ok(())
    }

    fn leave_loop(&mut self, range: ruff_text_size::TextRange, is_break: bool) -> R {
        let found = self.unit().blocks.iter().rposition(|block| matches!(block, Block::Loop { .. }));
        let Some(depth) = found else {
            let what = if is_break { "'break' outside loop" } else { "'continue' not properly in loop" };
            return self.error(range, what);
        };
        self.unwind_to(depth + 1, false)?;
        let Block::Loop { start, is_for, .. } = &self.unit().blocks[depth] else { return Ok(()) };
        let (start, is_for) = (*start, *is_for);
        if !is_break {
            self.emit(Op::Jump(start));
            return Ok(());
        }
        if is_for {
            self.emit(Op::Pop);
        }
        let jump = self.emit(Op::Jump(0));
        if let Block::Loop { breaks, .. } = &mut self.unit().blocks[depth] {
            breaks.push(jump);
        }
        Ok(())
    }

    fn delete(&mut self, target: &'a Expr) -> R {
        self.at(target.range());
        match target {
            Expr::Name(name) => self.delete_name(&name.id),
            Expr::Attribute(e) => {
                self.expr(&e.value)?;
                self.at(e.range);
                let ix = self.attr_name(&e.attr);
                self.emit(Op::DeleteAttr(ix));
            }
            Expr::Subscript(e) => {
                self.expr(&e.value)?;
                self.expr(&e.slice)?;
                self.at(e.range);
                self.emit(Op::DeleteItem);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().try_for_each(|target| self.delete(target))?;
            }
            _ => return self.error(target.range(), "cannot delete this"),
        }
        Ok(())
    }

    fn assign(&mut self, s: &'a ast::StmtAssign) -> R {
        self.expr(&s.value)?;
        for (index, target) in s.targets.iter().enumerate() {
            if index + 1 < s.targets.len() {
                self.emit(Op::Dup);
            }
            self.store(target)?;
        }
        Ok(())
    }

    /// Store the stack's top.
    pub(super) fn store(&mut self, target: &'a Expr) -> R {
        self.at(target.range());
        match target {
            Expr::Name(name) => self.store_name(&name.id),
            Expr::Attribute(e) => {
                self.expr(&e.value)?;
                self.at(e.range);
                let ix = self.attr_name(&e.attr);
                self.emit(Op::StoreAttr(ix));
            }
            Expr::Subscript(e) => {
                self.expr(&e.value)?;
                self.expr(&e.slice)?;
                self.at(e.range);
                self.emit(Op::StoreItem);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let star = elts.iter().position(|e| e.is_starred_expr());
                match star {
                    Some(at) => self.emit(Op::UnpackEx(at as Ix, (elts.len() - at - 1) as Ix)),
                    None => self.emit(Op::Unpack(elts.len() as Ix)),
                };
                for target in elts {
                    match target {
                        Expr::Starred(star) => self.store(&star.value)?,
                        other => self.store(other)?,
                    }
                }
            }
            _ => return self.error(target.range(), "cannot assign to this"),
        }
        Ok(())
    }

    fn aug_assign(&mut self, s: &'a ast::StmtAugAssign) -> R {
        let op = Op::Inplace(bin_op(s.op));
        match &*s.target {
            Expr::Name(name) => {
                self.at(name.range);
                self.load_name(&name.id);
                self.expr(&s.value)?;
                self.at(s.range);
                self.emit(op);
                self.store_name(&name.id);
            }
            Expr::Attribute(e) => {
                let ix = self.attr_name(&e.attr);
                self.expr(&e.value)?;
                self.at(e.range);
                self.emit(Op::Dup);
                self.emit(Op::LoadAttr(ix));
                self.expr(&s.value)?;
                self.at(s.range);
                self.emit(op);
                self.emit(Op::Swap(2));
                self.emit(Op::StoreAttr(ix));
            }
            Expr::Subscript(e) => {
                self.expr(&e.value)?;
                self.expr(&e.slice)?;
                self.at(e.range);
                self.emit(Op::Copy(2));
                self.emit(Op::Copy(2));
                self.emit(Op::LoadItem);
                self.expr(&s.value)?;
                self.at(s.range);
                self.emit(op);
                // object, key, value → value, object, key
                self.emit(Op::Swap(3));
                self.emit(Op::Swap(2));
                self.emit(Op::StoreItem);
            }
            other => return self.error(other.range(), "illegal target for augmented assignment"),
        }
        Ok(())
    }

    fn ann_assign(&mut self, s: &'a ast::StmtAnnAssign) -> R {
        if let Some(value) = &s.value {
            self.expr(value)?;
            self.store(&s.target)?;
        }
        let collected = matches!(self.scope().kind, ScopeKind::Module | ScopeKind::Class) && s.simple;
        if let (true, Expr::Name(name)) = (collected, &*s.target) {
            self.at(s.annotation.range());
            let text = self.annotation_text(&s.annotation);
            let mangled = self.attr_name(&name.id);
            if self.scopes.future_annotations {
                let mangled = self.unit().names[mangled as usize].clone();
                self.const_text(&text);
                self.load_name("__annotations__");
                self.constant(Const::Str(mangled));
                self.emit(Op::StoreItem);
            } else {
                self.lazy_function(&s.annotation, "__annotate__")?;
                let text = self.text(&text);
                let text = self.const_ix(Const::Str(text));
                self.emit(Op::Annotate(mangled, text));
            }
        } else if s.value.is_none() && !s.target.is_name_expr() {
            // Only the target's parts are evaluated.
            if let Expr::Attribute(e) = &*s.target {
                self.expr(&e.value)?;
                self.emit(Op::Pop);
            }
        }
        Ok(())
    }

    fn for_stmt(&mut self, s: &'a ast::StmtFor) -> R {
        self.expr(&s.iter)?;
        self.at(s.iter.range());
        self.emit(Op::GetIter);
        let start = self.here();
        self.at(s.iter.range());
        let exit = self.emit(Op::ForIter(0));
        self.unit().blocks.push(Block::Loop { start, breaks: Vec::new(), is_for: true });
        self.store(&s.target)?;
        self.body(&s.body)?;
        self.emit(Op::Jump(start));
        let block = self.unit().blocks.pop();
        self.land(exit);
        self.body(&s.orelse)?;
        if let Some(Block::Loop { breaks, .. }) = block {
            breaks.into_iter().for_each(|jump| self.land(jump));
        }
        Ok(())
    }

    fn while_stmt(&mut self, s: &'a ast::StmtWhile) -> R {
        let start = self.here();
        self.unit().blocks.push(Block::Loop { start, breaks: Vec::new(), is_for: false });
        let mut exits = Vec::new();
        self.condition(&s.test, false, &mut exits)?;
        self.body(&s.body)?;
        self.emit(Op::Jump(start));
        let block = self.unit().blocks.pop();
        exits.into_iter().for_each(|jump| self.land(jump));
        self.body(&s.orelse)?;
        if let Some(Block::Loop { breaks, .. }) = block {
            breaks.into_iter().for_each(|jump| self.land(jump));
        }
        Ok(())
    }

    fn if_stmt(&mut self, s: &'a ast::StmtIf) -> R {
        let mut ends = Vec::new();
        let mut next = Vec::new();
        self.condition(&s.test, false, &mut next)?;
        self.body(&s.body)?;
        for clause in &s.elif_else_clauses {
            ends.push(self.emit(Op::Jump(0)));
            std::mem::take(&mut next).into_iter().for_each(|jump| self.land(jump));
            if let Some(test) = &clause.test {
                self.condition(test, false, &mut next)?;
            }
            self.body(&clause.body)?;
        }
        next.into_iter().chain(ends).for_each(|jump| self.land(jump));
        Ok(())
    }

    fn raise(&mut self, s: &'a ast::StmtRaise) -> R {
        let mut count = 0;
        for part in s.exc.iter().chain(&s.cause) {
            self.expr(part)?;
            count += 1;
        }
        self.at(s.range);
        self.emit(Op::Raise(count));
        Ok(())
    }

    fn assert(&mut self, s: &'a ast::StmtAssert) -> R {
        let mut passed = Vec::new();
        self.condition(&s.test, true, &mut passed)?;
        self.at(s.range);
        self.emit(Op::LoadAssertionError);
        if let Some(message) = &s.msg {
            self.expr(message)?;
            self.at(s.range);
            self.emit(Op::Call(1));
        }
        self.emit(Op::Raise(1));
        passed.into_iter().for_each(|jump| self.land(jump));
        Ok(())
    }

    fn import_name(&mut self, spec: ImportSpec) {
        let unit = self.unit();
        let ix = unit.imports.len() as Ix;
        unit.imports.push(spec);
        self.emit(Op::ImportName(ix));
    }

    fn import(&mut self, s: &'a ast::StmtImport) -> R {
        if s.names.iter().any(|alias| super::is_flag_name(&alias.name)) {
            self.flags.push(super::span(s.range));
        }
        for alias in &s.names {
            self.at(alias.range);
            let module = self.text(&alias.name);
            self.import_name(ImportSpec { module, level: 0, names: None });
            match &alias.asname {
                Some(asname) => {
                    for part in alias.name.split('.').skip(1) {
                        let ix = self.name_ix(part);
                        self.emit(Op::ImportFrom(ix));
                        self.emit(Op::Swap(2));
                        self.emit(Op::Pop);
                    }
                    self.store_name(asname);
                }
                None => self.store_name(alias.name.split('.').next().unwrap_or_default()),
            }
        }
        Ok(())
    }

    fn import_from(&mut self, s: &'a ast::StmtImportFrom) -> R {
        let module = self.text(s.module.as_ref().map_or("", |module| module.as_str()));
        if s.level == 0 && super::is_flag_name(&module) && self.scope().kind != ScopeKind::Module {
            self.marks.push(super::span(s.range));
        }
        let names = s.names.iter().map(|alias| self.text(&alias.name)).collect();
        self.import_name(ImportSpec { module, level: s.level, names: Some(names) });
        for alias in &s.names {
            self.at(alias.range);
            if &alias.name == "*" {
                self.emit(Op::ImportStar);
                return Ok(());
            }
            let ix = self.name_ix(&alias.name);
            self.emit(Op::ImportFrom(ix));
            self.store_name(alias.asname.as_ref().unwrap_or(&alias.name));
        }
        self.emit(Op::Pop);
        Ok(())
    }
}
