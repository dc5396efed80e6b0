//! The machine compiled for: the host, once per process.

use crate::CodegenError;
use crate::arena::scratch;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use std::sync::OnceLock;

/// How registers are allocated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Quality {
    /// The backtracking allocator: good code, more than linear time.
    Good,
    /// The single-pass allocator, for functions too large for the other.
    Fast,
}

/// The host's instruction set with Ember's settings.
pub(crate) fn host(quality: Quality, verify: bool) -> Result<OwnedTargetIsa, CodegenError> {
    static ISAS: [OnceLock<Result<OwnedTargetIsa, String>>; 4] = [const { OnceLock::new() }; 4];
    let index = usize::from(quality == Quality::Fast) * 2 + usize::from(verify);
    ISAS[index].get_or_init(|| scratch::outside(|| build(quality, verify))).clone().map_err(CodegenError::Cranelift)
}

fn build(quality: Quality, verify: bool) -> Result<OwnedTargetIsa, String> {
    let mut flags = settings::builder();
    let regalloc = if quality == Quality::Good { "backtracking" } else { "single_pass" };
    for (name, value) in [
        // HIR is optimised already: Cranelift's own passes cost half as much again and gain nothing.
        ("opt_level", "none"),
        ("regalloc_algorithm", regalloc),
        ("enable_verifier", if verify { "true" } else { "false" }),
        // perf and py-spy walk frame pointers; there is no unwind information.
        ("preserve_frame_pointers", "true"),
        ("unwind_info", "false"),
        ("enable_probestack", "false"),
        ("is_pic", "false"),
        ("machine_code_cfg_info", "false"),
        // Bodies hold their frame in it: used everywhere, it would otherwise be reloaded from the stack everywhere.
        ("enable_pinned_reg", "true"),
    ] {
        flags.set(name, value).map_err(|error| format!("{name}: {error}"))?;
    }
    cranelift_native::builder()
        .map_err(str::to_owned)?
        .finish(settings::Flags::new(flags))
        .map_err(|error| error.to_string())
}
