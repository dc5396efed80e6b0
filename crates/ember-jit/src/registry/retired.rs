//! Versions that are not in use any more: freed when no thread can be in them.

use super::*;

/// Frees retired versions that no thread can be in.
///
/// # Safety
/// The GIL is held, and no native code is on this thread's stack below a frame that has been popped.
pub unsafe fn collect_retired() {
    // SAFETY: by the contract.
    unsafe {
        if ember_runtime::exits::leaving() {
            return;
        }
        crate::generators::free_orphans();
        let running = running_codes();
        let free: Vec<Box<Version>> = with(|registry| {
            // Draining an empty list writes to it, and in a worker to a page of its master for each entry.
            let retired = registry
                .codes
                .iter_mut()
                .filter(|(code, entry)| !entry.retired.is_empty() && !running.contains(code))
                .flat_map(|(_, entry)| entry.retired.drain(..));
            retired.chain(registry.orphans.drain(..)).collect()
        });
        for version in free {
            engine::free(version.block);
            drop(version.kept);
        }
    }
}

unsafe fn running_codes() -> FxHashSet<usize> {
    let mut running = FxHashSet::default();
    // SAFETY: with the GIL held, other threads' frames stand still.
    unsafe {
        let mut thread = ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get());
        while !thread.is_null() {
            let mut frame = (*thread).current_frame;
            while !frame.is_null() {
                running.insert((*frame).f_executable.object() as usize);
                frame = (*frame).previous;
            }
            thread = ffi::PyThreadState_Next(thread);
        }
    }
    running
}
