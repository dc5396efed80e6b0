//! Settings from the environment, read once.
//!
//! | variable | meaning |
//! |---|---|
//! | `EMBER_COMPILE_AFTER` | in the modes `all` and `list`: calls of a function that stay interpreted before it is compiled (0) |
//! | `EMBER_HOT` | in the mode `auto`: samples in which a function must be seen (3) |
//! | `EMBER_OFTEN` | in the mode `auto`: a function must be running in one of so many samples to be compiled (1500) |
//! | `EMBER_SAMPLE_US` | in the mode `auto`: microseconds between samples (1000) |
//! | `EMBER_SKIP` | names of passes to leave out, separated by commas; `tidy` is what is done to machine code |
//! | `EMBER_OPT` | 0: run no pass that only makes code better |
//! | `EMBER_VERIFY` | verify the HIR after every pass |
//! | `EMBER_STRESS_DEOPT` | for tests: every so many guards fail, whatever they find; `each`: each guard once, the first time it is reached |
//! | `EMBER_PERF` | name compiled functions in `/tmp/perf-PID.map` |
//! | `EMBER_SHARE` | note how much runs in native code, as `ember.jit.count_share()` does |
//! | `EMBER_DUMP` | `hir,clif,asm:PATTERN`: print what functions whose qualified name matches become |

use std::sync::OnceLock;

/// The settings.
#[derive(Clone, Debug)]
pub struct Options {
    /// Calls to leave interpreted before compiling.
    pub compile_after: u32,
    /// Samples that make a function hot.
    pub hot: u32,
    /// Of so many samples a function must be running in one.
    pub often: u32,
    /// Microseconds between samples.
    pub sample_us: u64,
    /// Whether to write the perf map.
    pub perf_map: bool,
    /// For tests: every so many guards fail, whatever they find; 0 for none, -1 for each of them once.
    pub stress_deopt: i64,
    /// Passes left out.
    pub skip_passes: Vec<String>,
    /// Whether every pass is followed by the verifier.
    pub verify: bool,
    /// Whether passes run that only make code better.
    pub optimize: bool,
    /// Whether to note from the start how much runs in native code.
    pub share: bool,
    /// What to print of which functions.
    pub dump: Option<(Vec<String>, String)>,
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(default)
}

fn read() -> Options {
    let flag = |name: &str| std::env::var(name).is_ok_and(|text| !text.is_empty() && text != "0");
    let dump = std::env::var("EMBER_DUMP").ok().and_then(|text| {
        let (kinds, pattern) = text.split_once(':')?;
        Some((kinds.split(',').map(str::to_owned).collect(), pattern.to_owned()))
    });
    Options {
        compile_after: number("EMBER_COMPILE_AFTER", 0),
        hot: number("EMBER_HOT", 3),
        often: number("EMBER_OFTEN", 1500),
        sample_us: number("EMBER_SAMPLE_US", 1000),
        perf_map: flag("EMBER_PERF"),
        stress_deopt: match std::env::var("EMBER_STRESS_DEOPT").as_deref() {
            Ok("each") => -1,
            _ => number("EMBER_STRESS_DEOPT", 0).max(0),
        },
        skip_passes: std::env::var("EMBER_SKIP")
            .map_or_else(|_| Vec::new(), |text| text.split(',').map(|name| name.trim().to_owned()).collect()),
        verify: flag("EMBER_VERIFY") || cfg!(debug_assertions),
        optimize: number("EMBER_OPT", 1) != 0,
        share: flag("EMBER_SHARE"),
        dump,
    }
}

/// The settings of this process.
pub fn get() -> &'static Options {
    static OPTIONS: OnceLock<Options> = OnceLock::new();
    OPTIONS.get_or_init(read)
}
