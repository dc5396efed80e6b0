//! `_PyInterpreterFrame`s on the thread's data stack.
//!
//! A frame pushed here is *borrowed*: executable, function and locals carry the tag that counts
//! nothing, so pushing and popping cost no refcounts. The caller keeps the function (hence its code,
//! globals and builtins) and everything it stores in the slots alive while the frame is linked.
//!
//! Frames leave in the reverse order they came. [`pop`] is the whole protocol: it unlinks, and if a
//! frame object exists or somebody made `f_locals`, lets CPython transfer the frame to that object.
//!
//! **Chunks.** The data stack grows by chunks. CPython's own routine for that is not exported, so
//! [`alloc_slow`] does the same with the same allocator (`PyObject_GetArenaAllocator`), in the same
//! sizes, and uses the thread's cached chunk where the release has one; `_PyThreadState_PopFrame`
//! frees (or caches) such a chunk like any other, because the frame is its first word.

use core::mem::offset_of;
use core::ptr;

use crate::ffi;
use crate::layout::*;
use crate::object;
use crate::refcount;
use crate::tstate;

/// Room for `words` words at the top of the data stack; NULL with `MemoryError` set.
///
/// # Safety
/// `ts` is the current thread state; the GIL is held.
#[inline(always)]
pub unsafe fn alloc(ts: *mut PyThreadState, words: usize) -> *mut StackRef {
    // SAFETY: as the caller says; top and limit are both NULL or in one chunk.
    unsafe {
        let top = (*ts).datastack_top;
        let room = (*ts).datastack_limit as usize - top as usize;
        // NULL counts as full, and like CPython we never use a chunk's last word.
        if words * size_of::<usize>() < room {
            (*ts).datastack_top = top.add(words);
            return top;
        }
        alloc_slow(ts, words)
    }
}

/// [`alloc`] when the chunk is full: pushes a new chunk.
///
/// # Safety
/// As for [`alloc`].
#[cold]
#[inline(never)]
pub unsafe fn alloc_slow(ts: *mut PyThreadState, words: usize) -> *mut StackRef {
    let size = chunk_size(words);
    // SAFETY: as the caller says. A chunk, once pushed, belongs to the thread state.
    unsafe {
        let old = (*ts).datastack_chunk;
        let mut chunk = take_cached_chunk(ts, size);
        if chunk.is_null() {
            let mut arena = ffi::ArenaAllocator { ctx: ptr::null_mut(), alloc: None, free: None };
            ffi::PyObject_GetArenaAllocator(&mut arena);
            chunk = arena.alloc.map_or(ptr::null_mut(), |alloc| alloc(arena.ctx, size)).cast();
            if chunk.is_null() {
                pyo3_ffi::PyErr_NoMemory();
                return ptr::null_mut();
            }
            (*chunk).size = size;
        }
        (*chunk).previous = old;
        (*chunk).top = 0;
        if !old.is_null() {
            let base = (&raw mut (*old).data) as usize;
            (*old).top = ((*ts).datastack_top as usize - base) / size_of::<usize>();
        }
        (*ts).datastack_chunk = chunk;
        (*ts).datastack_limit = chunk.byte_add(size).cast();
        // In the first chunk a word is skipped, so that no frame sits at its start and pops it.
        let frame = (&raw mut (*chunk).data).cast::<StackRef>().add(usize::from(old.is_null()));
        (*ts).datastack_top = frame.add(words);
        frame
    }
}

/// Bytes of a new chunk for a frame of `words`: CPython's doubling rule.
fn chunk_size(words: usize) -> usize {
    let wanted = size_of::<usize>() * (words + DATA_STACK_MINIMUM_OVERHEAD);
    let mut size = DATA_STACK_CHUNK_SIZE;
    while size < wanted {
        size *= 2;
    }
    size
}

/// The thread's cached chunk, if the release keeps one and it is big enough.
unsafe fn take_cached_chunk(ts: *mut PyThreadState, size: usize) -> *mut StackChunk {
    let Some(offset) = tstate::cached_chunk_offset() else { return ptr::null_mut() };
    // SAFETY: in these releases the word at `offset` is the cached chunk or NULL.
    unsafe {
        let slot = ts.byte_add(offset).cast::<*mut StackChunk>();
        let chunk = *slot;
        if chunk.is_null() || (*chunk).size < size {
            return ptr::null_mut();
        }
        *slot = ptr::null_mut();
        chunk
    }
}

/// Pushes and links a frame of `func`: borrowed, locals empty, stack empty, at the first traceable
/// instruction (so that it counts as complete). NULL with `MemoryError` set.
///
/// # Safety
/// `ts` is the current thread state; `func` outlives the frame; its closure is *not* copied in.
#[inline]
pub unsafe fn push(ts: *mut PyThreadState, func: *mut PyFunctionObject) -> *mut InterpreterFrame {
    // SAFETY: as the caller says.
    unsafe {
        let code = (*func).func_code;
        let frame: *mut InterpreterFrame = alloc(ts, (*code).co_framesize as usize).cast();
        if frame.is_null() {
            return frame;
        }
        init(frame, func, (*ts).current_frame);
        (*ts).current_frame = frame;
        frame
    }
}

/// Fills in everything but the linking: borrowed references, NULL locals, empty stack.
///
/// # Safety
/// `frame` has room for `func`'s code; `func` outlives the frame.
#[inline]
pub unsafe fn init(frame: *mut InterpreterFrame, func: *mut PyFunctionObject, previous: *mut InterpreterFrame) {
    // SAFETY: as the caller says.
    unsafe {
        let code = (*func).func_code;
        let locals = localsplus(frame);
        let n = (*code).co_nlocalsplus as usize;
        (*frame).f_executable = StackRef::borrow(code.cast());
        (*frame).previous = previous;
        (*frame).f_funcobj = StackRef::borrow(func.cast());
        (*frame).f_globals = (*func).func_globals;
        (*frame).f_builtins = (*func).func_builtins;
        (*frame).f_locals = ptr::null_mut();
        (*frame).frame_obj = ptr::null_mut();
        (*frame).instr_ptr = instruction(code, (*code).co_firsttraceable as usize);
        (*frame).stackpointer = locals.add(n);
        (*frame).return_offset = 0;
        (*frame).owner = FRAME_OWNED_BY_THREAD;
        (*frame).visited = 0;
        for i in 0..n {
            *locals.add(i) = StackRef::NULL;
        }
    }
}

/// Unlinks and pops the innermost frame. Slots that own references (tag 0) must have been dropped or
/// be reachable below `stackpointer` with the frame observed (then CPython drops them).
///
/// # Safety
/// `frame` is `ts->current_frame` and on top of the data stack. May run arbitrary code if the frame was
/// observed.
#[inline(always)]
pub unsafe fn pop(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: as the caller says.
    unsafe {
        (*ts).current_frame = (*frame).previous;
        if is_observed(frame) {
            return clear_and_pop_unlinked(ts, frame);
        }
        pop_memory(ts, frame);
    }
}

/// Does a frame object or a locals dict exist for the frame?
///
/// # Safety
/// `frame` is live.
#[inline(always)]
pub unsafe fn is_observed(frame: *mut InterpreterFrame) -> bool {
    // SAFETY: as the caller says.
    unsafe { !(*frame).frame_obj.is_null() || !(*frame).f_locals.is_null() }
}

/// Drops the frame object of a frame that runs if nobody else holds it and nothing was set on it: then nobody can tell whether it is the one they saw. That is so for most
/// functions that have handled an exception: its traceback needed the object, and is gone. Without it the frame ends like any other.
///
/// # Safety
/// The GIL is held; `frame` is live and a function's, and the code of that function is what is executing: C code that it called could have borrowed the object (`PyEval_GetFrame`).
pub unsafe fn drop_unseen_object(frame: *mut InterpreterFrame) {
    // SAFETY: as the caller says; an object without anything set on it runs nothing when it is destroyed.
    unsafe {
        let object = (*frame).frame_obj;
        if object.is_null() {
            return;
        }
        let set = [
            (*object).f_trace,
            (*object).f_extra_locals,
            (*object).f_locals_cache,
            (*object).f_overwritten_fast_locals,
            (*object).f_back.cast(),
        ];
        let usual = (*object).f_trace_lines == 1 && (*object).f_trace_opcodes == 0 && (*object).f_lineno == 0;
        if refcount::refcnt(object.cast()) == 1 && usual && set.iter().all(|value| value.is_null()) {
            (*frame).frame_obj = ptr::null_mut();
            refcount::decref(object.cast());
        }
    }
}

/// Gives the frame's words back, nothing else.
///
/// # Safety
/// `frame` is unlinked, owns nothing, and is on top of the data stack.
#[inline(always)]
pub unsafe fn pop_memory(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: as the caller says; a frame at the start of a chunk takes the chunk with it.
    unsafe {
        let chunk = (*ts).datastack_chunk;
        if frame as usize == chunk as usize + offset_of!(StackChunk, data) {
            ffi::_PyThreadState_PopFrame(ts, frame);
        } else {
            (*ts).datastack_top = frame.cast();
        }
    }
}

/// Lets CPython clear an unlinked frame: drops what its slots own up to `stackpointer`, or hands the
/// frame over to its frame object, then pops it.
///
/// The executable is made an owned reference first: the transfer takes one reference of its own in
/// addition to the one it makes of a borrowed one, so a borrowed one would leak.
///
/// # Safety
/// `frame` is unlinked (`ts->current_frame` is its `previous`) and on top of the data stack. Runs
/// arbitrary code.
#[cold]
#[inline(never)]
pub unsafe fn clear_and_pop_unlinked(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: as the caller says.
    unsafe {
        let executable = (*frame).f_executable;
        if !executable.owns() {
            (*frame).f_executable = StackRef::new(executable.object());
        }
        ffi::_PyEval_FrameClearAndPop(ts, frame);
    }
}

/// Goes on in the interpreter: runs the linked innermost frame, filled in by the caller, from its
/// `instr_ptr` with its stack, and pops it. Owned result or NULL with an exception set. With `raised`, an exception
/// is set, and the interpreter begins by looking for its handler, at the unit before `instr_ptr`.
///
/// # Safety
/// `frame` is `ts->current_frame`, on top of the data stack, and what the interpreter expects at
/// `instr_ptr`: slots below `stackpointer` valid, executable and function owned or kept alive by others
/// throughout. The call must not be counted in `py_recursion_remaining` by the caller: it counts itself.
#[inline]
pub unsafe fn resume_in_interpreter(
    ts: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    raised: bool,
) -> *mut PyObject {
    // SAFETY: as the caller says. The evaluator links the frame to `current_frame` itself.
    unsafe {
        let executable = (*frame).f_executable;
        if !executable.owns() {
            (*frame).f_executable = StackRef::new(executable.object());
        }
        (*ts).current_frame = (*frame).previous;
        ffi::_PyEval_EvalFrameDefault(ts, frame, i32::from(raised))
    }
}

/// The slots.
///
/// # Safety
/// `frame` is live.
#[inline(always)]
pub unsafe fn localsplus(frame: *mut InterpreterFrame) -> *mut StackRef {
    // SAFETY: as the caller says.
    unsafe { (&raw mut (*frame).localsplus).cast() }
}

/// Where the frame's evaluation stack starts.
///
/// # Safety
/// `frame` runs a code object.
#[inline]
pub unsafe fn stack_base(frame: *mut InterpreterFrame) -> *mut StackRef {
    // SAFETY: as the caller says.
    unsafe { localsplus(frame).add((*code(frame)).co_nlocalsplus as usize) }
}

/// Values on the frame's evaluation stack, as of its saved `stackpointer`.
///
/// # Safety
/// `frame` runs a code object.
#[inline]
pub unsafe fn stack_depth(frame: *mut InterpreterFrame) -> usize {
    // SAFETY: as the caller says.
    unsafe { ((*frame).stackpointer as usize - stack_base(frame) as usize) / size_of::<StackRef>() }
}

/// The code the frame runs. Not for the interpreter's own shim frames: see [`code_checked`].
///
/// # Safety
/// `frame` runs a code object.
#[inline(always)]
pub unsafe fn code(frame: *mut InterpreterFrame) -> *mut PyCodeObject {
    // SAFETY: as the caller says.
    unsafe { (*frame).f_executable.object().cast() }
}

/// The code the frame runs, or NULL if it runs none.
///
/// # Safety
/// `frame` is live.
pub unsafe fn code_checked(frame: *mut InterpreterFrame) -> *mut PyCodeObject {
    // SAFETY: as the caller says.
    unsafe {
        let executable = (*frame).f_executable.object();
        if !executable.is_null() && object::is_exact(executable, &raw mut ffi::PyCode_Type) {
            executable.cast()
        } else {
            ptr::null_mut()
        }
    }
}

/// The function the frame runs.
///
/// # Safety
/// `frame` runs a function (owner below [`FRAME_OWNED_BY_INTERPRETER`]).
#[inline(always)]
pub unsafe fn function(frame: *mut InterpreterFrame) -> *mut PyFunctionObject {
    // SAFETY: as the caller says.
    unsafe { (*frame).f_funcobj.object().cast() }
}

/// Address of code unit `index`.
///
/// # Safety
/// `code` is live; `index` is inside its bytecode.
#[inline(always)]
pub unsafe fn instruction(code: *mut PyCodeObject, index: usize) -> *mut CodeUnit {
    // SAFETY: as the caller says.
    unsafe { (&raw mut (*code).co_code_adaptive).cast::<CodeUnit>().add(index) }
}

/// Index of the code unit the frame is at.
///
/// # Safety
/// `frame` runs a code object.
#[inline]
pub unsafe fn lasti(frame: *mut InterpreterFrame) -> usize {
    // SAFETY: as the caller says.
    unsafe { ((*frame).instr_ptr as usize - instruction(code(frame), 0) as usize) / size_of::<CodeUnit>() }
}

/// Moves the frame to code unit `index`.
///
/// # Safety
/// `frame` runs a code object; `index` is the start of an instruction.
#[inline]
pub unsafe fn set_lasti(frame: *mut InterpreterFrame, index: usize) {
    // SAFETY: as the caller says.
    unsafe { (*frame).instr_ptr = instruction(code(frame), index) }
}

/// Is the frame one that introspection skips: a shim, or not yet at its first traceable instruction?
///
/// # Safety
/// `frame` is live.
pub unsafe fn is_incomplete(frame: *mut InterpreterFrame) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        match (*frame).owner {
            FRAME_OWNED_BY_GENERATOR => false,
            owner if owner >= FRAME_OWNED_BY_INTERPRETER => true,
            _ => {
                let code = code(frame);
                (*frame).instr_ptr < instruction(code, (*code).co_firsttraceable as usize)
            }
        }
    }
}

/// `frame` or the nearest frame below it that introspection sees; NULL if none.
///
/// # Safety
/// `frame` is NULL or live and linked.
pub unsafe fn first_complete(mut frame: *mut InterpreterFrame) -> *mut InterpreterFrame {
    // SAFETY: as the caller says.
    unsafe {
        while !frame.is_null() && is_incomplete(frame) {
            frame = (*frame).previous;
        }
    }
    frame
}

/// The frame's line, or -1.
///
/// # Safety
/// `frame` runs a code object.
pub unsafe fn line(frame: *mut InterpreterFrame) -> i32 {
    // SAFETY: as the caller says.
    unsafe { ffi::PyUnstable_InterpreterFrame_GetLine(frame) }
}

/// Adds the innermost complete frame to the pending exception's traceback, at its `instr_ptr`.
///
/// # Safety
/// `ts` is the current thread state, an exception is set.
pub unsafe fn add_traceback(ts: *mut PyThreadState) {
    // SAFETY: as the caller says. Failing to make the frame object or entry leaves a MemoryError
    // or the exception as it was; either is propagated.
    unsafe {
        // Kept aside: when there is no memory for the frame object the call clears what is set.
        let exception = crate::tstate::take_exception(ts);
        let frame = ffi::PyThreadState_GetFrame(ts);
        (*ts).current_exception = exception;
        if !frame.is_null() {
            ffi::PyTraceBack_Here(frame);
            refcount::decref(frame.cast());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_double_until_the_frame_and_its_overhead_fit() {
        assert_eq!(chunk_size(10), 16 * 1024);
        assert_eq!(chunk_size(1048), 16 * 1024);
        assert_eq!(chunk_size(1049), 32 * 1024);
        assert_eq!(chunk_size(10_000), 128 * 1024);
    }

    #[test]
    fn frames_take_words_from_the_top_and_give_them_back() {
        let mut words = vec![StackRef(0); 100];
        // SAFETY: all fields are integers, raw pointers or nullable.
        let mut ts: Box<PyThreadState> = Box::new(unsafe { core::mem::zeroed() });
        let base = words.as_mut_ptr();
        let chunk: *mut StackChunk = base.cast();
        // SAFETY: `words` is the chunk; sizes stay inside it.
        unsafe {
            ts.datastack_chunk = chunk;
            ts.datastack_top = base.add(4);
            ts.datastack_limit = base.add(100);
            let a = alloc(&mut *ts, 40);
            assert_eq!(a, base.add(4));
            let b = alloc(&mut *ts, 20);
            assert_eq!(b, base.add(44));
            pop_memory(&mut *ts, b.cast());
            assert_eq!(ts.datastack_top, b);
            pop_memory(&mut *ts, a.cast());
            assert_eq!(ts.datastack_top, a);
        }
    }

    #[test]
    fn a_fresh_frame_is_borrowed_empty_and_complete() {
        // SAFETY: all fields are integers, raw pointers or nullable.
        let (mut code, mut func): (Box<PyCodeObject>, Box<PyFunctionObject>) =
            unsafe { (Box::new(core::mem::zeroed()), Box::new(core::mem::zeroed())) };
        code.co_nlocalsplus = 3;
        code.co_firsttraceable = 2;
        func.func_code = &mut *code;
        let mut words = vec![StackRef(0xdead); FRAME_SPECIALS_SIZE + 3 + 2];
        let frame: *mut InterpreterFrame = words.as_mut_ptr().cast();
        // SAFETY: `words` has room for the frame; code and function outlive it.
        unsafe {
            init(frame, &mut *func, ptr::null_mut());
            assert!(!(*frame).f_executable.owns() && !(*frame).f_funcobj.owns());
            assert_eq!(super::code(frame), &raw mut *code);
            assert_eq!(function(frame), &raw mut *func);
            assert_eq!(stack_depth(frame), 0);
            assert_eq!(lasti(frame), 2);
            assert!(!is_incomplete(frame) && !is_observed(frame));
            set_lasti(frame, 1);
            assert!(is_incomplete(frame));
            assert_eq!(first_complete(frame), ptr::null_mut());
        }
        assert!(words[FRAME_SPECIALS_SIZE..][..3].iter().all(|s| s.is_null()));
        assert_eq!(words[FRAME_SPECIALS_SIZE + 3], StackRef(0xdead));
    }
}
