//! The builtin functions.

use crate::diagnostics::Code as Emb;
use crate::heap::{Iter, Kind, Native, T, holder, native};
use crate::source::Source;
use crate::syntax::code::{BinOp, Cmp};
use crate::syntax::compile::{compile_expression, compile_module};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::numbers::Num;
use crate::vm::{R, Vm};
use std::sync::Arc;

pub const FUNCTIONS: &[Native] = &[
    native("abs", |vm, args| {
        vm.arity("abs", &args, 1, 1)?;
        let own = vm.lookup(vm.class_of(args.at(0)), &"__abs__".into());
        match vm.number(args.at(0)).filter(|_| vm.is_native(own)) {
            Some(Num::Int(i)) if i >= 0 => Ok(Value::Int(i)),
            Some(Num::Float(f)) => Ok(Value::Float(f.abs())),
            Some(Num::Complex(a, b)) => Ok(Value::Float(a.hypot(b))),
            Some(number) => {
                let big = number.big().unwrap_or_default();
                Ok(vm.int(num_traits::Signed::abs(&big)))
            }
            None => special(vm, args.at(0), "__abs__", "bad operand type for abs():"),
        }
    }),
    native("all", |vm, args| quantify(vm, &args, false)),
    native("any", |vm, args| quantify(vm, &args, true)),
    native("ascii", |vm, args| {
        let text = vm.repr(args.at(0))?;
        Ok(vm.str(crate::vm::text::ascii(&text)))
    }),
    native("bin", |vm, args| radix(vm, &args, 2, "0b")),
    native("oct", |vm, args| radix(vm, &args, 8, "0o")),
    native("hex", |vm, args| radix(vm, &args, 16, "0x")),
    holder("callable", |vm, args| {
        vm.arity("callable", &args, 1, 1)?;
        let class = vm.class_of(args.at(0));
        let direct = matches!(
            vm.kind(args.at(0)),
            Some(Kind::Function(_) | Kind::Native(_) | Kind::Method(..) | Kind::Class(_) | Kind::Annotate(_))
        );
        if vm.is_unknown(args.at(0)) {
            return vm.use_unknown(Emb::UnknownBool, args.at(0), "asks whether something unknown is callable", "");
        }
        Ok(Value::Bool(direct || vm.lookup(class, &"__call__".into()).is_some()))
    }),
    native("chr", |vm, args| {
        let code = vm.index(args.at(0))?;
        match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(c) => Ok(vm.str(c.to_string())),
            None if (0xd800..0xe000).contains(&code) => Ok(vm.str("\u{fffd}")),
            None => vm.raise(T::ValueError, "chr() arg not in range(0x110000)"),
        }
    }),
    native("ord", |vm, args| {
        let one = match vm.kind(args.at(0)) {
            Some(Kind::Str(text)) => (text.chars_len() == 1).then(|| text.chars().next().map_or(0, |c| c as i64)),
            Some(Kind::Bytes(bytes)) => (bytes.len() == 1).then(|| bytes[0].into()),
            _ => None,
        };
        match one {
            Some(code) => Ok(Value::Int(code)),
            None => {
                let found = match vm.kind(args.at(0)) {
                    Some(Kind::Str(text)) => format!("a character, but string of length {} found", text.chars_len()),
                    Some(Kind::Bytes(bytes)) => format!("a character, but bytes of length {} found", bytes.len()),
                    _ => format!("string of length 1, but {} found", vm.class_name(args.at(0))),
                };
                vm.type_error(format!("ord() expected {found}"))
            }
        }
    }),
    native("divmod", |vm, args| {
        vm.arity("divmod", &args, 2, 2)?;
        for (one, name, other) in [(args.at(0), "__divmod__", args.at(1)), (args.at(1), "__rdivmod__", args.at(0))] {
            if vm.class_of(one).owner != 0
                && let Some(method) = vm.special(one, name)?
            {
                let result = vm.call_with(method, &[other])?;
                if !matches!(result, Value::NotImplemented) {
                    return Ok(result);
                }
            }
        }
        let quotient = vm.binary(BinOp::FloorDiv, args.at(0), args.at(1))?;
        let rest = vm.binary(BinOp::Mod, args.at(0), args.at(1))?;
        Ok(vm.tuple(vec![quotient, rest]))
    }),
    native("pow", |vm, mut args| {
        let modulus = args.named(2, "mod").unwrap_or(Value::None);
        if modulus.is_none() {
            return vm.binary(BinOp::Pow, args.at(0), args.at(1));
        }
        power_modulo(vm, args.at(0), args.at(1), modulus)
    }),
    native("round", |vm, mut args| {
        super::numbers::round(vm, args.at(0), args.named(1, "ndigits").unwrap_or(Value::None))
    }),
    native("format", |vm, args| {
        let spec = vm.as_str(args.at(1)).unwrap_or_else(|| "".into());
        vm.format(args.at(0), &spec)
    }),
    native("repr", |vm, args| {
        let text = vm.repr(args.at(0))?;
        Ok(vm.str(text))
    }),
    native("len", |vm, args| {
        vm.arity("len", &args, 1, 1)?;
        Ok(Value::Int(vm.length(args.at(0))? as i64))
    }),
    // Another number in each process, but always another one for another object: programs use it for that.
    holder("id", |vm, args| {
        vm.arity("id", &args, 1, 1)?;
        Ok(Value::Int(match args.at(0) {
            Value::Obj(r) => 0x7f00_0000_0000 + ((i64::from(r.owner) << 36) | (i64::from(r.index) << 4)),
            Value::Int(i) => 0x5500_0000_0000i64.wrapping_add(i.wrapping_mul(32)),
            Value::Float(f) => (f.to_bits() >> 2) as i64,
            Value::Bool(b) => 0x5400_0000_0000 + 32 * i64::from(b),
            Value::None | Value::Null => 0x5400_0000_0100,
            Value::Ellipsis => 0x5400_0000_0200,
            Value::NotImplemented => 0x5400_0000_0300,
        }))
    }),
    native("hash", |vm, args| {
        vm.arity("hash", &args, 1, 1)?;
        Ok(Value::Int(vm.hash(args.at(0))? as i64))
    }),
    native("iter", |vm, args| match args.pos.len() {
        2 => {
            let callable = vm.world.builtin("callable");
            let callable = vm.call_with(callable, &[args.at(0)])?;
            if !vm.truth(callable)? {
                return vm.type_error("iter(v, w): v must be callable");
            }
            Ok(vm.iterator(T::CallableIterator, Iter::Callable(args.at(0), args.at(1))))
        }
        _ => vm.iter(args.at(0)),
    }),
    native("next", |vm, args| match vm.next_with_result(args.at(0))? {
        Ok(value) => Ok(value),
        Err(_) if args.pos.len() > 1 => Ok(args.at(1)),
        Err(result) => {
            if args.at(0).obj().is_some_and(|r| r.owner != vm.owner() && !vm.is_live(r.owner)) {
                return Ok(vm.quiet_unknown("an item of another module's iterator"));
            }
            let given = vm.tuple(if result.is_none() { Vec::new() } else { vec![result] });
            let stop = vm.exception_with(T::StopIteration.r(), given);
            Err(crate::vm::Stop::Raise(stop))
        }
    }),
    holder("isinstance", |vm, args| {
        vm.arity("isinstance", &args, 2, 2)?;
        Ok(Value::Bool(vm.is_instance(args.at(0), args.at(1))?))
    }),
    holder("issubclass", |vm, args| {
        vm.arity("issubclass", &args, 2, 2)?;
        Ok(Value::Bool(vm.is_subclass(args.at(0), args.at(1))?))
    }),
    holder("getattr", |vm, args| {
        let Some(name) = vm.as_str(args.at(1)) else {
            if vm.is_unknown(args.at(1)) {
                return vm.use_unknown(Emb::UnknownAttribute, args.at(1), "reads an attribute of unknown name", "");
            }
            return vm.type_error("attribute name must be string");
        };
        if args.pos.len() < 3 {
            return vm.getattr(args.at(0), &name);
        }
        Ok(vm.getattr_opt(args.at(0), &name)?.unwrap_or(args.at(2)))
    }),
    holder("hasattr", |vm, args| {
        let name = vm.need_str(args.at(1), "attribute name")?;
        let found = vm.getattr_opt(args.at(0), &name)?;
        match found {
            Some(found) if vm.is_unknown(args.at(0)) => Ok(found),
            found => Ok(Value::Bool(found.is_some())),
        }
    }),
    holder("setattr", |vm, args| {
        let name = vm.need_str(args.at(1), "attribute name")?;
        vm.setattr(args.at(0), &name, args.at(2))?;
        Ok(Value::None)
    }),
    holder("delattr", |vm, args| {
        let name = vm.need_str(args.at(1), "attribute name")?;
        vm.delattr(args.at(0), &name)?;
        Ok(Value::None)
    }),
    native("max", |vm, args| extreme(vm, args, Cmp::Gt, "max")),
    native("min", |vm, args| extreme(vm, args, Cmp::Lt, "min")),
    native("sum", |vm, mut args| {
        let mut total = args.named(1, "start").unwrap_or(Value::Int(0));
        for (class, what) in [(T::Str, "strings"), (T::Bytes, "bytes"), (T::ByteArray, "bytearray")] {
            if vm.is_a(total, class) {
                let empty = if class == T::Str { "''" } else { "b''" };
                return vm.type_error(format!("sum() can't sum {what} [use {empty}.join(seq) instead]"));
            }
        }
        // Sums of floats carry what rounding loses, as CPython's do.
        let mut lost = 0.0;
        for item in vm.items(args.at(0))? {
            let number = match item {
                Value::Float(f) => Some(f),
                Value::Int(i) => Some(i as f64),
                _ => None,
            };
            if let (Value::Float(sum), Some(x)) = (total, number) {
                let next = sum + x;
                lost += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
                total = Value::Float(next);
            } else {
                total = vm.binary(BinOp::Add, total, item)?;
            }
        }
        Ok(match total {
            Value::Float(sum) if lost != 0.0 && lost.is_finite() => Value::Float(sum + lost),
            total => total,
        })
    }),
    native("sorted", |vm, mut args| {
        let items = vm.items(args.at(0))?;
        let key = args.take("key").unwrap_or(Value::None);
        let reverse = args.take("reverse").unwrap_or(Value::Bool(false));
        let reverse = vm.truth(reverse)?;
        let sorted = vm.sort(items, key, reverse)?;
        Ok(vm.list(sorted))
    }),
    holder("globals", |vm, _| Ok(vm.caller().map_or(Value::None, |call| Value::Obj(call.globals)))),
    holder("locals", |vm, _| {
        Ok(vm
            .caller()
            .map_or(Value::None, |call| if call.names.is_null() { Value::Obj(call.globals) } else { call.names }))
    }),
    native("vars", |vm, args| match args.pos.first() {
        Some(object) => vm.getattr(*object, &"__dict__".into()),
        None => Ok(vm.caller().map_or(Value::None, |call| call.names)),
    }),
    native("dir", |vm, args| {
        let names = match args.pos.first() {
            Some(object) => match vm.special(*object, "__dir__")? {
                Some(method) => {
                    let made = vm.call_with(method, &[])?;
                    let items = vm.items(made)?;
                    vm.sort(items, Value::None, false)?
                }
                None => vm.dir_of(*object)?,
            },
            None => {
                let names = vm.caller().map_or(Value::None, |call| call.names);
                let items = vm.items(names)?;
                vm.sort(items, Value::None, false)?
            }
        };
        Ok(vm.list(names))
    }),
    native("eval", |vm, args| run_text(vm, args, true)),
    native("exec", |vm, args| run_text(vm, args, false)),
    native("compile", |vm, args| {
        // PyCF_ONLY_AST: trees are not made here.
        let flags = args.clone().named(3, "flags").unwrap_or(Value::None);
        if matches!(flags, Value::Int(flags) if flags & 0x400 != 0) || vm.is_unknown(flags) {
            return Ok(vm.unknown("ast.parse()"));
        }
        let text = vm.as_str(args.at(0));
        let Some(text) = text else { return Ok(vm.unknown("compile()")) };
        let expression = vm.as_str(args.get(2)).is_some_and(|mode| &*mode == "eval");
        let code = compiled(vm, &text, expression)?;
        Ok(vm.make(T::Code, Kind::Code(code)))
    }),
    holder("__build_class__", |vm, args| vm.build_class(args)),
    holder("__ember_nothing__", |_, _| Ok(Value::Bool(false))),
    native("__import__", |vm, mut args| {
        let name = vm.need_str(args.at(0), "module name")?;
        let level = match args.named(4, "level") {
            Some(level) => vm.index(level)?.max(0) as u32,
            None => 0,
        };
        let fromlist = args.named(3, "fromlist").unwrap_or(Value::None);
        let globals = args.named(1, "globals").and_then(Value::obj).or_else(|| vm.caller().map(|call| call.globals));
        let Some(globals) = globals else { return Ok(Value::None) };
        let full = vm.absolute_name(globals, &name, level)?;
        let leaf = vm.import_module(&full)?;
        if fromlist.is_none() || vm.length(fromlist)? == 0 {
            let top = full.split('.').next().unwrap_or(&full).to_owned();
            return vm.import_module(&top);
        }
        Ok(leaf)
    }),
    holder("print", |vm, _| {
        vm.effect(Emb::InputOutput, "prints something");
        Ok(Value::None)
    }),
    holder("input", |vm, _| {
        vm.effect(Emb::InputOutput, "asks the user for input");
        Ok(vm.quiet_unknown("input()"))
    }),
    holder("open", |vm, args| {
        let what = match vm.as_str(args.get(0)) {
            Some(path) => format!("opens the file {}", crate::vm::text::quote(&path)),
            None => "opens a file".to_owned(),
        };
        vm.effect(Emb::InputOutput, &what);
        Ok(vm.quiet_unknown("open()"))
    }),
    holder("breakpoint", |vm, _| {
        vm.effect(Emb::InputOutput, "starts the debugger");
        Ok(Value::None)
    }),
    native("anext", |vm, _| Ok(vm.unknown("anext()"))),
    native("aiter", |vm, _| Ok(vm.unknown("aiter()"))),
    holder("exit", stop),
    holder("quit", stop),
];

fn stop(vm: &mut Vm<'_>, args: Args) -> R {
    let args = vm.tuple(args.pos.to_vec());
    let exception = vm.exception_with(T::SystemExit.r(), args);
    Err(crate::vm::Stop::Raise(exception))
}

fn special(vm: &mut Vm<'_>, value: Value, name: &str, otherwise: &str) -> R {
    match vm.special(value, name)? {
        Some(method) => vm.call_with(method, &[]),
        None => {
            let class = vm.class_name(value);
            vm.type_error(format!("{otherwise} '{class}'"))
        }
    }
}

fn quantify(vm: &mut Vm<'_>, args: &Args, wanted: bool) -> R {
    let iterator = vm.iter(args.at(0))?;
    while let Some(item) = vm.next(iterator)? {
        if vm.truth(item)? == wanted {
            return Ok(Value::Bool(wanted));
        }
    }
    Ok(Value::Bool(!wanted))
}

fn radix(vm: &mut Vm<'_>, args: &Args, radix: u32, prefix: &str) -> R {
    let number = match vm.number(args.at(0)).and_then(|n| n.big()) {
        Some(big) => big,
        None => vm.index(args.at(0))?.into(),
    };
    let sign = if number.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    let text = format!("{sign}{prefix}{}", number.magnitude().to_str_radix(radix));
    Ok(vm.str(text))
}

fn extreme(vm: &mut Vm<'_>, mut args: Args, cmp: Cmp, name: &str) -> R {
    let key = args.take("key").unwrap_or(Value::None);
    let default = args.take("default");
    let items = if args.pos.len() == 1 { vm.items(args.at(0))? } else { args.pos.to_vec() };
    let mut best: Option<(Value, Value)> = None;
    for item in items {
        let measure = if key.is_none() { item } else { vm.call_with(key, &[item])? };
        let better = match best {
            None => true,
            Some((_, other)) => {
                let result = vm.compare(cmp, measure, other)?;
                vm.truth(result)?
            }
        };
        if better {
            best = Some((item, measure));
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default),
        (None, None) => vm.raise(T::ValueError, format!("{name}() iterable argument is empty")),
    }
}

fn compiled(vm: &mut Vm<'_>, text: &str, expression: bool) -> R<Arc<crate::syntax::code::Code>> {
    vm.charge(text.len())?;
    let module = vm.current_module_name();
    let source = Arc::new(Source::new("<string>", module.to_string(), text.to_owned()));
    let result = if expression { compile_expression(&source) } else { compile_module(&source) };
    match result {
        Ok(code) => Ok(code),
        Err(error) => vm.raise(error.class(), error.message),
    }
}

/// `pow(base, exponent, modulus)`
fn power_modulo(vm: &mut Vm<'_>, base: Value, exponent: Value, modulus: Value) -> R {
    if let Some(method) = vm.special(base, "__pow__")?
        && vm.class_of(base).owner != 0
    {
        return vm.call_with(method, &[exponent, modulus]);
    }
    let whole = |value: Value| vm.number(value).filter(|n| n.is_int()).and_then(|n| n.big());
    let (Some(base), Some(exponent), Some(modulus)) = (whole(base), whole(exponent), whole(modulus)) else {
        return vm.type_error("pow() 3rd argument not allowed unless all arguments are integers");
    };
    if modulus.sign() == num_bigint::Sign::NoSign {
        return vm.raise(T::ValueError, "pow() 3rd argument cannot be 0");
    }
    vm.tick((exponent.bits() + 1).saturating_mul(modulus.bits() + 1) / 64)?;
    let (base, exponent) = if exponent.sign() == num_bigint::Sign::Minus {
        match base.modinv(&modulus) {
            Some(inverse) => (inverse, -exponent),
            None => return vm.raise(T::ValueError, "base is not invertible for the given modulus"),
        }
    } else {
        (base, exponent)
    };
    Ok(vm.int(num_integer::Integer::mod_floor(&base.modpow(&exponent, &modulus), &modulus)))
}

fn run_text(vm: &mut Vm<'_>, mut args: Args, expression: bool) -> R {
    let code = match vm.kind(args.at(0)) {
        Some(Kind::Code(code)) => code.clone(),
        Some(Kind::Str(text)) => {
            let text = text.clone();
            compiled(vm, &text, expression)?
        }
        Some(Kind::Bytes(bytes)) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            compiled(vm, &text, expression)?
        }
        _ => {
            let name = if expression { "eval" } else { "exec" };
            return vm.type_error(format!("{name}() arg 1 must be a string, bytes or code object"));
        }
    };
    let given_globals = args.named(1, "globals").unwrap_or(Value::None);
    let given_locals = args.named(2, "locals").unwrap_or(Value::None);
    let (globals, names) = match (given_globals.obj(), given_locals.is_none()) {
        (Some(globals), true) => (globals, Value::Obj(globals)),
        (Some(globals), false) => (globals, given_locals),
        (None, _) => match vm.caller() {
            Some(call) => (call.globals, if call.names.is_null() { Value::Obj(call.globals) } else { call.names }),
            None => return Ok(Value::None),
        },
    };
    let names = if given_globals.obj().is_none() && !given_locals.is_none() { given_locals } else { names };
    let result = vm.run_text(code, globals, names)?;
    Ok(if expression { result } else { Value::None })
}

impl Vm<'_> {
    /// `isinstance`
    pub fn is_instance(&mut self, value: Value, class: Value) -> R<bool> {
        if let Some(classes) = self.as_tuple(class) {
            for class in classes.iter() {
                if self.is_instance(value, *class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if self.is_unknown(class) || (self.is_unknown(value) && class.obj() != Some(T::Object.r())) {
            let unknown = if self.is_unknown(class) { class } else { value };
            self.use_unknown(Emb::UnknownBool, unknown, "asks for the class of something unknown", "")?;
            return Ok(false);
        }
        if class.obj() == Some(self.class_of(value)) {
            return Ok(true);
        }
        let meta = self.class_of(class);
        let hook = self.lookup(meta, &self.world.name("__instancecheck__"));
        if !self.is_native(hook)
            && let Some(hook) = hook
        {
            let hook = self.bind(hook, class, meta)?;
            let result = self.call_with(hook, &[value])?;
            return self.truth(result);
        }
        if !self.is_class(class) {
            return self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union");
        }
        self.is_plain_instance(value, class)
    }

    /// `type.__instancecheck__`
    pub fn is_plain_instance(&mut self, value: Value, class: Value) -> R<bool> {
        let Some(class) = class.obj() else { return Ok(false) };
        let own = self.class_of(value);
        if self.derives(own, class) {
            return Ok(true);
        }
        if own.owner == 0 || self.is_class(value) {
            return Ok(false);
        }
        match self.getattr_opt(value, &"__class__".into())? {
            Some(Value::Obj(claimed)) if claimed != own && self.is_class(Value::Obj(claimed)) => {
                Ok(self.derives(claimed, class))
            }
            _ => Ok(false),
        }
    }

    /// `issubclass`
    pub fn is_subclass(&mut self, value: Value, class: Value) -> R<bool> {
        if let Some(classes) = self.as_tuple(class) {
            for class in classes.iter() {
                if self.is_subclass(value, *class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if self.is_unknown(class) || self.is_unknown(value) {
            let unknown = if self.is_unknown(class) { class } else { value };
            self.use_unknown(Emb::UnknownBool, unknown, "asks for the bases of something unknown", "")?;
            return Ok(false);
        }
        let meta = self.class_of(class);
        let hook = self.lookup(meta, &self.world.name("__subclasscheck__"));
        if !self.is_native(hook)
            && let Some(hook) = hook
        {
            let hook = self.bind(hook, class, meta)?;
            let result = self.call_with(hook, &[value])?;
            return self.truth(result);
        }
        if !self.is_class(value) {
            return self.type_error("issubclass() arg 1 must be a class");
        }
        match (value.obj(), class.obj()) {
            (Some(value), Some(r)) if self.is_class(class) => Ok(self.derives(value, r)),
            _ => self.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union"),
        }
    }

    /// Sort values: stable, by `<` as Python does it.
    pub fn sort(&mut self, items: Vec<Value>, key: Value, reverse: bool) -> R<Vec<Value>> {
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            let measure = if key.is_none() { item } else { self.call_with(key, &[item])? };
            keyed.push((measure, item));
        }
        if reverse {
            keyed.reverse();
        }
        let mut sorted = self.merge_sort(keyed)?;
        if reverse {
            sorted.reverse();
        }
        Ok(sorted.into_iter().map(|(_, item)| item).collect())
    }

    fn merge_sort(&mut self, mut items: Vec<(Value, Value)>) -> R<Vec<(Value, Value)>> {
        if items.len() < 2 {
            return Ok(items);
        }
        let right = items.split_off(items.len() / 2);
        let left = self.merge_sort(items)?;
        let right = self.merge_sort(right)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut a, mut b) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(x), Some(y)) = (a.peek().copied(), b.peek().copied()) {
            self.tick(1)?;
            let less = self.compare(Cmp::Lt, y.0, x.0)?;
            if self.truth(less)? {
                merged.push(y);
                b.next();
            } else {
                merged.push(x);
                a.next();
            }
        }
        merged.extend(a);
        merged.extend(b);
        Ok(merged)
    }

    /// `reversed(value)` of builtin sequences and dicts.
    pub fn reverse_iterator(&mut self, value: Value) -> R {
        if let Some(r) = value.obj() {
            let dict = match &self.get(r).kind {
                Kind::Dict(table) => Some((r, table.places(), crate::heap::View::Keys)),
                Kind::View(dict, view) => self.table(*dict).map(|table| (*dict, table.places(), *view)),
                Kind::Proxy(inner) => {
                    let inner = *inner;
                    return self.reverse_iterator(inner);
                }
                _ => None,
            };
            if let Some((dict, place, view)) = dict {
                return Ok(self.iterator(T::DictReverseKeyIterator, Iter::DictReversed { dict, place, view }));
            }
        }
        let class = self.class_of(value);
        if self.lookup(class, &self.world.names.dunder_getitem).is_none() {
            let name = self.name_of(class);
            return self.type_error(format!("'{name}' object is not reversible"));
        }
        let length = self.length(value)? as i64;
        Ok(self.iterator(T::Reversed, Iter::Reversed(value, length - 1)))
    }
}
