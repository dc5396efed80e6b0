//! The engine: environment, code memory, settings. One a process, made when Ember is first enabled.

use crate::gil::GilCell;
use ember_codegen::arena::{Arena, CodePtr, scratch};
use ember_codegen::{Env, OutsideCall};
use ember_cpython::ffi;
use ember_cpython::layout::PyFunctionObject;
use std::sync::OnceLock;

/// Most memory for machine code.
const CODE_LIMIT: usize = 512 << 20;

static ENV: OnceLock<Env> = OnceLock::new();
static ARENA: GilCell<Option<Arena>> = GilCell::new(None);

/// Checks whether the engine can work in this interpreter.
///
/// # Errors
/// One line that says why not.
pub fn support() -> Result<(), String> {
    static CHECKED: OnceLock<Result<(), String>> = OnceLock::new();
    // SAFETY: callers hold the GIL.
    CHECKED.get_or_init(|| unsafe { ember_cpython::verify::check() }).clone()
}

/// Makes the environment, after the checks.
///
/// # Safety
/// The GIL is held.
///
/// # Errors
/// When the interpreter is not one the engine knows.
pub unsafe fn start() -> Result<&'static Env, String> {
    support()?;
    if let Some(env) = ENV.get() {
        return Ok(env);
    }
    // SAFETY: by the contract; the layouts have been checked.
    unsafe {
        remember_original_vectorcall()?;
        ember_runtime::proxies::watch();
        ember_runtime::boxing::find_free_floats();
        ember_runtime::exits::observe_deopts(crate::registry::note_deopt);
        ember_runtime::sites::observe(&crate::retune::OBSERVER);
        let mut env = crate::env::build();
        let (code, stubs) = ember_codegen::stubs::build(&env).map_err(|error| error.to_string())?;
        env.stubs = stubs.placed(install_code(&code).ok_or("no executable memory")?);
        Ok(ENV.get_or_init(|| env))
    }
}

/// The environment, if the engine has been started.
#[must_use]
pub fn env() -> Option<&'static Env> {
    ENV.get()
}

/// A function made just for this has the entry that every function starts with.
unsafe fn remember_original_vectorcall() -> Result<(), String> {
    // SAFETY: ordinary API calls with the GIL held.
    unsafe {
        let code = pyo3_ffi::Py_CompileString(c"def f(): pass".as_ptr(), c"<ember>".as_ptr(), pyo3_ffi::Py_file_input);
        let globals = pyo3_ffi::PyDict_New();
        let func = if code.is_null() || globals.is_null() {
            core::ptr::null_mut()
        } else {
            ffi::PyFunction_New(code, globals)
        };
        let entry = if func.is_null() { None } else { (*func.cast::<PyFunctionObject>()).vectorcall };
        for object in [func, globals, code] {
            ember_cpython::refcount::xdecref(object);
        }
        pyo3_ffi::PyErr_Clear();
        let entry = entry.ok_or("a fresh function has no vectorcall")?;
        ember_runtime::bind::set_original_vectorcall(entry);
        Ok(())
    }
}

/// Places code that stays for ever; `None` when there is no room.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install_code(bytes: &[u8]) -> Option<u64> {
    // SAFETY: by the contract.
    unsafe { place(&mut bytes.to_vec(), &[]).ok().map(CodePtr::address) }
}

/// Places code and completes its calls of functions outside.
///
/// # Safety
/// The GIL is held.
///
/// # Errors
/// When there is no room.
pub unsafe fn place(bytes: &mut [u8], calls: &[OutsideCall]) -> Result<CodePtr, String> {
    // SAFETY: by the contract.
    let mut arena = unsafe { ARENA.borrow() };
    let arena = arena.get_or_insert_with(|| Arena::new(CODE_LIMIT));
    arena.install_linked(bytes, calls).map_err(|error| error.to_string())
}

/// Gives code back.
///
/// # Safety
/// The GIL is held and no thread can be in the code or return into it.
pub unsafe fn free(block: CodePtr) {
    // SAFETY: by the contract.
    if let Some(arena) = unsafe { ARENA.borrow() }.as_mut() {
        arena.free(block);
    }
}

/// Moves the compiled code into huge pages, for children that are about to be forked; how many bytes.
///
/// # Safety
/// The GIL is held, so that nobody runs compiled code.
pub unsafe fn settle_code() -> usize {
    // SAFETY: by the contract.
    unsafe { ARENA.borrow() }.as_mut().map_or(0, Arena::settle)
}

/// Gives memory that was only needed to compile back to the system.
pub fn trim_heap() {
    scratch::trim();
    #[cfg(target_env = "gnu")]
    // SAFETY: may be called by any thread at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The same, and the writable view of the code.
///
/// # Safety
/// The GIL is held.
pub unsafe fn trim() {
    // SAFETY: by the contract.
    if let Some(arena) = unsafe { ARENA.borrow() }.as_mut() {
        arena.trim();
    }
    trim_heap();
}

/// Bytes of code in use.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn code_bytes() -> usize {
    // SAFETY: by the contract.
    unsafe { ARENA.borrow() }.as_ref().map_or(0, Arena::used)
}
