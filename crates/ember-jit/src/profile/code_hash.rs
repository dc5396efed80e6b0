//! When code is still the same: a hash of what a function does, over processes and machines.
//!
//! Instructions, constants, names and the shape of the parameters count; where the source lies does not, so that a function that was only moved keeps its profile.
//! 64 bits of FNV-1a: nobody is an adversary here, and a collision costs time only.

use ember_cpython::code;
use ember_cpython::layout::{PyCodeObject, PyObject};
use ember_cpython::object;

/// FNV-1a, 64 bits.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    const fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Bytes that cannot run into the next ones.
    fn part(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes(bytes);
    }
}

/// The hash of a code object; `None` when it cannot be read.
///
/// # Safety
/// The GIL is held and `code` is alive.
pub unsafe fn of(code: *mut PyCodeObject) -> Option<u64> {
    let mut hash = Fnv::new();
    // SAFETY: by the contract.
    unsafe { add_code(&mut hash, code, 0)? };
    Some(hash.0)
}

/// The hash as profiles have it.
pub fn text(hash: u64) -> String {
    format!("{hash:016x}")
}

/// Code inside code inside code …
const MAX_DEPTH: u32 = 32;

unsafe fn add_code(hash: &mut Fnv, of: *mut PyCodeObject, depth: u32) -> Option<()> {
    // SAFETY: a live code object; its parts live as long as it does.
    unsafe {
        let units = code::base_units(of)?;
        hash.number(units.len() as u64);
        units.iter().for_each(|unit| hash.bytes(&unit.to_le_bytes()));
        let counts =
            [(*of).co_argcount, (*of).co_posonlyargcount, (*of).co_kwonlyargcount, (*of).co_flags, (*of).co_stacksize];
        counts.iter().for_each(|&count| hash.number(count as u64));
        for &name in code::names(of).iter().chain(code::local_names(of)) {
            hash.part(object::str_to_string(name).as_bytes());
        }
        hash.part(code::local_kinds(of));
        hash.part(code::exception_table(of));
        for &constant in code::consts(of) {
            add_constant(hash, constant, depth)?;
        }
    }
    Some(())
}

unsafe fn add_constant(hash: &mut Fnv, constant: *mut PyObject, depth: u32) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    // SAFETY: constants are live objects of the types that the compiler makes, whose `repr` runs no code of the program's.
    unsafe {
        let class = object::type_of(constant);
        hash.part(object::type_name(class).as_bytes());
        if class == &raw mut ember_cpython::ffi::PyCode_Type {
            return add_code(hash, constant.cast(), depth + 1);
        }
        if class == &raw mut pyo3_ffi::PyUnicode_Type {
            hash.part(object::str_to_string(constant).as_bytes());
        } else if class == &raw mut pyo3_ffi::PyBytes_Type {
            hash.part(object::bytes(constant));
        } else if class == &raw mut pyo3_ffi::PyTuple_Type {
            for &item in object::tuple_items(constant) {
                add_constant(hash, item, depth + 1)?;
            }
        } else if class == &raw mut pyo3_ffi::PyFrozenSet_Type {
            hash.number(set_hash(constant, depth)?);
        } else {
            let text = pyo3_ffi::PyObject_Repr(constant);
            if text.is_null() {
                pyo3_ffi::PyErr_Clear();
                return None;
            }
            hash.part(object::str_to_string(text).as_bytes());
            ember_cpython::refcount::decref(text);
        }
    }
    Some(())
}

/// The items of a frozen set in no order.
unsafe fn set_hash(set: *mut PyObject, depth: u32) -> Option<u64> {
    // SAFETY: a live frozen set of constants; iterating it runs no code of the program's.
    unsafe {
        let iterator = pyo3_ffi::PyObject_GetIter(set);
        if iterator.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        let mut sum = Some(0u64);
        loop {
            let item = pyo3_ffi::PyIter_Next(iterator);
            if item.is_null() {
                break;
            }
            let mut hash = Fnv::new();
            let added = add_constant(&mut hash, item, depth + 1);
            sum = sum.zip(added).map(|(sum, ())| sum.wrapping_add(hash.0));
            ember_cpython::refcount::decref(item);
        }
        ember_cpython::refcount::decref(iterator);
        pyo3_ffi::PyErr_Clear();
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let hash = |parts: &[&str]| {
            let mut hash = Fnv::new();
            parts.iter().for_each(|part| hash.part(part.as_bytes()));
            hash.0
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(text(0xab), "00000000000000ab");
    }
}
