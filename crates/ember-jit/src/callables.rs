//! What is known of an object when it is called.

use crate::functions;
use crate::kept::Kept;
use crate::snapshot::{const_info, exact_type, note_callee, tuple_items};
use core::ptr::addr_of_mut;
use ember_cpython::ffi;
use ember_cpython::layout::{
    CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, PyFunctionObject, PyObject, TPFLAGS_HEAPTYPE,
    TPFLAGS_INLINE_VALUES, TypeObject,
};
use ember_frontend::snapshot::{CFunctionInfo, Callable, CalleeInfo, ClassInfo, KnownBuiltin, KnownObject};
use ember_hir::Type;
use ember_runtime::bind::Shape;

/// `Py_TPFLAGS_IS_ABSTRACT`
const IS_ABSTRACT: u64 = 1 << 20;

/// An object with what it does when called; kept alive.
///
/// # Safety
/// The GIL is held and `object` is alive.
pub unsafe fn known_object(object: *mut PyObject, kept: &mut Kept) -> KnownObject {
    // SAFETY: by the contract.
    unsafe {
        let info = const_info(object, kept);
        let callable = if info.ty.is(Type::Function) {
            callee_info(object, kept).map_or(Callable::Unknown, Callable::Function)
        } else if info.ty.is(Type::CFunction) {
            c_function(object, kept)
        } else if info.ty.is(Type::MethodDescr) {
            method_descriptor(object, kept)
        } else if info.ty.is(Type::Class) {
            class(object, kept)
        } else {
            Callable::Unknown
        };
        KnownObject { object: info, callable }
    }
}

/// What a direct call of a Python function needs; `None` for generators and the like, and for functions that cannot be called through a cell.
///
/// # Safety
/// The GIL is held and `object` is a live object.
pub unsafe fn callee_info(object: *mut PyObject, kept: &mut Kept) -> Option<Box<CalleeInfo>> {
    // SAFETY: by the contract.
    unsafe {
        if pyo3_ffi::Py_TYPE(object) != addr_of_mut!(pyo3_ffi::PyFunction_Type) {
            return None;
        }
        let func = object.cast::<PyFunctionObject>();
        let code = (*func).func_code;
        let flags = (*code).co_flags;
        if flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) != 0 {
            return None;
        }
        let shape = Shape::of(code);
        // Binding `*args` and `**kwargs` here only to take them apart again for the interpreter costs more than it saves.
        if !shape.is_plain() && crate::registry::with_code(code, |entry| entry.is_refused()) == Some(true) {
            return None;
        }
        if !functions::watch_keyword_defaults(func) {
            return None;
        }
        let nparams = shape.parameters();
        let named = (*code).co_argcount as usize + (*code).co_kwonlyargcount as usize;
        let cell = functions::cell_for(func)?;
        note_callee(func, kept);
        let names = tuple_items((*code).co_localsplusnames);
        let mut kwdefaults = Vec::new();
        for &name in &names[(*code).co_argcount as usize..named] {
            let value = match (*func).func_kwdefaults {
                dict if dict.is_null() => core::ptr::null_mut(),
                dict => pyo3_ffi::PyDict_GetItemWithError(dict, name),
            };
            kwdefaults.push((!value.is_null()).then(|| const_info(value, kept)));
        }
        Some(Box::new(CalleeInfo {
            func: const_info(object, kept),
            func_version: (*func).func_version,
            cell,
            flags: flags as u32,
            nparams: nparams as u32,
            argcount: (*code).co_argcount as u32,
            posonlyargcount: (*code).co_posonlyargcount as u32,
            kwonlyargcount: (*code).co_kwonlyargcount as u32,
            param_names: names[..nparams].iter().map(|&name| const_info(name, kept)).collect(),
            defaults: tuple_items((*func).func_defaults).iter().map(|&value| const_info(value, kept)).collect(),
            defaults_tuple: (!(*func).func_defaults.is_null()).then(|| const_info((*func).func_defaults, kept)),
            kwdefaults,
        }))
    }
}

unsafe fn c_function(object: *mut PyObject, kept: &mut Kept) -> Callable {
    // SAFETY: an exact builtin function.
    unsafe {
        let def = (*object.cast::<pyo3_ffi::PyCFunctionObject>()).m_ml;
        let own_self = (*object.cast::<pyo3_ffi::PyCFunctionObject>()).m_self;
        let builtins = [
            ("len", KnownBuiltin::Len),
            ("isinstance", KnownBuiltin::IsInstance),
            ("abs", KnownBuiltin::Abs),
            ("min", KnownBuiltin::Min),
            ("max", KnownBuiltin::Max),
            ("sum", KnownBuiltin::Exhausts),
            ("sorted", KnownBuiltin::Exhausts),
            ("any", KnownBuiltin::Exhausts),
            ("all", KnownBuiltin::Exhausts),
        ];
        // One lookup, of the name that the function goes by.
        let own_name = core::ffi::CStr::from_ptr((*def).ml_name);
        let known = builtins.iter().find(|(name, _)| own_name.to_bytes() == name.as_bytes());
        let known = known.filter(|(name, _)| builtin_named(name) == Some(object)).map(|&(_, known)| known);
        Callable::C(Box::new(CFunctionInfo {
            function: (*def).ml_meth.PyCFunction as usize as u64,
            flags: (*def).ml_flags as u32,
            self_object: (!own_self.is_null()).then(|| const_info(own_self, kept)),
            class: None,
            receiver: None,
            known,
        }))
    }
}

/// The object of that name in the builtins the interpreter started with.
unsafe fn builtin_named(name: &str) -> Option<*mut PyObject> {
    let name = std::ffi::CString::new(name).ok()?;
    // SAFETY: the GIL is held; a borrowed lookup by an exact string.
    unsafe {
        let builtins = ember_cpython::object::builtins_dict();
        let object = pyo3_ffi::PyDict_GetItemString(builtins, name.as_ptr());
        (!object.is_null()).then_some(object)
    }
}

unsafe fn method_descriptor(object: *mut PyObject, kept: &mut Kept) -> Callable {
    // SAFETY: an exact method descriptor.
    unsafe {
        let descr = object.cast::<ember_cpython::layout::PyMethodDescrObject>();
        let def = (*descr).d_method;
        let class = (*descr).d_common.d_type.cast::<PyObject>();
        let is_list = class == addr_of_mut!(pyo3_ffi::PyList_Type).cast();
        let append = core::ffi::CStr::from_ptr((*def).ml_name) == c"append";
        Callable::C(Box::new(CFunctionInfo {
            function: (*def).ml_meth.PyCFunction as usize as u64,
            flags: (*def).ml_flags as u32,
            self_object: None,
            class: Some(const_info(class, kept)),
            receiver: exact_type(class.cast()),
            known: (is_list && append).then_some(KnownBuiltin::ListAppend),
        }))
    }
}

unsafe fn class(object: *mut PyObject, kept: &mut Kept) -> Callable {
    // SAFETY: a live class.
    unsafe {
        let builtins: [(*mut PyObject, KnownBuiltin); 6] = [
            (addr_of_mut!(pyo3_ffi::PyList_Type).cast(), KnownBuiltin::List),
            (addr_of_mut!(pyo3_ffi::PySet_Type).cast(), KnownBuiltin::Set),
            (addr_of_mut!(pyo3_ffi::PyType_Type).cast(), KnownBuiltin::Type),
            (addr_of_mut!(pyo3_ffi::PyUnicode_Type).cast(), KnownBuiltin::Str),
            (addr_of_mut!(pyo3_ffi::PyTuple_Type).cast(), KnownBuiltin::Tuple),
            (addr_of_mut!(pyo3_ffi::PyRange_Type).cast(), KnownBuiltin::Range),
        ];
        if let Some((_, known)) = builtins.iter().find(|(builtin, _)| *builtin == object) {
            return Callable::Builtin(*known);
        }
        let class = object.cast::<TypeObject>();
        let plain = addr_of_mut!(pyo3_ffi::PyBaseObject_Type).cast::<TypeObject>();
        let flags = (*class).tp_flags;
        if flags & TPFLAGS_HEAPTYPE == 0 || pyo3_ffi::Py_TYPE(object) != addr_of_mut!(pyo3_ffi::PyType_Type) {
            return Callable::Unknown;
        }
        // What is looked at is all behind slots.
        let Some(number) = ember_runtime::classes::number_of(class, core::ptr::null_mut()) else {
            return Callable::Unknown;
        };
        let plain_new = (*class).tp_new == (*plain).tp_new
            && (*class).tp_alloc == pyo3_ffi::PyType_GenericAlloc as *mut core::ffi::c_void
            && flags & TPFLAGS_INLINE_VALUES != 0
            && flags & IS_ABSTRACT == 0;
        let name = pyo3_ffi::PyUnicode_InternFromString(c"__init__".as_ptr());
        if name.is_null() {
            pyo3_ffi::PyErr_Clear();
            return Callable::Unknown;
        }
        let init = ffi::_PyType_Lookup(object.cast(), name);
        let init_info = if init.is_null() { None } else { callee_info(init, kept) };
        let no_init = (*class).tp_init == (*plain).tp_init;
        ember_cpython::refcount::decref(name);
        Callable::Class(Box::new(ClassInfo {
            class: const_info(object, kept),
            number,
            plain_new,
            init: init_info,
            no_init,
        }))
    }
}
