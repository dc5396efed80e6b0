//! Which locals hold arrays of the module `array`: the interpreter's profile does not say, a look at the frame does.
//!
//! A function's locals are looked at once, when it becomes hot, and a loop's when it is replaced. What is seen is only a hint: native code compares class and kind at each access.

use crate::gil::GilCell;
use ember_cpython::frame as frames;
use ember_cpython::layout::{InterpreterFrame, PyObject, TPFLAGS_IMMUTABLETYPE, TypeObject};
use ember_frontend::layout;
use ember_frontend::snapshot::ArrayInfo;
use rustc_hash::FxHashMap;

type Arrays = FxHashMap<u32, ArrayInfo>;

/// By code object.
static SEEN: GilCell<Option<FxHashMap<usize, Arrays>>> = GilCell::new(None);

/// The arrays among a frame's locals.
///
/// # Safety
/// The GIL is held and the frame runs a code object.
pub unsafe fn among_locals(frame: *mut InterpreterFrame) -> Arrays {
    // SAFETY: a frame has as many locals as its code says; they are live objects or NULL.
    unsafe {
        let count = (*frames::code(frame)).co_nlocalsplus as u32;
        let info = |slot| Some((slot, array_info((*frames::localsplus(frame).add(slot as usize)).object())?));
        (0..count).filter_map(info).collect()
    }
}

/// Remembers the arrays among the locals of a hot function.
///
/// # Safety
/// The GIL is held and the frame runs a code object.
pub unsafe fn remember(frame: *mut InterpreterFrame) {
    // SAFETY: by the contract.
    unsafe {
        let arrays = among_locals(frame);
        if let (false, Some(mut seen)) = (arrays.is_empty(), SEEN.try_borrow()) {
            seen.get_or_insert_default().insert(frames::code(frame) as usize, arrays);
        }
    }
}

/// What was seen among the locals of a function.
///
/// # Safety
/// The GIL is held.
pub unsafe fn seen(code: usize) -> Arrays {
    // SAFETY: by the contract.
    let seen = unsafe { SEEN.try_borrow() };
    seen.and_then(|seen| seen.as_ref()?.get(&code).cloned()).unwrap_or_default()
}

/// Forgets a code object.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget(code: usize) {
    // SAFETY: by the contract.
    if let Some(mut seen) = unsafe { SEEN.try_borrow() }
        && let Some(seen) = seen.as_mut()
    {
        seen.remove(&code);
    }
}

/// What kind of array an object is, if it is one. Its layout is no part of CPython's headers, so it is compared with what the array exports.
unsafe fn array_info(value: *mut PyObject) -> Option<ArrayInfo> {
    if value.is_null() {
        return None;
    }
    // SAFETY: a live object; the export is given back at once, and an array's runs no code.
    unsafe {
        let class = pyo3_ffi::Py_TYPE(value);
        let name = core::ffi::CStr::from_ptr((*class.cast::<TypeObject>()).tp_name);
        // A subclass may have its own `__getitem__`; its name has no module in it, or is not this class's.
        if name != c"array.array"
            || (*class.cast::<TypeObject>()).tp_basicsize < 48
            || (*class.cast::<TypeObject>()).tp_flags & TPFLAGS_IMMUTABLETYPE == 0
        {
            return None;
        }
        let mut view: pyo3_ffi::Py_buffer = core::mem::zeroed();
        if pyo3_ffi::PyObject_GetBuffer(value, &raw mut view, pyo3_ffi::PyBUF_FORMAT) != 0 {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        let word = |offset: i32| *value.cast::<u8>().add(offset as usize).cast::<u64>();
        let format = if view.format.is_null() { c"" } else { core::ffi::CStr::from_ptr(view.format) };
        let size = word(layout::OB_SIZE) as isize;
        let regular = size > 0 && view.buf as u64 == word(layout::ARRAY_ITEMS) && view.len == size * view.itemsize;
        let doubles = match (format.to_bytes(), view.itemsize) {
            (b"d", 8) => Some(true),
            (b"i", 4) => Some(false),
            _ => None,
        };
        pyo3_ffi::PyBuffer_Release(&raw mut view);
        let descr = word(layout::ARRAY_DESCR);
        let doubles = doubles.filter(|_| regular && descr != 0)?;
        Some(ArrayInfo { class: class as u64, descr, doubles })
    }
}
