//! Exceptions: making them, their attributes, groups.

use super::object::set_own;
use super::{GetSets, Methods};
use crate::heap::{Exception, GetSet, Kind, T, holder, native};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Vm};

pub const METHODS: Methods = &[
    (
        T::BaseException,
        &[
            holder("__init__", |vm, args| {
                no_keywords(vm, &args)?;
                init_args(vm, &args);
                Ok(Value::None)
            }),
            native("__str__", |vm, args| {
                let text = vm.builtin_str(args.at(0))?;
                Ok(vm.str(text))
            }),
            native("__repr__", |vm, args| {
                let text = vm.builtin_repr(args.at(0))?;
                Ok(vm.str(text))
            }),
            holder("with_traceback", |_, args| Ok(args.at(0))),
            holder("add_note", |vm, args| {
                let notes = match vm.getattr_opt(args.at(0), &"__notes__".into())? {
                    Some(notes) => notes,
                    None => {
                        let notes = vm.list(Vec::new());
                        vm.setattr(args.at(0), &"__notes__".into(), notes)?;
                        notes
                    }
                };
                if !vm.is_a(args.at(1), T::Str) {
                    let name = vm.class_name(args.at(1));
                    return vm.type_error(format!("add_note() argument must be str, not {name}"));
                }
                vm.call_method(notes, "append", &[args.at(1)])
            }),
            native("__reduce__", |vm, args| {
                let class = Value::Obj(vm.class_of(args.at(0)));
                let given = vm.exception_data(args.at(0)).map_or(Value::None, |data| data.args);
                Ok(vm.tuple(vec![class, given]))
            }),
        ],
    ),
    (
        T::StopIteration,
        &[holder("__init__", |vm, args| {
            init_args(vm, &args);
            Ok(Value::None)
        })],
    ),
    (
        T::ImportError,
        &[holder("__init__", |vm, mut args| {
            for name in ["name", "path", "name_from"] {
                let value = args.take(name).unwrap_or(Value::None);
                set_own(vm, args.at(0), name, value);
            }
            init_args(vm, &args);
            Ok(Value::None)
        })],
    ),
    (T::AttributeError, &[holder("__init__", named_init)]),
    (T::NameError, &[holder("__init__", named_init)]),
    (
        T::OSError,
        &[holder("__init__", |vm, mut args| {
            no_keywords(vm, &args)?;
            let names = [(1, "errno"), (2, "strerror"), (3, "filename"), (4, "winerror"), (5, "filename2")];
            for (at, name) in names.into_iter().filter(|(at, _)| *at != 4) {
                let value = if (3..=6).contains(&args.pos.len()) { args.get(at) } else { Value::None };
                set_own(vm, args.at(0), name, value);
            }
            // The names of files are no arguments any more.
            if (4..=6).contains(&args.pos.len()) {
                args.pos.truncate(3);
            }
            init_args(vm, &args);
            Ok(Value::None)
        })],
    ),
    (
        T::BaseExceptionGroup,
        &[
            holder("__init__", |vm, args| {
                no_keywords(vm, &args)?;
                Ok(Value::None)
            }),
            native("derive", |vm, args| {
                let message = vm.getattr(args.at(0), &"message".into())?;
                vm.call_with(T::BaseExceptionGroup.v(), &[message, args.at(1)])
            }),
            native("split", |vm, args| {
                let (yes, no) = vm.split_group(args.at(0), args.at(1))?;
                Ok(vm.tuple(vec![yes, no]))
            }),
            native("subgroup", |vm, args| Ok(vm.split_group(args.at(0), args.at(1))?.0)),
        ],
    ),
];

pub const STATICS: Methods = &[
    (T::BaseException, &[holder("__new__", new_exception)]),
    (T::BaseExceptionGroup, &[holder("__new__", new_group)]),
];

pub const GETSETS: GetSets = &[
    (
        T::BaseException,
        &[
            GetSet {
                name: "args",
                get: |vm, this| Ok(vm.exception_data(this).map_or(Value::None, |d| d.args)),
                set: Some(|vm, this, value| {
                    let items = vm.items(value)?;
                    let tuple = vm.tuple(items);
                    change(vm, this, |data| data.args = tuple);
                    Ok(())
                }),
            },
            GetSet {
                name: "__cause__",
                get: |vm, this| Ok(vm.exception_data(this).map_or(Value::None, |d| d.cause)),
                set: Some(|vm, this, value| {
                    change(vm, this, |data| (data.cause, data.suppress) = (value, true));
                    Ok(())
                }),
            },
            GetSet {
                name: "__context__",
                get: |vm, this| Ok(vm.exception_data(this).map_or(Value::None, |d| d.context)),
                set: Some(|vm, this, value| {
                    change(vm, this, |data| data.context = value);
                    Ok(())
                }),
            },
            GetSet {
                name: "__suppress_context__",
                get: |vm, this| Ok(Value::Bool(vm.exception_data(this).is_some_and(|d| d.suppress))),
                set: Some(|vm, this, value| {
                    let on = vm.truth(value)?;
                    change(vm, this, |data| data.suppress = on);
                    Ok(())
                }),
            },
            GetSet { name: "__traceback__", get: |vm, this| vm.traceback(this), set: Some(|_, _, _| Ok(())) },
        ],
    ),
    (T::AttributeError, &[NAME, OBJECT]),
    (T::NameError, &[NAME]),
    (T::UnicodeEncodeError, UNICODE),
    (T::UnicodeDecodeError, UNICODE),
    (
        T::StopIteration,
        &[GetSet {
            name: "value",
            get: |vm, this| {
                let args = vm.exception_data(this).and_then(|d| vm.as_tuple(d.args)).unwrap_or_default();
                Ok(args.first().copied().unwrap_or(Value::None))
            },
            set: None,
        }],
    ),
    (
        T::SystemExit,
        &[GetSet {
            name: "code",
            get: |vm, this| {
                let all = vm.exception_data(this).map_or(Value::None, |data| data.args);
                let args = vm.as_tuple(all).unwrap_or_default();
                Ok(if args.len() > 1 { all } else { args.first().copied().unwrap_or(Value::None) })
            },
            set: None,
        }],
    ),
    (
        T::ImportError,
        &[GetSet {
            name: "msg",
            get: |vm, this| {
                let args = vm.exception_data(this).and_then(|d| vm.as_tuple(d.args)).unwrap_or_default();
                Ok(args.first().copied().unwrap_or(Value::None))
            },
            set: Some(|_, _, _| Ok(())),
        }],
    ),
    (
        T::BaseExceptionGroup,
        &[
            GetSet {
                name: "message",
                get: |vm, this| {
                    let args = vm.exception_data(this).and_then(|d| vm.as_tuple(d.args)).unwrap_or_default();
                    Ok(args.first().copied().unwrap_or(Value::None))
                },
                set: None,
            },
            GetSet {
                name: "exceptions",
                get: |vm, this| {
                    let args = vm.exception_data(this).and_then(|d| vm.as_tuple(d.args)).unwrap_or_default();
                    let members = args.get(1).copied().unwrap_or(Value::None);
                    let items = vm.items(members)?;
                    Ok(vm.tuple(items))
                },
                set: None,
            },
        ],
    ),
];

const UNICODE: &[GetSet] = &[
    GetSet { name: "encoding", get: |vm, this| Ok(argument(vm, this, 0)), set: None },
    GetSet { name: "object", get: |vm, this| Ok(argument(vm, this, 1)), set: None },
    GetSet { name: "start", get: |vm, this| Ok(argument(vm, this, 2)), set: None },
    GetSet { name: "end", get: |vm, this| Ok(argument(vm, this, 3)), set: None },
    GetSet { name: "reason", get: |vm, this| Ok(argument(vm, this, 4)), set: None },
];

fn argument(vm: &Vm<'_>, this: Value, at: usize) -> Value {
    let args = vm.exception_data(this).and_then(|data| vm.as_tuple(data.args)).unwrap_or_default();
    args.get(at).copied().unwrap_or(Value::None)
}

const NAME: GetSet = GetSet {
    name: "name",
    get: |vm, this| Ok(noted(vm, this, "name")),
    set: Some(|vm, this, value| {
        set_own(vm, this, "name", value);
        Ok(())
    }),
};

const OBJECT: GetSet = GetSet {
    name: "obj",
    get: |vm, this| Ok(noted(vm, this, "obj")),
    set: Some(|vm, this, value| {
        set_own(vm, this, "obj", value);
        Ok(())
    }),
};

fn noted(vm: &Vm<'_>, this: Value, name: &str) -> Value {
    let dict = this.obj().and_then(|r| vm.get(r).dict);
    dict.and_then(|dict| vm.get_str(dict, &name.into())).unwrap_or(Value::None)
}

fn no_keywords(vm: &mut Vm<'_>, args: &Args) -> R<()> {
    if args.kw.is_empty() {
        return Ok(());
    }
    let name = vm.class_name(args.at(0));
    vm.type_error(format!("{name}() takes no keyword arguments"))
}

fn change(vm: &mut Vm<'_>, this: Value, change: impl FnOnce(&mut Exception)) {
    if let Some(r) = this.obj()
        && let Some(Kind::Exception(data)) = vm.change(r, this, "changes").map(|object| &mut object.kind)
    {
        change(data);
    }
}

fn init_args(vm: &mut Vm<'_>, args: &Args) {
    let items = args.pos.iter().skip(1).copied().collect();
    let tuple = vm.tuple(items);
    change(vm, args.at(0), |data| data.args = tuple);
}

fn named_init(vm: &mut Vm<'_>, mut args: Args) -> R {
    for name in ["name", "obj"] {
        if let Some(value) = args.take(name) {
            set_own(vm, args.at(0), name, value);
        }
    }
    init_args(vm, &args);
    Ok(Value::None)
}

/// The subclass of `OSError` that a number of Linux stands for.
fn os_error(number: i64) -> T {
    match number {
        11 | 114 | 115 => T::BlockingIOError,
        32 | 108 => T::BrokenPipeError,
        10 => T::ChildProcessError,
        103 => T::ConnectionAbortedError,
        111 => T::ConnectionRefusedError,
        104 => T::ConnectionResetError,
        17 => T::FileExistsError,
        2 => T::FileNotFoundError,
        21 => T::IsADirectoryError,
        20 => T::NotADirectoryError,
        4 => T::InterruptedError,
        1 | 13 => T::PermissionError,
        3 => T::ProcessLookupError,
        110 => T::TimeoutError,
        _ => T::OSError,
    }
}

/// `BaseException.__new__`
pub fn new_exception(vm: &mut Vm<'_>, args: Args) -> R {
    let mut class = args.at(0).obj().unwrap_or(T::BaseException.r());
    if class == T::OSError.r()
        && (3..=6).contains(&args.pos.len())
        && let Value::Int(number) = args.at(1)
    {
        class = os_error(number).r();
    }
    let items = args.pos.iter().skip(1).copied().collect();
    let tuple = vm.tuple(items);
    Ok(vm.exception_with(class, tuple))
}

fn new_group(vm: &mut Vm<'_>, args: Args) -> R {
    let mut class = args.at(0).obj().unwrap_or(T::BaseExceptionGroup.r());
    if args.pos.len() != 3 {
        return vm.type_error(format!(
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            args.pos.len().saturating_sub(1)
        ));
    }
    if vm.as_str(args.at(1)).is_none() {
        let name = vm.class_name(args.at(1));
        return vm.type_error(format!("argument 1 must be str, not {name}"));
    }
    let (kind, given) = (vm.class_of(args.at(2)), args.at(2));
    if vm.lookup(kind, &"__getitem__".into()).is_none() || matches!(vm.kind(given), Some(Kind::Dict(_))) {
        return vm.type_error("second argument (exceptions) must be a sequence");
    }
    let members = vm.items(given)?;
    if members.is_empty() {
        return vm.raise(T::ValueError, "second argument (exceptions) must be a non-empty sequence");
    }
    for (index, member) in members.iter().enumerate() {
        if !vm.is_a(*member, T::BaseException) {
            return vm
                .raise(T::ValueError, format!("Item {index} of second argument (exceptions) is not an exception"));
        }
    }
    let ordinary = members.iter().all(|member| vm.is_a(*member, T::Exception));
    if class == T::BaseExceptionGroup.r() && ordinary {
        class = T::ExceptionGroup.r();
    } else if !ordinary && vm.derives(class, T::Exception.r()) {
        return match class == T::ExceptionGroup.r() {
            true => vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"),
            false => {
                let name = vm.name_of(class);
                vm.type_error(format!("Cannot nest BaseExceptions in '{name}'"))
            }
        };
    }
    let list = vm.list(members);
    let tuple = vm.tuple(vec![args.at(1), list]);
    Ok(vm.exception_with(class, tuple))
}
