//! `object`, `type`, functions, methods, descriptors, modules.

use super::Methods;
use super::attributes::property;
use crate::heap::{Kind, T, holder, native};
use crate::value::{Str, Value};
use crate::vm::call::Args;
use crate::vm::{R, Vm};

pub const METHODS: Methods = &[
    (
        T::Object,
        &[
            holder("__init__ of object", |_, _| Ok(Value::None)),
            holder("__repr__", |vm, args| text(vm, args, |vm, v| vm.builtin_repr(v))),
            holder("__str__", |vm, args| text(vm, args, |vm, v| vm.repr(v))),
            native("__format__", |vm, args| {
                let spec = vm.as_str(args.at(1)).unwrap_or_else(|| "".into());
                let text = if spec.is_empty() { vm.to_str(args.at(0))? } else { vm.builtin_format(args.at(0), &spec)? };
                Ok(vm.str(text))
            }),
            holder("__eq__", |_, args| {
                Ok(if args.at(0).same(args.at(1)) { Value::Bool(true) } else { Value::NotImplemented })
            }),
            holder("__ne__", object_ne),
            holder("__lt__", |_, _| Ok(Value::NotImplemented)),
            holder("__le__", |_, _| Ok(Value::NotImplemented)),
            holder("__gt__", |_, _| Ok(Value::NotImplemented)),
            holder("__ge__", |_, _| Ok(Value::NotImplemented)),
            holder("__hash__", |vm, args| match args.at(0) {
                Value::Obj(r) => Ok(Value::Int(vm.builtin_hash(r)? as i64)),
                other => Ok(Value::Int(vm.hash(other)? as i64)),
            }),
            holder("__getattribute__", |vm, args| {
                let name = vm.need_str(args.at(1), "attribute name")?;
                vm.generic_getattr(args.at(0), &name)
            }),
            holder("__setattr__", |vm, args| {
                let name = vm.need_str(args.at(1), "attribute name")?;
                vm.generic_setattr(args.at(0), &name, args.at(2))?;
                Ok(Value::None)
            }),
            holder("__delattr__", |vm, args| {
                let name = vm.need_str(args.at(1), "attribute name")?;
                vm.generic_setattr(args.at(0), &name, Value::Null)?;
                Ok(Value::None)
            }),
            native("__dir__", |vm, args| {
                let names = vm.dir_of(args.at(0))?;
                Ok(vm.list(names))
            }),
            native("__reduce_ex__", super::pickling::reduce_ex),
            native("__reduce__ of object", super::pickling::reduce),
            native("__getstate__", super::pickling::get_state),
            native("__sizeof__", |_, _| Ok(Value::Int(16))),
        ],
    ),
    (
        T::Type,
        &[
            holder("__call__", |vm, args| match args.at(0).obj() {
                Some(class) => vm.instantiate(class, args.rest()),
                None => Ok(Value::None),
            }),
            holder("__init__", |_, _| Ok(Value::None)),
            native("mro", |vm, args| {
                let mro = class_mro(vm, args.at(0));
                Ok(vm.list(mro))
            }),
            native("__subclasses__", |vm, args| {
                let list = args.at(0).obj().and_then(|r| vm.class(r)).map(|c| c.subclasses.clone()).unwrap_or_default();
                Ok(vm.list(list.into_iter().map(Value::Obj).collect()))
            }),
            native("__instancecheck__", |vm, args| Ok(Value::Bool(vm.is_plain_instance(args.at(1), args.at(0))?))),
            native("__subclasscheck__", |vm, args| match (args.at(1).obj(), args.at(0).obj()) {
                (Some(a), Some(b)) => Ok(Value::Bool(vm.derives(a, b))),
                _ => Ok(Value::Bool(false)),
            }),
            native("__or__", super::types::make_union),
            native("__ror__", |vm, args| super::types::make_union(vm, Args::of(&[args.at(1), args.at(0)]))),
            native("__dir__", |vm, args| {
                let names = vm.dir_of(args.at(0))?;
                Ok(vm.list(names))
            }),
            holder("__repr__", |vm, args| text(vm, args, |vm, v| vm.builtin_repr(v))),
        ],
    ),
    (
        T::Function,
        &[holder("__get__", descriptor_get), holder("__call__", |vm, args| vm.call(args.at(0), args.rest()))],
    ),
    (
        T::Method,
        &[holder("__call__", |vm, args| vm.call(args.at(0), args.rest())), holder("__get__", |_, args| Ok(args.at(0)))],
    ),
    (T::Builtin, &[holder("__call__", |vm, args| vm.call(args.at(0), args.rest()))]),
    (
        T::MethodDescriptor,
        &[holder("__get__", descriptor_get), holder("__call__", |vm, args| vm.call(args.at(0), args.rest()))],
    ),
    (
        T::WrapperDescriptor,
        &[holder("__get__", descriptor_get), holder("__call__", |vm, args| vm.call(args.at(0), args.rest()))],
    ),
    (T::GetSet, &[holder("__get__", descriptor_get), holder("__set__", descriptor_set)]),
    (T::Member, &[holder("__get__", descriptor_get), holder("__set__", descriptor_set)]),
    (
        T::Property,
        &[
            holder("__init__", property_init),
            holder("__get__", descriptor_get),
            holder("__set__", descriptor_set),
            holder("__delete__", |vm, args| {
                vm.set_through(args.at(0), args.at(1), Value::Null)?;
                Ok(Value::None)
            }),
            holder("getter", |vm, args| property_copy(vm, args, 0)),
            holder("setter", |vm, args| property_copy(vm, args, 1)),
            holder("deleter", |vm, args| property_copy(vm, args, 2)),
            holder("__set_name__", |vm, args| {
                set_own(vm, args.at(0), "__name__", args.at(2));
                Ok(Value::None)
            }),
        ],
    ),
    (T::ClassMethod, &[holder("__init__", wrapper_init), holder("__get__", descriptor_get)]),
    (
        T::StaticMethod,
        &[
            holder("__init__", wrapper_init),
            holder("__get__", descriptor_get),
            holder("__call__", |vm, args| vm.call(args.at(0), args.rest())),
        ],
    ),
    (
        T::Module,
        &[native("__init__", |vm, mut args| {
            let name = args.named(1, "name").unwrap_or(Value::None);
            let doc = args.named(2, "doc").unwrap_or(Value::None);
            let module = args.at(0);
            if let Some(r) = module.obj() {
                let text = vm.as_str(name).unwrap_or_else(|| "?".into());
                if let Some(object) = vm.change(r, module, "initialises") {
                    object.kind = Kind::Module(text);
                }
                for (key, value) in [
                    ("__name__", name),
                    ("__doc__", doc),
                    ("__package__", Value::None),
                    ("__loader__", Value::None),
                    ("__spec__", Value::None),
                ] {
                    set_own(vm, module, key, value);
                }
            }
            Ok(Value::None)
        })],
    ),
];

pub const STATICS: Methods = &[
    (T::Object, &[holder("__new__ of object", object_new)]),
    (T::Type, &[holder("__new__", type_new), holder("__prepare__", |vm, _| Ok(Value::Obj(vm.dict())))]),
    (T::Property, &[holder("__new__", |vm, args| made(vm, &args, Kind::Property(Box::new([Value::None; 4]))))]),
    (T::ClassMethod, &[holder("__new__", |vm, args| made(vm, &args, Kind::ClassMethod(args.get(1))))]),
    (T::StaticMethod, &[holder("__new__", |vm, args| made(vm, &args, Kind::StaticMethod(args.get(1))))]),
    (T::Super, &[holder("__new__", super_new)]),
    (T::Module, &[holder("__new__", |vm, args| made(vm, &args, Kind::Module("?".into())))]),
    (T::Function, &[holder("__new__", function_new)]),
    (T::Method, &[holder("__new__", |vm, args| Ok(vm.make(T::Method, Kind::Method(args.at(1), args.at(2)))))]),
    (T::Cell, &[holder("__new__", |vm, args| Ok(vm.make(T::Cell, Kind::Cell(args.at(1)))))]),
    (T::NoneType, &[holder("__new__", |_, _| Ok(Value::None))]),
];

pub const CLASS_METHODS: Methods = &[(
    T::Object,
    &[
        holder("__init_subclass__", |vm, args| {
            if args.kw.is_empty() {
                return Ok(Value::None);
            }
            let name = args.at(0).obj().map(|r| vm.name_of(r)).unwrap_or_else(|| "?".into());
            vm.type_error(format!("{name}.__init_subclass__() takes no keyword arguments"))
        }),
        holder("__subclasshook__", |_, _| Ok(Value::NotImplemented)),
    ],
)];

fn text(vm: &mut Vm<'_>, args: Args, f: fn(&mut Vm<'_>, Value) -> R<Str>) -> R {
    let text = f(vm, args.at(0))?;
    Ok(vm.str(text))
}

fn object_ne(vm: &mut Vm<'_>, args: Args) -> R {
    let class = vm.class_of(args.at(0));
    let Some(eq) = vm.lookup(class, &"__eq__".into()) else { return Ok(Value::NotImplemented) };
    let eq = vm.bind(eq, args.at(0), class)?;
    match vm.call_with(eq, &[args.at(1)])? {
        Value::NotImplemented => Ok(Value::NotImplemented),
        result => vm.not(result),
    }
}

/// An object of the class that is the first argument.
pub fn made(vm: &mut Vm<'_>, args: &Args, kind: Kind) -> R {
    let class = args.at(0).obj().unwrap_or(T::Object.r());
    Ok(Value::Obj(vm.alloc(class, kind)))
}

fn object_new(vm: &mut Vm<'_>, args: Args) -> R {
    let Some(class) = args.at(0).obj().filter(|_| vm.is_class(args.at(0))) else {
        let given = vm.class_name(args.at(0));
        return vm.type_error(format!("object.__new__(X): X is not a type object ({given})"));
    };
    if let Some(dict) = vm.get(class).dict
        && let Some(names) = vm.get_str(dict, &"__abstractmethods__".into())
    {
        let names = vm.items(names)?;
        if !names.is_empty() {
            let mut listed: Vec<String> =
                names.iter().filter_map(|n| vm.as_str(*n)).map(|n| format!("'{n}'")).collect();
            listed.sort();
            let plural = if listed.len() == 1 { "" } else { "s" };
            let class = vm.name_of(class);
            return vm.type_error(format!(
                "Can't instantiate abstract class {class} without an implementation for abstract method{plural} {}",
                listed.join(", ")
            ));
        }
    }
    let init = vm.lookup(class, &"__init__".into());
    let own_init = !matches!(init.and_then(|i| vm.kind(i)), Some(Kind::Native(n)) if n.name == "__init__ of object");
    if (args.pos.len() > 1 || !args.kw.is_empty()) && !own_init {
        let name = vm.name_of(class);
        return vm.type_error(format!("{name}() takes no arguments"));
    }
    let layout = vm.layout(class);
    let kind = match layout {
        l if l == T::Dict.r() => Kind::Dict(Box::default()),
        l if l == T::List.r() => Kind::List(Vec::new()),
        l if l == T::Set.r() || l == T::FrozenSet.r() => Kind::Set(Box::default()),
        l if l == T::BaseException.r() => return super::errors::new_exception(vm, args),
        _ => Kind::Plain,
    };
    Ok(Value::Obj(vm.alloc(class, kind)))
}

fn type_new(vm: &mut Vm<'_>, args: Args) -> R {
    if args.pos.len() == 2 && args.kw.is_empty() {
        return Ok(Value::Obj(vm.class_of(args.at(1))));
    }
    if args.pos.len() != 4 {
        return vm.type_error("type.__new__() takes 1 or 3 arguments");
    }
    let meta = args.at(0).obj().unwrap_or(T::Type.r());
    let name = vm.need_str(args.at(1), "type.__new__() argument 1")?;
    let bases = vm.items(args.at(2))?;
    // The most derived metaclass may have a `__new__` of its own.
    let winner = vm.winner(Value::Obj(meta), &bases)?;
    if let Some(winner) = winner.obj().filter(|winner| *winner != meta) {
        let new = vm.lookup(winner, &"__new__".into());
        let new = match new.and_then(|new| vm.kind(new)) {
            Some(Kind::StaticMethod(function)) => Some(*function),
            _ => None,
        };
        if let Some(new) = new {
            let mut args = args;
            args.pos[0] = Value::Obj(winner);
            return vm.call(new, args);
        }
    }
    vm.type_new(meta, &name, bases, args.at(3), args.kw)
}

fn super_new(vm: &mut Vm<'_>, args: Args) -> R {
    if args.pos.len() < 2 {
        return vm.raise(T::RuntimeError, "super(): no arguments");
    }
    let (after, this) = (args.at(1), args.get(2));
    if this.is_none() && vm.is_class(after) {
        return Ok(vm.make(T::Super, Kind::Super(Box::new((after, Value::None, Value::None)))));
    }
    let Some(after_class) = after.obj().filter(|_| vm.is_class(after)) else {
        let name = vm.class_name(after);
        return vm.type_error(format!("super() argument 1 must be a type, not {name}"));
    };
    let start = match this.obj() {
        Some(r) if vm.is_class(this) && vm.derives(r, after_class) => r,
        _ => vm.class_of(this),
    };
    if !vm.derives(start, after_class) {
        let shown = match vm.is_class(this) {
            true => format!("type {}", vm.name_of(this.obj().unwrap_or(start))),
            false => format!("instance of {}", vm.class_name(this)),
        };
        let after = vm.name_of(after_class);
        return vm
            .type_error(format!("super(type, obj): obj ({shown}) is not an instance or subtype of type ({after})."));
    }
    Ok(vm.make(T::Super, Kind::Super(Box::new((after, this, Value::Obj(start))))))
}

fn function_new(vm: &mut Vm<'_>, mut args: Args) -> R {
    let Some(Kind::Code(code)) = vm.kind(args.at(1)) else {
        return vm.type_error("function() argument 'code' must be code");
    };
    let code = code.clone();
    let Some(globals) = args.named(2, "globals").and_then(Value::obj) else {
        return vm.type_error("function() argument 'globals' must be dict");
    };
    let name = args.named(3, "name").and_then(|n| vm.as_str(n)).unwrap_or_else(|| code.name.clone());
    let defaults = args.named(4, "argdefs").unwrap_or(Value::None);
    let defaults = if defaults.is_none() { Vec::new() } else { vm.items(defaults)? };
    let closure = args.named(5, "closure").unwrap_or(Value::None);
    let closure = vm.as_tuple(closure).unwrap_or_default();
    let kwdefaults = args.named(6, "kwdefaults").and_then(Value::obj);
    let module = vm.get_str(globals, &"__name__".into()).unwrap_or(Value::None);
    let function = crate::heap::Function {
        qualname: code.qualname.clone(),
        code,
        globals,
        defaults,
        kwdefaults,
        closure,
        name,
        annotate: Value::None,
        module,
    };
    Ok(vm.make(T::Function, Kind::Function(Box::new(function))))
}

pub(super) fn class_mro(vm: &Vm<'_>, class: Value) -> Vec<Value> {
    class.obj().and_then(|r| vm.class(r)).map(|c| c.mro.iter().map(|b| Value::Obj(*b)).collect()).unwrap_or_default()
}

fn descriptor_get(vm: &mut Vm<'_>, args: Args) -> R {
    let object = args.get(1);
    let class = match args.pos.get(2).copied().unwrap_or(Value::None) {
        Value::Obj(class) => class,
        _ => vm.class_of(object),
    };
    let object = if object.is_none() && args.get(2).obj() != Some(T::NoneType.r()) && !args.get(2).is_none() {
        Value::Null
    } else {
        object
    };
    vm.bind(args.at(0), object, class)
}

fn descriptor_set(vm: &mut Vm<'_>, args: Args) -> R {
    vm.set_through(args.at(0), args.at(1), args.at(2))?;
    Ok(Value::None)
}

fn property_init(vm: &mut Vm<'_>, mut args: Args) -> R {
    let this = args.at(0);
    let mut parts = [Value::None; 4];
    for (index, name) in ["fget", "fset", "fdel", "doc"].into_iter().enumerate() {
        parts[index] = args.named(index + 1, name).unwrap_or(Value::None);
    }
    if parts[3].is_none() && !parts[0].is_none() && !vm.is_unknown(parts[0]) {
        parts[3] = vm.getattr_opt(parts[0], &"__doc__".into())?.unwrap_or(Value::None);
    }
    change_kind(vm, this, Kind::Property(Box::new(parts)));
    Ok(Value::None)
}

fn property_copy(vm: &mut Vm<'_>, args: Args, at: usize) -> R {
    let mut parts = property(vm, args.at(0));
    parts[at] = args.get(1);
    let class = vm.class_of(args.at(0));
    if class == T::Property.r() {
        return Ok(vm.make(T::Property, Kind::Property(Box::new(parts))));
    }
    vm.call_with(Value::Obj(class), &parts)
}

fn wrapper_init(vm: &mut Vm<'_>, args: Args) -> R {
    let (this, function) = (args.at(0), args.get(1));
    let class = matches!(vm.kind(this), Some(Kind::ClassMethod(_)));
    change_kind(vm, this, if class { Kind::ClassMethod(function) } else { Kind::StaticMethod(function) });
    Ok(Value::None)
}

pub(super) fn change_kind(vm: &mut Vm<'_>, this: Value, kind: Kind) {
    if let Some(r) = this.obj()
        && let Some(object) = vm.change(r, this, "changes")
    {
        object.kind = kind;
    }
}

/// Set an entry of an object's own dict.
pub fn set_own(vm: &mut Vm<'_>, this: Value, name: &str, value: Value) {
    if let Some(r) = this.obj()
        && let Some(dict) = vm.own_dict(r, this)
    {
        if value.is_null() {
            vm.del_str(dict, &name.into(), this);
        } else {
            vm.set_str(dict, &name.into(), value, this);
        }
    }
}
