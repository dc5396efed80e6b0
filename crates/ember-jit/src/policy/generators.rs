//! Which generators get native code: those that native code has resumed often.

use super::compiler::send;
use super::*;
use crate::generators;
use ember_runtime::resume;

/// Resumptions by native code after which a generator's code is compiled, where everything is that is hot.
const HOT: u32 = 40;
/// Failed guards after which a generator's bodies are given up.
const MOST_DEOPTS: u32 = 50;

/// Has the engine told of generators that are worth compiling.
pub(super) fn watch_generators(mode: Mode) {
    let options = options::get();
    let hot = if mode == Mode::Auto { HOT } else { options.compile_after.max(1) };
    // Guards that are made to fail say nothing.
    let most_deopts = if options.stress_deopt == 0 { MOST_DEOPTS } else { u32::MAX };
    resume::observe(on_hot, hot, most_deopts);
}

/// A function's generators are hot.
unsafe fn on_hot(func: *mut PyFunctionObject) {
    let result = catch_unwind(|| {
        // SAFETY: native code is resuming one of them, with the GIL held; the function is alive as long as the frame.
        unsafe {
            let paused = with(|policy| policy.paused);
            let verdict = listed(func);
            let mode = mode();
            let wanted = match mode {
                Mode::Off => false,
                Mode::List => verdict == Verdict::Listed,
                // In a worker compiling costs memory that it has for itself.
                Mode::Auto => verdict != Verdict::Excluded && !is_worker(),
                Mode::All => verdict != Verdict::Excluded,
            };
            if paused || is_suspended() || !wanted {
                return;
            }
            for job in generators::begin(func) {
                match engine::env() {
                    Some(env) if mode != Mode::Auto => generators::finish(compile::run(job, env, Wanted::default())),
                    Some(_) => {
                        send(job, func);
                    }
                    None => {}
                }
            }
        }
    });
    if result.is_err() {
        log::error!("a panic where a generator became hot");
    }
}
