//! Function objects: their call cells and how they are entered.
//!
//! A function enters native code through its `vectorcall` slot, which is swapped for the compiled entry and back. Compiled callers that know the function by identity go through its *cell*
//! instead: a word that holds the address of the body, or of a stub that calls the function as anybody would. A cell stays where it is for as long as anybody may know
//! its address: compiled code keeps the functions it names alive, and a function's cell goes when the function does.

use crate::gil::GilCell;
use crate::inherited::Inherited;
use crate::words;
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use ember_cpython::ffi;
use ember_cpython::layout::{FUNC_VERSION_FIRST_VALID, PyCodeObject, PyFunctionObject, PyObject, vectorcallfunc};
use ember_cpython::watchers;
use ember_runtime::bind::{Shape, original_vectorcall};
use rustc_hash::FxHashMap;

/// What is known of a function object.
struct FunctionEntry {
    /// Made when the first caller wants to know it: hardly a closure has one.
    cell: Option<Cell>,
    /// Address of its body; 0 while it has none.
    body: usize,
    /// Tells it from functions that were at its address before.
    number: u32,
    /// `func_version` before the entry was swapped; 0 for none.
    saved_version: u32,
}

struct Cell {
    word: &'static AtomicUsize,
    /// What the word was taken for.
    group: usize,
    /// Address of the stub for the function's parameters.
    stub: usize,
}

impl FunctionEntry {
    /// Notes that a function with this version is entered in a body from now on.
    fn enters(&mut self, body: usize, version: u32) {
        self.set_body(body);
        if version >= FUNC_VERSION_FIRST_VALID {
            self.saved_version = version;
        }
    }

    /// Has callers that know the cell enter a body, or with 0 the stub.
    fn set_body(&mut self, body: usize) {
        self.body = body;
        if let Some(cell) = &self.cell {
            cell.word.store(if body == 0 { cell.stub } else { body }, Ordering::Relaxed);
        }
    }
}

type Table = Inherited<FunctionEntry>;

static FUNCTIONS: GilCell<Option<Table>> = GilCell::new(None);

/// The number of the function of which note was taken last.
static LAST_NUMBER: AtomicU32 = AtomicU32::new(0);

/// Code objects of which something may be known, or of whose functions: a bit for each hash of an address, never taken back. Closures are made and die at every call of what makes them, and a watcher
/// is told each time; this answers for most of them, without a look into any table, that there is nothing to do.
static NOTED_CODES: [AtomicU64; NOTED_WORDS] = [const { AtomicU64::new(0) }; NOTED_WORDS];
const NOTED_WORDS: usize = 1024;

fn noted_bit(code: *mut PyCodeObject) -> (usize, u64) {
    // The upper half of a product depends on all bits of an address.
    let hash = ((code as u64 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize;
    (hash % NOTED_WORDS, 1 << (hash / NOTED_WORDS))
}

/// Remembers that something is known of a code object, or of a function of it. The program is watched by then (`policy::watch_program`).
pub fn note_code(code: *mut PyCodeObject) {
    let (word, bit) = noted_bit(code);
    NOTED_CODES[word].fetch_or(bit, Ordering::Relaxed);
}

/// Whether something may be known of a code object or of a function of it; never `false` where something is.
#[must_use]
pub fn is_noted(code: *mut PyCodeObject) -> bool {
    let (word, bit) = noted_bit(code);
    NOTED_CODES[word].load(Ordering::Relaxed) & bit != 0
}

unsafe fn with_entry<R>(func: *mut PyFunctionObject, then: impl FnOnce(&mut FunctionEntry) -> R) -> R {
    // SAFETY: the callers hold the GIL.
    unsafe {
        let mut table = FUNCTIONS.borrow();
        let table = table.get_or_insert_default();
        if let Some(entry) = table.get_mut(func as usize) {
            return then(entry);
        }
        note_code((*func).func_code);
        then(table.add(func as usize, new_entry()))
    }
}

/// What is known of a function of which nothing is known yet.
fn new_entry() -> FunctionEntry {
    // After four thousand million closures a number may come again; then a guess is wrong, no more.
    let number = LAST_NUMBER.load(Ordering::Relaxed).wrapping_add(1).max(1);
    LAST_NUMBER.store(number, Ordering::Relaxed);
    FunctionEntry { cell: None, body: 0, number, saved_version: 0 }
}

/// In a worker: of functions made from now on note is taken apart.
///
/// # Safety
/// The GIL is held.
pub unsafe fn after_fork() {
    // SAFETY: by the contract.
    unsafe { FUNCTIONS.borrow() }.get_or_insert_default().begin();
}

/// Address of the function's call cell; `None` when it has too many parameters.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn cell_for(func: *mut PyFunctionObject) -> Option<u64> {
    // SAFETY: by the contract.
    unsafe {
        let stub = crate::stubs::uncompiled(Shape::of((*func).func_code))?;
        let group = (*func).func_globals as usize;
        let word = with_entry(func, |entry| {
            let cell = entry.cell.get_or_insert_with(|| Cell { word: words::take(group), group, stub });
            let word = cell.word;
            entry.set_body(entry.body);
            word
        });
        Some(core::ptr::from_ref(word) as u64)
    }
}

/// Takes note of a function, until it dies; its number, which is not 0.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn note(func: *mut PyFunctionObject) -> u32 {
    // SAFETY: by the contract.
    unsafe { with_entry(func, |entry| entry.number) }
}

/// Whether there is a function at this address of which note was taken, and it is the one with this number (0: any).
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_known(func: *mut PyFunctionObject, number: u32) -> bool {
    // SAFETY: by the contract.
    let table = unsafe { FUNCTIONS.borrow() };
    let entry = table.as_ref().and_then(|table| table.get(func as usize));
    entry.is_some_and(|entry| number == 0 || entry.number == number)
}

/// Lets calls of the function enter native code.
///
/// # Safety
/// The GIL is held, `func` is alive, `entry` and `body` are its compiled code.
pub unsafe fn install(func: *mut PyFunctionObject, entry: usize, body: usize) {
    // SAFETY: by the contract.
    unsafe {
        let version = (*func).func_version;
        with_entry(func, |function| function.enters(body, version));
        set_entry(func, entry);
    }
}

/// The same for a function that has just been made: of the one that was at its address before nothing is known any more, so nobody needs to look for it. In a worker that would be a look
/// into what its master knew, for each closure.
///
/// # Safety
/// As for [`install`]; `func` has just been made, and its code is noted.
pub unsafe fn install_made(func: *mut PyFunctionObject, entry: usize, body: usize) {
    // SAFETY: by the contract.
    unsafe {
        let mut made = new_entry();
        made.enters(body, (*func).func_version);
        FUNCTIONS.borrow().get_or_insert_default().add(func as usize, made);
        set_entry(func, entry);
    }
}

unsafe fn set_entry(func: *mut PyFunctionObject, entry: usize) {
    // SAFETY: by the contract of `install`: `entry` has the type of a vectorcall.
    unsafe { ffi::PyFunction_SetVectorcall(func, core::mem::transmute::<usize, vectorcallfunc>(entry)) }
}

/// Sets another entry than native code: a stub that compiles at the first call.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn set_stub(func: *mut PyFunctionObject, stub: vectorcallfunc) {
    // SAFETY: by the contract.
    unsafe {
        if !is_original(func) {
            return;
        }
        let version = (*func).func_version;
        if version >= FUNC_VERSION_FIRST_VALID {
            with_entry(func, |function| function.saved_version = version);
        }
        ffi::PyFunction_SetVectorcall(func, stub);
    }
}

/// Puts the interpreter's own entry back, with the version under which call sites may inline the function.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn restore(func: *mut PyFunctionObject, with_version: bool) {
    // SAFETY: by the contract.
    unsafe {
        let Some(original) = original_vectorcall() else { return };
        ffi::PyFunction_SetVectorcall(func, original);
        let version = {
            let mut table = FUNCTIONS.borrow();
            let entry = table.as_mut().and_then(|table| table.get_mut(func as usize));
            entry.map_or(0, |entry| {
                entry.set_body(0);
                core::mem::take(&mut entry.saved_version)
            })
        };
        if with_version && version >= FUNC_VERSION_FIRST_VALID {
            ffi::_PyFunction_SetVersion(func, version);
        }
    }
}

/// Points the cell to the stub for good, for a function whose code is being replaced: with other parameters it needs another cell.
///
/// # Safety
/// The GIL is held.
pub unsafe fn disconnect(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(table) = FUNCTIONS.borrow().as_mut()
            && let Some(mut entry) = table.remove(func as usize)
        {
            // Compiled code knows the cell, which therefore is never given back.
            entry.set_body(0);
        }
    }
}

/// Dicts of keyword defaults that compiled code relies on, by address, and whose they are.
static KEYWORD_DEFAULTS: GilCell<Option<FxHashMap<usize, usize>>> = GilCell::new(None);

/// Has changes of a function's keyword defaults noticed; whether that can be done.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn watch_keyword_defaults(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let dict = (*func).func_kwdefaults;
        if dict.is_null() {
            return true;
        }
        let owner = *KEYWORD_DEFAULTS.borrow().get_or_insert_default().entry(dict as usize).or_insert(func as usize);
        // One dict may be the defaults of several functions; only one of them is told.
        owner == func as usize && watchers::watch_dict(dict)
    }
}

/// The function whose keyword defaults a watched dict is, if it is one: the dict is about to change.
///
/// # Safety
/// The GIL is held.
pub unsafe fn owner_of_keyword_defaults(dict: *mut PyObject, dies: bool) -> Option<*mut PyFunctionObject> {
    // SAFETY: by the contract; functions in the table are alive.
    unsafe {
        let mut owners = KEYWORD_DEFAULTS.try_borrow()?;
        let owners = owners.as_mut()?;
        let owner = *owners.get(&(dict as usize))?;
        if dies {
            owners.remove(&(dict as usize));
        }
        let func = owner as *mut PyFunctionObject;
        let table = FUNCTIONS.try_borrow()?;
        let alive = table.as_ref().is_some_and(|table| table.contains(owner));
        (alive && (*func).func_kwdefaults == dict).then_some(func)
    }
}

/// Whether the function is entered as the interpreter made it.
///
/// # Safety
/// The GIL is held and `func` is alive.
#[must_use]
pub unsafe fn is_original(func: *mut PyFunctionObject) -> bool {
    // SAFETY: by the contract.
    let entry = unsafe { (*func).vectorcall };
    entry.map(|entry| entry as usize) == original_vectorcall().map(|entry| entry as usize)
}

/// Forgets a function that is going away.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut table) = FUNCTIONS.try_borrow()
            && let Some(table) = table.as_mut()
            && let Some(FunctionEntry { cell: Some(cell), .. }) = table.remove(func as usize)
        {
            words::give_back(cell.group, cell.word);
        }
    }
}
