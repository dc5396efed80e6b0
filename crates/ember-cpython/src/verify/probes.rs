//! Behavioural probes: objects are made, and what the public API says about them is compared with what
//! lies at our offsets. They run after the version and the table of offsets agreed.

use core::cell::Cell;
use core::ffi::CStr;
use core::ptr;
use std::sync::OnceLock;

use pyo3_ffi as py;

use crate::dict::{self, Lookup};
use crate::ffi;
use crate::frame;
use crate::heap;
use crate::layout::*;
use crate::object;
use crate::refcount::{refcnt, xdecref};
use crate::tstate;
use crate::types;

/// Remembered from fresh functions: CPython's own entry, which it hides.
pub(super) static ORIGINAL_VECTORCALL: OnceLock<vectorcallfunc> = OnceLock::new();

/// What the probes look at. `call` is how the interpreter reaches [`in_frame`].
const SOURCE: &CStr = c"
def two(a, b=1, *, c=2):
    d = (a, b)
    return d
def other(a):
    return a
def call(probe, marker):
    return probe()
class Plain:
    def __init__(self, marker):
        self.first = marker
        self.second = 7
class Slotted:
    __slots__ = ('only',)
    @property
    def prop(self): return 1
    @classmethod
    def cm(cls): pass
def gen(a):
    yield a
marker = Plain(...)
";

type Probe = Result<(), String>;

fn expect(ok: bool, what: &str) -> Probe {
    if ok { Ok(()) } else { Err(format!("probe failed: {what}")) }
}

/// An owned reference.
struct Owned(*mut PyObject);

impl Owned {
    /// Takes over a result; an exception becomes an error.
    unsafe fn new(obj: *mut PyObject) -> Result<Owned, String> {
        if obj.is_null() {
            // SAFETY: the GIL is held.
            unsafe { py::PyErr_Clear() };
            return Err("probe failed: an operation that cannot fail raised".into());
        }
        Ok(Owned(obj))
    }

    fn cast<T>(&self) -> *mut T {
        self.0.cast()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: an owned reference; probes run with the GIL held.
        unsafe { xdecref(self.0) }
    }
}

unsafe fn attr(obj: *mut PyObject, name: &CStr) -> Result<Owned, String> {
    // SAFETY: `obj` is live, the GIL is held.
    unsafe { Owned::new(py::PyObject_GetAttrString(obj, name.as_ptr())) }
}

/// All of them. No exception is left behind.
pub(super) unsafe fn run() -> Probe {
    // SAFETY: the GIL is held; `py` functions are used as documented throughout.
    unsafe {
        threads()?;
        numbers()?;
        containers()?;
        let globals = Owned::new(py::PyDict_New())?;
        let builtins = py::PyEval_GetBuiltins();
        expect(!builtins.is_null(), "builtins")?;
        py::PyDict_SetItemString(globals.0, c"__builtins__".as_ptr(), builtins);
        py::PyDict_SetItemString(
            globals.0,
            c"__name__".as_ptr(),
            Owned::new(py::PyUnicode_FromString(c"ember_probe".as_ptr()))?.0,
        );
        let code = Owned::new(py::Py_CompileString(SOURCE.as_ptr(), c"<ember probe>".as_ptr(), py::Py_file_input))?;
        drop(Owned::new(py::PyEval_EvalCode(code.0, globals.0, globals.0))?);
        functions(globals.0)?;
        dicts(globals.0)?;
        instances(globals.0)?;
        heap(globals.0)?;
        versions(globals.0)?;
        frames(globals.0)?;
        generators(globals.0)
    }
}

unsafe fn threads() -> Probe {
    // SAFETY: the fields up to `datastack_limit` were covered by the table, the rest is compared first.
    unsafe {
        let ts = tstate::current();
        expect(!ts.is_null() && ts == ffi::PyThreadState_Get(), "current thread state")?;
        expect((*ts).interp == ffi::PyInterpreterState_Get(), "thread's interpreter")?;
        expect((*ts).py_recursion_limit == py::Py_GetRecursionLimit(), "recursion limit")?;
        expect((*ts).py_recursion_remaining <= (*ts).py_recursion_limit, "recursion counter")?;
        expect((*ts).current_exception.is_null(), "no exception pending")?;
        py::PyErr_SetNone(py::PyExc_ValueError);
        let seen = (*ts).current_exception;
        py::PyErr_Clear();
        expect(!seen.is_null() && (*ts).current_exception.is_null(), "pending exception")?;
        expect(!(*ts).exc_info.is_null(), "handled exceptions")?;

        let chunk = (*ts).datastack_chunk;
        let (top, limit) = ((*ts).datastack_top as usize, (*ts).datastack_limit as usize);
        if chunk.is_null() {
            expect(top == 0 && limit == 0, "empty data stack")?;
        } else {
            let (start, end) = (chunk as usize, chunk as usize + (*chunk).size);
            expect(limit == end && start < top && top <= limit, "data stack")?;
        }

        let here = 0u8;
        let here = &raw const here as usize;
        let [top, soft, hard] =
            [tstate::c_stack_top_offset(), tstate::c_stack_soft_limit_offset(), tstate::c_stack_hard_limit_offset()]
                .map(|offset| *ts.byte_add(offset).cast::<usize>());
        expect(hard < soft && soft < here && here < top, "C stack limits")
    }
}

unsafe fn numbers() -> Probe {
    // SAFETY: fresh objects are looked at while owned.
    unsafe {
        for (value, tag) in [(5i64, 8 | 4), (-5, 8 | 4 | 2), (0, 4 | 1), (7777, 8), (-77_777, 8 | 2), (1 << 40, 2 << 3)]
        {
            let int = Owned::new(py::PyLong_FromLongLong(value))?;
            let long: *mut PyLongObject = int.cast();
            expect((*long).lv_tag == tag, "tag of an int")?;
            expect(object::compact_int(int.0) == (tag < LONG_COMPACT_LIMIT).then_some(value), "value of an int")?;
            expect(object::int_value(int.0) == Some(value), "value of a long int")?;
        }
        expect(object::compact_int(object::bool_object(true)) == Some(1), "True")?;

        let float = Owned::new(py::PyFloat_FromDouble(-12.75))?;
        expect(object::float_value(float.0) == -12.75, "value of a float")?;
        expect(refcnt(float.0) == 1, "count of a fresh object")?;
        crate::refcount::incref(float.0);
        expect(refcnt(float.0) == 2 && py::Py_REFCNT(float.0) == 2, "count after taking a reference")?;
        crate::refcount::decref(float.0);
        expect(refcnt(float.0) == 1, "count after dropping it")?;
        expect(crate::refcount::is_immortal(object::none()), "None is immortal")?;
        let head: *mut ObjectHead = object::none().cast();
        expect((*head).ob_flags & FLAG_IMMORTAL != 0, "None's flags")
    }
}

unsafe fn containers() -> Probe {
    // SAFETY: fresh objects are looked at while owned; `none` and others are borrowed and immortal.
    unsafe {
        let (a, b) = (object::none(), object::ellipsis());
        let tuple = Owned::new(py::PyTuple_Pack(2, a, b))?;
        expect(object::tuple_items(tuple.0) == [a, b], "items of a tuple")?;

        let list = Owned::new(py::PyList_New(0))?;
        expect(object::list_items(list.0).is_empty(), "an empty list")?;
        py::PyList_Append(list.0, a);
        py::PyList_Append(list.0, b);
        expect(object::list_items(list.0) == [a, b], "items of a list")?;
        expect((*list.cast::<PyListObject>()).allocated >= 2, "room of a list")?;

        let cell = Owned::new(ffi::PyCell_New(b))?;
        expect((*cell.cast::<PyCellObject>()).ob_ref == b, "content of a cell")?;

        let slice = Owned::new(py::PySlice_New(a, b, a))?;
        let s: *mut PySliceObject = slice.cast();
        expect((*s).start == a && (*s).stop == b && (*s).step == a, "slice")?;

        let set = Owned::new(py::PySet_New(tuple.0))?;
        let s: *mut PySetObject = set.cast();
        expect((*s).used == 2 && (*s).mask == 7 && !(*s).table.is_null(), "set")?;

        let text = Owned::new(py::PyUnicode_FromString(c"ember".as_ptr()))?;
        expect(object::str_data(text.0) == (1, b"ember".as_slice()), "ASCII text")?;
        let wide = Owned::new(py::PyUnicode_FromString(c"\u{20ac}\u{1d11e}".as_ptr()))?;
        expect(object::str_len(wide.0) == 2 && object::str_to_string(wide.0) == "\u{20ac}\u{1d11e}", "wide text")?;
        let hash = py::PyObject_Hash(text.0);
        expect((*text.cast::<PyASCIIObject>()).hash == hash, "cached hash of a text")?;

        let bytes = Owned::new(py::PyBytes_FromStringAndSize(c"ab".as_ptr(), 2))?;
        expect(object::bytes(bytes.0) == b"ab", "bytes")?;

        let iter = Owned::new(py::PyObject_GetIter(list.0))?;
        let it: *mut PySeqIterObject = iter.cast();
        drop(Owned::new(py::PyIter_Next(iter.0))?);
        expect((*it).it_index == 1 && (*it).it_seq == list.0, "list iterator")?;
        let iter = Owned::new(py::PyObject_GetIter(tuple.0))?;
        let it: *mut PySeqIterObject = iter.cast();
        drop(Owned::new(py::PyIter_Next(iter.0))?);
        expect((*it).it_index == 1 && (*it).it_seq == tuple.0, "tuple iterator")?;

        let range =
            Owned::new(py::PyObject_CallFunction((&raw mut py::PyRange_Type).cast(), c"iii".as_ptr(), 10, 100, 3))?;
        let r: *mut PyRangeObject = range.cast();
        expect((*r).start == attr(range.0, c"start")?.0 && (*r).stop == attr(range.0, c"stop")?.0, "range")?;
        let iter = Owned::new(py::PyObject_GetIter(range.0))?;
        expect(object::is_exact(iter.0, &raw mut ffi::PyRangeIter_Type), "type of a range iterator")?;
        drop(Owned::new(py::PyIter_Next(iter.0))?);
        let it: *mut PyRangeIterObject = iter.cast();
        expect(((*it).start, (*it).step, (*it).len) == (13, 3, 29), "range iterator")
    }
}

unsafe fn global(globals: *mut PyObject, name: &CStr) -> Result<*mut PyObject, String> {
    // SAFETY: `globals` keeps the (borrowed) value.
    let value = unsafe { py::PyDict_GetItemString(globals, name.as_ptr()) };
    expect(!value.is_null(), "probe code").map(|()| value)
}

unsafe fn functions(globals: *mut PyObject) -> Probe {
    // SAFETY: functions and their parts are kept by `globals`.
    unsafe {
        let two: *mut PyFunctionObject = global(globals, c"two")?.cast();
        let other: *mut PyFunctionObject = global(globals, c"other")?.cast();
        let code = (*two).func_code;
        expect(code.cast() == ffi::PyFunction_GetCode(two.cast()), "code of a function")?;
        expect(object::is_exact(code.cast(), &raw mut ffi::PyCode_Type), "type of code")?;
        expect(
            (*two).func_globals == globals && (*two).func_builtins == py::PyEval_GetBuiltins(),
            "globals of a function",
        )?;
        expect((*two).func_closure.is_null(), "closure of a function")?;
        for (name, field) in [
            (c"__defaults__", (*two).func_defaults),
            (c"__kwdefaults__", (*two).func_kwdefaults),
            (c"__name__", (*two).func_name),
            (c"__qualname__", (*two).func_qualname),
            (c"__module__", (*two).func_module),
        ] {
            expect(attr(two.cast(), name)?.0 == field, "parts of a function")?;
        }

        // Public counterparts of the code's fields.
        for (name, field) in [
            (c"co_argcount", (*code).co_argcount),
            (c"co_posonlyargcount", (*code).co_posonlyargcount),
            (c"co_kwonlyargcount", (*code).co_kwonlyargcount),
            (c"co_nlocals", (*code).co_nlocals),
            (c"co_stacksize", (*code).co_stacksize),
            (c"co_flags", (*code).co_flags),
            (c"co_firstlineno", (*code).co_firstlineno),
        ] {
            expect(object::int_value(attr(code.cast(), name)?.0) == Some(i64::from(field)), "numbers of code")?;
        }
        for (name, field) in [
            (c"co_consts", (*code).co_consts),
            (c"co_names", (*code).co_names),
            (c"co_exceptiontable", (*code).co_exceptiontable),
            (c"co_filename", (*code).co_filename),
        ] {
            expect(attr(code.cast(), name)?.0 == field, "parts of code")?;
        }
        let words = (*code).co_nlocalsplus as usize + (*code).co_stacksize as usize + FRAME_SPECIALS_SIZE;
        expect((*code).co_nlocalsplus == 4 && (*code).co_framesize as usize == words, "frame size of code")?;
        let units = Owned::new(ffi::PyCode_GetCode(code))?;
        expect(object::bytes(units.0).len() == 2 * (*code).ob_base.ob_size as usize, "length of code")?;
        // No call was made yet, so the first unit is not specialised: it is in both copies.
        expect(object::bytes(units.0)[..2] == (*frame::instruction(code, 0)).to_le_bytes(), "bytecode")?;

        let entry = (*two).vectorcall;
        expect(
            entry.is_some() && entry.map(|f| f as usize) == (*other).vectorcall.map(|f| f as usize),
            "entry of functions",
        )?;
        if let Some(entry) = entry {
            ORIGINAL_VECTORCALL.get_or_init(|| entry);
        }
        let call = Owned::new(py::PyObject_CallOneArg(other.cast(), object::ellipsis()))?;
        expect(call.0 == object::ellipsis(), "call of a function")?;

        let method = Owned::new(ffi::PyMethod_New(two.cast(), globals))?;
        let m: *mut PyMethodObject = method.cast();
        expect((*m).im_func == two.cast() && (*m).im_self == globals && (*m).vectorcall.is_some(), "bound method")?;

        let append = attr((&raw mut py::PyList_Type).cast(), c"append")?;
        expect(object::is_exact(append.0, &raw mut ffi::PyMethodDescr_Type), "type of a method descriptor")?;
        let d: *mut PyMethodDescrObject = append.cast();
        expect((*d).d_common.d_type == &raw mut py::PyList_Type && (*d).vectorcall.is_some(), "method descriptor")?;
        expect(
            !(*d).d_method.is_null()
                && (*(*d).d_method).ml_flags == py::METH_O
                && CStr::from_ptr((*(*d).d_method).ml_name) == c"append",
            "method definition",
        )?;
        let f: *mut PyCFunctionObject = global(py::PyEval_GetBuiltins(), c"len")?.cast();
        expect(CStr::from_ptr((*(*f).m_ml).ml_name) == c"len" && (*f).vectorcall.is_some(), "builtin function")
    }
}

unsafe fn dicts(globals: *mut PyObject) -> Probe {
    // SAFETY: `globals` and what it holds live.
    unsafe {
        let keys = dict::keys(globals);
        expect((*keys).dk_kind == DICT_KEYS_UNICODE && dict::is_unicode(keys), "kind of a dict's keys")?;
        expect(dict::len(globals) == py::PyDict_Size(globals) as usize && !dict::is_split(globals), "size of a dict")?;
        for name in [c"two", c"call", c"Plain"] {
            let key = Owned::new(py::PyUnicode_InternFromString(name.as_ptr()))?;
            py::PyObject_Hash(key.0);
            let found = dict::get(globals, key.0).map(|(_, value)| value);
            expect(found == Some(py::PyDict_GetItem(globals, key.0)), "lookup in a dict")?;
        }
        let missing = Owned::new(py::PyUnicode_FromString(c"no such name".as_ptr()))?;
        py::PyObject_Hash(missing.0);
        expect(dict::lookup(keys, missing.0) == Lookup::Absent, "lookup of a missing name")?;
        expect(dict::iter(globals).count() == dict::len(globals), "entries of a dict")?;

        let general = Owned::new(py::PyDict_New())?;
        py::PyDict_SetItem(general.0, object::none(), object::ellipsis());
        expect((*dict::keys(general.0)).dk_kind == DICT_KEYS_GENERAL, "kind of general keys")?;
        let entries: *mut PyDictKeyEntry = dict::unicode_entries(dict::keys(general.0)).cast();
        expect((*entries).me_key == object::none() && (*entries).me_value == object::ellipsis(), "general entries")
    }
}

unsafe fn instances(globals: *mut PyObject) -> Probe {
    // SAFETY: `globals` keeps the classes, the instance is owned.
    unsafe {
        let class = global(globals, c"Plain")?;
        let instance = Owned::new(py::PyObject_CallOneArg(class, object::ellipsis()))?;
        let ty: *mut PyTypeObject = class.cast();
        expect(dict::has_inline_values(ty) && object::type_flags(ty) & TPFLAGS_MANAGED_DICT != 0, "flags of a class")?;
        expect(dict::inline_values_valid(instance.0) && dict::managed_dict(instance.0).is_null(), "inline values")?;
        let witness = Owned::new(py::PyObject_CallOneArg(class, object::ellipsis()))?;
        let materialised = attr(witness.0, c"__dict__")?;
        let shared = dict::shared_keys(ty);
        expect(!shared.is_null() && shared == dict::keys(materialised.0), "shared keys")?;
        expect((*shared).dk_kind == DICT_KEYS_SPLIT, "kind of shared keys")?;
        let name = Owned::new(py::PyUnicode_InternFromString(c"second".as_ptr()))?;
        py::PyObject_Hash(name.0);
        let Lookup::Found(index) = dict::lookup(shared, name.0) else { return expect(false, "lookup in shared keys") };
        let (offset, valid) = dict::inline_value_offsets(ty, index);
        let value = *instance.0.byte_add(offset).cast::<*mut PyObject>();
        expect(!value.is_null() && object::compact_int(value) == Some(7), "inline attribute")?;
        expect(*instance.0.byte_add(valid).cast::<u8>() == 1, "inline validity")?;
        let values = dict::inline_values(instance.0);
        expect((*values).size == 2 && (*values).embedded == 1 && (*values).capacity >= 2, "inline header")?;
        // Asking for the dict materialises it around the same values.
        let materialised = attr(instance.0, c"__dict__")?;
        expect(dict::managed_dict(instance.0).cast() == materialised.0, "managed dict")?;
        expect((*materialised.cast::<PyDictObject>()).ma_values == values, "values of a managed dict")?;

        let slotted: *mut PyTypeObject = global(globals, c"Slotted")?.cast();
        let only = attr(slotted.cast(), c"only")?;
        let d: *mut PyMemberDescrObject = only.cast();
        expect((*d).d_common.d_type == slotted && !(*d).d_member.is_null(), "descriptor of a slot")?;
        let member = (*d).d_member;
        expect((*member).type_code == py::Py_T_OBJECT_EX && (*member).offset == 16, "slot of a class")?;
        let prop = attr(slotted.cast(), c"prop")?;
        let p: *mut PyPropertyObject = prop.cast();
        expect((*p).prop_get == attr(prop.0, c"fget")?.0 && (*p).prop_set.is_null(), "property")?;
        let name = Owned::new(py::PyUnicode_InternFromString(c"cm".as_ptr()))?;
        let cm: *mut PyMethodWrapperObject = types::lookup(slotted, name.0).cast();
        expect(!cm.is_null() && object::is_exact(cm.cast(), &raw mut ffi::PyClassMethod_Type), "class attribute")?;
        expect((*cm).callable == attr(cm.cast(), c"__func__")?.0, "classmethod")?;
        let sys = Owned::new(py::PyImport_ImportModule(c"sys".as_ptr()))?;
        expect((*sys.cast::<PyModuleObject>()).md_dict == py::PyModule_GetDict(sys.0), "dict of a module")
    }
}

/// What freezing relies on: the collector's header, and tables of keys whose users are not counted.
unsafe fn heap(globals: *mut PyObject) -> Probe {
    // SAFETY: `globals` keeps the class; what is made here is owned, and the table's count is put back.
    unsafe {
        let list = Owned::new(py::PyList_New(0))?;
        expect(heap::is_tracked(list.0) && py::PyObject_GC_IsTracked(list.0) == 1, "tracked object")?;
        py::PyObject_GC_UnTrack(list.0.cast());
        expect(!heap::is_tracked(list.0) && py::PyObject_GC_IsTracked(list.0) == 0, "untracked object")?;
        py::PyObject_GC_Track(list.0.cast());
        expect(heap::traverse_of(object::type_of(list.0)).is_some(), "traversal of a list")?;

        let class = global(globals, c"Plain")?;
        let keys = dict::shared_keys(class.cast());
        let before = (*keys).dk_refcnt;
        let first = Owned::new(py::PyObject_CallOneArg(class, object::ellipsis()))?;
        let first_dict = attr(first.0, c"__dict__")?;
        expect((*keys).dk_refcnt == before + 1 && dict::keys(first_dict.0) == keys, "count of shared keys")?;
        let room = (*keys).dk_usable;
        (*keys).dk_refcnt = DICT_KEYS_IMMORTAL_REFCNT;
        let second = Owned::new(py::PyObject_CallOneArg(class, object::ellipsis()))?;
        let shares = dict::keys(attr(second.0, c"__dict__")?.0) == keys;
        drop(second);
        let kept = (*keys).dk_refcnt;
        (*keys).dk_refcnt = before + 1;
        expect(shares && kept == DICT_KEYS_IMMORTAL_REFCNT, "uncounted shared keys")?;
        expect((*keys).dk_usable <= room && (*keys).dk_usable >= 1, "room of shared keys")
    }
}

unsafe fn versions(globals: *mut PyObject) -> Probe {
    // SAFETY: `globals` keeps the classes and functions.
    unsafe {
        let ty: *mut PyTypeObject = global(globals, c"Plain")?.cast();
        let version = types::version_tag(ty);
        expect(version != 0 && types::version_tag(ty) == version, "version of a type")?;
        expect(types::mro(ty) == [ty, &raw mut py::PyBaseObject_Type], "bases of a type")?;
        // The cache answers for this type, or (another release) for none; never with another.
        expect(types::type_in_cache(version).is_none_or(|t| t == ty), "types by version")?;
        ffi::PyType_Modified(ty);
        expect(types::current_version_tag(ty) == 0, "version of a modified type")?;
        expect(types::version_tag(ty) > version, "new version of a type")?;
        let func: *mut PyFunctionObject = global(globals, c"other")?.cast();
        let version = (*func).func_version;
        expect(
            version >= FUNC_VERSION_FIRST_VALID && version == (*(*func).func_code).co_version,
            "version of a function",
        )?;
        expect(types::function_in_cache(version).is_none_or(|f| f == func), "functions by version")
    }
}

thread_local! {
    /// What `in_frame` has to compare with, and what came out: a name of what differs, or "".
    static FRAME_PROBE: Cell<(*mut PyObject, *mut PyObject, &'static str)> = const { Cell::new((ptr::null_mut(), ptr::null_mut(), "")) };
}

unsafe fn frames(globals: *mut PyObject) -> Probe {
    static METHOD: Method = Method(PyMethodDef {
        ml_name: c"probe".as_ptr(),
        ml_meth: py::PyMethodDefPointer { PyCFunction: in_frame },
        ml_flags: py::METH_NOARGS,
        ml_doc: ptr::null(),
    });
    // SAFETY: the method definition is static; `globals` keeps the rest.
    unsafe {
        let caller = global(globals, c"call")?;
        let two = global(globals, c"two")?;
        let code = (*two.cast::<PyFunctionObject>()).func_code;
        let before = (refcnt(code.cast()), refcnt(two), refcnt(globals));
        let probe =
            Owned::new(py::PyCFunction_NewEx((&raw const METHOD.0).cast_mut(), ptr::null_mut(), ptr::null_mut()))?;
        FRAME_PROBE.set((caller, two, "frame probe"));
        let ts = tstate::current();
        let linked = ((*ts).current_frame, (*ts).datastack_top);
        let kept = Owned::new(py::PyObject_CallFunctionObjArgs(caller, probe.0, two, ptr::null_mut::<PyObject>()))?;
        let (_, _, problem) = FRAME_PROBE.replace((ptr::null_mut(), ptr::null_mut(), ""));
        expect(problem.is_empty(), problem)?;
        expect(linked.0 == (*ts).current_frame, "frames unlinked")?;
        // `kept` is the frame object of a frame that is gone: it owns what the frame borrowed.
        expect(object::is_exact(kept.0, &raw mut ffi::PyFrame_Type), "frame object")?;
        let object: *mut PyFrameObject = kept.cast();
        let inner = (*object).f_frame;
        expect((*inner).owner == FRAME_OWNED_BY_FRAME_OBJECT && frame::code(inner) == code, "frame handed over")?;
        expect((*inner).f_funcobj.owns() && (*inner).f_executable.owns(), "references handed over")?;
        let locals = attr(kept.0, c"f_locals")?;
        let a = Owned::new(py::PyMapping_GetItemString(locals.0, c"a".as_ptr()))?;
        expect(a.0 == two, "local handed over")?;
        expect(refcnt(code.cast()) == before.0 + 1, "count of code held by a frame object")?;
        drop((a, locals, kept, probe));
        expect((refcnt(code.cast()), refcnt(two), refcnt(globals)) == before, "counts after frames are gone")
    }
}

/// A method definition in a static.
struct Method(PyMethodDef);
// SAFETY: read only.
unsafe impl Sync for Method {}

/// Called by the interpreter from `call`'s frame: compares that frame with what must be in it, then pushes
/// a frame of `two`, lets CPython see it, and pops it. Returns the frame object (new) CPython made for it.
unsafe extern "C" fn in_frame(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    let (caller, two, _) = FRAME_PROBE.get();
    // SAFETY: called with the GIL held by the interpreter, from the frame of a live function.
    unsafe {
        let ts = tstate::current();
        let frame = (*ts).current_frame;
        let (problem, result) = match observe(ts, frame, caller, two) {
            Ok(object) => ("", object),
            Err(problem) => (problem, ptr::null_mut()),
        };
        FRAME_PROBE.set((caller, two, problem));
        if result.is_null() { crate::refcount::new_ref(object::none()) } else { result }
    }
}

unsafe fn observe(
    ts: *mut PyThreadState,
    caller_frame: *mut InterpreterFrame,
    caller: *mut PyObject,
    two: *mut PyObject,
) -> Result<*mut PyObject, &'static str> {
    let ok = |ok: bool, what| if ok { Ok(()) } else { Err(what) };
    // SAFETY: as in `in_frame`.
    unsafe {
        let code = (*caller.cast::<PyFunctionObject>()).func_code;
        ok(!caller_frame.is_null() && frame::code_checked(caller_frame) == code, "code of the current frame")?;
        ok(frame::function(caller_frame).cast() == caller, "function of the current frame")?;
        ok((*caller_frame).owner == FRAME_OWNED_BY_THREAD, "owner of the current frame")?;
        ok((*frame::localsplus(caller_frame).add(1)).object() == two, "local of the current frame")?;
        let unit = frame::lasti(caller_frame);
        ok(unit > 0 && unit < (*code).ob_base.ob_size as usize, "instruction of the current frame")?;
        ok(!frame::is_incomplete(caller_frame), "completeness of the current frame")?;

        let top = (*ts).datastack_top;
        let pushed = frame::push(ts, two.cast());
        ok(!pushed.is_null(), "pushing a frame")?;
        *frame::localsplus(pushed) = StackRef::borrow(two);
        let seen = ffi::PyThreadState_GetFrame(ts);
        let right = !seen.is_null() && (*seen).f_frame == pushed && (*pushed).frame_obj == seen;
        frame::pop(ts, pushed);
        ok(right, "frame object of a pushed frame")?;
        ok((*ts).current_frame == caller_frame && (*ts).datastack_top == top, "popping a frame")?;
        Ok(seen.cast())
    }
}

unsafe fn generators(globals: *mut PyObject) -> Probe {
    // SAFETY: the generator is owned and keeps its frame.
    unsafe {
        let make = global(globals, c"gen")?;
        let generator = Owned::new(py::PyObject_CallOneArg(make, object::ellipsis()))?;
        let g: *mut PyGenObject = generator.cast();
        expect(
            (*g).gi_frame_state == GEN_FRAME_CREATED && (*g).gi_iframe.owner == FRAME_OWNED_BY_GENERATOR,
            "generator",
        )?;
        expect(
            frame::code(&raw mut (*g).gi_iframe) == (*make.cast::<PyFunctionObject>()).func_code,
            "code of a generator",
        )?;
        let value = Owned::new(py::PyIter_Next(generator.0))?;
        expect(value.0 == object::ellipsis() && (*g).gi_frame_state == GEN_FRAME_SUSPENDED, "suspended generator")
    }
}
