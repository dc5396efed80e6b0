//! Shapes of attribute sites: from the interpreter's inline caches, and from the classes at which earlier versions left.

use crate::callables::known_object;
use crate::kept::Kept;
use crate::snapshot::const_info;
use ember_cpython::layout::{PyMethodWrapperObject, PyObject, PyPropertyObject, TypeObject};
use ember_cpython::types::VersionMap;
use ember_frontend::decode;
use ember_frontend::opcodes::v3_14 as op;
use ember_frontend::snapshot::{Absent, AttrKind, AttrShape, ConstInfo};
use ember_runtime::caches::{Action, AttrEntry, Place, Receiver, analysis};
use ember_runtime::classes::number_of;

/// Most shapes of a site.
const MOST: usize = 4;

/// The shape in the inline cache and those of the classes seen (by number), each class once.
///
/// # Safety
/// The GIL is held; `name` is a live string.
pub unsafe fn all(
    cached: Option<AttrShape>,
    seen: &[Receiver],
    name: *mut PyObject,
    load: bool,
    kept: &mut Kept,
) -> Vec<AttrShape> {
    let mut shapes: Vec<AttrShape> = Vec::new();
    for receiver in seen {
        let class = receiver.class();
        if !class.is_null() {
            // SAFETY: a class is alive as long as its number stands.
            shapes.extend(unsafe {
                if receiver.itself { of_itself(class, name, load, kept) } else { of_class(class, name, load, kept) }
            });
            // SAFETY: as above.
            shapes.extend(receiver.dict_hint.and_then(|hint| unsafe { in_dict(class, name, load, hint, kept) }));
        }
    }
    shapes.extend(cached.filter(|shape| !shapes.iter().any(|other| other.number == shape.number)));
    shapes.truncate(MOST);
    shapes
}

/// The receiver of a shape; `None` for modules.
pub fn receiver(shape: &AttrShape) -> Option<Receiver> {
    let (number, dict_hint) = (shape.number, None);
    match shape.kind {
        AttrKind::Module { .. } => None,
        AttrKind::Constant { on_class: true, .. } | AttrKind::ClassMethod { class: None, .. } => {
            Some(Receiver { number, itself: true, dict_hint })
        }
        _ => Some(Receiver { number, itself: false, dict_hint }),
    }
}

/// How instances that have made use of their dict find the attribute there.
unsafe fn in_dict(
    class: *mut TypeObject,
    name: *mut PyObject,
    load: bool,
    hint: u16,
    kept: &mut Kept,
) -> Option<AttrShape> {
    // SAFETY: the GIL is held; the class and the name are alive.
    unsafe {
        let entry = if load { analysis::for_instances_load(class, name) } else { None }?;
        let kind = match entry.place {
            Place::Inline | Place::InlineChecked | Place::InlineAbsent => AttrKind::DictHint { hint: u32::from(hint) },
            Place::Dict if i32::from(entry.offset) == ember_cpython::layout::MANAGED_DICT_OFFSET as i32 => {
                AttrKind::DictHint { hint: u32::from(hint) }
            }
            _ => return None,
        };
        Some(AttrShape { number: entry.number, checked: checked(&entry, kept), kind })
    }
}

/// How a class finds the attribute of its own.
unsafe fn of_itself(class: *mut TypeObject, name: *mut PyObject, load: bool, kept: &mut Kept) -> Option<AttrShape> {
    // SAFETY: the GIL is held; the class and the name are alive.
    unsafe {
        let entry = if load { analysis::for_own_load(class, name) } else { None }?;
        let kind = on_class(&entry, true, None, Absent::Nothing, kept)?;
        Some(AttrShape { number: entry.owner_number, checked: checked(&entry, kept), kind })
    }
}

/// How instances of a class find the attribute, or store it.
unsafe fn of_class(class: *mut TypeObject, name: *mut PyObject, load: bool, kept: &mut Kept) -> Option<AttrShape> {
    // SAFETY: the GIL is held; the class and the name are alive.
    unsafe {
        let entry =
            if load { analysis::for_instances_load(class, name) } else { analysis::for_instances_store(class, name) }?;
        let values_offset = i32::from(entry.values);
        let offset = i32::from(entry.offset);
        let nothing_there = match entry.place {
            Place::InlineAbsent => Absent::SharedKeys { count: entry.hint, values_offset },
            _ => Absent::Nothing,
        };
        let kind = match entry.place {
            Place::Slot => AttrKind::Slot { offset },
            Place::Inline | Place::InlineChecked => AttrKind::InlineValue { values_offset, offset },
            Place::InlineAbsent | Place::Nowhere if load => on_class(&entry, false, Some(class), nothing_there, kept)?,
            _ => return None,
        };
        Some(AttrShape { number: entry.number, checked: checked(&entry, kept), kind })
    }
}

/// What has to be checked of the object found on the class, if its own class may be changed.
unsafe fn checked(entry: &AttrEntry, kept: &mut Kept) -> Option<(ConstInfo, u32)> {
    // SAFETY: what a valid entry names is alive; the GIL is held.
    unsafe { (entry.object_number != 0).then(|| (const_info(entry.object, kept), entry.object_number)) }
}

/// What is found on a class, in the receiver itself or in its class.
unsafe fn on_class(
    entry: &AttrEntry,
    itself: bool,
    class: Option<*mut TypeObject>,
    absent: Absent,
    kept: &mut Kept,
) -> Option<AttrKind> {
    // SAFETY: what a valid entry names is alive; the GIL is held.
    unsafe {
        let object = entry.object;
        if object.is_null() {
            return None;
        }
        let wrapped = || {
            let callable = (*object.cast::<PyMethodWrapperObject>()).callable;
            (!callable.is_null()).then_some(callable)
        };
        Some(match entry.action {
            Action::Value => {
                AttrKind::Constant { value: Box::new(known_object(object, kept)), on_class: itself, absent }
            }
            Action::Static => {
                AttrKind::Constant { value: Box::new(known_object(wrapped()?, kept)), on_class: itself, absent }
            }
            Action::ClassMethod => AttrKind::ClassMethod {
                callable: Box::new(known_object(wrapped()?, kept)),
                class: class.map(|class| const_info(class.cast(), kept)),
                absent,
            },
            Action::Method if !itself => AttrKind::Method { descr: Box::new(known_object(object, kept)), absent },
            Action::Property if !itself => {
                let getter = (*object.cast::<PyPropertyObject>()).prop_get;
                if getter.is_null() {
                    return None;
                }
                AttrKind::Property { getter: crate::callables::callee_info(getter, kept)? }
            }
            _ => return None,
        })
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
        return Some(AttrShape { number: 0, checked: None, kind });
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
        Some(AttrShape { number, checked: None, kind })
    }
}
