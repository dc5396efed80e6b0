//! Answers of `isinstance`, remembered by pairs of classes.
//!
//! Where the class asked about is not exactly of type `type` (models, forms and serializers never are), CPython looks `__instancecheck__` up in its metaclass at each question, and
//! where the answer is no, whatever the class, `__class__` in the object. Both are nearly always the builtin ones, and then the answer follows from the two classes alone.
//!
//! A pair has one place in the table. Its entry holds as long as the numbers of both classes stand (see [`crate::classes`]): a number covers all names with leading underscores in the
//! class, its bases and its metaclass, the resolution order, and the life of the class.

use crate::classes::{number_of, stands};
use crate::object::{CLASS, INSTANCECHECK, class_of, is_exact};
use core::cell::UnsafeCell;
use ember_cpython::ffi;
use ember_cpython::layout::{PyObject, TypeObject};

type Class = *mut TypeObject;

const PLACES: usize = 1024;

/// The answer for two classes. A number stands for one class only, so it says which class, too: an entry is small, and more of them stay in the processor's cache.
#[derive(Clone, Copy)]
struct Answer {
    object_number: u32,
    /// The number of the class asked about; its uppermost bit is the answer.
    class_number: u32,
}

const YES: u32 = 1 << 31;

struct Answers(UnsafeCell<[Answer; PLACES]>);

// SAFETY: only touched with the GIL held; no reference into the table outlives a statement.
unsafe impl Sync for Answers {}

static ANSWERS: Answers = Answers(UnsafeCell::new([Answer { object_number: 0, class_number: 0 }; PLACES]));

fn place(object_class: Class, class: Class) -> *mut Answer {
    let mixed = (object_class as usize >> 4).wrapping_mul(0x9E37_79B1) ^ (class as usize >> 4);
    ANSWERS.0.get().cast::<Answer>().wrapping_add((mixed ^ (mixed >> 16)) % PLACES)
}

/// `isinstance(obj, class)`: 1, 0, or -1 with an exception.
///
/// # Safety
/// Live objects; the GIL is held.
pub unsafe fn is_instance(obj: *mut PyObject, class: *mut PyObject) -> i64 {
    // SAFETY: by the contract.
    unsafe {
        if !is_exact(class, &raw mut pyo3_ffi::PyTuple_Type) {
            return is_instance_of(obj, class);
        }
        // The tuple is the caller's, so its items live as long as this takes. A tuple in a tuple is CPython's.
        for index in 0..pyo3_ffi::PyTuple_GET_SIZE(class) {
            let answer = is_instance_of(obj, pyo3_ffi::PyTuple_GET_ITEM(class, index));
            if answer != 0 {
                return answer;
            }
        }
        0
    }
}

unsafe fn is_instance_of(obj: *mut PyObject, class: *mut PyObject) -> i64 {
    // SAFETY: as in `is_instance`.
    unsafe {
        // An exact instance is one whatever the metaclass thinks.
        let object_class = class_of(obj);
        if object_class == class.cast() {
            return 1;
        }
        let answer = place(object_class, class.cast());
        let Answer { object_number, class_number } = *answer;
        if stands(object_class, object_number) && stands(class.cast(), class_number & !YES) {
            return i64::from(class_number & YES != 0);
        }
        let is = pyo3_ffi::PyObject_IsInstance(obj, class);
        // What was asked may have changed anything, so the classes are looked at anew.
        if is >= 0 && class_of(obj) == object_class && pyo3_ffi::PyType_Check(class) != 0 {
            learn(answer, object_class, class.cast(), is != 0);
        }
        i64::from(is)
    }
}

#[cold]
unsafe fn learn(answer: *mut Answer, object_class: Class, class: Class, is: bool) {
    // SAFETY: live classes, with the GIL held; looking up in classes runs no code.
    unsafe {
        let (check_name, class_name) = (INSTANCECHECK.get(), CLASS.get());
        if check_name.is_null() || class_name.is_null() {
            pyo3_ffi::PyErr_Clear();
            return;
        }
        let object: Class = (&raw mut pyo3_ffi::PyBaseObject_Type).cast();
        let builtin = |class: Class, root: Class, name: *mut PyObject| {
            let found = ffi::_PyType_Lookup(class.cast(), name);
            !found.is_null() && found == ffi::_PyType_Lookup(root.cast(), name)
        };
        let plain_class = (*object_class).tp_getattro == (*object).tp_getattro;
        if !builtin(class_of(class.cast()), (&raw mut pyo3_ffi::PyType_Type).cast(), check_name)
            || !(is || plain_class && builtin(object_class, object, class_name))
            // Said by `__class__` and not by the class: that is the object's own business.
            || is && pyo3_ffi::PyType_IsSubtype(object_class.cast(), class.cast()) == 0
        {
            return;
        }
        let nothing = core::ptr::null_mut();
        let (Some(object_number), Some(class_number)) = (number_of(object_class, nothing), number_of(class, nothing))
        else {
            return;
        };
        *answer = Answer { object_number, class_number: class_number | if is { YES } else { 0 } };
    }
}
