//! Finalizers at exit.
//!
//! When an interpreter ends, it empties its modules, and what they held dies: files are flushed and closed, `__del__`
//! runs. What a frozen object holds does not die with it, because the frozen object does not die. So the same is done
//! here for everything that has a finalizer and was left mortal.
//!
//! The moment: when `atexit` functions have run, the interpreter takes the modules out of `sys.modules`, one after another. The
//! first of them is one of ours that nobody else holds. It dies then, and with it a capsule in it whose destructor is [`finalize_all`].
//! So finalizers find all modules where they were. Finalizers run once, so whatever dies later in the ordinary way does so without them.
//!
//! The order: what programs define first (it may write to a file), then text files, buffers and raw files, because each
//! writes into the next when it is closed. The standard streams are the interpreter's own affair.

use core::ffi::CStr;
use core::sync::atomic::{AtomicPtr, Ordering};

use ember_cpython::layout::{GEN_FRAME_EXECUTING, PyGenObject, PyModuleObject, PyObject, PyTypeObject};
use ember_cpython::{ffi, heap, object};
use pyo3_ffi as py;

use crate::ExceptionSet;

/// The module's name in `sys.modules`, and the capsule's.
const NAME: &CStr = c"ember._at_exit";

/// Puts the module into `sys.modules` if it is not there; what must stay mortal for this to work: the module, its dict and
/// the capsule in it. On error an exception is set.
///
/// # Safety
/// The GIL is held, no exception is set.
pub unsafe fn install() -> Result<[*mut PyObject; 3], ExceptionSet> {
    // SAFETY: as the caller says; `sys.modules` keeps the module, the module its dict and the dict the capsule.
    unsafe {
        let modules = py::PyImport_GetModuleDict();
        let known = py::PyDict_GetItemString(modules, NAME.as_ptr());
        let module = if known.is_null() { make_module(modules)? } else { known };
        find_stream_classes();
        let dict = (*module.cast::<PyModuleObject>()).md_dict;
        Ok([module, dict, py::PyDict_GetItemString(dict, c"guard".as_ptr())])
    }
}

/// Makes the module and leaves it to `modules`; borrowed.
unsafe fn make_module(modules: *mut PyObject) -> Result<*mut PyObject, ExceptionSet> {
    // SAFETY: the GIL is held; what is made is given away or dropped.
    unsafe {
        let module = py::PyModule_New(NAME.as_ptr());
        // A capsule needs an address that is not NULL, and nothing else is asked of it.
        let capsule = py::PyCapsule_New(NAME.as_ptr().cast_mut().cast(), NAME.as_ptr(), Some(guard_dies));
        let stored = !module.is_null()
            && !capsule.is_null()
            && py::PyDict_SetItemString((*module.cast::<PyModuleObject>()).md_dict, c"guard".as_ptr(), capsule) == 0
            && set_first(modules, module);
        py::Py_XDECREF(capsule);
        py::Py_XDECREF(module);
        if stored { Ok(module) } else { Err(ExceptionSet) }
    }
}

/// Puts `module` before all others into `modules`. Nothing that was in it dies meanwhile: there is a copy.
unsafe fn set_first(modules: *mut PyObject, module: *mut PyObject) -> bool {
    // SAFETY: the GIL is held. Names of modules are strings, so no Python code runs while the dict is not whole.
    unsafe {
        let others = py::PyDict_Copy(modules);
        if others.is_null() {
            return false;
        }
        py::PyDict_Clear(modules);
        let stored = py::PyDict_SetItemString(modules, NAME.as_ptr(), module) == 0;
        let restored = py::PyDict_Update(modules, others) == 0;
        py::Py_DECREF(others);
        stored && restored
    }
}

/// The capsule's destructor. Nothing is to be done if somebody emptied `sys.modules` in the middle of a program.
unsafe extern "C" fn guard_dies(_: *mut PyObject) {
    // SAFETY: destructors run with the GIL held.
    unsafe {
        if py::Py_IsFinalizing() != 0 {
            finalize_all();
        }
    }
}

/// When an object's turn is; what is written into comes last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Program,
    Text,
    Buffer,
    Raw,
}

/// Runs every finalizer that has not run.
unsafe fn finalize_all() {
    // SAFETY: the GIL is held. A finalizer may drop other objects of the list, so the list owns them.
    unsafe {
        let pending = py::PyErr_GetRaisedException();
        let standard = standard_streams();
        let mut list: Vec<(Turn, *mut PyObject)> = heap::tracked_objects()
            .into_iter()
            .filter(|&obj| wants_finalizer(obj) && !standard.contains(&obj))
            .map(|obj| (turn(obj), obj))
            .collect();
        list.iter().for_each(|&(_, obj)| py::Py_INCREF(obj));
        list.sort_by_key(|&(turn, _)| turn);
        for &(_, obj) in &list {
            ffi::PyObject_CallFinalizer(obj);
            py::PyErr_Clear();
        }
        list.iter().for_each(|&(_, obj)| py::Py_DECREF(obj));
        standard.into_iter().for_each(|obj| py::Py_DECREF(obj));
        py::PyErr_SetRaisedException(pending);
    }
}

unsafe fn wants_finalizer(obj: *mut PyObject) -> bool {
    // SAFETY: `obj` is live.
    unsafe {
        let ty = object::type_of(obj);
        if !heap::has_finalizer(ty) || py::PyObject_GC_IsFinalized(obj) != 0 {
            return false;
        }
        // What a thread is still in cannot be closed.
        let generators = [&raw mut py::PyGen_Type, &raw mut py::PyCoro_Type, &raw mut py::PyAsyncGen_Type];
        !generators.contains(&ty) || (*obj.cast::<PyGenObject>()).gi_frame_state != GEN_FRAME_EXECUTING
    }
}

/// The base classes of text streams, buffers and raw streams; NULL before [`find_stream_classes`]. They are immortal by then.
static STREAM_CLASSES: [AtomicPtr<PyTypeObject>; 3] = [const { AtomicPtr::new(core::ptr::null_mut()) }; 3];

/// Finds the classes while modules can be imported. No exception is left.
unsafe fn find_stream_classes() {
    // SAFETY: the GIL is held. `_io` and its classes are never unloaded.
    unsafe {
        let module = py::PyImport_ImportModule(c"_io".as_ptr());
        for (place, name) in STREAM_CLASSES.iter().zip([c"_TextIOBase", c"_BufferedIOBase", c"_RawIOBase"]) {
            if module.is_null() {
                break;
            }
            let class = py::PyObject_GetAttrString(module, name.as_ptr());
            if !class.is_null() && object::is_type(class) {
                place.store(class.cast(), Ordering::Relaxed);
            }
            py::Py_XDECREF(class);
        }
        py::Py_XDECREF(module);
        py::PyErr_Clear();
    }
}

/// When this object is to be finalized.
unsafe fn turn(obj: *mut PyObject) -> Turn {
    let turns = [Turn::Text, Turn::Buffer, Turn::Raw];
    for (class, turn) in STREAM_CLASSES.iter().zip(turns) {
        let class = class.load(Ordering::Relaxed);
        // SAFETY: both are live.
        if !class.is_null() && unsafe { py::PyType_IsSubtype(object::type_of(obj), class) != 0 } {
            return turn;
        }
    }
    Turn::Program
}

/// The standard streams and what they write into, owned.
unsafe fn standard_streams() -> Vec<*mut PyObject> {
    let names = [c"stdin", c"stdout", c"stderr", c"__stdin__", c"__stdout__", c"__stderr__"];
    let mut streams = Vec::new();
    for name in names {
        // SAFETY: the GIL is held; `sys` keeps what is looked at first, the list the rest.
        unsafe {
            let mut stream = py::PySys_GetObject(name.as_ptr());
            py::Py_XINCREF(stream);
            for part in [c"buffer", c"raw"] {
                if stream.is_null() {
                    break;
                }
                streams.push(stream);
                stream = py::PyObject_GetAttrString(stream, part.as_ptr());
            }
            if !stream.is_null() {
                streams.push(stream);
            }
            py::PyErr_Clear();
        }
    }
    streams
}
