//! Everything added up, for `ember.jit.stats()`.

use super::*;

/// Figures of the registry.
#[derive(Debug, Default)]
pub struct Figures {
    /// Functions that enter native code.
    pub functions: usize,
    /// Code objects with a version.
    pub codes: usize,
    /// Versions made.
    pub versions: u32,
    /// Times to compile, in microseconds.
    pub compile_times: Vec<u32>,
    /// Bytes of machine code in versions in use.
    pub code_bytes: usize,
    /// Bytes of the bytecode compiled.
    pub bytecode_bytes: usize,
    /// Deopts so far.
    pub deopts: u64,
    /// Calls, in the versions in use, of what the code did not know.
    pub generic_calls: u64,
    /// Reasons not to compile, with their counts.
    pub reasons: FxHashMap<String, usize>,
    /// Deopts by reason.
    pub deopt_reasons: FxHashMap<&'static str, u64>,
}

/// Adds everything up.
///
/// # Safety
/// The GIL is held.
#[must_use]
pub unsafe fn figures() -> Figures {
    // SAFETY: by the contract.
    unsafe {
        with(|registry| {
            let mut figures = Figures {
                compile_times: registry.compile_times.clone(),
                bytecode_bytes: registry.bytecode_bytes,
                deopts: registry.deopts,
                ..Figures::default()
            };
            for entry in registry.codes.values() {
                figures.functions += entry.functions.len();
                figures.versions += entry.versions;
                if let Some(version) = &entry.version {
                    figures.codes += 1;
                    figures.code_bytes += version.bytes;
                    figures.generic_calls +=
                        version.calls.values().map(|site| site.before + site.recent()).sum::<u64>();
                }
                for version in entry.version.iter().chain(&entry.retired) {
                    for exit in &version.exits {
                        if exit.taken() > 0 {
                            *figures.deopt_reasons.entry(exit.reason()).or_default() += u64::from(exit.taken());
                        }
                    }
                }
                if let Some(reason) = &entry.reason {
                    *figures.reasons.entry(reason.name()).or_default() += 1;
                }
            }
            figures
        })
    }
}
