//! Expressions.

use super::stmt::bin_op;
use super::{Compiler, R};
use crate::syntax::code::{Cmp, CodeKind, Const, Ix, Op, UnOp};
use crate::syntax::scope::{Place, ScopeKind};
use num_bigint::BigInt;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};
use ruff_text_size::Ranged;

/// Builtins that look at the variables of their caller.
const LOOK_AT_LOCALS: [&str; 5] = ["locals", "vars", "dir", "eval", "exec"];

/// The value of an integer literal's digits.
fn big(token: &str) -> BigInt {
    let token = token.replace('_', "");
    let lower = token.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        _ => (&lower[..], 10),
    };
    BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default()
}

impl<'a> Compiler<'a> {
    /// Jump if the truth of `expr` is `on`; go on else.
    pub(super) fn condition(&mut self, expr: &'a Expr, on: bool, jumps: &mut Vec<usize>) -> R {
        match expr {
            Expr::UnaryOp(e) if e.op == UnaryOp::Not => self.condition(&e.operand, !on, jumps),
            Expr::BoolOp(e) => {
                // An `and` jumps on its first false, an `or` on its first true.
                let early = e.op == BoolOp::Or;
                let Some((last, init)) = e.values.split_last() else { return Ok(()) };
                let mut skips = Vec::new();
                for value in init {
                    self.condition(value, early, if early == on { &mut *jumps } else { &mut skips })?;
                }
                self.condition(last, on, jumps)?;
                skips.into_iter().for_each(|jump| self.land(jump));
                Ok(())
            }
            _ => {
                self.expr(expr)?;
                self.at(expr.range());
                jumps.push(self.emit(if on { Op::JumpIfTrue(0) } else { Op::JumpIfFalse(0) }));
                Ok(())
            }
        }
    }

    pub(super) fn expr(&mut self, expr: &'a Expr) -> R {
        self.at(expr.range());
        match expr {
            Expr::BoolOp(e) => self.bool_op(e),
            Expr::Named(e) => {
                self.expr(&e.value)?;
                self.emit(Op::Dup);
                self.store(&e.target)
            }
            Expr::BinOp(e) => {
                self.expr(&e.left)?;
                self.expr(&e.right)?;
                self.at(e.range);
                self.emit(Op::Binary(bin_op(e.op)));
                Ok(())
            }
            Expr::UnaryOp(e) => {
                self.expr(&e.operand)?;
                self.at(e.range);
                self.emit(Op::Unary(match e.op {
                    UnaryOp::Invert => UnOp::Invert,
                    UnaryOp::Not => UnOp::Not,
                    UnaryOp::UAdd => UnOp::Pos,
                    UnaryOp::USub => UnOp::Neg,
                }));
                Ok(())
            }
            Expr::Lambda(e) => self.lambda(e),
            Expr::If(e) => {
                let mut orelse = Vec::new();
                self.condition(&e.test, false, &mut orelse)?;
                self.expr(&e.body)?;
                let end = self.emit(Op::Jump(0));
                orelse.into_iter().for_each(|jump| self.land(jump));
                self.expr(&e.orelse)?;
                self.land(end);
                Ok(())
            }
            Expr::Dict(e) => self.dict(e),
            Expr::Set(e) => self.elements(&e.elts, Op::BuildSet(e.elts.len() as Ix), Op::BuildSet(0)),
            Expr::ListComp(e) => self.comprehension(e.range, Made::List, None, &e.elt, &e.generators),
            Expr::SetComp(e) => self.comprehension(e.range, Made::Set, None, &e.elt, &e.generators),
            Expr::DictComp(e) => self.comprehension(e.range, Made::Dict, e.key.as_deref(), &e.value, &e.generators),
            Expr::Generator(e) => self.comprehension(e.range, Made::Generator, None, &e.elt, &e.generators),
            Expr::Await(e) => self.error(e.range, "'await' outside function"),
            Expr::Yield(e) => {
                self.check_yield(e.range)?;
                match &e.value {
                    Some(value) => self.expr(value)?,
                    None => self.constant(Const::None),
                }
                self.at(e.range);
                self.emit(Op::Yield);
                Ok(())
            }
            Expr::YieldFrom(e) => {
                self.check_yield(e.range)?;
                self.expr(&e.value)?;
                self.at(e.range);
                self.emit(Op::GetYieldFromIter);
                self.constant(Const::None);
                self.emit(Op::YieldFrom);
                Ok(())
            }
            Expr::Compare(e) => self.compare(e),
            Expr::Call(e) => self.call(e),
            Expr::FString(e) => self.fstring(e),
            Expr::TString(e) => self.tstring(e),
            Expr::StringLiteral(e) => {
                self.const_text(e.value.to_str());
                Ok(())
            }
            Expr::BytesLiteral(e) => {
                let bytes: Vec<u8> = e.value.bytes().collect();
                self.constant(Const::Bytes(bytes.into()));
                Ok(())
            }
            Expr::NumberLiteral(e) => {
                let constant = match &e.value {
                    ast::Number::Int(int) => match int.as_i64() {
                        Some(int) => Const::Int(int),
                        None => Const::Big(big(&int.to_string())),
                    },
                    ast::Number::Float(float) => Const::Float(*float),
                    ast::Number::Complex { real, imag } => Const::Complex(*real, *imag),
                };
                self.constant(constant);
                Ok(())
            }
            Expr::BooleanLiteral(e) => {
                self.constant(Const::Bool(e.value));
                Ok(())
            }
            Expr::NoneLiteral(_) | Expr::IpyEscapeCommand(_) => {
                self.constant(Const::None);
                Ok(())
            }
            Expr::EllipsisLiteral(_) => {
                self.constant(Const::Ellipsis);
                Ok(())
            }
            Expr::Attribute(e) => {
                self.expr(&e.value)?;
                self.at(e.range);
                let ix = self.attr_name(&e.attr);
                self.emit(Op::LoadAttr(ix));
                Ok(())
            }
            Expr::Subscript(e) => {
                self.expr(&e.value)?;
                self.expr(&e.slice)?;
                self.at(e.range);
                self.emit(Op::LoadItem);
                Ok(())
            }
            Expr::Starred(e) if self.scope().kind == ScopeKind::Annotation => self.expr(&e.value),
            Expr::Starred(e) => self.error(e.range, "can't use starred expression here"),
            Expr::Name(e) => {
                self.load_name(&e.id);
                Ok(())
            }
            Expr::List(e) => self.elements(&e.elts, Op::BuildList(e.elts.len() as Ix), Op::BuildList(0)),
            Expr::Tuple(e) => {
                if e.elts.iter().any(|e| e.is_starred_expr()) {
                    self.elements(&e.elts, Op::Nop, Op::BuildList(0))?;
                    self.emit(Op::ListToTuple);
                    Ok(())
                } else {
                    self.elements(&e.elts, Op::BuildTuple(e.elts.len() as Ix), Op::Nop)
                }
            }
            Expr::Slice(e) => {
                for part in [&e.lower, &e.upper, &e.step] {
                    match part {
                        Some(part) => self.expr(part)?,
                        None => self.constant(Const::None),
                    }
                }
                self.emit(Op::BuildSlice);
                Ok(())
            }
        }
    }

    fn check_yield(&self, range: ruff_text_size::TextRange) -> R {
        match self.scope().kind {
            ScopeKind::Function => Ok(()),
            _ => self.error(range, "'yield' outside function"),
        }
    }

    fn bool_op(&mut self, e: &'a ast::ExprBoolOp) -> R {
        let mut ends = Vec::new();
        for (index, value) in e.values.iter().enumerate() {
            self.expr(value)?;
            if index + 1 < e.values.len() {
                self.at(value.range());
                ends.push(self.emit(match e.op {
                    BoolOp::And => Op::JumpIfFalseKeep(0),
                    BoolOp::Or => Op::JumpIfTrueKeep(0),
                }));
            }
        }
        ends.into_iter().for_each(|jump| self.land(jump));
        Ok(())
    }

    /// The elements of a display; with stars they are added one after another.
    fn elements(&mut self, elts: &'a [Expr], build: Op, empty: Op) -> R {
        let range = self.span;
        if !elts.iter().any(|e| e.is_starred_expr()) {
            elts.iter().try_for_each(|e| self.expr(e))?;
            self.span = range;
            self.emit(build);
            return Ok(());
        }
        self.emit(empty);
        let set = matches!(empty, Op::BuildSet(_));
        for element in elts {
            match element {
                Expr::Starred(star) => {
                    self.expr(&star.value)?;
                    self.at(star.range);
                    self.emit(if set { Op::SetUpdate } else { Op::ListExtend });
                }
                other => {
                    self.expr(other)?;
                    self.emit(if set { Op::SetAdd(1) } else { Op::ListAppend(1) });
                }
            }
        }
        self.span = range;
        Ok(())
    }

    fn dict(&mut self, e: &'a ast::ExprDict) -> R {
        let plain = e.items.iter().all(|item| item.key.is_some());
        if plain && e.items.len() < 32 {
            for item in &e.items {
                if let Some(key) = &item.key {
                    self.expr(key)?;
                }
                self.expr(&item.value)?;
            }
            self.at(e.range);
            self.emit(Op::BuildMap(e.items.len() as Ix));
            return Ok(());
        }
        self.emit(Op::BuildMap(0));
        for item in &e.items {
            match &item.key {
                Some(key) => {
                    self.expr(key)?;
                    self.expr(&item.value)?;
                    self.emit(Op::MapAdd(1));
                }
                None => {
                    self.expr(&item.value)?;
                    self.at(item.value.range());
                    self.emit(Op::DictUpdate);
                }
            }
        }
        Ok(())
    }

    fn comparison(&mut self, op: CmpOp) {
        self.emit(match op {
            CmpOp::Eq => Op::Compare(Cmp::Eq),
            CmpOp::NotEq => Op::Compare(Cmp::Ne),
            CmpOp::Lt => Op::Compare(Cmp::Lt),
            CmpOp::LtE => Op::Compare(Cmp::Le),
            CmpOp::Gt => Op::Compare(Cmp::Gt),
            CmpOp::GtE => Op::Compare(Cmp::Ge),
            CmpOp::Is => Op::Is(false),
            CmpOp::IsNot => Op::Is(true),
            CmpOp::In => Op::In(false),
            CmpOp::NotIn => Op::In(true),
        });
    }

    fn compare(&mut self, e: &'a ast::ExprCompare) -> R {
        self.expr(&e.left)?;
        let count = e.ops.len();
        let mut ends = Vec::new();
        for (index, (op, right)) in e.ops.iter().zip(&e.comparators).enumerate() {
            self.expr(right)?;
            self.at(e.range);
            if index + 1 == count {
                self.comparison(*op);
                break;
            }
            // left, right → right, left, right
            self.emit(Op::Dup);
            self.emit(Op::Swap(3));
            self.emit(Op::Swap(2));
            self.comparison(*op);
            ends.push(self.emit(Op::JumpIfFalseKeep(0)));
        }
        if !ends.is_empty() {
            let over = self.emit(Op::Jump(0));
            ends.into_iter().for_each(|jump| self.land(jump));
            self.emit(Op::Swap(2));
            self.emit(Op::Pop);
            self.land(over);
        }
        Ok(())
    }

    fn call(&mut self, e: &'a ast::ExprCall) -> R {
        let args = &e.arguments;
        if let Expr::Name(name) = &*e.func {
            let function = self.units[self.units.len() - 1].kind == CodeKind::Function;
            if name.id.as_str() == "super" && args.is_empty() && function && self.place("__class__") == Place::Free {
                self.load_name("super");
                let cell = self.deref_ix("__class__");
                self.emit(Op::LoadDeref(cell));
                self.at(e.range());
                match self.scope().params.first().cloned() {
                    Some(first) => match self.place(&first) {
                        // Not by loading the name: that it was deleted is for `super` to say.
                        Place::Fast => {
                            let ix = self.fast_ix(&first);
                            self.emit(Op::LoadSelf(ix));
                        }
                        _ => self.load_name(&first),
                    },
                    None => self.constant(Const::None),
                }
                self.emit(Op::CallSuper);
                return Ok(());
            }
            if function && LOOK_AT_LOCALS.contains(&name.id.as_str()) {
                self.emit(Op::SyncLocals);
            }
        }
        self.expr(&e.func)?;
        self.arguments(&args.args, &args.keywords, 0)?;
        Ok(())
    }

    /// Evaluate arguments and call; the function and `before` arguments are on the stack.
    pub(super) fn arguments(&mut self, args: &'a [Expr], keywords: &'a [ast::Keyword], before: usize) -> R {
        // A call's place is the whole expression: from the callee to the closing bracket.
        let span = self.call_span(args, keywords);
        let spread = args.iter().any(|e| e.is_starred_expr()) || keywords.iter().any(|k| k.arg.is_none());
        if spread {
            self.emit(Op::BuildList(before as Ix));
            for arg in args {
                match arg {
                    Expr::Starred(star) => {
                        self.expr(&star.value)?;
                        self.at(star.range);
                        self.emit(Op::ListExtend);
                    }
                    other => {
                        self.expr(other)?;
                        self.emit(Op::ListAppend(1));
                    }
                }
            }
            self.emit(Op::ListToTuple);
            self.emit(Op::BuildMap(0));
            for keyword in keywords {
                match &keyword.arg {
                    Some(name) => {
                        self.emit(Op::BuildMap(0));
                        self.const_text(name);
                        self.expr(&keyword.value)?;
                        self.emit(Op::MapAdd(1));
                        self.emit(Op::DictMerge);
                    }
                    None => {
                        self.expr(&keyword.value)?;
                        self.at(keyword.range);
                        self.emit(Op::DictMerge);
                    }
                }
            }
            self.span = span;
            self.emit(Op::CallEx);
            return Ok(());
        }
        args.iter().try_for_each(|arg| self.expr(arg))?;
        let count = (args.len() + before + keywords.len()) as Ix;
        if keywords.is_empty() {
            self.span = span;
            self.emit(Op::Call(count));
            return Ok(());
        }
        let mut names = Vec::new();
        for keyword in keywords {
            if let Some(name) = &keyword.arg {
                names.push(self.text(name));
            }
            self.expr(&keyword.value)?;
        }
        let names = self.const_ix(Const::FrozenNames(names));
        self.span = span;
        self.emit(Op::CallKw(count, names));
        Ok(())
    }

    fn call_span(&self, args: &[Expr], keywords: &[ast::Keyword]) -> (u32, u32) {
        let (start, mut end) = self.span;
        for range in args.iter().map(Ranged::range).chain(keywords.iter().map(|k| k.range)) {
            end = end.max(range.end().into());
        }
        // Include the closing bracket if it stands right there.
        let rest = self.source.text.get(end as usize..).unwrap_or_default();
        let close = rest.find(|c: char| !c.is_whitespace() && c != ',').filter(|at| rest[*at..].starts_with(')'));
        match close {
            Some(at) => (start, end + at as u32 + 1),
            None if rest.starts_with("()") => (start, end + 2),
            None => (start, end),
        }
    }

    fn fstring(&mut self, e: &'a ast::ExprFString) -> R {
        let mut count = 0;
        for part in &e.value {
            match part {
                ast::FStringPart::Literal(literal) => {
                    self.const_text(&literal.value);
                    count += 1;
                }
                ast::FStringPart::FString(part) => count += self.interpolations(&part.elements)?,
            }
        }
        self.at(e.range);
        self.emit(Op::BuildString(count));
        Ok(())
    }

    /// The parts of an f-string, each as text; how many.
    fn interpolations(&mut self, elements: &'a ast::InterpolatedStringElements) -> R<Ix> {
        let mut count = 0;
        for element in elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => {
                    self.const_text(&literal.value);
                    count += 1;
                }
                ast::InterpolatedStringElement::Interpolation(inner) => {
                    let mut conversion = conversion(inner.conversion);
                    if let Some(debug) = &inner.debug_text {
                        self.const_text(debug.as_str());
                        count += 1;
                        if conversion == 0 && inner.format_spec.is_none() {
                            conversion = 2;
                        }
                    }
                    self.expr(&inner.expression)?;
                    if let Some(spec) = &inner.format_spec {
                        let parts = self.interpolations(&spec.elements)?;
                        self.at(inner.range);
                        self.emit(Op::BuildString(parts));
                        self.emit(Op::FormatSpec(conversion));
                    } else {
                        self.at(inner.range);
                        self.emit(Op::FormatValue(conversion));
                    }
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    fn tstring(&mut self, e: &'a ast::ExprTString) -> R {
        let mut count = 0;
        for part in &e.value {
            for element in &part.elements {
                count += 1;
                match element {
                    ast::InterpolatedStringElement::Literal(literal) => self.const_text(&literal.value),
                    ast::InterpolatedStringElement::Interpolation(inner) => {
                        let mut text = self.source_text(inner.expression.range()).to_owned();
                        let mut convert = conversion(inner.conversion);
                        if let Some(debug) = &inner.debug_text {
                            // `{x = }`: the text before, too, and the expression as it is written.
                            self.const_text(debug.as_str());
                            count += 1;
                            text = debug.as_str().rsplit_once('=').map_or(text, |(before, _)| before.to_owned());
                            if convert == 0 && inner.format_spec.is_none() {
                                convert = 2;
                            }
                        }
                        self.expr(&inner.expression)?;
                        self.const_text(&text);
                        match &inner.format_spec {
                            Some(spec) => {
                                let parts = self.interpolations(&spec.elements)?;
                                self.emit(Op::BuildString(parts));
                            }
                            None => self.const_text(""),
                        }
                        self.at(inner.range);
                        self.emit(Op::BuildInterpolation(convert));
                    }
                }
            }
        }
        self.at(e.range);
        self.emit(Op::BuildTemplate(count));
        Ok(())
    }
}

fn conversion(flag: ast::ConversionFlag) -> u8 {
    match flag {
        ast::ConversionFlag::None => 0,
        ast::ConversionFlag::Str => 1,
        ast::ConversionFlag::Repr => 2,
        ast::ConversionFlag::Ascii => 3,
    }
}

/// What a comprehension makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    List,
    Set,
    Dict,
    Generator,
}
