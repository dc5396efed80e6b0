//! Shapes of attribute sites: from the interpreter's inline caches, and from the classes at which earlier versions left.

use crate::callables::known_object;
use crate::kept::Kept;
use ember_cpython::layout::{PyObject, TypeObject};
use ember_cpython::types::VersionMap;
use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::{Absent, AttrKind, AttrShape};
use ember_runtime::caches::{Action, AttrEntry, Place, analysis};
use ember_runtime::classes::{class_of_number, number_of};

/// Most shapes of a site.
const MOST: usize = 4;

/// The shape in the inline cache and those of the classes seen (by number), each class once.
///
/// # Safety
/// The GIL is held; `name` is a live string.
pub unsafe fn all(
    cached: Option<AttrShape>,
    seen: &[u32],
    name: *mut PyObject,
    load: bool,
    kept: &mut Kept,
) -> Vec<AttrShape> {
    let mut shapes: Vec<AttrShape> = Vec::new();
    for &number in seen {
        let class = class_of_number(number);
        if !class.is_null() {
            // SAFETY: a class is alive as long as its number stands.
            shapes.extend(unsafe { of_class(class, name, load, kept) });
        }
    }
    shapes.extend(cached.filter(|shape| !shapes.iter().any(|other| other.number == shape.number)));
    shapes.truncate(MOST);
    shapes
}

/// How instances of a class find the attribute, or store it.
unsafe fn of_class(class: *mut TypeObject, name: *mut PyObject, load: bool, kept: &mut Kept) -> Option<AttrShape> {
    // SAFETY: the GIL is held; the class and the name are alive.
    unsafe {
        let entry =
            if load { analysis::for_instances_load(class, name) } else { analysis::for_instances_store(class, name) }?;
        let AttrEntry { number, object, .. } = entry;
        let values_offset = i32::from(entry.values);
        let offset = i32::from(entry.offset);
        let absent = match entry.place {
            Place::Slot => return Some(AttrShape { number, kind: AttrKind::Slot { offset } }),
            Place::Inline => {
                return Some(AttrShape { number, kind: AttrKind::InlineValue { values_offset, offset } });
            }
            Place::InlineAbsent => Absent::SharedKeys { count: entry.hint, values_offset },
            Place::Nowhere => Absent::Nothing,
            _ => return None,
        };
        // A descriptor whose class may be changed would have to be guarded, too.
        if !load || object.is_null() || entry.object_number != 0 {
            return None;
        }
        let kind = match entry.action {
            Action::Value => {
                AttrKind::Constant { value: Box::new(known_object(object, kept)), on_class: false, absent }
            }
            Action::Method => AttrKind::Method { descr: Box::new(known_object(object, kept)), absent },
            Action::Property => {
                let getter = (*object.cast::<ember_cpython::layout::PyPropertyObject>()).prop_get;
                if getter.is_null() {
                    return None;
                }
                AttrKind::Property { getter: crate::callables::callee_info(getter, kept)? }
            }
            _ => return None,
        };
        Some(AttrShape { number, kind })
    }
}

/// The shape in an inline cache, if its class still has the version cached.
///
/// # Safety
/// The GIL is held; no Python code ran since `versions` was made; `name` is a live string.
pub unsafe fn cached(
    cache: &decode::AttrCache,
    name: *mut PyObject,
    versions: &mut VersionMap,
    kept: &mut Kept,
) -> Option<AttrShape> {
    let version = cache.version;
    let offset = i32::from(cache.index);
    if cache.special == op::LOAD_ATTR_MODULE {
        let kind = AttrKind::Module { keys_version: version, index: u32::from(cache.index) };
        return Some(AttrShape { number: 0, kind });
    }
    // SAFETY: the GIL is held; a descriptor in a cache is alive while its class has the cached version.
    unsafe {
        let class = versions.type_by_version(version)?;
        let number = number_of(class.cast(), name)?;
        let values_offset = (*class.cast::<TypeObject>()).tp_basicsize as i32;
        let keys = Absent::Keys { keys_version: cache.keys_version, values_offset };
        let descr = cache.descr as *mut PyObject;
        let mut known = || Box::new(known_object(descr, kept));
        let kind = match cache.special {
            op::LOAD_ATTR_INSTANCE_VALUE | op::STORE_ATTR_INSTANCE_VALUE => {
                AttrKind::InlineValue { values_offset, offset }
            }
            op::LOAD_ATTR_SLOT | op::STORE_ATTR_SLOT => AttrKind::Slot { offset },
            op::LOAD_ATTR_WITH_HINT | op::STORE_ATTR_WITH_HINT => AttrKind::DictHint { hint: u32::from(cache.index) },
            op::LOAD_ATTR_METHOD_WITH_VALUES => AttrKind::Method { descr: known(), absent: keys },
            op::LOAD_ATTR_METHOD_NO_DICT => AttrKind::Method { descr: known(), absent: Absent::Nothing },
            op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES => {
                AttrKind::Constant { value: known(), on_class: false, absent: keys }
            }
            op::LOAD_ATTR_NONDESCRIPTOR_NO_DICT => {
                AttrKind::Constant { value: known(), on_class: false, absent: Absent::Nothing }
            }
            op::LOAD_ATTR_CLASS => AttrKind::Constant { value: known(), on_class: true, absent: Absent::Nothing },
            op::LOAD_ATTR_PROPERTY => AttrKind::Property { getter: crate::callables::callee_info(descr, kept)? },
            _ => return None,
        };
        Some(AttrShape { number, kind })
    }
}
