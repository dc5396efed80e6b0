//! What CPython's watchers report of functions and code objects, and what is given up then.
//!
//! A watcher may fire while the table is in use; what cannot be looked at then keeps. Nothing here runs Python code.

use super::*;

/// A function is going away.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn function_destroyed(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut registry) = REGISTRY.try_borrow()
            && let Some(registry) = registry.as_mut()
        {
            if !registry.excluded.is_empty() {
                registry.excluded.remove(&(func as usize));
            }
            if let Some(entry) = registry.codes.get_mut(&((*func).func_code as usize)) {
                entry.functions.remove(&(func as usize));
            }
        }
        functions::forget(func);
    }
}

/// The function's code is about to be replaced.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn function_changes_code(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        let had = with_code(code, |entry| entry.functions.remove(&(func as usize))).unwrap_or(false);
        functions::disconnect(func);
        // Direct calls pass what the old code takes.
        function_changes_defaults(func);
        if had {
            // Somebody may be running it, and so far the function kept it alive.
            ember_cpython::refcount::incref(code.cast());
            functions::restore(func, false);
        }
    }
}

/// The function's builtins were replaced (by lazy imports, when the last name that it mentions is resolved): what was compiled for the old ones looks names up
/// the slow way. The functions of its code run interpreted until they are compiled for the new ones.
///
/// # Safety
/// The GIL is held and `func` is alive.
pub unsafe fn function_changes_builtins(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let restored = with_code((*func).func_code, |entry| {
            let stale = entry.builtins != (*func).func_builtins as usize && entry.functions.contains(&(func as usize));
            if !stale {
                return Vec::new();
            }
            entry.retired.extend(entry.version.take());
            entry.functions.drain().collect()
        });
        for function in restored.unwrap_or_default() {
            functions::restore(function as *mut PyFunctionObject, true);
        }
    }
}

/// The function's defaults are about to be replaced: direct calls which filled them in must not be made any more, so everything compiled with them is given up.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn function_changes_defaults(func: *mut PyFunctionObject) {
    // SAFETY: by the contract.
    unsafe {
        let dependents: Vec<usize> = with(|registry| {
            let mut dependents = Vec::new();
            for entry in registry.codes.values_mut() {
                if entry.version.as_ref().is_some_and(|version| version.kept.contains(func.cast())) {
                    dependents.extend(entry.functions.drain());
                    entry.retired.extend(entry.version.take());
                }
            }
            dependents
        });
        for dependent in dependents {
            functions::restore(dependent as *mut PyFunctionObject, true);
        }
    }
}

/// A code object is going away: nothing runs it any more.
///
/// # Safety
/// The GIL is held; called from CPython's watcher.
pub unsafe fn code_destroyed(code: *mut PyCodeObject) {
    // SAFETY: by the contract.
    unsafe {
        if let Some(mut registry) = REGISTRY.try_borrow()
            && let Some(registry) = registry.as_mut()
            && let Some(entry) = registry.codes.remove(&(code as usize))
        {
            // What the versions keep alive is released at a safe point.
            registry.orphans.extend(entry.version.into_iter().chain(entry.retired));
            if !registry.orphans.is_empty() {
                crate::policy::schedule_review();
            }
        }
    }
}
