//! What can only be tried inside a running CPython: for tests, through the extension module.
//!
//! [`run`] goes further than [`crate::verify`], which must be quick: it fills data stack chunks, makes
//! CPython clear observed frames, resumes a frame in the interpreter in mid-function, lets watchers and
//! monitoring callbacks arrive, and looks versions up by walking the heap.

use core::ffi::{CStr, c_int};
use core::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3_ffi as py;

use crate::dict::{self, Lookup};
use crate::layout::*;
use crate::object::Builtin;
use crate::refcount::{decref, incref, refcnt, xdecref};
use crate::types::VersionMap;
use crate::watchers::{self, Callbacks, DictEvent, FunctionEvent};
use crate::{code, ffi, frame, monitoring, object, tstate, type_tree, types, verify};

const SOURCE: &CStr = c"
def add(a, b):
    c = a + b
    return c
def loop(n):
    i = 0
    while i < n:
        i += 1
    return i
def call_loop(n):
    return loop(n)
class A:
    def f(self): return 1
class B(A): pass
value = 1
";

macro_rules! ensure {
    ($ok:expr, $($what:tt)*) => {
        if !$ok { return Err(format!($($what)*)); }
    };
}

/// Runs everything; the first thing that is not as it should be is the error.
///
/// # Safety
/// The GIL of the main interpreter is held, no exception is set.
pub unsafe fn run() -> Result<(), String> {
    // SAFETY: as the caller says; every step leaves references and frames as it found them.
    unsafe {
        verify::check_now()?;
        let globals = py::PyDict_New();
        py::PyDict_SetItemString(globals, c"__builtins__".as_ptr(), py::PyEval_GetBuiltins());
        let code = py::Py_CompileString(SOURCE.as_ptr(), c"<ember selftest>".as_ptr(), py::Py_file_input);
        ensure!(!globals.is_null() && !code.is_null(), "compiling the selftest");
        let module = py::PyEval_EvalCode(code, globals, globals);
        ensure!(!module.is_null(), "running the selftest's module");
        xdecref(module);
        decref(code);
        let result = frames(globals)
            .and_then(|()| resume(globals))
            .and_then(|()| recursion())
            .and_then(|()| watching(globals))
            .and_then(|()| entries(globals))
            .and_then(|()| by_version(globals))
            .and_then(|()| monitored(globals));
        py::PyErr_Clear();
        decref(globals);
        result
    }
}

unsafe fn function(globals: *mut PyObject, name: &CStr) -> *mut PyFunctionObject {
    // SAFETY: the selftest's module defines it.
    unsafe { py::PyDict_GetItemString(globals, name.as_ptr()).cast() }
}

/// Thousands of frames through several chunks, some of them observed, and everything as before.
unsafe fn frames(globals: *mut PyObject) -> Result<(), String> {
    // SAFETY: frames are pushed and popped in order; the function outlives them.
    unsafe {
        let func = function(globals, c"add");
        let code = (*func).func_code;
        let ts = tstate::current();
        let before = ((*ts).current_frame, (*ts).datastack_top, (*ts).datastack_chunk);
        let counts = (refcnt(func.cast()), refcnt(code.cast()));
        for round in 0..20 {
            let mut pushed = Vec::new();
            let mut kept = Vec::new();
            for i in 0..5000 {
                let f = frame::push(ts, func);
                ensure!(!f.is_null() && (*ts).current_frame == f, "pushing frame {i}");
                *frame::localsplus(f) = StackRef::borrow(globals);
                if i % 1000 == round {
                    kept.push(ffi::PyThreadState_GetFrame(ts));
                }
                pushed.push(f);
            }
            ensure!((*ts).datastack_chunk != before.2, "no new chunk for {} frames", pushed.len());
            while let Some(f) = pushed.pop() {
                ensure!((*ts).current_frame == f, "frames pop in order");
                frame::pop(ts, f);
            }
            for object in kept {
                ensure!((*(*object).f_frame).owner == FRAME_OWNED_BY_FRAME_OBJECT, "observed frame kept");
                decref(object.cast());
            }
        }
        let after = ((*ts).current_frame, (*ts).datastack_top, (*ts).datastack_chunk);
        ensure!(before == after, "data stack restored");
        ensure!(counts == (refcnt(func.cast()), refcnt(code.cast())), "counts restored");

        // A frame too big for an ordinary chunk.
        let words = 100_000;
        let big = frame::alloc(ts, words);
        ensure!(!big.is_null(), "a big chunk");
        ptr::write_bytes(big, 0, words);
        frame::pop_memory(ts, big.cast());
        ensure!((*ts).datastack_top == before.1, "big chunk popped");
        Ok(())
    }
}

/// A frame filled by hand goes on in the interpreter from the middle of an addition.
unsafe fn resume(globals: *mut PyObject) -> Result<(), String> {
    // SAFETY: the frame is what the interpreter expects before `STORE_FAST c`.
    unsafe {
        let func = function(globals, c"add");
        let code = (*func).func_code;
        let ts = tstate::current();
        let Some(store) = find_store(code) else { return Err("no STORE_FAST in the selftest".into()) };
        let counts = (refcnt(func.cast()), refcnt(code.cast()));
        for _ in 0..1000 {
            let f = frame::push(ts, func);
            ensure!(!f.is_null(), "pushing a frame to resume");
            let sum = py::PyLong_FromLongLong(123_456);
            *frame::stack_base(f) = StackRef::steal(sum);
            (*f).stackpointer = frame::stack_base(f).add(1);
            frame::set_lasti(f, store);
            let result = frame::resume_in_interpreter(ts, f, false);
            ensure!(result == sum, "result of a resumed frame");
            ensure!(refcnt(sum) == 1, "count of a resumed frame's result");
            decref(result);
        }
        ensure!(counts == (refcnt(func.cast()), refcnt(code.cast())), "counts after resuming");
        Ok(())
    }
}

/// Unit index of the first STORE_FAST in the unspecialised code.
unsafe fn find_store(code: *mut PyCodeObject) -> Option<usize> {
    const STORE_FAST: u8 = 112;
    const STORE_FAST_LOAD_FAST: u8 = 113;
    // SAFETY: `code` is live.
    unsafe {
        let units = ffi::PyCode_GetCode(code);
        let found =
            object::bytes(units).chunks_exact(2).position(|u| matches!(u[0], STORE_FAST | STORE_FAST_LOAD_FAST));
        decref(units);
        found
    }
}

/// Counting calls past the limit raises once and leaves the count alone.
unsafe fn recursion() -> Result<(), String> {
    // SAFETY: the counter is put back.
    unsafe {
        let ts = tstate::current();
        let left = (*ts).py_recursion_remaining;
        (*ts).py_recursion_remaining = 1;
        let first = tstate::enter_python_call(ts);
        let second = tstate::enter_python_call(ts);
        let raised = py::PyErr_ExceptionMatches(py::PyExc_RecursionError) != 0;
        py::PyErr_Clear();
        let rest = (*ts).py_recursion_remaining;
        (*ts).py_recursion_remaining = left;
        ensure!(first && !second && raised && rest == 0, "recursion limit: {first} {second} {raised} {rest}");
        ensure!(!tstate::c_stack_exhausted(ts), "C stack");
        Ok(())
    }
}

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn saw(what: String) {
    SEEN.lock().unwrap_or_else(|e| e.into_inner()).push(what);
}

/// Callbacks that only remember; install these instead of the real ones to try watchers alone.
fn recorders() -> Callbacks {
    fn on_dict(event: DictEvent, _: *mut PyObject, key: *mut PyObject, _: *mut PyObject) {
        // SAFETY: keys of the selftest's globals are strs.
        let key = if key.is_null() { String::new() } else { unsafe { object::str_to_string(key) } };
        saw(format!("{event:?} {key}"));
    }
    fn on_type(ty: *mut PyTypeObject) {
        // SAFETY: the type is live.
        saw(unsafe { object::type_name(ty) });
    }
    fn on_function(event: FunctionEvent, _: *mut PyFunctionObject, _: *mut PyObject) {
        if event == FunctionEvent::ModifyDefaults {
            saw("defaults".into());
        }
    }
    Callbacks { dict: Some(on_dict), ty: Some(on_type), function: Some(on_function), ..Callbacks::default() }
}

/// Events of a dict, a type (through its base) and a function arrive. Skipped when the process has
/// callbacks in place.
unsafe fn watching(globals: *mut PyObject) -> Result<(), String> {
    // SAFETY: objects are kept by `globals`.
    unsafe {
        if watchers::is_installed() {
            return Ok(());
        }
        watchers::install(recorders())?;
        ensure!(watchers::watch_functions() && watchers::watch_functions(), "watching functions");
        let result = watch(globals);
        watchers::uninstall();
        result
    }
}

unsafe fn watch(globals: *mut PyObject) -> Result<(), String> {
    // SAFETY: as for `watching`.
    unsafe {
        let class_b: *mut PyTypeObject = function(globals, c"B").cast();
        let class_a = function(globals, c"A").cast();
        ensure!(watchers::watch_dict(globals) && watchers::is_dict_watched(globals), "watching a dict");
        ensure!(watchers::watch_type(class_b) && watchers::is_type_watched(class_b), "watching a type");
        py::PyDict_SetItemString(globals, c"value".as_ptr(), object::none());
        py::PyDict_SetItemString(globals, c"fresh".as_ptr(), object::none());
        py::PyDict_DelItemString(globals, c"fresh".as_ptr());
        py::PyObject_SetAttrString(class_a, c"f".as_ptr(), object::none());
        py::PyObject_SetAttrString(function(globals, c"add").cast(), c"__defaults__".as_ptr(), object::none());
        ensure!(watchers::unwatch_dict(globals) && watchers::unwatch_type(class_b), "unwatching");
        py::PyDict_SetItemString(globals, c"value".as_ptr(), object::ellipsis());
        let seen = core::mem::take(&mut *SEEN.lock().unwrap_or_else(|e| e.into_inner()));
        let expected = ["Modified value", "Added fresh", "Deleted fresh", "B", "defaults"];
        ensure!(seen == expected, "events seen: {seen:?}");
        Ok(())
    }
}

/// The vectorcall of the selftest's native "function": its only argument's negative.
unsafe extern "C" fn negative(
    _: *mut PyObject,
    args: *const *mut PyObject,
    _: usize,
    _: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: called with one argument.
    unsafe { py::PyNumber_Negative(*args) }
}

/// A replaced entry is what calls reach, also from specialised call sites; the old one comes back.
unsafe fn entries(globals: *mut PyObject) -> Result<(), String> {
    // SAFETY: functions are kept by `globals`.
    unsafe {
        let func = function(globals, c"loop");
        let caller = function(globals, c"call_loop");
        let three = py::PyLong_FromLongLong(3);
        let call = || {
            let mut last = None;
            for _ in 0..50 {
                let result = py::PyObject_CallOneArg(caller.cast(), three);
                last = if result.is_null() { None } else { object::int_value(result) };
                xdecref(result);
            }
            last
        };
        let interpreted = call();
        let original = code::has_original_entry(func);
        let version = code::set_entry(func, negative);
        let native = (call(), code::has_original_entry(func));
        code::restore_entry(func, version);
        let restored = (call(), code::has_original_entry(func), (*func).func_version == version);
        decref(three);
        ensure!(interpreted == Some(3) && original, "a call before: {interpreted:?} {original}");
        ensure!(native == (Some(-3), false), "a call of a replaced entry: {native:?}");
        ensure!(restored == (Some(3), true, true), "a call after: {restored:?}");
        let code = (*func).func_code;
        let base = code::base_units(code).unwrap_or_default();
        ensure!(base.len() == code::len(code) && code::adaptive_units(code).len() == base.len(), "units of code");
        ensure!(code::local_names(code).len() == 2 && code::local_kinds(code).len() == 2, "locals of code");
        ensure!(code::location(code).1 == "loop" && code::line(code, 0) > 1, "location of code");
        Ok(())
    }
}

/// The caches and the walk find the same objects.
unsafe fn by_version(globals: *mut PyObject) -> Result<(), String> {
    // SAFETY: no Python code runs while the map is used.
    unsafe {
        let class: *mut PyTypeObject = function(globals, c"A").cast();
        let func = function(globals, c"loop");
        let version = types::version_tag(class);
        let int = types::version_tag(&raw mut py::PyLong_Type);
        let mut map = VersionMap::new();
        ensure!(map.type_by_version(version) == Some(class), "a class by version");
        ensure!(map.type_by_version(int) == Some(&raw mut py::PyLong_Type), "int by version");
        ensure!(map.function_by_version((*func).func_version) == Some(func), "a function by version");
        ensure!(map.type_by_version(u32::MAX).is_none(), "a type with a version nobody has");
        let mut walked = VersionMap::new();
        let count = walked.walked_functions();
        ensure!(count > 50, "walk found {count} functions only");
        ensure!(walked.walked_function((*func).func_version) == Some(func), "walk");
        let mut fresh = false;
        ensure!(type_tree::type_with(version, &mut fresh) == Some(class) && fresh, "walk over types");
        for builtin in Builtin::ALL {
            let ty = builtin.type_object();
            let version = types::version_tag(ty);
            ensure!(type_tree::type_with(version, &mut false) == Some(ty), "a built-in type by version");
        }
        let mut asked = false;
        let last = type_tree::type_with(version + 1000, &mut asked);
        ensure!(last.is_none() && asked, "a version above all others is looked for again");

        let name = py::PyUnicode_InternFromString(c"value".as_ptr());
        let found = dict::lookup(dict::keys(globals), name);
        decref(name);
        ensure!(matches!(found, Lookup::Found(_)), "a global's entry");
        Ok(())
    }
}

static JUMPS: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn on_jump(_: *mut PyObject, _: *mut *mut PyObject, _: isize) -> *mut PyObject {
    // SAFETY: called by the interpreter; moves `i` in the frame of `loop` to its end.
    unsafe {
        JUMPS.fetch_add(1, Ordering::Relaxed);
        let f = (*tstate::current()).current_frame;
        let i = frame::localsplus(f).add(1);
        let old = *i;
        *i = StackRef::steal(py::PyLong_FromLongLong(1_000_000));
        old.close();
        incref(object::none());
        object::none()
    }
}

/// A JUMP callback sees the frame of the running loop and its change takes effect.
unsafe fn monitored(globals: *mut PyObject) -> Result<(), String> {
    struct Method(PyMethodDef);
    // SAFETY: read only.
    unsafe impl Sync for Method {}
    static METHOD: Method = Method(PyMethodDef {
        ml_name: c"on_jump".as_ptr(),
        ml_meth: py::PyMethodDefPointer { PyCFunctionFast: on_jump },
        ml_flags: py::METH_FASTCALL,
        ml_doc: ptr::null(),
    });
    const TOOL: c_int = 4;
    // SAFETY: the method definition is static; the tool is given back.
    unsafe {
        let func = function(globals, c"loop");
        let code = (*func).func_code;
        let callback = py::PyCFunction_NewEx((&raw const METHOD.0).cast_mut(), ptr::null_mut(), ptr::null_mut());
        ensure!(!callback.is_null() && monitoring::use_tool(TOOL, c"ember selftest"), "claiming a tool");
        ensure!(!monitoring::use_tool(TOOL, c"another") && monitoring::is_tool_used(TOOL), "a tool is claimed once");
        let armed = monitoring::register_callback(TOOL, monitoring::events::JUMP, callback)
            && monitoring::set_local_events(TOOL, code, monitoring::events::JUMP);
        let monitored = monitoring::is_monitored_by_others(code) && monitoring::tools_of(code) & (1 << TOOL) != 0;
        let n = py::PyLong_FromLongLong(1_000_000);
        let result = py::PyObject_CallOneArg(func.cast(), n);
        let value = if result.is_null() { None } else { object::int_value(result) };
        py::PyErr_Clear();
        xdecref(result);
        decref(n);
        let disarmed = monitoring::set_local_events(TOOL, code, 0) && monitoring::free_tool(TOOL);
        decref(callback);
        let jumps = JUMPS.swap(0, Ordering::Relaxed);
        ensure!(armed && disarmed && monitored, "arming a loop: {armed} {disarmed} {monitored}");
        ensure!(value == Some(1_000_000) && jumps == 1, "loop result {value:?} after {jumps} callbacks");
        ensure!(!monitoring::is_tool_used(TOOL), "giving a tool back");
        Ok(())
    }
}
