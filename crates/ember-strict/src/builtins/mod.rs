//! The builtin types and functions, one file a family.

mod access;
mod attributes;
mod bytes;
mod codecs;
mod containers;
mod dicts;
mod errors;
pub mod floats;
mod formatting;
mod functions;
mod intrinsics;
mod iterators;
mod numbers;
mod object;
mod operators;
mod pickling;
pub mod regexes;
mod strings;
mod types;

use crate::heap::{Class, GetSet, Kind, Native, T, TYPES};
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// Methods of a type.
type Methods = &'static [(T, &'static [Native])];

/// Fill the builtins' heap: the namespace and the module.
pub fn boot(vm: &mut Vm<'_>) -> (Ref, Ref) {
    vm.enter_heap(0);
    make_types(vm);
    for methods in [
        object::METHODS,
        containers::METHODS,
        dicts::METHODS,
        numbers::METHODS,
        floats::METHODS,
        strings::METHODS,
        bytes::METHODS,
        iterators::METHODS,
        errors::METHODS,
        types::METHODS,
        operators::METHODS,
    ] {
        for (class, list) in methods {
            for native in *list {
                let kind = if native.name.starts_with("__") { T::WrapperDescriptor } else { T::MethodDescriptor };
                add(vm, *class, native, kind);
            }
        }
    }
    for statics in [
        object::STATICS,
        containers::STATICS,
        dicts::STATICS,
        numbers::STATICS,
        strings::STATICS,
        bytes::STATICS,
        iterators::STATICS,
        errors::STATICS,
        types::STATICS,
    ] {
        for (class, list) in statics {
            for native in *list {
                add(vm, *class, native, T::Builtin);
            }
        }
    }
    for methods in [
        object::CLASS_METHODS,
        dicts::CLASS_METHODS,
        numbers::CLASS_METHODS,
        floats::CLASS_METHODS,
        bytes::CLASS_METHODS,
        types::CLASS_METHODS,
    ] {
        for (class, list) in methods {
            for native in *list {
                let function = vm.make(T::Builtin, Kind::Native(native));
                let wrapped = vm.make(T::ClassMethod, Kind::ClassMethod(function));
                set(vm, class.r(), name_of(native), wrapped);
            }
        }
    }
    for getsets in [attributes::GETSETS, errors::GETSETS, numbers::GETSETS, types::GETSETS] {
        for (class, list) in getsets {
            for slot in *list {
                let made = vm.make(T::GetSet, Kind::GetSet(slot));
                set(vm, class.r(), slot.name, made);
            }
        }
    }
    for class in [T::List, T::Dict, T::Set, T::ByteArray, T::DictKeys, T::DictItems] {
        set(vm, class.r(), "__hash__", Value::None);
    }
    module(vm)
}

fn name_of(native: &'static Native) -> &'static str {
    native.name.split(' ').next().unwrap_or(native.name)
}

fn set(vm: &mut Vm<'_>, class: Ref, name: &str, value: Value) {
    if let Some(dict) = vm.get(class).dict {
        vm.set_str(dict, &name.into(), value, Value::Obj(class));
    }
}

fn add(vm: &mut Vm<'_>, class: T, native: &'static Native, kind: T) {
    let made = vm.make(kind, Kind::Native(native));
    set(vm, class.r(), name_of(native), made);
}

/// Whose instances have attributes of their own.
fn has_dict(class: T) -> bool {
    class.is_exception()
        || matches!(class, T::Function | T::Module | T::Type | T::Property | T::ClassMethod | T::StaticMethod)
}

fn make_types(vm: &mut Vm<'_>) {
    for _ in TYPES {
        vm.alloc(T::Type.r(), Kind::Plain);
    }
    for (class, name, base) in TYPES {
        let mut mro = vec![class.r()];
        let mut at = *class;
        while at != T::Object {
            at = TYPES[at as usize].2;
            mro.push(at.r());
        }
        if *class == T::ExceptionGroup {
            mro = vec![class.r(), T::BaseExceptionGroup.r(), T::Exception.r(), T::BaseException.r(), T::Object.r()];
        }
        let bases = match *class {
            T::Object => Vec::new(),
            T::ExceptionGroup => vec![T::BaseExceptionGroup.r(), T::Exception.r()],
            _ => vec![base.r()],
        };
        let layout = if class.is_exception() {
            T::BaseException
        } else if *class == T::Bool {
            T::Int
        } else {
            *class
        };
        let data = Class {
            name: (*name).into(),
            qualname: (*name).into(),
            bases,
            mro,
            layout: layout.r(),
            has_dict: has_dict(*class),
            heap: false,
            mutable: false,
            slots: None,
            subclasses: Vec::new(),
        };
        let dict = vm.dict();
        if let Some(object) = vm.change(class.r(), class.v(), "") {
            object.kind = Kind::Class(Box::new(data));
            object.dict = Some(dict);
        }
    }
    for (class, _, _) in TYPES {
        let module = vm.str("builtins");
        set(vm, class.r(), "__module__", module);
        set(vm, class.r(), "__doc__", Value::None);
    }
}

/// Types whose names are builtins.
fn is_public(class: T) -> bool {
    use T::*;
    class.is_exception()
        || matches!(
            class,
            Object
                | Type
                | Int
                | Bool
                | Float
                | Complex
                | Str
                | Bytes
                | ByteArray
                | MemoryView
                | Tuple
                | List
                | Dict
                | Set
                | FrozenSet
                | Range
                | Slice
                | Property
                | ClassMethod
                | StaticMethod
                | Super
                | Enumerate
                | Zip
                | Map
                | Filter
                | Reversed
        )
}

fn module(vm: &mut Vm<'_>) -> (Ref, Ref) {
    let object = vm.alloc(T::Module.r(), Kind::Module("builtins".into()));
    let dict = vm.dict();
    let target = Value::Obj(object);
    if let Some(object) = vm.change(object, target, "") {
        object.dict = Some(dict);
    }
    let put = |vm: &mut Vm<'_>, name: &str, value: Value| vm.set_str(dict, &name.into(), value, target);
    let name = vm.str("builtins");
    put(vm, "__name__", name);
    put(vm, "__doc__", Value::None);
    let empty = vm.str("");
    put(vm, "__package__", empty);
    put(vm, "__spec__", Value::None);
    put(vm, "__loader__", Value::None);
    for (class, name, _) in TYPES {
        if is_public(*class) {
            put(vm, name, class.v());
        }
    }
    put(vm, "EnvironmentError", T::OSError.v());
    put(vm, "IOError", T::OSError.v());
    put(vm, "None", Value::None);
    put(vm, "True", Value::Bool(true));
    put(vm, "False", Value::Bool(false));
    put(vm, "Ellipsis", Value::Ellipsis);
    put(vm, "NotImplemented", Value::NotImplemented);
    put(vm, "__debug__", Value::Bool(true));
    for list in [functions::FUNCTIONS, intrinsics::FUNCTIONS, regexes::FUNCTIONS] {
        for native in list {
            let made = vm.make(T::Builtin, Kind::Native(native));
            put(vm, name_of(native), made);
        }
    }
    (dict, object)
}

/// Getsets of a type.
type GetSets = &'static [(T, &'static [GetSet])];
