//! Stubs in call cells: native code with a body's signature for functions that have no compiled body.
//!
//! One for each shape of a parameter list, made when first needed and kept.

use crate::engine;
use crate::gil::GilCell;
use ember_runtime::bind::Shape;
use rustc_hash::FxHashMap;

/// Most parameters a function may have to be called through a cell.
const MAX_PARAMETERS: usize = 64;

static STUBS: GilCell<Option<FxHashMap<u64, usize>>> = GilCell::new(None);

/// The stub for parameters of that shape: calls the function through its vectorcall.
///
/// # Safety
/// The GIL is held.
pub unsafe fn uncompiled(shape: Shape) -> Option<usize> {
    // SAFETY: by the contract.
    unsafe {
        if shape.parameters() > MAX_PARAMETERS {
            return None;
        }
        let packed = shape.packed();
        if let Some(&known) = STUBS.borrow().get_or_insert_default().get(&packed) {
            return Some(known);
        }
        let target = ember_runtime::bind::ember_call_uncompiled as *const () as u64;
        let code = ember_codegen::uncompiled_stub(shape.parameters(), target, packed).ok()?;
        let address = engine::install_code(&code)? as usize;
        STUBS.borrow().get_or_insert_default().insert(packed, address);
        Some(address)
    }
}
