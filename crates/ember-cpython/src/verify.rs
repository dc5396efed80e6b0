//! Is the running CPython the one whose layouts this crate describes?
//!
//! [`check`] answers before anything relies on a layout, in an order in which each step is safe if the
//! earlier ones passed: the version, from a public symbol; every size and offset that CPython's own
//! `_Py_DebugOffsets` table covers, which says whether it has a GIL; then probes that make objects and compare
//! what the public API says with what lies at our offsets. It never crashes on a mismatch, it says in one
//! line what differs, and Ember then stays off.
//!
//! Debug builds have the same layouts, so [`check_layouts`], which is what freezing needs, passes there. [`check`] does not:
//! they count all references together, in places that native code does not know of.

mod probes;

use core::mem::{offset_of, size_of};
use std::sync::OnceLock;

use pyo3_ffi as py;

use crate::debug_offsets::{COOKIE, DebugOffsets};
use crate::ffi;
use crate::layout::*;
use crate::object;
use crate::refcount::xdecref;
use crate::tstate;

/// Whether native code may run here; the first answer is that for the process.
///
/// # Safety
/// The GIL is held.
pub unsafe fn check() -> Result<(), String> {
    static RESULT: OnceLock<Result<(), String>> = OnceLock::new();
    // SAFETY: as the caller says.
    unsafe { once(&RESULT, check_now) }
}

/// Whether the layouts are those of this crate, be it a debug build; the first answer is that for the process.
///
/// # Safety
/// The GIL is held.
pub unsafe fn check_layouts() -> Result<(), String> {
    static RESULT: OnceLock<Result<(), String>> = OnceLock::new();
    // SAFETY: as the caller says.
    unsafe { once(&RESULT, check_layouts_now) }
}

/// The answer that is known, or that of `check`, which is called outside of the lock: it runs Python code.
unsafe fn once(known: &OnceLock<Result<(), String>>, check: unsafe fn() -> Result<(), String>) -> Result<(), String> {
    if let Some(result) = known.get() {
        return result.clone();
    }
    // SAFETY: as the caller says.
    let result = unsafe { check() };
    known.get_or_init(|| result).clone()
}

/// [`check`], anew.
///
/// # Safety
/// The GIL is held.
pub unsafe fn check_now() -> Result<(), String> {
    // SAFETY: as the caller says.
    unsafe {
        if is_debug_build() {
            return Err("debug builds of CPython are not supported".into());
        }
        check_layouts_now()
    }
}

unsafe fn check_layouts_now() -> Result<(), String> {
    // SAFETY: as the caller says; each step relies on those before it only.
    unsafe {
        let version = ffi::Py_Version;
        check_version(version)?;
        check_offsets(&ffi::_PyRuntime, version)?;
        if !tstate::is_main_interpreter() {
            return Err("subinterpreters are not supported".into());
        }
        probes::run()
    }
}

/// The running version as people write it.
pub fn version_string() -> String {
    // SAFETY: a public constant.
    format_version(unsafe { ffi::Py_Version })
}

fn format_version(hex: u64) -> String {
    let (major, minor, micro, level) = (hex >> 24 & 0xff, hex >> 16 & 0xff, hex >> 8 & 0xff, hex >> 4 & 0xf);
    let suffix = match level {
        0xf => String::new(),
        0xa => format!("a{}", hex & 0xf),
        0xb => format!("b{}", hex & 0xf),
        _ => format!("rc{}", hex & 0xf),
    };
    format!("{major}.{minor}.{micro}{suffix}")
}

/// A final release of the minor version whose layouts we have.
fn check_version(hex: u64) -> Result<(), String> {
    let found = format_version(hex);
    if hex >> 16 != 0x0300 + u64::from(MINOR) {
        return Err(format!("this is CPython {found}, Ember knows 3.{MINOR} only"));
    }
    if hex >> 4 & 0xf != 0xf {
        return Err(format!("CPython {found} is not a final release"));
    }
    Ok(())
}

/// What CPython says about itself, against what we believe.
fn check_offsets(table: &DebugOffsets, version: u64) -> Result<(), String> {
    if table.cookie != COOKIE || table.version != version {
        return Err("CPython's table of debug offsets is not where it should be".into());
    }
    if table.free_threaded != 0 {
        return Err("free-threaded CPython is not supported".into());
    }
    let thread_size = table.thread_state.size as usize;
    if thread_size != THREAD_STATE_SIZE_WITH_CACHED_CHUNK && thread_size != THREAD_STATE_SIZE_WITHOUT_CACHED_CHUNK {
        return Err(format!("unknown layout of thread states ({thread_size} bytes)"));
    }
    for &(name, ours, theirs) in expectations(table).iter() {
        if ours as u64 != theirs {
            return Err(format!("layout differs: {name} is {theirs} here, {ours} was expected"));
        }
    }
    Ok(())
}

macro_rules! expectations {
    ($table:ident: $($name:literal $ours:expr => $group:ident.$field:ident;)*) => {
        [$(($name, $ours, $table.$group.$field)),*]
    };
}

fn expectations(table: &DebugOffsets) -> [(&'static str, usize, u64); 51] {
    expectations! { table:
        "PyThreadState.prev" offset_of!(PyThreadState, prev) => thread_state.prev;
        "PyThreadState.next" offset_of!(PyThreadState, next) => thread_state.next;
        "PyThreadState.interp" offset_of!(PyThreadState, interp) => thread_state.interp;
        "PyThreadState.current_frame" offset_of!(PyThreadState, current_frame) => thread_state.current_frame;
        "PyThreadState.thread_id" offset_of!(PyThreadState, thread_id) => thread_state.thread_id;
        "PyThreadState.native_thread_id" offset_of!(PyThreadState, native_thread_id) => thread_state.native_thread_id;
        "PyThreadState.datastack_chunk" offset_of!(PyThreadState, datastack_chunk) => thread_state.datastack_chunk;
        "PyThreadState._status" offset_of!(PyThreadState, _status) => thread_state.status;
        "PyThreadState.eval_breaker" offset_of!(PyThreadState, eval_breaker) => debugger_support.eval_breaker;
        "_PyInterpreterFrame" size_of::<InterpreterFrame>() => interpreter_frame.size;
        "_PyInterpreterFrame.previous" offset_of!(InterpreterFrame, previous) => interpreter_frame.previous;
        "_PyInterpreterFrame.f_executable" offset_of!(InterpreterFrame, f_executable) => interpreter_frame.executable;
        "_PyInterpreterFrame.instr_ptr" offset_of!(InterpreterFrame, instr_ptr) => interpreter_frame.instr_ptr;
        "_PyInterpreterFrame.localsplus" offset_of!(InterpreterFrame, localsplus) => interpreter_frame.localsplus;
        "_PyInterpreterFrame.owner" offset_of!(InterpreterFrame, owner) => interpreter_frame.owner;
        "_PyInterpreterFrame.stackpointer" offset_of!(InterpreterFrame, stackpointer) => interpreter_frame.stackpointer;
        "PyCodeObject" size_of::<PyCodeObject>() => code_object.size;
        "PyCodeObject.co_filename" offset_of!(PyCodeObject, co_filename) => code_object.filename;
        "PyCodeObject.co_name" offset_of!(PyCodeObject, co_name) => code_object.name;
        "PyCodeObject.co_qualname" offset_of!(PyCodeObject, co_qualname) => code_object.qualname;
        "PyCodeObject.co_linetable" offset_of!(PyCodeObject, co_linetable) => code_object.linetable;
        "PyCodeObject.co_firstlineno" offset_of!(PyCodeObject, co_firstlineno) => code_object.firstlineno;
        "PyCodeObject.co_argcount" offset_of!(PyCodeObject, co_argcount) => code_object.argcount;
        "PyCodeObject.co_localsplusnames" offset_of!(PyCodeObject, co_localsplusnames) => code_object.localsplusnames;
        "PyCodeObject.co_localspluskinds" offset_of!(PyCodeObject, co_localspluskinds) => code_object.localspluskinds;
        "PyCodeObject.co_code_adaptive" offset_of!(PyCodeObject, co_code_adaptive) => code_object.co_code_adaptive;
        "PyObject" size_of::<ObjectHead>() => pyobject.size;
        "PyObject.ob_type" offset_of!(ObjectHead, ob_type) => pyobject.ob_type;
        "PyTypeObject" size_of::<TypeObject>() => type_object.size;
        "PyTypeObject.tp_name" offset_of!(TypeObject, tp_name) => type_object.tp_name;
        "PyTypeObject.tp_repr" offset_of!(TypeObject, tp_repr) => type_object.tp_repr;
        "PyTypeObject.tp_flags" offset_of!(TypeObject, tp_flags) => type_object.tp_flags;
        "PyTupleObject.ob_item" offset_of!(PyTupleObject, ob_item) => tuple_object.ob_item;
        "PyTupleObject.ob_size" offset_of!(VarHead, ob_size) => tuple_object.ob_size;
        "PyListObject.ob_item" offset_of!(PyListObject, ob_item) => list_object.ob_item;
        "PySetObject.used" offset_of!(PySetObject, used) => set_object.used;
        "PySetObject.table" offset_of!(PySetObject, table) => set_object.table;
        "PySetObject.mask" offset_of!(PySetObject, mask) => set_object.mask;
        "PyDictObject.ma_keys" offset_of!(PyDictObject, ma_keys) => dict_object.ma_keys;
        "PyDictObject.ma_values" offset_of!(PyDictObject, ma_values) => dict_object.ma_values;
        "PyFloatObject.ob_fval" offset_of!(PyFloatObject, ob_fval) => float_object.ob_fval;
        "PyLongObject.lv_tag" offset_of!(PyLongObject, lv_tag) => long_object.lv_tag;
        "PyLongObject.ob_digit" offset_of!(PyLongObject, ob_digit) => long_object.ob_digit;
        "PyBytesObject.ob_sval" offset_of!(PyBytesObject, ob_sval) => bytes_object.ob_sval;
        "PyUnicodeObject" size_of::<PyUnicodeObject>() => unicode_object.size;
        "PyUnicodeObject.state" offset_of!(PyASCIIObject, state) => unicode_object.state;
        "PyUnicodeObject.length" offset_of!(PyASCIIObject, length) => unicode_object.length;
        "PyASCIIObject" size_of::<PyASCIIObject>() => unicode_object.asciiobject_size;
        "PyGenObject.gi_name" offset_of!(PyGenObject, gi_name) => gen_object.gi_name;
        "PyGenObject.gi_iframe" offset_of!(PyGenObject, gi_iframe) => gen_object.gi_iframe;
        "PyGenObject.gi_frame_state" offset_of!(PyGenObject, gi_frame_state) => gen_object.gi_frame_state;
    }
}

/// Is this a debug build of CPython? Only those count all references together.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_debug_build() -> bool {
    // SAFETY: the GIL is held.
    unsafe { !py::PySys_GetObject(c"gettotalrefcount".as_ptr()).is_null() }
}

/// Is CPython's own JIT compiler switched on in this process?
///
/// # Safety
/// The GIL is held, no exception is set.
pub unsafe fn is_cpython_jit_enabled() -> bool {
    // SAFETY: as the caller says; references are owned and dropped.
    unsafe {
        let module = py::PySys_GetObject(c"_jit".as_ptr());
        if module.is_null() {
            return false;
        }
        let enabled = py::PyObject_CallMethod(module, c"is_enabled".as_ptr(), core::ptr::null());
        let yes = !enabled.is_null() && enabled == object::bool_object(true);
        xdecref(enabled);
        py::PyErr_Clear();
        yes
    }
}

/// Did somebody install an evaluator of their own (PEP 523)? Then frames do not run where we think.
///
/// # Safety
/// The GIL is held.
pub unsafe fn has_foreign_evaluator() -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let current = ffi::_PyInterpreterState_GetEvalFrameFunc(ffi::PyInterpreterState_Get());
        current.is_some_and(|f| f as usize != ffi::_PyEval_EvalFrameDefault as *const () as usize)
    }
}

/// The vectorcall every fresh Python function has (CPython's, hidden). None before [`check`] passed.
pub fn original_function_vectorcall() -> Option<vectorcallfunc> {
    probes::ORIGINAL_VECTORCALL.get().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> DebugOffsets {
        // SAFETY: all fields are integers.
        let mut t: DebugOffsets = unsafe { core::mem::zeroed() };
        t.cookie = COOKIE;
        t.version = 0x030e_0af0;
        t.thread_state.size = 832;
        t
    }

    #[test]
    fn only_final_releases_of_the_known_minor_version_pass() {
        assert_eq!(check_version(0x030e_0af0), Ok(()));
        assert_eq!(check_version(0x030e_00f0), Ok(()));
        assert_eq!(check_version(0x030f_02f0), Err("this is CPython 3.15.2, Ember knows 3.14 only".into()));
        assert_eq!(check_version(0x030d_00f0), Err("this is CPython 3.13.0, Ember knows 3.14 only".into()));
        assert_eq!(check_version(0x030e_00c2), Err("CPython 3.14.0rc2 is not a final release".into()));
    }

    #[test]
    fn a_table_that_is_elsewhere_or_of_another_build_is_refused() {
        let mut t = table();
        t.cookie = *b"whatever";
        assert!(check_offsets(&t, 0x030e_0af0).unwrap_err().contains("not where it should be"));
        assert!(check_offsets(&table(), 0x030e_09f0).unwrap_err().contains("not where it should be"));
        let mut t = table();
        t.free_threaded = 1;
        assert_eq!(check_offsets(&t, 0x030e_0af0), Err("free-threaded CPython is not supported".into()));
        let mut t = table();
        t.thread_state.size = 888;
        assert_eq!(check_offsets(&t, 0x030e_0af0), Err("unknown layout of thread states (888 bytes)".into()));
    }

    #[test]
    fn the_first_field_that_moved_is_named() {
        let error = check_offsets(&table(), 0x030e_0af0).unwrap_err();
        assert_eq!(error, "layout differs: PyThreadState.next is 0 here, 8 was expected");
    }
}
