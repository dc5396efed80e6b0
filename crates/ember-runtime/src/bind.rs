//! Binding a call's arguments to a compiled function's parameters.
//!
//! A compiled body takes one *borrowed* argument for each parameter: positional and keyword parameters in order, then `*args` and `**kwargs`. The function's native
//! entry does the common case, the exact number of positional arguments; everything else comes here. What binding creates (the tuple, the dict) and what
//! it borrows from a place that may change during the call (defaults) is held until the body has returned.
//!
//! Only calls that succeed are bound here. Any mistake in a call is left to the interpreter's own entry, so that there is one source of error messages.

use crate::generators;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};
use ember_codegen::arena::ALIGN;
use ember_codegen::entry::{HEADER, MAGIC};
use ember_cpython::ffi;
use ember_cpython::layout::{
    CO_VARARGS, CO_VARKEYWORDS, PyCodeObject, PyFunctionObject, PyObject, PyThreadState, PyTupleObject, vectorcallfunc,
};
use ember_cpython::refcount::{decref, incref};
use smallvec::SmallVec;

/// The interpreter's own function entry, which every function has that was not compiled.
static ORIGINAL_VECTORCALL: AtomicUsize = AtomicUsize::new(0);

/// `(tstate, func, args)`: passes the arguments of an array to a body.
type Spread = unsafe extern "C" fn(*mut PyThreadState, *mut PyObject, *const *mut PyObject) -> *mut PyObject;

/// Remembers the interpreter's own function entry.
pub fn set_original_vectorcall(vectorcall: vectorcallfunc) {
    ORIGINAL_VECTORCALL.store(vectorcall as usize, Ordering::Release);
}

/// The interpreter's own function entry.
#[must_use]
pub fn original_vectorcall() -> Option<vectorcallfunc> {
    let address = ORIGINAL_VECTORCALL.load(Ordering::Acquire);
    // SAFETY: only ever written by `set_original_vectorcall`, with a function of this type.
    unsafe { core::mem::transmute::<usize, Option<vectorcallfunc>>(address) }
}

/// Parameters a call usually has at most; with more, memory is allocated.
const FEW: usize = 16;

/// Values bound to parameters, and the references held for the call.
struct Bound {
    few: [MaybeUninit<*mut PyObject>; FEW],
    many: Vec<*mut PyObject>,
    /// `*args`, `**kwargs`, the tuple of defaults: NULL or a reference of ours.
    held: [*mut PyObject; 3],
    /// Values, by bit, of which we have a reference.
    owned: u64,
}

impl Bound {
    /// Nothing yet.
    #[inline(always)]
    fn empty() -> Bound {
        Bound { few: [MaybeUninit::uninit(); FEW], many: Vec::new(), held: [core::ptr::null_mut(); 3], owned: 0 }
    }

    /// Room for that many values, all NULL.
    #[inline(always)]
    fn make_room(&mut self, count: usize) {
        if count > FEW {
            self.many = vec![core::ptr::null_mut(); count];
        } else {
            for value in &mut self.few[..count] {
                value.write(core::ptr::null_mut());
            }
        }
    }

    /// Where the values are.
    #[inline(always)]
    fn array(&mut self) -> *mut *mut PyObject {
        if self.many.is_empty() { self.few.as_mut_ptr().cast() } else { self.many.as_mut_ptr() }
    }

    /// Holds a reference to the value at an index, which comes from where it may be dropped during the call.
    #[inline(always)]
    unsafe fn own(&mut self, index: usize, value: *mut PyObject) -> Option<()> {
        if index >= u64::BITS as usize {
            return None;
        }
        self.owned |= 1 << index;
        // SAFETY: a live object.
        unsafe { incref(value) };
        Some(())
    }

    /// Drops the references held.
    unsafe fn release(&mut self) {
        let values = self.array();
        while self.owned != 0 {
            let index = self.owned.trailing_zeros() as usize;
            self.owned &= self.owned - 1;
            // SAFETY: the reference was taken by `own`; native code does not change its arguments.
            unsafe { decref(*values.add(index)) };
        }
        for object in self.held.iter_mut().rev() {
            let object = core::mem::replace(object, core::ptr::null_mut());
            if !object.is_null() {
                // SAFETY: `held` are references this struct owns; the caller holds the GIL.
                unsafe { decref(object) };
            }
        }
    }
}

unsafe fn tuple_item(tuple: *mut PyObject, index: usize) -> *mut PyObject {
    let items = tuple.cast::<u8>().wrapping_add(core::mem::offset_of!(PyTupleObject, ob_item)).cast::<*mut PyObject>();
    // SAFETY: the caller passes a tuple longer than `index`.
    unsafe { *items.add(index) }
}

pub(crate) unsafe fn tuple_len(tuple: *mut PyObject) -> usize {
    // SAFETY: the caller passes a tuple.
    unsafe { pyo3_ffi::Py_SIZE(tuple) as usize }
}

/// The names of the parameters that can be given by keyword: items of a tuple.
struct ItemsOf {
    tuple: *mut PyObject,
    first: usize,
    last: usize,
}

impl ItemsOf {
    /// The parameter of that name.
    #[inline(always)]
    unsafe fn find(&self, name: *mut PyObject) -> Option<usize> {
        // SAFETY: names of parameters are exact strings, alive as long as their code.
        unsafe {
            let known = (self.first..self.last).find(|&index| tuple_item(self.tuple, index) == name);
            if known.is_some() || is_interned(name) {
                return known;
            }
            (self.first..self.last).find(|&index| ffi::_PyUnicode_Equal(tuple_item(self.tuple, index), name) != 0)
        }
    }
}

/// Whether a name is interned, as those of parameters are: then another address is another name.
unsafe fn is_interned(name: *mut PyObject) -> bool {
    // SAFETY: the caller passes an exact string.
    unsafe { ember_cpython::object::str_is_interned(name) }
}

/// The keyword arguments of a call.
#[derive(Clone, Copy)]
pub(crate) enum Keywords {
    /// None.
    No,
    /// A tuple of names; the values follow the positional arguments.
    Names(*mut PyObject),
    /// A dict with string keys.
    Dict(*mut PyObject),
}

/// What a function is called with.
pub(crate) struct Given {
    pub args: *const *mut PyObject,
    pub positional: usize,
    pub keywords: Keywords,
}

impl Given {
    /// The arguments of a vectorcall.
    #[inline(always)]
    pub fn by_vector(args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> Given {
        let keywords = if kwnames.is_null() { Keywords::No } else { Keywords::Names(kwnames) };
        Given { args, positional: nargsf & !pyo3_ffi::PY_VECTORCALL_ARGUMENTS_OFFSET, keywords }
    }
}

/// Binds arguments and hands the parameters' values to `then`, borrowed; `None` when they do not fit.
///
/// # Safety
/// A live Python function and the arguments of a call of it, alive meanwhile.
pub(crate) unsafe fn bind_all<R>(
    func: *mut PyFunctionObject,
    given: &Given,
    then: impl FnOnce(*const *mut PyObject, usize) -> R,
) -> Option<R> {
    // SAFETY: by the contract.
    unsafe {
        let code = (*func).func_code;
        let argcount = (*code).co_argcount as usize;
        let simple = (*code).co_flags & (CO_VARARGS | CO_VARKEYWORDS) == 0 && (*code).co_kwonlyargcount == 0;
        if simple && given.positional == argcount && matches!(given.keywords, Keywords::No) {
            return Some(then(given.args, argcount));
        }
        let count = Shape::of(code).parameters();
        let mut bound = Bound::empty();
        let result = bind(&mut bound, func, given).map(|()| then(bound.array(), count));
        bound.release();
        result
    }
}

/// Binds, or returns `None` when the call is wrong or memory is short (no exception is left set). `bound` comes empty; it is filled in place, since moving what
/// has just been written word by word stalls the processor.
unsafe fn bind(bound: &mut Bound, func: *mut PyFunctionObject, given: &Given) -> Option<()> {
    // SAFETY: the arguments are those of a call of `func`, by the protocol of PEP 590 or as a tuple and a dict, both alive during the call.
    unsafe {
        let code = (*func).func_code;
        let argcount = (*code).co_argcount as usize;
        let named = argcount + (*code).co_kwonlyargcount as usize;
        let varargs = (*code).co_flags & CO_VARARGS != 0;
        let varkw = (*code).co_flags & CO_VARKEYWORDS != 0;
        let total = named + usize::from(varargs) + usize::from(varkw);
        bound.make_room(total);
        let values = core::slice::from_raw_parts_mut(bound.array(), total);
        let &Given { args, positional, keywords } = given;
        core::ptr::copy_nonoverlapping(args, values.as_mut_ptr(), positional.min(argcount));
        let missing = positional < argcount || named > argcount;
        if varargs {
            let extra = positional.saturating_sub(argcount);
            // Never the caller's own tuple: one can tell the two apart.
            let rest = ffi::_PyTuple_FromArray(args.add(positional - extra), extra as isize);
            if rest.is_null() {
                pyo3_ffi::PyErr_Clear();
                return None;
            }
            bound.held[0] = rest;
            values[named] = rest;
        } else if positional > argcount {
            return None;
        }
        let first = (*code).co_posonlyargcount as usize;
        let names = ItemsOf { tuple: (*code).co_localsplusnames, first, last: named };
        match keywords {
            Keywords::No => {}
            Keywords::Names(kwnames) => {
                let mut others: *mut PyObject = core::ptr::null_mut();
                for index in 0..tuple_len(kwnames) {
                    let (name, value) = (tuple_item(kwnames, index), *args.add(positional + index));
                    match names.find(name) {
                        Some(slot) if values[slot].is_null() => values[slot] = value,
                        Some(_) => return None,
                        None if !varkw => return None,
                        None => {
                            if others.is_null() {
                                others = new_dict(bound)?;
                            }
                            if pyo3_ffi::PyDict_SetItem(others, name, value) < 0 {
                                pyo3_ffi::PyErr_Clear();
                                return None;
                            }
                        }
                    }
                }
            }
            Keywords::Dict(dict) => bind_dict(bound, values, &names, dict, varkw)?,
        }
        if varkw {
            if bound.held[1].is_null() {
                new_dict(bound)?;
            }
            *values.last_mut()? = bound.held[1];
        }
        if missing { fill_defaults(func, bound, values, argcount, named) } else { Some(()) }
    }
}

/// The dict for `**kwargs`.
unsafe fn new_dict(bound: &mut Bound) -> Option<*mut PyObject> {
    // SAFETY: the GIL is held.
    unsafe {
        let dict = pyo3_ffi::PyDict_New();
        if dict.is_null() {
            pyo3_ffi::PyErr_Clear();
            return None;
        }
        bound.held[1] = dict;
        Some(dict)
    }
}

/// Binds keyword arguments from a dict, which itself becomes `**kwargs` if nobody else has it and no item of it is another parameter's.
unsafe fn bind_dict(
    bound: &mut Bound,
    values: &mut [*mut PyObject],
    names: &ItemsOf,
    dict: *mut PyObject,
    varkw: bool,
) -> Option<()> {
    // SAFETY: a live exact dict that does not change while it is walked: comparing exact strings runs no code.
    unsafe {
        let shared = pyo3_ffi::Py_REFCNT(dict) != 1;
        let (mut at, mut name, mut value) = (0, core::ptr::null_mut(), core::ptr::null_mut());
        let mut taken = false;
        while pyo3_ffi::PyDict_Next(dict, &mut at, &mut name, &mut value) != 0 {
            if pyo3_ffi::PyUnicode_CheckExact(name) == 0 {
                return None;
            }
            match names.find(name) {
                Some(slot) if values[slot].is_null() => {
                    if shared {
                        bound.own(slot, value)?;
                    }
                    values[slot] = value;
                    taken = true;
                }
                Some(_) => return None,
                None if !varkw => return None,
                None => {}
            }
        }
        if !varkw {
            return Some(());
        }
        if !taken && !shared {
            incref(dict);
            bound.held[1] = dict;
            return Some(());
        }
        if !taken {
            bound.held[1] = pyo3_ffi::PyDict_Copy(dict);
            if bound.held[1].is_null() {
                pyo3_ffi::PyErr_Clear();
                return None;
            }
            return Some(());
        }
        let others = new_dict(bound)?;
        at = 0;
        while pyo3_ffi::PyDict_Next(dict, &mut at, &mut name, &mut value) != 0 {
            if names.find(name).is_none() && pyo3_ffi::PyDict_SetItem(others, name, value) < 0 {
                pyo3_ffi::PyErr_Clear();
                return None;
            }
        }
        Some(())
    }
}

unsafe fn fill_defaults(
    func: *mut PyFunctionObject,
    bound: &mut Bound,
    values: &mut [*mut PyObject],
    argcount: usize,
    named: usize,
) -> Option<()> {
    // SAFETY: a live function; `values` has one for each of its parameters.
    unsafe {
        let defaults = (*func).func_defaults;
        let ndefaults = if defaults.is_null() { 0 } else { tuple_len(defaults) };
        let first_default = argcount.checked_sub(ndefaults)?;
        for (index, value) in values[..argcount].iter_mut().enumerate() {
            if value.is_null() {
                if index < first_default {
                    return None;
                }
                *value = tuple_item(defaults, index - first_default);
                if bound.held[2].is_null() {
                    incref(defaults);
                    bound.held[2] = defaults;
                }
            }
        }
        for (index, slot) in values[..named].iter_mut().enumerate().skip(argcount) {
            if slot.is_null() {
                let kwdefaults = (*func).func_kwdefaults;
                if kwdefaults.is_null() {
                    return None;
                }
                let name = tuple_item((*(*func).func_code).co_localsplusnames, index);
                let value = pyo3_ffi::PyDict_GetItemWithError(kwdefaults, name);
                if value.is_null() {
                    pyo3_ffi::PyErr_Clear();
                    return None;
                }
                bound.own(index, value)?;
                *slot = value;
            }
        }
        Some(())
    }
}

/// The commonest of the other calls: positional arguments, fewer than there are parameters, the rest by default. `None` when it is not that.
#[inline]
unsafe fn with_defaults(
    func: *mut PyFunctionObject,
    args: *const *mut PyObject,
    positional: usize,
    spread: usize,
) -> Option<*mut PyObject> {
    // SAFETY: as for `bind`; the tuple of defaults is held until the body has returned.
    unsafe {
        let code = (*func).func_code;
        let defaults = (*func).func_defaults;
        let argcount = (*code).co_argcount as usize;
        if (*code).co_flags & (CO_VARARGS | CO_VARKEYWORDS) != 0
            || (*code).co_kwonlyargcount != 0
            || defaults.is_null()
            || positional >= argcount
            || argcount > FEW
        {
            return None;
        }
        let ndefaults = tuple_len(defaults);
        let first_default = argcount.checked_sub(ndefaults).filter(|&first| positional >= first)?;
        let mut values = [core::ptr::null_mut::<PyObject>(); FEW];
        for (index, value) in values.iter_mut().enumerate().take(argcount) {
            *value = if index < positional { *args.add(index) } else { tuple_item(defaults, index - first_default) };
        }
        incref(defaults);
        let spread = core::mem::transmute::<usize, Spread>(spread);
        let result = spread(ffi::PyThreadState_GetUnchecked(), func.cast(), values.as_ptr());
        crate::exits::while_leaving(|| decref(defaults));
        Some(result)
    }
}

/// A vectorcall of a compiled function in any form: binds the arguments and has `spread` call the body.
///
/// # Safety
/// The arguments of a vectorcall of a Python function; `spread` belongs to its compiled body.
pub unsafe extern "C" fn ember_bind_slow(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    spread: usize,
) -> *mut PyObject {
    // SAFETY: passed on from the vectorcall protocol. The function and the arguments are held meanwhile, as an interpreted frame would hold them.
    unsafe {
        let positional = nargsf & !pyo3_ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        let count = positional + if kwnames.is_null() { 0 } else { tuple_len(kwnames) };
        let mut held: SmallVec<[*mut PyObject; 12]> = SmallVec::new();
        held.push(callable);
        if count > 0 {
            held.extend_from_slice(core::slice::from_raw_parts(args, count));
        }
        for &object in &held {
            incref(object);
        }
        let result = bind_and_call(callable, args, nargsf, kwnames, spread);
        crate::exits::while_leaving(|| {
            for object in held {
                decref(object);
            }
        });
        result
    }
}

unsafe fn bind_and_call(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    spread: usize,
) -> *mut PyObject {
    // SAFETY: passed on from the vectorcall protocol; `spread` is code of this type by the contract.
    unsafe {
        let func = callable.cast::<PyFunctionObject>();
        let positional = nargsf & !pyo3_ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        if kwnames.is_null()
            && let Some(result) = with_defaults(func, args, positional, spread)
        {
            return result;
        }
        let given = Given::by_vector(args, nargsf, kwnames);
        match call_bound(ffi::PyThreadState_GetUnchecked(), func, &given, spread) {
            Some(result) => result,
            None => match original_vectorcall() {
                Some(original) => original(callable, args, nargsf, kwnames),
                None => core::ptr::null_mut(),
            },
        }
    }
}

/// Binds arguments and calls the body; `None` when they do not fit.
unsafe fn call_bound(
    tstate: *mut PyThreadState,
    func: *mut PyFunctionObject,
    given: &Given,
    spread: usize,
) -> Option<*mut PyObject> {
    // SAFETY: passed on.
    unsafe {
        let mut bound = Bound::empty();
        if bind(&mut bound, func, given).is_none() {
            bound.release();
            return None;
        }
        let spread = core::mem::transmute::<usize, Spread>(spread);
        let result = spread(tstate, func.cast(), bound.array());
        crate::exits::while_leaving(|| bound.release());
        Some(result)
    }
}

/// The arguments of `function(*args, **kwargs)`.
pub struct Forwarded {
    /// The positional arguments.
    pub args: *mut *mut PyObject,
    /// How many.
    pub count: usize,
    /// The keyword arguments: an exact dict or NULL.
    pub kwargs: *mut PyObject,
    /// Whether there are any.
    pub named: bool,
}

/// Calls a Python function with a tuple and a dict of arguments, which are not copied where the callee could not tell. `None` when that needs the general way.
///
/// # Safety
/// Live objects, alive during the call.
pub unsafe fn forward(
    tstate: *mut PyThreadState,
    func: *mut PyFunctionObject,
    given: &Forwarded,
) -> Option<*mut PyObject> {
    // SAFETY: by the contract; an entry of ours has its header before it.
    unsafe {
        let entry = (*func).vectorcall?;
        let all = Given {
            args: given.args,
            positional: given.count,
            keywords: if given.named { Keywords::Dict(given.kwargs) } else { Keywords::No },
        };
        if let Some(made) = generators::make(tstate, func, &all) {
            return Some(made);
        }
        let variadic = (*(*func).func_code).co_flags & (CO_VARARGS | CO_VARKEYWORDS) != 0;
        if !given.named && !variadic {
            return Some(entry(func.cast(), given.args, given.count, core::ptr::null_mut()));
        }
        if Some(entry as usize) != original_vectorcall().map(|original| original as usize)
            && let Some(spread) = spread_of(entry as usize)
        {
            return call_bound(tstate, func, &all, spread);
        }
        (!given.named).then(|| entry(func.cast(), given.args, given.count, core::ptr::null_mut()))
    }
}

/// The `spread` function that belongs to a function's entry, if that is one of ours.
unsafe fn spread_of(entry: usize) -> Option<usize> {
    if !entry.is_multiple_of(ALIGN) {
        return None;
    }
    // SAFETY: a function of this alignment has something before it in its mapping; ours have their header there.
    unsafe {
        let header = (entry - HEADER) as *const u64;
        (*header == MAGIC).then(|| entry.wrapping_sub(*header.add(1) as usize))
    }
}

/// The parameters of a function, as far as calling it needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    positional: usize,
    keyword_only: usize,
    rest: bool,
    keywords: bool,
}

impl Shape {
    /// The shape of a code object's parameters.
    ///
    /// # Safety
    /// A live code object.
    #[must_use]
    pub unsafe fn of(code: *mut PyCodeObject) -> Shape {
        // SAFETY: by the contract.
        unsafe {
            Shape {
                positional: (*code).co_argcount as usize,
                keyword_only: (*code).co_kwonlyargcount as usize,
                rest: (*code).co_flags & CO_VARARGS != 0,
                keywords: (*code).co_flags & CO_VARKEYWORDS != 0,
            }
        }
    }

    /// How many parameters there are, `*args` and `**kwargs` among them.
    #[must_use]
    pub fn parameters(self) -> usize {
        self.positional + self.keyword_only + usize::from(self.rest) + usize::from(self.keywords)
    }

    /// Whether all parameters are positional.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.parameters() == self.positional
    }

    /// As a number.
    #[must_use]
    pub fn packed(self) -> u64 {
        self.positional as u64
            | (self.keyword_only as u64) << 16
            | u64::from(self.rest) << 32
            | u64::from(self.keywords) << 33
    }

    fn unpack(packed: u64) -> Shape {
        Shape {
            positional: (packed & 0xFFFF) as usize,
            keyword_only: (packed >> 16 & 0xFFFF) as usize,
            rest: packed >> 32 & 1 != 0,
            keywords: packed >> 33 & 1 != 0,
        }
    }
}

/// What a call cell leads to while its function has no compiled body: calls the function as anybody would.
///
/// # Safety
/// `args` are live objects, one for each parameter of the [`Shape`] that `func` had when the caller was compiled.
pub unsafe extern "C" fn ember_call_uncompiled(
    tstate: *mut PyThreadState,
    func: *mut PyObject,
    args: *const *mut PyObject,
    shape: u64,
) -> *mut PyObject {
    let shape = Shape::unpack(shape);
    // SAFETY: by the contract above.
    unsafe {
        let result = if shape.is_plain() {
            pyo3_ffi::PyObject_Vectorcall(func, args, shape.positional, core::ptr::null_mut())
        } else {
            call_taken_apart(func.cast(), args, shape)
        };
        crate::tracing::returning(tstate, result)
    }
}

/// Takes `*args` and `**kwargs` apart again.
#[cold]
unsafe fn call_taken_apart(func: *mut PyFunctionObject, args: *const *mut PyObject, shape: Shape) -> *mut PyObject {
    // SAFETY: as for `ember_call_uncompiled`: the values of the two are a tuple and a dict.
    unsafe {
        let mut all: SmallVec<[*mut PyObject; 16]> =
            SmallVec::from_slice(core::slice::from_raw_parts(args, shape.positional));
        let named = shape.positional + shape.keyword_only;
        if shape.rest {
            let rest = *args.add(named);
            all.extend((0..tuple_len(rest)).map(|index| tuple_item(rest, index)));
        }
        let positional = all.len();
        let mut names: SmallVec<[*mut PyObject; 16]> = SmallVec::new();
        let parameters = (*(*func).func_code).co_localsplusnames;
        for index in shape.positional..named.min(tuple_len(parameters)) {
            names.push(tuple_item(parameters, index));
            all.push(*args.add(index));
        }
        if shape.keywords {
            let dict = *args.add(named + usize::from(shape.rest));
            let (mut at, mut name, mut value) = (0, core::ptr::null_mut(), core::ptr::null_mut());
            while pyo3_ffi::PyDict_Next(dict, &mut at, &mut name, &mut value) != 0 {
                names.push(name);
                all.push(value);
            }
        }
        if names.is_empty() {
            return pyo3_ffi::PyObject_Vectorcall(func.cast(), all.as_ptr(), positional, core::ptr::null_mut());
        }
        let kwnames = ffi::_PyTuple_FromArray(names.as_ptr(), names.len() as isize);
        if kwnames.is_null() {
            return kwnames;
        }
        let result = pyo3_ffi::PyObject_Vectorcall(func.cast(), all.as_ptr(), positional, kwnames);
        decref(kwnames);
        result
    }
}
