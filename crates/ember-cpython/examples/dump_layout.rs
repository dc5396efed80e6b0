//! Prints what this crate believes about CPython's layouts, one `kind name value` a line, for
//! `tests/layout/check.py`. Calls nothing of CPython, so it runs without one.
#![allow(clippy::print_stdout)]

use ember_cpython::layout::{THREAD_STATE_SIZE_WITH_CACHED_CHUNK, interp, offsets};

fn main() {
    for (_, c, value) in offsets::TABLE {
        println!("offset {c} {value}");
    }
    for (c, value) in offsets::SIZES {
        println!("size {c} {value}");
    }
    for (c, value) in offsets::CONSTANTS {
        println!("const {c} {value}");
    }
    // Read at run time only together with the size they belong to.
    println!("drift PyThreadState.size {THREAD_STATE_SIZE_WITH_CACHED_CHUNK}");
    println!("drift PyInterpreterState.size {}", interp::SIZE);
    println!("drift PyInterpreterState.func_state.func_version_cache {}", interp::FUNC_VERSION_CACHE);
    println!("drift PyInterpreterState.types.type_cache {}", interp::TYPE_CACHE);
    println!("drift PyInterpreterState.types.type_version_cache {}", interp::TYPE_VERSION_CACHE);
}
