//! Taking a snapshot of a function for the compiler.
//!
//! With the GIL held, everything the compiler may want to know is copied into a [`CodeSnapshot`]; objects named by address are kept alive by [`Kept`], which the code version
//! compiled from the snapshot takes over. Nothing here runs Python code.

use crate::callables::known_object;
use crate::compile::Limits;
use crate::globals;
use crate::kept::{Kept, SmallFunction};
use crate::retune::{self, CallSites};
use crate::shapes;
use ember_codegen::arena::pages;
use ember_cpython::layout::{
    PyCodeObject, PyFloatObject, PyFunctionObject, PyObject, PyTupleObject, TPFLAGS_BYTES_SUBCLASS,
    TPFLAGS_DICT_SUBCLASS, TPFLAGS_LIST_SUBCLASS, TPFLAGS_LONG_SUBCLASS, TPFLAGS_TUPLE_SUBCLASS, TPFLAGS_TYPE_SUBCLASS,
    TPFLAGS_UNICODE_SUBCLASS, TypeObject,
};
use ember_cpython::refcount;
use ember_cpython::types::VersionMap;
use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::{CodeSnapshot, ConstInfo, Feedback, SmallInts, WellKnown};
use ember_hir::Type;
use ember_runtime::caches::AttrCache;
use rustc_hash::FxHashMap;

/// A snapshot and what keeps its addresses valid.
pub struct Taken {
    /// The snapshot.
    pub snapshot: CodeSnapshot,
    /// Objects it names.
    pub kept: Kept,
    /// The caches of its attribute sites.
    pub caches: Box<[AttrCache]>,
    /// The profiles of its call sites, by code unit.
    pub calls: CallSites,
}

/// The text of a string object; empty when it has none.
///
/// # Safety
/// The GIL is held and `object` is alive.
pub unsafe fn text_of(object: *mut PyObject) -> String {
    // SAFETY: by the contract; the exception state is left clean.
    unsafe {
        if object.is_null() || pyo3_ffi::PyUnicode_Check(object) == 0 {
            return String::new();
        }
        // Not the text CPython would remember in the object: that shows in its size.
        let bytes = pyo3_ffi::PyUnicode_AsUTF8String(object);
        if bytes.is_null() {
            pyo3_ffi::PyErr_Clear();
            return String::new();
        }
        let data = pyo3_ffi::PyBytes_AsString(bytes).cast::<u8>();
        let size = pyo3_ffi::PyBytes_Size(bytes);
        let text = String::from_utf8_lossy(core::slice::from_raw_parts(data, size as usize)).into_owned();
        ember_cpython::refcount::decref(bytes);
        text
    }
}

/// The items of a tuple, borrowed.
///
/// # Safety
/// `tuple` is a live tuple, or NULL for none.
pub unsafe fn tuple_items<'a>(tuple: *mut PyObject) -> &'a [*mut PyObject] {
    if tuple.is_null() {
        return &[];
    }
    // SAFETY: by the contract; a tuple's items follow its header.
    unsafe {
        let items = tuple.cast::<u8>().add(core::mem::offset_of!(PyTupleObject, ob_item)).cast::<*mut PyObject>();
        core::slice::from_raw_parts(items, pyo3_ffi::Py_SIZE(tuple) as usize)
    }
}

/// The lattice type of an object.
///
/// # Safety
/// The GIL is held and `object` is alive.
pub unsafe fn type_of(object: *mut PyObject) -> Type {
    // SAFETY: by the contract.
    unsafe {
        let class = pyo3_ffi::Py_TYPE(object);
        let ty = exact_type(class).unwrap_or_else(|| subclass_type(class));
        if refcount::is_immortal(object) { ty.immortal() } else { ty }
    }
}

/// The lattice type of a class's own instances, if the lattice has one for exactly this class.
///
/// # Safety
/// The GIL is held.
pub unsafe fn exact_type(class: *mut pyo3_ffi::PyTypeObject) -> Option<Type> {
    use core::ptr::addr_of_mut;
    // SAFETY: only addresses of CPython's static types are taken.
    unsafe {
        let none = pyo3_ffi::Py_TYPE(pyo3_ffi::Py_None());
        let table = [
            (none, Type::NoneType),
            (addr_of_mut!(pyo3_ffi::PyBool_Type), Type::Bool),
            (addr_of_mut!(pyo3_ffi::PyLong_Type), Type::Long),
            (addr_of_mut!(pyo3_ffi::PyFloat_Type), Type::Float),
            (addr_of_mut!(pyo3_ffi::PyUnicode_Type), Type::Unicode),
            (addr_of_mut!(pyo3_ffi::PyBytes_Type), Type::Bytes),
            (addr_of_mut!(pyo3_ffi::PyList_Type), Type::List),
            (addr_of_mut!(pyo3_ffi::PyTuple_Type), Type::Tuple),
            (addr_of_mut!(pyo3_ffi::PyDict_Type), Type::Dict),
            (addr_of_mut!(pyo3_ffi::PySet_Type), Type::Set),
            (addr_of_mut!(pyo3_ffi::PyFrozenSet_Type), Type::FrozenSet),
            (addr_of_mut!(pyo3_ffi::PyFunction_Type), Type::Function),
            (addr_of_mut!(ember_cpython::ffi::PyMethod_Type), Type::Method),
            (addr_of_mut!(pyo3_ffi::PyModule_Type), Type::Module),
            (addr_of_mut!(pyo3_ffi::PySlice_Type), Type::Slice),
            (addr_of_mut!(pyo3_ffi::PyCell_Type), Type::Cell),
            (addr_of_mut!(pyo3_ffi::PyCFunction_Type), Type::CFunction),
            (addr_of_mut!(pyo3_ffi::PyMethodDescr_Type), Type::MethodDescr),
        ];
        table.iter().find(|(exact, _)| *exact == class).map(|(_, ty)| *ty)
    }
}

unsafe fn subclass_type(class: *mut pyo3_ffi::PyTypeObject) -> Type {
    // SAFETY: a live class.
    let flags = unsafe { (*class.cast::<TypeObject>()).tp_flags };
    let table = [
        (TPFLAGS_TYPE_SUBCLASS, Type::Class),
        (TPFLAGS_LONG_SUBCLASS, Type::LongSub),
        (TPFLAGS_UNICODE_SUBCLASS, Type::UnicodeSub),
        (TPFLAGS_LIST_SUBCLASS, Type::ListSub),
        (TPFLAGS_TUPLE_SUBCLASS, Type::TupleSub),
        (TPFLAGS_DICT_SUBCLASS, Type::DictSub),
        (TPFLAGS_BYTES_SUBCLASS, Type::Other),
    ];
    if let Some((_, ty)) = table.iter().find(|(flag, _)| flags & flag != 0) {
        return *ty;
    }
    // SAFETY: both are live classes.
    if unsafe { pyo3_ffi::PyType_IsSubtype(class, core::ptr::addr_of_mut!(pyo3_ffi::PyFloat_Type)) } != 0 {
        return Type::FloatSub;
    }
    Type::Other
}

/// What the compiler may know of an object, which is kept alive from now on.
///
/// # Safety
/// The GIL is held and `object` is alive.
pub unsafe fn const_info(object: *mut PyObject, kept: &mut Kept) -> ConstInfo {
    // SAFETY: by the contract; exact ints and floats only are converted, which runs no code.
    unsafe {
        kept.keep(object);
        let ty = type_of(object);
        let mut int = None;
        let mut double = None;
        if ty.is(Type::Long) || ty.is(Type::Bool) {
            let mut overflow = 0;
            let value = pyo3_ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
            if overflow == 0 {
                int = Some(value);
            }
        } else if ty.is(Type::Float) {
            double = Some((*object.cast::<PyFloatObject>()).ob_fval);
        }
        ConstInfo { address: object as u64, ty, int, double, text: describe(object, ty, int, double) }
    }
}

unsafe fn describe(object: *mut PyObject, ty: Type, int: Option<i64>, double: Option<f64>) -> String {
    // SAFETY: passed on.
    unsafe {
        if let Some(value) = int {
            return value.to_string();
        }
        if let Some(value) = double {
            return format!("{value:?}");
        }
        if ty.is(Type::Unicode) {
            return text_of(object);
        }
        if ty.is(Type::Function) {
            return text_of((*object.cast::<PyFunctionObject>()).func_qualname);
        }
        if ty.is(Type::Class) {
            let name = (*object.cast::<TypeObject>()).tp_name;
            return core::ffi::CStr::from_ptr(name).to_string_lossy().into_owned();
        }
        format!("{ty}")
    }
}

/// Takes the snapshot of a function; `limits` has what earlier versions have taught.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn take(func: *mut PyFunctionObject, limits: &Limits) -> Option<Taken> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        let mut kept = Kept::default();
        kept.small.insert(func as usize, None);
        let mut snapshot = copy_code(code, &mut kept)?;
        snapshot.function = Some(const_info_borrowed(func.cast()));
        resolve_feedback(func, &mut snapshot, limits, &mut kept);
        let caches = allocate_caches(&mut snapshot, code as u64);
        let calls = retune::call_sites(&snapshot, code as u64);
        Some(Taken { snapshot, kept, caches, calls })
    }
}

/// Code units a function may have to be inlined, inline caches included.
const MOST_UNITS: usize = 140;
/// Functions looked at in one compilation.
const MOST_CALLEES: usize = 48;

/// Notes a callee as one to be inlined, if it is a small one: straight code that neither closes over variables nor handles exceptions.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn note_callee(func: *mut PyFunctionObject, kept: &mut Kept) {
    if kept.depth >= ember_opt::inline::MAX_DEPTH
        || kept.small.len() >= MOST_CALLEES
        || kept.small.contains_key(&(func as usize))
    {
        return;
    }
    // A function that calls itself ends here.
    kept.small.insert(func as usize, None);
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        if (*code).ob_base.ob_size as usize > MOST_UNITS
            || (*code).co_ncellvars + (*code).co_nfreevars > 0
            || !bytes_of((*code).co_exceptiontable).is_empty()
            || !(*func).func_kwdefaults.is_null()
            || ember_cpython::monitoring::is_monitored_by_others(code)
        {
            return;
        }
        let Some(mut snapshot) = copy_code(code, kept) else { return };
        let loops = |opcode| matches!(opcode, op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT);
        if decode::instrs(&snapshot.units, &snapshot.adaptive).any(|instr| loops(instr.opcode)) {
            return;
        }
        snapshot.function = Some(const_info_borrowed(func.cast()));
        kept.depth += 1;
        let limits = crate::profile::limits_of(code).unwrap_or_default();
        crate::compile::mark_generic(&mut snapshot, &limits.generic_sites);
        resolve_feedback(func, &mut snapshot, &limits, kept);
        kept.depth -= 1;
        let defaults = (*func).func_defaults;
        let defaults = (!defaults.is_null()).then(|| const_info(defaults, kept));
        kept.small.insert(func as usize, Some(SmallFunction { snapshot, defaults }));
    }
}

/// The function itself is not kept alive by its own code (it could never die): whoever calls it does that.
unsafe fn const_info_borrowed(object: *mut PyObject) -> ConstInfo {
    // SAFETY: passed on.
    unsafe {
        ConstInfo {
            address: object as u64,
            ty: Type::Function,
            int: None,
            double: None,
            text: text_of((*object.cast::<PyFunctionObject>()).func_qualname),
        }
    }
}

unsafe fn bytes_of<'a>(bytes: *mut PyObject) -> &'a [u8] {
    // SAFETY: the caller passes a live bytes object.
    unsafe {
        let data = pyo3_ffi::PyBytes_AsString(bytes).cast::<u8>();
        core::slice::from_raw_parts(data, pyo3_ffi::Py_SIZE(bytes) as usize)
    }
}

unsafe fn copy_code(code: *mut PyCodeObject, kept: &mut Kept) -> Option<CodeSnapshot> {
    // SAFETY: a live code object; its parts live as long as it does.
    unsafe {
        let base = ember_cpython::ffi::PyCode_GetCode(code);
        if base.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        let units: Vec<u16> =
            bytes_of(base).chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        refcount::decref(base);
        let first = core::ptr::addr_of!((*code).co_code_adaptive).cast::<u16>();
        let mut adaptive = core::slice::from_raw_parts(first, units.len()).to_vec();
        crate::profile::overlay(code, &units, &mut adaptive);
        let code_info = const_info(code.cast(), kept);
        Some(CodeSnapshot {
            name: text_of((*code).co_name),
            qualname: text_of((*code).co_qualname),
            filename: text_of((*code).co_filename),
            firstlineno: (*code).co_firstlineno as u32,
            flags: (*code).co_flags as u32,
            argcount: (*code).co_argcount as u32,
            posonlyargcount: (*code).co_posonlyargcount as u32,
            kwonlyargcount: (*code).co_kwonlyargcount as u32,
            nlocals: (*code).co_nlocals as u32,
            nlocalsplus: (*code).co_nlocalsplus as u32,
            ncellvars: (*code).co_ncellvars as u32,
            nfreevars: (*code).co_nfreevars as u32,
            stacksize: (*code).co_stacksize as u32,
            units,
            adaptive,
            consts: tuple_items((*code).co_consts).iter().map(|&object| const_info(object, kept)).collect(),
            tuple_items: keyword_names(tuple_items((*code).co_consts), kept),
            names: tuple_items((*code).co_names).iter().map(|&object| const_info(object, kept)).collect(),
            localsplus_names: tuple_items((*code).co_localsplusnames).iter().map(|&name| text_of(name)).collect(),
            localsplus_kinds: bytes_of((*code).co_localspluskinds).to_vec(),
            exception_table: bytes_of((*code).co_exceptiontable).to_vec(),
            code: Some(code_info),
            function: None,
            well_known: well_known(kept),
            ..CodeSnapshot::default()
        })
    }
}

/// The items of those constants that are tuples of strings, as the names of keyword arguments are.
unsafe fn keyword_names(consts: &[*mut PyObject], kept: &mut Kept) -> FxHashMap<u64, Vec<ConstInfo>> {
    let mut names = FxHashMap::default();
    for &object in consts {
        // SAFETY: by the contract: the GIL is held and the constants are alive.
        unsafe {
            if pyo3_ffi::PyTuple_CheckExact(object) == 0 {
                continue;
            }
            let items = tuple_items(object);
            if !items.is_empty() && items.iter().all(|&item| pyo3_ffi::PyUnicode_CheckExact(item) != 0) {
                names.insert(object as u64, items.iter().map(|&item| const_info(item, kept)).collect());
            }
        }
    }
    names
}

/// The interpreter's table of small ints, if it lies in memory as expected.
///
/// # Safety
/// The GIL is held.
pub unsafe fn small_ints() -> Option<SmallInts> {
    const MIN: i64 = -5;
    const MAX: i64 = 256;
    // SAFETY: small ints are immortal; the references need not be counted.
    unsafe {
        let first = pyo3_ffi::PyLong_FromLong(MIN as _) as u64;
        let second = pyo3_ffi::PyLong_FromLong((MIN + 1) as _) as u64;
        let size = second.checked_sub(first)?;
        let regular = (MIN..=MAX)
            .all(|value| pyo3_ffi::PyLong_FromLong(value as _) as u64 == first + (value - MIN) as u64 * size);
        (regular && refcount::is_immortal(first as *mut PyObject)).then_some(SmallInts { first, min: MIN, size })
    }
}

unsafe fn well_known(kept: &mut Kept) -> WellKnown {
    // SAFETY: the GIL is held; the objects are immortal or kept.
    unsafe {
        let builtin = |name: &core::ffi::CStr| {
            let builtins = ember_cpython::object::builtins_dict();
            pyo3_ffi::PyDict_GetItemString(builtins, name.as_ptr())
        };
        let common = [
            pyo3_ffi::PyExc_AssertionError,
            pyo3_ffi::PyExc_NotImplementedError,
            core::ptr::addr_of_mut!(pyo3_ffi::PyTuple_Type).cast(),
            builtin(c"all"),
            builtin(c"any"),
        ];
        let common_constants = if common.iter().any(|object| object.is_null()) {
            Vec::new()
        } else {
            common.iter().map(|&object| const_info(object, kept)).collect()
        };
        WellKnown {
            class_cells: ember_runtime::classes::cells(),
            none: pyo3_ffi::Py_None() as u64,
            r#true: pyo3_ffi::Py_True() as u64,
            r#false: pyo3_ffi::Py_False() as u64,
            small_ints: small_ints().unwrap_or_default(),
            common_constants,
        }
    }
}

/// Every attribute site gets a cache of its own.
fn allocate_caches(snapshot: &mut CodeSnapshot, code: u64) -> Box<[AttrCache]> {
    let sites: Vec<u32> = decode::instrs(&snapshot.units, &snapshot.adaptive)
        .filter(|instr| matches!(instr.opcode, op::LOAD_ATTR | op::STORE_ATTR))
        .map(|instr| instr.unit)
        .collect();
    let caches: Box<[AttrCache]> =
        pages::keep(|| sites.iter().map(|_| AttrCache { code, ..AttrCache::EMPTY }).collect());
    for (site, cache) in sites.iter().zip(&caches) {
        snapshot.attr_caches.insert(*site, core::ptr::from_ref(cache) as u64);
    }
    caches
}

unsafe fn resolve_feedback(func: *mut PyFunctionObject, snapshot: &mut CodeSnapshot, limits: &Limits, kept: &mut Kept) {
    let mut versions = VersionMap::new();
    let mut found = Vec::new();
    for instr in decode::instrs(&snapshot.units, &snapshot.adaptive) {
        // SAFETY: the GIL is held and the function alive; no Python code runs while the version map lives.
        let feedback = unsafe {
            match instr.opcode {
                op::LOAD_GLOBAL => global_feedback(func, instr.arg, kept),
                op::LOAD_ATTR | op::STORE_ATTR => {
                    let load = instr.opcode == op::LOAD_ATTR;
                    let index = if load { instr.arg >> 1 } else { instr.arg };
                    let name = tuple_items((*(*func).func_code).co_names).get(index as usize).copied();
                    let seen = limits.polymorphic.get(&instr.unit).map_or(&[][..], Vec::as_slice);
                    let all = name.map(|name| {
                        let cached = decode::attr_cache(&snapshot.adaptive, instr.unit)
                            .and_then(|cache| shapes::cached(&cache, name, &mut versions, kept));
                        shapes::all(cached, seen, name, load, kept)
                    });
                    all.filter(|shapes| !shapes.is_empty()).map(Feedback::Attr)
                }
                op::TO_BOOL if instr.special == op::TO_BOOL_ALWAYS_TRUE => versions
                    .type_by_version(decode::Cache::new(&snapshot.adaptive, instr.unit).u32(1))
                    .and_then(|class| ember_runtime::classes::number_of(class.cast(), core::ptr::null_mut()))
                    .map(Feedback::AlwaysTrue),
                op::CALL | op::CALL_KW => {
                    let seen = limits.callees.get(&instr.unit).map_or(&[][..], Vec::as_slice);
                    retune::call_feedback(&instr, &snapshot.adaptive, seen, &mut versions, kept)
                }
                op::BINARY_OP if instr.special == op::BINARY_OP_EXTEND => float_side(&snapshot.adaptive, instr.unit)
                    .map(|float_left| Feedback::MixedArithmetic { float_left }),
                _ => None,
            }
        };
        found.extend(feedback.map(|feedback| (instr.unit, feedback)));
    }
    snapshot.feedback.extend(found);
    // SAFETY: by the contract.
    for (unit, feedback) in unsafe { crate::profile::extra_feedback(func) } {
        snapshot.feedback.entry(unit).or_insert(feedback);
    }
}

/// Resolves, like globals, the names of a module body that the loops around the one at `head` do not assign.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn resolve_names(func: *mut PyFunctionObject, snapshot: &mut CodeSnapshot, head: u32, kept: &mut Kept) {
    let around = decode::instrs(&snapshot.units, &snapshot.adaptive)
        .filter(|instr| instr.opcode == op::JUMP_BACKWARD)
        .filter_map(|instr| Some((instr.jump_target()?, instr.unit)))
        .filter(|&(first, last)| (first..=last).contains(&head));
    let part = around.fold((head, head), |part, (first, last)| (part.0.min(first), part.1.max(last)));
    let part = part.0..part.1;
    let instrs: Vec<decode::Instr> = decode::instrs(&snapshot.units, &snapshot.adaptive)
        .filter(|instr| part.contains(&instr.unit) && matches!(instr.opcode, op::LOAD_NAME | op::STORE_NAME))
        .collect();
    let assigned: Vec<u32> =
        instrs.iter().filter(|instr| instr.opcode == op::STORE_NAME).map(|instr| instr.arg).collect();
    for instr in instrs {
        if !assigned.contains(&instr.arg) {
            // SAFETY: by the contract.
            let feedback = unsafe { global_feedback(func, instr.arg << 1, kept) };
            snapshot.feedback.extend(feedback.map(|feedback| (instr.unit, feedback)));
        }
    }
}

/// Operators on a float and an int, by CPython's table of such: rows of operator, guard and action, first four with the float on the left (after the in-place `^` of ints), then four
/// with the int there. Whether the float is on the left.
///
/// # Safety
/// `adaptive` is of a live code object, and this is a `BINARY_OP_EXTEND` of it, or one whose cache is empty.
pub unsafe fn float_side(adaptive: &[u16], unit: u32) -> Option<bool> {
    const GROUP: [i32; 4] = [0, 10, 11, 5];
    const ROW: usize = 3 * size_of::<usize>();
    let row = decode::Cache::new(adaptive, unit).u64(1) as usize;
    if row == 0 {
        return None;
    }
    // SAFETY: the cache of such an instruction points to a row of the table, whose rows before these are of ints.
    unsafe {
        let operator = |row: usize| *(row as *const i32);
        let place = GROUP.iter().position(|&one| one == operator(row))?;
        let first = row - place * ROW;
        if !(0..4).all(|index| operator(first + index * ROW) == GROUP[index]) {
            return None;
        }
        match operator(first - ROW) {
            25 => Some(true),
            5 => Some(false),
            _ => None,
        }
    }
}

unsafe fn global_feedback(func: *mut PyFunctionObject, arg: u32, kept: &mut Kept) -> Option<Feedback> {
    // SAFETY: passed on; the name is one of the code's.
    unsafe {
        let name = *tuple_items((*(*func).func_code).co_names).get((arg >> 1) as usize)?;
        let cell = globals::cell_for((*func).func_globals, (*func).func_builtins, name)?;
        let value = globals::value_of(cell);
        let value = (!value.is_null()).then(|| Box::new(known_object(value, kept)));
        Some(Feedback::Global { cell, value })
    }
}
