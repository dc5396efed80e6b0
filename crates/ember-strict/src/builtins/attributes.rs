//! The attributes of objects, classes, functions, methods and descriptors that are computed: `__dict__`, `__name__`, `__bases__` …

use super::GetSets;
use super::object::{change_kind, class_mro, set_own};
use crate::heap::{GetSet, Kind, T};
use crate::value::{Ref, Str, Value};
use crate::vm::{R, Vm};

pub const GETSETS: GetSets = &[
    (
        T::Object,
        &[
            GetSet { name: "__class__", get: |vm, this| Ok(Value::Obj(vm.class_of(this))), set: Some(set_class) },
            GetSet { name: "__dict__", get: get_dict, set: Some(set_dict) },
        ],
    ),
    (
        T::Type,
        &[
            GetSet {
                name: "__name__",
                get: |vm, this| class_text(vm, this, |vm, r| vm.name_of(r)),
                set: Some(set_class_name),
            },
            GetSet {
                name: "__qualname__",
                get: |vm, this| class_text(vm, this, own_qualname),
                set: Some(set_qualname),
            },
            GetSet {
                name: "__module__",
                get: |vm, this| own_entry(vm, this, "__module__"),
                set: Some(|vm, this, value| set_class_entry(vm, this, "__module__", value)),
            },
            GetSet {
                name: "__doc__",
                get: |vm, this| own_entry(vm, this, "__doc__"),
                set: Some(|vm, this, value| set_class_entry(vm, this, "__doc__", value)),
            },
            GetSet {
                name: "__abstractmethods__",
                get: abstract_methods,
                set: Some(|vm, this, value| set_class_entry(vm, this, "__abstractmethods__", value)),
            },
            GetSet {
                name: "__mro__",
                get: |vm, this| {
                    let mro = class_mro(vm, this);
                    Ok(vm.tuple(mro))
                },
                set: None,
            },
            GetSet {
                name: "__bases__",
                get: |vm, this| {
                    let bases = this
                        .obj()
                        .and_then(|r| vm.class(r))
                        .map(|c| c.bases.iter().map(|b| Value::Obj(*b)).collect())
                        .unwrap_or_default();
                    Ok(vm.tuple(bases))
                },
                set: Some(|vm, this, value| {
                    let bases: Vec<Ref> = vm.items(value)?.into_iter().filter_map(Value::obj).collect();
                    if let Some(r) = this.obj() {
                        let mro = vm.resolution_order(r, &bases)?;
                        if let Some(Kind::Class(data)) =
                            vm.change(r, this, "sets the bases of").map(|object| &mut object.kind)
                        {
                            (data.bases, data.mro) = (bases, mro);
                        }
                    }
                    Ok(())
                }),
            },
            GetSet {
                name: "__base__",
                get: |vm, this| {
                    Ok(this
                        .obj()
                        .and_then(|r| vm.class(r))
                        .and_then(|c| c.bases.first().copied())
                        .map_or(Value::None, Value::Obj))
                },
                set: None,
            },
            GetSet {
                name: "__dict__",
                get: |vm, this| {
                    let dict = this.obj().and_then(|r| vm.get(r).dict).map_or(Value::None, Value::Obj);
                    Ok(vm.make(T::MappingProxy, Kind::Proxy(dict)))
                },
                set: None,
            },
            GetSet { name: "__flags__", get: |_, _| Ok(Value::Int(1 << 10)), set: None },
            GetSet { name: "__basicsize__", get: |_, _| Ok(Value::Int(16)), set: None },
            GetSet { name: "__itemsize__", get: |_, _| Ok(Value::Int(0)), set: None },
            GetSet {
                name: "__annotations__",
                get: super::types::annotations,
                set: Some(|vm, this, value| set_class_entry(vm, this, "__annotations_cache__", value)),
            },
            GetSet {
                name: "__annotate__",
                get: super::types::class_annotate,
                set: Some(|vm, this, value| set_class_entry(vm, this, "__annotate_func__", value)),
            },
            GetSet {
                name: "__type_params__",
                get: |vm, this| {
                    let found =
                        this.obj().and_then(|r| vm.get(r).dict).and_then(|d| vm.get_str(d, &"__type_params__".into()));
                    Ok(match found {
                        Some(found) => found,
                        None => vm.tuple(Vec::new()),
                    })
                },
                set: Some(|vm, this, value| set_class_entry(vm, this, "__type_params__", value)),
            },
        ],
    ),
    (
        T::Function,
        &[
            GetSet {
                name: "__name__",
                get: |vm, this| {
                    let n = function(vm, this).map(|f| f.name.clone());
                    Ok(n.map_or(Value::None, |n| vm.str(n)))
                },
                set: Some(|vm, this, value| {
                    let name = vm.need_str(value, "__name__")?;
                    change_function(vm, this, "sets '__name__' of", |f| f.name = name);
                    Ok(())
                }),
            },
            GetSet {
                name: "__qualname__",
                get: |vm, this| {
                    let n = function(vm, this).map(|f| f.qualname.clone());
                    Ok(n.map_or(Value::None, |n| vm.str(n)))
                },
                set: Some(|vm, this, value| {
                    let name = vm.need_str(value, "__qualname__")?;
                    change_function(vm, this, "sets '__qualname__' of", |f| f.qualname = name);
                    Ok(())
                }),
            },
            GetSet {
                name: "__module__",
                get: |vm, this| Ok(function(vm, this).map_or(Value::None, |f| f.module)),
                set: Some(|vm, this, value| {
                    change_function(vm, this, "sets '__module__' of", |f| f.module = value);
                    Ok(())
                }),
            },
            GetSet {
                name: "__doc__",
                get: function_doc,
                set: Some(|vm, this, value| {
                    set_own(vm, this, "__doc__", value);
                    Ok(())
                }),
            },
            GetSet {
                name: "__code__",
                get: |vm, this| {
                    let c = function(vm, this).map(|f| f.code.clone());
                    Ok(c.map_or(Value::None, |c| vm.make(T::Code, Kind::Code(c))))
                },
                set: Some(|vm, this, value| {
                    if let Some(Kind::Code(code)) = vm.kind(value) {
                        let code = code.clone();
                        change_function(vm, this, "sets the code of", |f| f.code = code);
                    }
                    Ok(())
                }),
            },
            GetSet {
                name: "__globals__",
                get: |vm, this| Ok(function(vm, this).map_or(Value::None, |f| Value::Obj(f.globals))),
                set: None,
            },
            GetSet { name: "__builtins__", get: |vm, _| Ok(Value::Obj(vm.world.builtins)), set: None },
            GetSet {
                name: "__closure__",
                get: |vm, this| {
                    let cells = function(vm, this).map(|f| f.closure.to_vec()).unwrap_or_default();
                    Ok(if cells.is_empty() { Value::None } else { vm.tuple(cells) })
                },
                set: None,
            },
            GetSet {
                name: "__defaults__",
                get: |vm, this| {
                    let list = function(vm, this).map(|f| f.defaults.clone()).unwrap_or_default();
                    Ok(if list.is_empty() { Value::None } else { vm.tuple(list) })
                },
                set: Some(|vm, this, value| {
                    let items = if value.is_none() || value.is_null() { Vec::new() } else { vm.items(value)? };
                    change_function(vm, this, "sets the defaults of", |f| f.defaults = items);
                    Ok(())
                }),
            },
            GetSet {
                name: "__kwdefaults__",
                get: |vm, this| Ok(function(vm, this).and_then(|f| f.kwdefaults).map_or(Value::None, Value::Obj)),
                set: Some(|vm, this, value| {
                    let dict = value.obj();
                    change_function(vm, this, "sets the defaults of", |f| f.kwdefaults = dict);
                    Ok(())
                }),
            },
            GetSet {
                name: "__annotations__",
                get: super::types::annotations,
                set: Some(|vm, this, value| {
                    set_own(vm, this, "__annotations__", value);
                    Ok(())
                }),
            },
            GetSet {
                name: "__annotate__",
                get: super::types::function_annotate,
                set: Some(|vm, this, value| {
                    change_function(vm, this, "sets '__annotate__' of", |f| f.annotate = value);
                    Ok(())
                }),
            },
            GetSet {
                name: "__type_params__",
                get: |vm, this| {
                    let found =
                        this.obj().and_then(|r| vm.get(r).dict).and_then(|d| vm.get_str(d, &"__type_params__".into()));
                    Ok(match found {
                        Some(found) => found,
                        None => vm.tuple(Vec::new()),
                    })
                },
                set: Some(|vm, this, value| {
                    set_own(vm, this, "__type_params__", value);
                    Ok(())
                }),
            },
        ],
    ),
    (
        T::Method,
        &[
            GetSet { name: "__func__", get: |vm, this| Ok(method(vm, this).0), set: None },
            GetSet { name: "__self__", get: |vm, this| Ok(method(vm, this).1), set: None },
            GetSet {
                name: "__doc__",
                get: |vm, this| {
                    let f = method(vm, this).0;
                    vm.getattr(f, &"__doc__".into())
                },
                set: None,
            },
        ],
    ),
    (T::Builtin, NATIVE),
    (T::MethodDescriptor, NATIVE),
    (T::WrapperDescriptor, NATIVE),
    (T::MethodWrapper, NATIVE),
    (
        T::GetSet,
        &[
            GetSet { name: "__name__", get: slot_name, set: None },
            GetSet { name: "__doc__", get: |_, _| Ok(Value::None), set: None },
            GetSet { name: "__objclass__", get: |_, _| Ok(T::Object.v()), set: None },
        ],
    ),
    (
        T::Member,
        &[
            GetSet { name: "__name__", get: slot_name, set: None },
            GetSet { name: "__doc__", get: |_, _| Ok(Value::None), set: None },
        ],
    ),
    (
        T::Property,
        &[
            GetSet { name: "fget", get: |vm, this| Ok(property(vm, this)[0]), set: None },
            GetSet { name: "fset", get: |vm, this| Ok(property(vm, this)[1]), set: None },
            GetSet { name: "fdel", get: |vm, this| Ok(property(vm, this)[2]), set: None },
            GetSet {
                name: "__doc__",
                get: |vm, this| Ok(property(vm, this)[3]),
                set: Some(|vm, this, value| {
                    let mut parts = property(vm, this);
                    parts[3] = value;
                    change_kind(vm, this, Kind::Property(Box::new(parts)));
                    Ok(())
                }),
            },
            GetSet {
                name: "__isabstractmethod__",
                get: |vm, this| {
                    for part in property(vm, this) {
                        if !part.is_none()
                            && let Some(flag) = vm.getattr_opt(part, &"__isabstractmethod__".into())?
                            && vm.truth(flag)?
                        {
                            return Ok(Value::Bool(true));
                        }
                    }
                    Ok(Value::Bool(false))
                },
                set: None,
            },
        ],
    ),
    (T::ClassMethod, WRAPPER),
    (T::StaticMethod, WRAPPER),
    (
        T::Cell,
        &[GetSet {
            name: "cell_contents",
            get: |vm, this| match vm.kind(this) {
                Some(Kind::Cell(value)) if !value.is_null() => Ok(*value),
                _ => vm.raise(T::ValueError, "cell is empty"),
            },
            set: Some(|vm, this, value| {
                change_kind(vm, this, Kind::Cell(value));
                Ok(())
            }),
        }],
    ),
    (
        T::Module,
        &[
            GetSet {
                name: "__annotations__",
                get: super::types::annotations,
                set: Some(|vm, this, value| {
                    set_own(vm, this, "__annotations__", value);
                    Ok(())
                }),
            },
            GetSet {
                name: "__annotate__",
                get: |vm, this| {
                    let found =
                        this.obj().and_then(|r| vm.get(r).dict).and_then(|d| vm.get_str(d, &"__annotate__".into()));
                    Ok(found.unwrap_or(Value::None))
                },
                set: Some(|vm, this, value| {
                    set_own(vm, this, "__annotate__", value);
                    Ok(())
                }),
            },
        ],
    ),
];

const NATIVE: &[GetSet] = &[
    GetSet { name: "__name__", get: native_name, set: None },
    GetSet { name: "__qualname__", get: native_name, set: None },
    GetSet { name: "__doc__", get: |_, _| Ok(Value::None), set: None },
    GetSet { name: "__module__", get: |vm, _| Ok(vm.str("builtins")), set: None },
    GetSet { name: "__self__", get: |vm, this| Ok(method(vm, this).1), set: None },
    GetSet { name: "__text_signature__", get: |_, _| Ok(Value::None), set: None },
    GetSet { name: "__objclass__", get: |_, _| Ok(T::Object.v()), set: None },
];

/// An attribute that `classmethod` and `staticmethod` have from their function.
macro_rules! of_wrapped {
    ($name:literal) => {
        GetSet {
            name: $name,
            get: |vm, this| {
                let function = wrapped(vm, this);
                vm.getattr(function, &$name.into())
            },
            set: None,
        }
    };
}

const WRAPPER: &[GetSet] = &[
    GetSet { name: "__func__", get: |vm, this| Ok(wrapped(vm, this)), set: None },
    GetSet { name: "__wrapped__", get: |vm, this| Ok(wrapped(vm, this)), set: None },
    of_wrapped!("__name__"),
    of_wrapped!("__qualname__"),
    of_wrapped!("__module__"),
    of_wrapped!("__doc__"),
    of_wrapped!("__annotations__"),
    of_wrapped!("__annotate__"),
    GetSet {
        name: "__isabstractmethod__",
        get: |vm, this| {
            let f = wrapped(vm, this);
            Ok(vm.getattr_opt(f, &"__isabstractmethod__".into())?.unwrap_or(Value::Bool(false)))
        },
        set: None,
    },
];

pub(super) fn property(vm: &Vm<'_>, this: Value) -> [Value; 4] {
    match vm.kind(this) {
        Some(Kind::Property(parts)) => **parts,
        _ => [Value::None; 4],
    }
}

fn wrapped(vm: &Vm<'_>, this: Value) -> Value {
    match vm.kind(this) {
        Some(Kind::ClassMethod(function) | Kind::StaticMethod(function)) => *function,
        _ => Value::None,
    }
}

fn method(vm: &Vm<'_>, this: Value) -> (Value, Value) {
    match vm.kind(this) {
        Some(Kind::Method(function, this)) => (*function, *this),
        _ => (Value::None, Value::None),
    }
}

fn function<'v>(vm: &'v Vm<'_>, this: Value) -> Option<&'v crate::heap::Function> {
    match vm.kind(this) {
        Some(Kind::Function(function)) => Some(function),
        _ => None,
    }
}

fn change_function(vm: &mut Vm<'_>, this: Value, what: &str, change: impl FnOnce(&mut crate::heap::Function)) {
    if let Some(r) = this.obj()
        && let Some(Kind::Function(function)) = vm.change(r, this, what).map(|object| &mut object.kind)
    {
        change(function);
    }
}

fn function_doc(vm: &mut Vm<'_>, this: Value) -> R {
    if let Some(found) = this.obj().and_then(|r| vm.get(r).dict).and_then(|d| vm.get_str(d, &"__doc__".into())) {
        return Ok(found);
    }
    let doc = function(vm, this).and_then(|f| f.code.docstring.clone());
    Ok(doc.map_or(Value::None, |doc| vm.str(doc)))
}

fn native_name(vm: &mut Vm<'_>, this: Value) -> R {
    let native = match vm.kind(this) {
        Some(Kind::Native(native)) => native.name,
        Some(Kind::Method(function, _)) => match vm.kind(*function) {
            Some(Kind::Native(native)) => native.name,
            _ => "?",
        },
        _ => "__annotate__",
    };
    Ok(vm.str(native.split(' ').next().unwrap_or(native)))
}

fn slot_name(vm: &mut Vm<'_>, this: Value) -> R {
    let name: Str = match vm.kind(this) {
        Some(Kind::GetSet(slot)) => slot.name.into(),
        Some(Kind::Member(name)) => name.clone(),
        _ => "?".into(),
    };
    Ok(vm.str(name))
}

fn class_text(vm: &mut Vm<'_>, this: Value, f: fn(&Vm<'_>, Ref) -> Str) -> R {
    let text = this.obj().map(|r| f(vm, r));
    Ok(text.map_or(Value::None, |text| vm.str(text)))
}

fn own_qualname(vm: &Vm<'_>, class: Ref) -> Str {
    vm.class(class).map_or_else(|| "?".into(), |data| data.qualname.clone())
}

fn set_qualname(vm: &mut Vm<'_>, this: Value, value: Value) -> R<()> {
    let name = vm.need_str(value, "can only assign string to __qualname__, it")?;
    if let Some(r) = this.obj()
        && let Some(Kind::Class(data)) = vm.change(r, this, "renames").map(|object| &mut object.kind)
    {
        data.qualname = name;
    }
    Ok(())
}

fn own_entry(vm: &mut Vm<'_>, this: Value, name: &str) -> R {
    // `type` has the descriptors of these names in its own namespace.
    if this.same(T::Type.v()) {
        return Ok(if name == "__module__" { vm.str("builtins") } else { Value::None });
    }
    let found = this.obj().and_then(|r| vm.get(r).dict).and_then(|d| vm.get_str(d, &name.into()));
    Ok(found.unwrap_or(Value::None))
}

fn abstract_methods(vm: &mut Vm<'_>, this: Value) -> R {
    let found = this.obj().and_then(|r| vm.get(r).dict).and_then(|d| vm.get_str(d, &"__abstractmethods__".into()));
    match found {
        Some(found) => Ok(found),
        None => vm.raise(T::AttributeError, "__abstractmethods__"),
    }
}

fn set_class_entry(vm: &mut Vm<'_>, this: Value, name: &str, value: Value) -> R<()> {
    let Some(r) = this.obj() else { return Ok(()) };
    if vm.class(r).is_some_and(|c| !c.heap) {
        let class = vm.name_of(r);
        return vm.type_error(format!("cannot set '{name}' attribute of immutable type '{class}'"));
    }
    set_own(vm, this, name, value);
    Ok(())
}

fn set_class_name(vm: &mut Vm<'_>, this: Value, value: Value) -> R<()> {
    let name = vm.need_str(value, "can only assign string to __name__, it")?;
    if let Some(r) = this.obj()
        && let Some(Kind::Class(data)) = vm.change(r, this, "renames").map(|object| &mut object.kind)
    {
        data.name = name;
    }
    Ok(())
}

fn set_class(vm: &mut Vm<'_>, this: Value, value: Value) -> R<()> {
    let (Some(r), Some(class)) = (this.obj(), value.obj().filter(|_| vm.is_class(value))) else {
        return vm.type_error("__class__ must be set to a class");
    };
    let heap = |class: Ref| vm.class(class).is_some_and(|data| data.heap);
    if !heap(class) || !heap(vm.get(r).class) {
        return vm.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses");
    }
    if let Some(object) = vm.change(r, this, "sets the class of") {
        object.class = class;
    }
    Ok(())
}

fn get_dict(vm: &mut Vm<'_>, this: Value) -> R {
    let Some(r) = this.obj() else { return vm.no_attribute(this, &"__dict__".into()) };
    if let Some(dict) = vm.get(r).dict {
        if matches!(vm.get(r).kind, Kind::Class(_)) {
            return Ok(vm.make(T::MappingProxy, Kind::Proxy(Value::Obj(dict))));
        }
        if vm.class(vm.class_of(this)).is_some_and(|c| c.has_dict) {
            return Ok(Value::Obj(dict));
        }
    }
    if !vm.class(vm.class_of(this)).is_some_and(|c| c.has_dict) {
        return vm.no_attribute(this, &"__dict__".into());
    }
    if r.owner != vm.owner() {
        return Ok(Value::Obj(vm.dict()));
    }
    Ok(vm.own_dict(r, this).map_or(Value::None, Value::Obj))
}

fn set_dict(vm: &mut Vm<'_>, this: Value, value: Value) -> R<()> {
    if let (Some(r), Some(dict)) = (this.obj(), value.obj())
        && let Some(object) = vm.change(r, this, "sets '__dict__' of")
    {
        object.dict = Some(dict);
    }
    Ok(())
}
