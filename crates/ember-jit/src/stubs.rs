//! Stubs in call cells: native code with a body's signature for functions that have no compiled body.
//!
//! One for each number of parameters, made when first needed and kept.

use crate::engine;
use crate::gil::GilCell;

/// Most parameters a function may have to be called through a cell.
const MAX_PARAMETERS: usize = 64;

static STUBS: GilCell<[usize; MAX_PARAMETERS + 1]> = GilCell::new([0; MAX_PARAMETERS + 1]);

/// The stub for that many parameters: calls the function through its vectorcall.
///
/// # Safety
/// The GIL is held.
pub unsafe fn uncompiled(parameters: usize) -> Option<usize> {
    // SAFETY: by the contract.
    unsafe {
        let known = *STUBS.borrow().get(parameters)?;
        if known != 0 {
            return Some(known);
        }
        let target = ember_runtime::bind::ember_call_uncompiled as *const () as u64;
        let code = ember_codegen::uncompiled_stub(parameters, target).ok()?;
        let address = engine::install_code(&code)? as usize;
        STUBS.borrow()[parameters] = address;
        Some(address)
    }
}
