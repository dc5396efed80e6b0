//! `match`: patterns are compiled to tests that leave by jumps.
//!
//! A pattern consumes its subject from the top of the stack. A failing test leaves whatever is there; `Mark` has noted how
//! high the stack was, and `CutToMark` where the failures land cuts it. Captured values are kept aside by name and stored
//! only when the whole pattern has matched, so alternatives may capture in any order.

use super::{Compiler, R};
use crate::syntax::code::{Cmp, Const, Ix, Op};
use ruff_python_ast::{self as ast, Pattern};
use ruff_text_size::Ranged;

/// What is known while one case is compiled.
#[derive(Default)]
struct Case<'a> {
    captures: Vec<&'a str>,
    fails: Vec<usize>,
}

impl<'a> Compiler<'a> {
    pub(super) fn match_stmt(&mut self, s: &'a ast::StmtMatch) -> R {
        self.expr(&s.subject)?;
        let mut ends = Vec::new();
        for item in &s.cases {
            self.at(item.pattern.range());
            self.emit(Op::Mark);
            self.emit(Op::Dup);
            let mut case = Case::default();
            self.pattern(&item.pattern, &mut case)?;
            for name in std::mem::take(&mut case.captures) {
                let ix = self.name_ix(name);
                self.emit(Op::LoadCapture(ix));
                self.store_name(name);
            }
            if let Some(guard) = &item.guard {
                self.condition(guard, false, &mut case.fails)?;
            }
            self.emit(Op::Unmark);
            self.emit(Op::Pop);
            self.body(&item.body)?;
            ends.push(self.emit(Op::Jump(0)));
            case.fails.into_iter().for_each(|jump| self.land(jump));
            self.emit(Op::CutToMark);
            self.emit(Op::Unmark);
        }
        self.emit(Op::Pop);
        ends.into_iter().for_each(|jump| self.land(jump));
        Ok(())
    }

    fn fail_if_false(&mut self, case: &mut Case<'a>) {
        case.fails.push(self.emit(Op::JumpIfFalse(0)));
    }

    fn fail_if_none(&mut self, case: &mut Case<'a>) {
        self.emit(Op::Dup);
        self.constant(Const::None);
        self.emit(Op::Is(true));
        self.fail_if_false(case);
    }

    /// Take the top away, under a name if there is one.
    fn capture(&mut self, name: Option<&'a ast::Identifier>, case: &mut Case<'a>) -> R {
        match name {
            None => {
                self.emit(Op::Pop);
            }
            Some(name) => {
                if case.captures.contains(&name.as_str()) {
                    return self.error(name.range, "multiple assignments to a name in a pattern");
                }
                case.captures.push(name);
                let ix = self.name_ix(name);
                self.emit(Op::Capture(ix));
            }
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &'a Pattern, case: &mut Case<'a>) -> R {
        self.at(pattern.range());
        match pattern {
            Pattern::MatchValue(p) => {
                self.expr(&p.value)?;
                self.emit(Op::Compare(Cmp::Eq));
                self.fail_if_false(case);
            }
            Pattern::MatchSingleton(p) => {
                self.constant(match p.value {
                    ast::Singleton::None => Const::None,
                    ast::Singleton::True => Const::Bool(true),
                    ast::Singleton::False => Const::Bool(false),
                });
                self.emit(Op::Is(false));
                self.fail_if_false(case);
            }
            Pattern::MatchAs(p) => {
                if let Some(inner) = &p.pattern {
                    self.emit(Op::Dup);
                    self.pattern(inner, case)?;
                }
                self.capture(p.name.as_ref(), case)?;
            }
            Pattern::MatchStar(p) => self.capture(p.name.as_ref(), case)?,
            Pattern::MatchOr(p) => self.alternatives(&p.patterns, case)?,
            Pattern::MatchSequence(p) => self.sequence(&p.patterns, case)?,
            Pattern::MatchMapping(p) => self.mapping(p, case)?,
            Pattern::MatchClass(p) => self.class_pattern(p, case)?,
        }
        Ok(())
    }

    fn alternatives(&mut self, patterns: &'a [Pattern], case: &mut Case<'a>) -> R {
        let mut ends = Vec::new();
        let mut bound: Option<Vec<&'a str>> = None;
        for pattern in patterns {
            self.emit(Op::Mark);
            self.emit(Op::Dup);
            let mut inner = Case::default();
            self.pattern(pattern, &mut inner)?;
            self.emit(Op::Unmark);
            ends.push(self.emit(Op::Jump(0)));
            inner.fails.into_iter().for_each(|jump| self.land(jump));
            self.emit(Op::CutToMark);
            self.emit(Op::Unmark);
            let names = inner.captures;
            let first = bound.get_or_insert_with(|| names.clone());
            if names.len() != first.len() || !first.iter().all(|name| names.contains(name)) {
                return self.error(pattern.range(), "alternative patterns bind different names");
            }
        }
        case.fails.push(self.emit(Op::Jump(0)));
        ends.into_iter().for_each(|jump| self.land(jump));
        self.emit(Op::Pop);
        case.captures.extend(bound.unwrap_or_default());
        Ok(())
    }

    fn sequence(&mut self, patterns: &'a [Pattern], case: &mut Case<'a>) -> R {
        let star = patterns.iter().position(|p| p.is_match_star());
        self.emit(Op::MatchSequence);
        self.fail_if_false(case);
        self.emit(Op::Len);
        let fixed = patterns.len() - usize::from(star.is_some());
        self.constant(Const::Int(fixed as i64));
        self.emit(Op::Compare(if star.is_some() { Cmp::Ge } else { Cmp::Eq }));
        self.fail_if_false(case);
        match star {
            Some(at) => self.emit(Op::UnpackEx(at as Ix, (patterns.len() - at - 1) as Ix)),
            None => self.emit(Op::Unpack(patterns.len() as Ix)),
        };
        patterns.iter().try_for_each(|pattern| self.pattern(pattern, case))
    }

    fn mapping(&mut self, p: &'a ast::PatternMatchMapping, case: &mut Case<'a>) -> R {
        self.emit(Op::MatchMapping);
        self.fail_if_false(case);
        for key in &p.keys {
            self.expr(key)?;
        }
        self.at(p.range);
        self.emit(Op::BuildTuple(p.keys.len() as Ix));
        // subject, keys → subject, keys, values or None
        self.emit(Op::MatchKeys);
        self.fail_if_none(case);
        self.emit(Op::Unpack(p.patterns.len() as Ix));
        p.patterns.iter().try_for_each(|pattern| self.pattern(pattern, case))?;
        self.emit(Op::MatchRest);
        self.capture(p.rest.as_ref(), case)
    }

    fn class_pattern(&mut self, p: &'a ast::PatternMatchClass, case: &mut Case<'a>) -> R {
        self.expr(&p.cls)?;
        let names = p.arguments.keywords.iter().map(|k| self.text(&k.attr)).collect();
        self.at(p.range);
        self.constant(Const::FrozenNames(names));
        // subject, class, names → tuple or None
        self.emit(Op::MatchClass(p.arguments.patterns.len() as Ix));
        self.fail_if_none(case);
        let patterns = p.arguments.patterns.iter().chain(p.arguments.keywords.iter().map(|k| &k.pattern));
        let patterns: Vec<&'a Pattern> = patterns.collect();
        self.emit(Op::Unpack(patterns.len() as Ix));
        patterns.into_iter().try_for_each(|pattern| self.pattern(pattern, case))
    }
}
