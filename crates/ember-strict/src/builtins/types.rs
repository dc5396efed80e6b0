//! Generic aliases, unions, annotations, code objects: what the interpreter asks of `_types` and friends.
//!
//! `list[int]` and `int | str` are made by classes of the stub `_ember_types`, which is plain Python.

use super::{GetSets, Methods};
use crate::heap::{Generator, GetSet, Kind, T, holder};
use crate::syntax::code::{Code, Op};
use crate::value::{Str, Value};
use crate::vm::call::Args;
use crate::vm::{R, Stop, Vm};

pub const METHODS: Methods = &[
    (
        T::NoneType,
        &[
            holder("__or__", make_union),
            holder("__ror__", |vm, args| make_union(vm, Args::of(&[args.at(1), args.at(0)]))),
            holder("__repr__", |vm, _| Ok(vm.str("None"))),
            holder("__bool__", |_, _| Ok(Value::Bool(false))),
        ],
    ),
    (T::Builtin, &[holder("__get__", |_, args| Ok(args.at(0)))]),
    (T::Code, &[holder("replace", |_, args| Ok(args.at(0))), holder("co_positions", positions)]),
];

/// `co_positions`: the lines of each instruction; columns are not given.
fn positions(vm: &mut Vm<'_>, args: Args) -> R {
    let Some(code) = code(vm, args.at(0)) else { return Ok(Value::None) };
    vm.charge(code.spans.len())?;
    let mut places = Vec::with_capacity(code.spans.len());
    for span in &code.spans {
        let lines = [code.source.line(span.0), code.source.line(span.1)].map(|line| Value::Int(line as i64));
        places.push(vm.tuple(vec![lines[0], lines[1], Value::None, Value::None]));
    }
    let places = vm.list(places);
    vm.iter(places)
}

pub const STATICS: Methods = &[];

pub const CLASS_METHODS: Methods = &[
    (T::List, GENERIC),
    (T::Dict, GENERIC),
    (T::Tuple, GENERIC),
    (T::Set, GENERIC),
    (T::FrozenSet, GENERIC),
    (T::Type, &[]),
    (T::Enumerate, GENERIC),
    (T::Slice, GENERIC),
    (T::MappingProxy, GENERIC),
    (T::MemoryView, GENERIC),
    (T::Generator, GENERIC),
    (T::Coroutine, GENERIC),
    (T::AsyncGenerator, GENERIC),
    (T::Property, &[]),
    (T::StaticMethod, GENERIC),
    (T::ClassMethod, GENERIC),
    (T::BaseExceptionGroup, GENERIC),
];

const GENERIC: &[crate::heap::Native] = &[holder("__class_getitem__", |vm, args| {
    let module = vm.import_module("_ember_types")?;
    let alias = vm.getattr(module, &"GenericAlias".into())?;
    vm.call_with(alias, &[args.at(0), args.at(1)])
})];

pub const GETSETS: GetSets = &[
    (
        T::Code,
        &[
            GetSet { name: "co_name", get: |vm, this| code_text(vm, this, |c| c.name.clone()), set: None },
            GetSet { name: "co_qualname", get: |vm, this| code_text(vm, this, |c| c.qualname.clone()), set: None },
            GetSet {
                name: "co_filename",
                get: |vm, this| code_text(vm, this, |c| c.source.path.to_string_lossy().as_ref().into()),
                set: None,
            },
            GetSet { name: "co_argcount", get: |vm, this| code_int(vm, this, |c| c.argcount as i64), set: None },
            GetSet { name: "co_posonlyargcount", get: |vm, this| code_int(vm, this, |c| c.posonly as i64), set: None },
            GetSet { name: "co_kwonlyargcount", get: |vm, this| code_int(vm, this, |c| c.kwonly as i64), set: None },
            GetSet { name: "co_nlocals", get: |vm, this| code_int(vm, this, |c| c.varnames.len() as i64), set: None },
            GetSet {
                name: "co_firstlineno",
                get: |vm, this| code_int(vm, this, |c| c.source.line(c.span.0) as i64),
                set: None,
            },
            GetSet {
                name: "co_flags",
                get: |vm, this| {
                    code_int(vm, this, |c| {
                        3 | i64::from(c.varargs) << 2
                            | i64::from(c.varkw) << 3
                            | match (c.is_async, c.is_generator) {
                                (true, true) => 0x200,
                                (true, false) => 0x80,
                                (false, true) => 0x20,
                                _ => 0,
                            }
                    })
                },
                set: None,
            },
            GetSet { name: "co_varnames", get: |vm, this| code_names(vm, this, |c| c.varnames.clone()), set: None },
            GetSet { name: "co_freevars", get: |vm, this| code_names(vm, this, |c| c.freevars.clone()), set: None },
            GetSet { name: "co_cellvars", get: |vm, this| code_names(vm, this, |c| c.cellvars.clone()), set: None },
            GetSet { name: "co_names", get: |vm, this| code_names(vm, this, |c| c.names.clone()), set: None },
            GetSet {
                name: "co_consts",
                get: |vm, this| code_names(vm, this, |c| c.docstring.clone().into_iter().collect()),
                set: None,
            },
            GetSet { name: "co_code", get: |vm, _| Ok(vm.bytes(Vec::new())), set: None },
        ],
    ),
    (
        T::Slice,
        &[
            GetSet { name: "start", get: |vm, this| slice_part(vm, this, 0), set: None },
            GetSet { name: "stop", get: |vm, this| slice_part(vm, this, 1), set: None },
            GetSet { name: "step", get: |vm, this| slice_part(vm, this, 2), set: None },
        ],
    ),
    (
        T::Range,
        &[
            GetSet { name: "start", get: |vm, this| range_part(vm, this, 0), set: None },
            GetSet { name: "stop", get: |vm, this| range_part(vm, this, 1), set: None },
            GetSet { name: "step", get: |vm, this| range_part(vm, this, 2), set: None },
        ],
    ),
    (
        T::Super,
        &[
            GetSet {
                name: "__self__",
                get: |vm, this| {
                    Ok(match vm.kind(this) {
                        Some(Kind::Super(parts)) => parts.1,
                        _ => Value::None,
                    })
                },
                set: None,
            },
            GetSet {
                name: "__thisclass__",
                get: |vm, this| {
                    Ok(match vm.kind(this) {
                        Some(Kind::Super(parts)) => parts.0,
                        _ => Value::None,
                    })
                },
                set: None,
            },
            GetSet {
                name: "__self_class__",
                get: |vm, this| {
                    Ok(match vm.kind(this) {
                        Some(Kind::Super(parts)) => parts.2,
                        _ => Value::None,
                    })
                },
                set: None,
            },
        ],
    ),
    (
        T::Generator,
        &[
            GetSet { name: "gi_frame", get: generator_frame, set: None },
            GetSet { name: "gi_running", get: |vm, this| generator_state(vm, this, |g| g.running), set: None },
            GetSet { name: "gi_suspended", get: |vm, this| generator_state(vm, this, is_suspended), set: None },
            GetSet { name: "gi_yieldfrom", get: |vm, this| Ok(delegate(vm, this)), set: None },
            GetSet { name: "gi_code", get: generator_code, set: None },
            GENERATOR_NAME,
            GENERATOR_QUALNAME,
        ],
    ),
    (
        T::Coroutine,
        &[
            GetSet { name: "cr_code", get: generator_code, set: None },
            GetSet { name: "cr_frame", get: generator_frame, set: None },
            GetSet { name: "cr_running", get: |vm, this| generator_state(vm, this, |g| g.running), set: None },
            GetSet { name: "cr_suspended", get: |vm, this| generator_state(vm, this, is_suspended), set: None },
            GetSet { name: "cr_await", get: |vm, this| Ok(delegate(vm, this)), set: None },
            GENERATOR_NAME,
            GENERATOR_QUALNAME,
        ],
    ),
    (T::DictKeys, MAPPING),
    (T::DictValues, MAPPING),
    (T::DictItems, MAPPING),
    (
        T::AsyncGenerator,
        &[
            GetSet { name: "ag_code", get: generator_code, set: None },
            GetSet { name: "ag_frame", get: generator_frame, set: None },
            GetSet { name: "ag_running", get: |vm, this| generator_state(vm, this, |g| g.running), set: None },
            GENERATOR_NAME,
            GENERATOR_QUALNAME,
        ],
    ),
];

const MAPPING: &[GetSet] = &[GetSet {
    name: "mapping",
    get: |vm, this| match vm.kind(this) {
        Some(Kind::View(dict, _)) => {
            let dict = Value::Obj(*dict);
            Ok(vm.make(T::MappingProxy, Kind::Proxy(dict)))
        }
        _ => Ok(Value::None),
    },
    set: None,
}];

const GENERATOR_NAME: GetSet = GetSet {
    name: "__name__",
    get: |vm, this| generator_text(vm, this, "__name__", |code| code.name.clone()),
    set: Some(|vm, this, value| rename_generator(vm, this, "__name__", value)),
};

const GENERATOR_QUALNAME: GetSet = GetSet {
    name: "__qualname__",
    get: |vm, this| generator_text(vm, this, "__qualname__", |code| code.qualname.clone()),
    set: Some(|vm, this, value| rename_generator(vm, this, "__qualname__", value)),
};

fn generator<'v>(vm: &'v Vm<'_>, this: Value) -> Option<&'v Generator> {
    match vm.kind(this) {
        Some(Kind::Generator(generator)) => Some(generator),
        _ => None,
    }
}

fn generator_text(vm: &mut Vm<'_>, this: Value, name: &str, of: fn(&Code) -> Str) -> R {
    let own = this.obj().and_then(|r| vm.get(r).dict).and_then(|dict| vm.get_str(dict, &name.into()));
    match own {
        Some(own) => Ok(own),
        None => {
            let text = generator(vm, this).map(|generator| of(&generator.code));
            Ok(text.map_or(Value::None, |text| vm.str(text)))
        }
    }
}

fn rename_generator(vm: &mut Vm<'_>, this: Value, name: &str, value: Value) -> R<()> {
    if vm.as_str(value).is_none() {
        return vm.type_error(format!("{name} must be set to a string object"));
    }
    super::object::set_own(vm, this, name, value);
    Ok(())
}

fn generator_state(vm: &mut Vm<'_>, this: Value, of: fn(&Generator) -> bool) -> R {
    Ok(Value::Bool(generator(vm, this).is_some_and(of)))
}

fn is_suspended(generator: &Generator) -> bool {
    generator.started && !generator.running && generator.frame.is_some()
}

/// `gi_frame`: `None` when the generator has finished; of the frame itself nothing is known.
fn generator_frame(vm: &mut Vm<'_>, this: Value) -> R {
    let alive = generator(vm, this).is_some_and(|generator| generator.running || generator.frame.is_some());
    Ok(if alive { vm.unknown("the frame of a generator") } else { Value::None })
}

/// The iterator that a suspended generator delegates to.
fn delegate(vm: &Vm<'_>, this: Value) -> Value {
    let frame =
        generator(vm, this).filter(|generator| is_suspended(generator)).and_then(|generator| generator.frame.as_ref());
    match frame {
        Some(frame) if matches!(frame.code.ops.get(frame.pc), Some(Op::YieldFrom)) => frame.peek(1),
        _ => Value::None,
    }
}

fn slice_part(vm: &mut Vm<'_>, this: Value, at: usize) -> R {
    Ok(match vm.kind(this) {
        Some(Kind::Slice(parts)) => parts[at],
        _ => Value::None,
    })
}

fn range_part(vm: &mut Vm<'_>, this: Value, at: usize) -> R {
    Ok(match vm.kind(this) {
        Some(Kind::Range(a, b, c)) => Value::Int([*a, *b, *c][at]),
        _ => Value::None,
    })
}

fn code(vm: &Vm<'_>, this: Value) -> Option<std::sync::Arc<crate::syntax::code::Code>> {
    match vm.kind(this) {
        Some(Kind::Code(code)) => Some(code.clone()),
        _ => None,
    }
}

fn code_text(vm: &mut Vm<'_>, this: Value, f: fn(&crate::syntax::code::Code) -> Str) -> R {
    let text = code(vm, this).map(|c| f(&c));
    Ok(text.map_or(Value::None, |text| vm.str(text)))
}

fn code_int(vm: &mut Vm<'_>, this: Value, f: fn(&crate::syntax::code::Code) -> i64) -> R {
    Ok(code(vm, this).map_or(Value::None, |c| Value::Int(f(&c))))
}

fn code_names(vm: &mut Vm<'_>, this: Value, f: fn(&crate::syntax::code::Code) -> Vec<Str>) -> R {
    let names = code(vm, this).map(|c| f(&c)).unwrap_or_default();
    let names = names.iter().map(|name| vm.intern(name)).collect();
    Ok(vm.tuple(names))
}

fn generator_code(vm: &mut Vm<'_>, this: Value) -> R {
    let code = match vm.kind(this) {
        Some(Kind::Generator(generator)) => generator.code.clone(),
        _ => return Ok(Value::None),
    };
    Ok(vm.make(T::Code, Kind::Code(code)))
}

/// `a | b` of types.
pub fn make_union(vm: &mut Vm<'_>, args: Args) -> R {
    for side in [args.at(0), args.at(1)] {
        if vm.is_unknown(side) {
            return Ok(vm.derive_unknown(side, " | …"));
        }
    }
    let module = vm.import_module("_ember_types")?;
    let make = vm.getattr(module, &"_union".into())?;
    vm.call_with(make, &[args.at(0), args.at(1)])
}

/// `__annotations__` of a class, function or module.
pub fn annotations(vm: &mut Vm<'_>, this: Value) -> R {
    let Some(r) = this.obj() else { return Ok(Value::None) };
    let dict = vm.get(r).dict;
    for name in ["__annotations_cache__", "__annotations__"] {
        if let Some(found) = dict.and_then(|dict| vm.get_str(dict, &name.into())) {
            return Ok(found);
        }
    }
    let annotate = match vm.kind(this) {
        Some(Kind::Function(function)) => function.annotate,
        Some(Kind::Class(data)) if !data.heap => return vm.no_attribute(this, &"__annotations__".into()),
        Some(Kind::Class(_)) => {
            dict.and_then(|dict| vm.get_str(dict, &"__annotate_func__".into())).unwrap_or(Value::None)
        }
        _ => dict.and_then(|dict| vm.get_str(dict, &"__annotate__".into())).unwrap_or(Value::None),
    };
    let made = vm.evaluate_annotations(annotate, 1, this)?;
    if r.owner == vm.owner() {
        let name =
            if matches!(vm.kind(this), Some(Kind::Class(_))) { "__annotations_cache__" } else { "__annotations__" };
        super::object::set_own(vm, this, name, made);
    }
    Ok(made)
}

/// `__annotate__` of a function, as something that can be called with a format.
pub fn function_annotate(vm: &mut Vm<'_>, this: Value) -> R {
    let annotate = match vm.kind(this) {
        Some(Kind::Function(function)) => function.annotate,
        _ => Value::None,
    };
    let ours = matches!(vm.kind(annotate), Some(Kind::Function(inner)) if inner.code.argcount == 0 && &*inner.name == "__annotate__");
    if !ours {
        return Ok(annotate);
    }
    let flat = vm.call_with(annotate, &[])?;
    let flat = vm.items(flat)?;
    let parts = flat.chunks_exact(3).filter_map(|c| Some((vm.as_str(c[0])?, c[1], vm.as_str(c[2])?))).collect();
    Ok(vm.make(T::Builtin, Kind::Annotate(parts)))
}

/// `__annotate__` of a class.
pub fn class_annotate(vm: &mut Vm<'_>, this: Value) -> R {
    let dict = this.obj().and_then(|r| vm.get(r).dict);
    Ok(dict.and_then(|dict| vm.get_str(dict, &"__annotate_func__".into())).unwrap_or(Value::None))
}

impl Vm<'_> {
    /// Annotations in a format of `annotationlib`: 1 values, 3 values or forward references, 4 texts.
    pub fn evaluate_annotations(&mut self, annotate: Value, format: i64, of: Value) -> R {
        let dict = self.dict();
        let target = Value::Obj(dict);
        let parts: Vec<(Str, Value, Str)> = match self.kind(annotate) {
            Some(Kind::Annotate(parts)) => parts.clone(),
            Some(Kind::Function(_)) => {
                let made = self.call_with(annotate, &[]);
                let made = match made {
                    Err(stop) if self.stopped_by(&stop, T::TypeError) => {
                        return self.call_with(annotate, &[Value::Int(format.min(3))]);
                    }
                    other => other?,
                };
                if matches!(self.kind(made), Some(Kind::Dict(_))) {
                    return Ok(made);
                }
                let flat = self.items(made)?;
                flat.chunks_exact(3).filter_map(|c| Some((self.as_str(c[0])?, c[1], self.as_str(c[2])?))).collect()
            }
            None | Some(_) if annotate.is_none() => return Ok(target),
            _ => return self.call_with(annotate, &[Value::Int(format)]),
        };
        self.lenient += 1;
        let result = self.evaluate_parts(parts, format, dict, of);
        self.lenient -= 1;
        result?;
        Ok(target)
    }

    fn evaluate_parts(
        &mut self,
        parts: Vec<(Str, Value, Str)>,
        format: i64,
        dict: crate::value::Ref,
        of: Value,
    ) -> R<()> {
        for (name, function, text) in parts {
            let value = if function.is_none() || format == 4 {
                self.str(text)
            } else {
                match self.call_with(function, &[]) {
                    Ok(value) => value,
                    Err(Stop::Raise(exception))
                        if format == 3
                            && (self.is_a(exception, T::NameError)
                                || self.is_a(exception, T::AttributeError)
                                || self.is_a(exception, T::TypeError)) =>
                    {
                        let module = self.import_module("annotationlib")?;
                        let class = self.getattr(module, &"ForwardRef".into())?;
                        let text = self.str(text);
                        let owner = if self.is_class(of) { of } else { Value::None };
                        let is_class = Value::Bool(self.is_class(of));
                        let kw = vec![("owner".into(), owner), ("is_class".into(), is_class)];
                        self.call(class, Args { pos: smallvec::smallvec![text], kw })?
                    }
                    Err(stop) => return Err(stop),
                }
            };
            self.set_str(dict, &name, value, Value::Obj(dict));
        }
        Ok(())
    }
}
