//! Names for profilers: the lines of `/tmp/perf-PID.map`.

use crate::CompiledBody;

/// Calls `write(address, size, name)` for each part of a body installed at `base`. The names read `ember::qualname (file)`, with `:entry` or `:spread`
/// after the qualified name for the parts that only pass arguments on. `ember-jit` passes them to `PyUnstable_WritePerfMapEntry`, so that the file is shared
/// with the interpreter.
pub fn map_entries(body: &CompiledBody, base: u64, qualname: &str, file: &str, write: &mut dyn FnMut(u64, u32, &str)) {
    for (part, offset, size) in body.parts() {
        let suffix = match part {
            "body" => "",
            "spread" => ":spread",
            _ => ":entry",
        };
        write(base + u64::from(offset), size, &format!("ember::{qualname}{suffix} ({file})"));
    }
}
