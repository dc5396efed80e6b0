//! The text format, read.
//!
//! The grammar is what [`crate::print`] writes, line by line; `;` starts a comment line. Numbers of blocks, values, frame states and constants are kept, so that
//! reading and writing again gives the same text; numbers left out become empty blocks and values nobody defines. The addresses of constants are not
//! part of the text: they are made up from the constants' numbers.

use crate::function::{
    Block, BlockCall, ConstData, ConstId, ErrorMode, FrameState, FrameStateId, Function, Inst, Level, LevelData, Value,
    ValueData, ValueDef,
};
use crate::ops::Op;
use crate::types::Type;
use cranelift_entity::{EntityRef, PrimaryMap};
use smallvec::SmallVec;
use std::fmt;

/// Why a text is not a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// What was expected there.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

type Step<T> = Result<T, String>;

/// Reads one function.
pub fn parse(text: &str) -> Result<Function, ParseError> {
    let mut parser = Parser::default();
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        last = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        if line == "}" {
            break;
        }
        parser.line(line).map_err(|message| ParseError { line: last, message })?;
    }
    parser.func.ok_or(ParseError { line: last, message: "expected `function name(locals) {`".to_owned() })
}

/// A position in a line.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_spaces();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Step<()> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected `{token}` at `{}`", self.rest)) }
    }

    /// Text up to a delimiter, which is eaten.
    fn until(&mut self, delimiter: char) -> Step<&'a str> {
        self.skip_spaces();
        let (head, tail) =
            self.rest.split_once(delimiter).ok_or_else(|| format!("expected `{delimiter}` after `{}`", self.rest))?;
        self.rest = tail;
        Ok(head)
    }

    fn word(&mut self) -> &'a str {
        self.skip_spaces();
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (head, tail) = self.rest.split_at(end);
        self.rest = tail;
        head
    }

    fn number<T: std::str::FromStr>(&mut self) -> Step<T> {
        self.skip_spaces();
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(self.rest.len());
        let (head, tail) = self.rest.split_at(end);
        self.rest = tail;
        head.parse().map_err(|_| format!("expected a number at `{head}{tail}`"))
    }

    /// A numbered name, such as `v12`.
    fn entity(&mut self, prefix: &str) -> Step<u32> {
        self.expect(prefix)?;
        self.number()
    }

    /// A comma separated list up to `close`, which is eaten.
    fn list(&mut self, close: &str, mut item: impl FnMut(&mut Self) -> Step<()>) -> Step<()> {
        if self.eat(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.eat(close) {
                return Ok(());
            }
            self.expect(",")?;
        }
    }

    fn text(&mut self) -> Step<String> {
        self.expect("\"")?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((index, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[index + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('0') => text.push('\0'),
                    Some('u') => {
                        let digits: String = chars.by_ref().map(|(_, c)| c).skip(1).take_while(|&c| c != '}').collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.ok_or("bad escape")?);
                    }
                    Some(other) => text.push(other),
                    None => break,
                },
                _ => text.push(c),
            }
        }
        Err("unterminated text".to_owned())
    }
}

#[derive(Default)]
struct Parser {
    func: Option<Function>,
    block: Option<Block>,
}

fn grow<K: EntityRef, T>(map: &mut PrimaryMap<K, T>, index: u32, default: impl Fn() -> T) -> K {
    while map.len() <= index as usize {
        map.push(default());
    }
    K::new(index as usize)
}

impl Parser {
    fn line(&mut self, line: &str) -> Step<()> {
        let mut cursor = Cursor { rest: line };
        if let Some(rest) = line.strip_prefix("function ") {
            let open = rest.rfind('(').ok_or("expected `(`")?;
            let mut cursor = Cursor { rest: &rest[open + 1..] };
            let mut func = Function::new(&rest[..open], cursor.number()?);
            while cursor.eat(",") {
                func.names.push(cursor.number()?);
            }
            self.func = Some(func);
            return Ok(());
        }
        if self.func.is_none() {
            return Err("expected `function name(locals) {`".to_owned());
        }
        let digit_after =
            |prefix: &str| line.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if digit_after("bb") {
            self.block_head(&mut cursor)
        } else if digit_after("fs") {
            self.state(&mut cursor)
        } else if digit_after("k") {
            self.constant(&mut cursor)
        } else if digit_after("level") {
            self.level(&mut cursor)
        } else {
            self.inst(&mut cursor)
        }
    }

    fn func(&mut self) -> &mut Function {
        self.func.as_mut().expect("checked by `line`")
    }

    fn value(&mut self, cursor: &mut Cursor<'_>) -> Step<Value> {
        let index = cursor.entity("v")?;
        let undefined = ValueData { ty: Type::Bottom, def: ValueDef::Param(self.func().entry, u32::MAX) };
        Ok(grow(&mut self.func().values, index, || undefined))
    }

    fn typed_value(&mut self, cursor: &mut Cursor<'_>, ends: &[char]) -> Step<Value> {
        let value = self.value(cursor)?;
        cursor.expect(":")?;
        cursor.skip_spaces();
        let end = cursor.rest.find(|c| ends.contains(&c)).unwrap_or(cursor.rest.len());
        let (head, tail) = cursor.rest.split_at(end);
        cursor.rest = tail;
        let ty = Type::parse(head.trim()).ok_or_else(|| format!("no type: `{head}`"))?;
        self.func().values[value].ty = ty;
        Ok(value)
    }

    fn block_ref(&mut self, cursor: &mut Cursor<'_>) -> Step<Block> {
        let index = cursor.entity("bb")?;
        Ok(grow(&mut self.func().blocks, index, Default::default))
    }

    fn block_head(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        let block = self.block_ref(cursor)?;
        cursor.expect("(")?;
        let mut params = Vec::new();
        cursor.list(")", |cursor| {
            let value = self.typed_value(cursor, &[',', ')'])?;
            self.func().values[value].def = ValueDef::Param(block, params.len() as u32);
            params.push(value);
            Ok(())
        })?;
        cursor.expect(":")?;
        let cold = cursor.eat("cold");
        self.func().blocks[block].params = params;
        self.func().blocks[block].cold = cold;
        self.block = Some(block);
        Ok(())
    }

    fn constant(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        let index = cursor.entity("k")?;
        cursor.expect("=")?;
        let name = cursor.until(' ')?;
        let ty = Type::parse(name).ok_or_else(|| format!("no type: `{name}`"))?;
        let text = cursor.text()?;
        let int = if cursor.eat("int") { Some(cursor.number()?) } else { None };
        let double = if cursor.eat("double") { Some(cursor.number()?) } else { None };
        let address = 0x1000 + u64::from(index) * 16;
        let blank = || ConstData { address: 0, ty: Type::Object, int: None, double: None, text: String::new() };
        let id: ConstId = grow(&mut self.func().consts, index, blank);
        self.func().consts[id] = ConstData { address, ty, int, double, text };
        Ok(())
    }

    fn level(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        let index = cursor.entity("level")?;
        cursor.expect("=")?;
        let (name, count) = cursor.rest.trim().rsplit_once(' ').ok_or("expected a name and a number")?;
        let nlocalsplus = count.parse().map_err(|_| "expected a number of locals")?;
        let blank = || LevelData { name: String::new(), code: None, func: None, nlocalsplus: 0 };
        let id: Level = grow(&mut self.func().levels, index, blank);
        self.func().levels[id] = LevelData { name: name.to_owned(), nlocalsplus, ..blank() };
        Ok(())
    }

    fn state_ref(&mut self, cursor: &mut Cursor<'_>) -> Step<FrameStateId> {
        let index = cursor.entity("fs")?;
        Ok(grow(&mut self.func().states, index, FrameState::default))
    }

    fn level_ref(&mut self, cursor: &mut Cursor<'_>) -> Step<Level> {
        let level = Level::new(cursor.number::<u32>()? as usize);
        if self.func().levels.is_valid(level) { Ok(level) } else { Err(format!("unknown {level}")) }
    }

    fn state(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        let id = self.state_ref(cursor)?;
        cursor.expect(":")?;
        let mut state = FrameState { bci: cursor.entity("@")?, ..FrameState::default() };
        cursor.expect("locals")?;
        cursor.expect("[")?;
        cursor.list("]", |cursor| {
            state.locals.push(if cursor.eat("-") { None } else { Some(self.value(cursor)?) });
            Ok(())
        })?;
        cursor.expect("stack")?;
        cursor.expect("[")?;
        cursor.list("]", |cursor| {
            state.stack.push(self.value(cursor)?);
            Ok(())
        })?;
        if cursor.eat("level") {
            state.level = Some(self.level_ref(cursor)?);
        }
        if cursor.eat("in") {
            state.parent = Some(self.state_ref(cursor)?);
        }
        self.func().states[id] = state;
        Ok(())
    }

    fn op(cursor: &mut Cursor<'_>) -> Step<Op> {
        let name = cursor.word();
        let immediates = if cursor.rest.starts_with('<') {
            cursor.expect("<")?;
            cursor.until('>')?.split(',').map(str::trim).collect()
        } else {
            Vec::new()
        };
        Op::parse(name, &immediates).ok_or_else(|| format!("no operation: `{name}` {immediates:?}"))
    }

    fn inst(&mut self, cursor: &mut Cursor<'_>) -> Step<()> {
        let block = self.block.ok_or("an instruction before the first block")?;
        let is_result = cursor.rest.starts_with('v') && cursor.rest[1..].starts_with(|c: char| c.is_ascii_digit());
        let result = if is_result { Some(self.typed_value(cursor, &['='])?) } else { None };
        if is_result {
            cursor.expect("=")?;
        }
        let op = Self::op(cursor)?;
        let mut args: SmallVec<[Value; 4]> = SmallVec::new();
        if cursor.eat("(") {
            cursor.list(")", |cursor| {
                args.push(self.value(cursor)?);
                Ok(())
            })?;
        }
        let inst = self.func().make_inst(op, &args, None);
        if let Some(result) = result {
            self.func().insts[inst].result = result.into();
            self.func().values[result].def = ValueDef::Inst(inst);
        }
        self.func().blocks[block].insts.push(inst);
        self.inst_tail(cursor, inst)
    }

    /// What follows the operands.
    fn inst_tail(&mut self, cursor: &mut Cursor<'_>, inst: Inst) -> Step<()> {
        loop {
            cursor.skip_spaces();
            if cursor.rest.is_empty() {
                return Ok(());
            } else if cursor.rest.starts_with("bb") {
                let block = self.block_ref(cursor)?;
                let mut args: SmallVec<[Value; 4]> = SmallVec::new();
                cursor.expect("(")?;
                cursor.list(")", |cursor| {
                    args.push(self.value(cursor)?);
                    Ok(())
                })?;
                self.func().insts[inst].targets.push(BlockCall { block, args });
            } else if cursor.eat("?") {
                self.func().insts[inst].on_error = ErrorMode::Null;
            } else if cursor.rest.starts_with("fs") {
                let state = self.state_ref(cursor)?;
                self.func().insts[inst].state = state.into();
            } else if cursor.eat("@") {
                self.func().insts[inst].bci = cursor.number()?;
            } else if cursor.eat("level") {
                self.func().insts[inst].level = self.level_ref(cursor)?;
            } else if cursor.eat("owns [") {
                let mut owned: SmallVec<[Value; 4]> = SmallVec::new();
                cursor.list("]", |cursor| {
                    owned.push(self.value(cursor)?);
                    Ok(())
                })?;
                self.func().exit_owned[inst] = owned;
            } else if cursor.eat("synced [") {
                let mut synced: SmallVec<[u32; 4]> = SmallVec::new();
                cursor.list("]", |cursor| {
                    synced.push(cursor.number()?);
                    Ok(())
                })?;
                self.func().exit_synced[inst] = synced;
            } else {
                return Err(format!("unexpected `{}`", cursor.rest));
            }
        }
    }
}
