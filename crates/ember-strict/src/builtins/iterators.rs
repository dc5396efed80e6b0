//! Iterators as objects: `enumerate`, `zip`, `map`, `filter`, `reversed`, generators.

use super::Methods;
use crate::heap::{Iter, Kind, Native, T, holder, native};
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Stop, Vm};

const ITERATOR: &[Native] = &[
    native("__iter__", |_, args| Ok(args.at(0))),
    holder("__next__", |vm, args| match vm.next(args.at(0))? {
        Some(value) => Ok(value),
        None => stop_iteration(vm, Value::None),
    }),
    native("__length_hint__", |vm, args| {
        let left = match vm.kind(args.at(0)) {
            Some(Kind::Iter(iter)) => match &**iter {
                Iter::Sequence(sequence, at) => {
                    let length = sequence.obj().and_then(|r| vm.builtin_length(r)).unwrap_or(0);
                    length.saturating_sub(*at) as i64
                }
                Iter::Values(items, at) => items.len().saturating_sub(*at) as i64,
                Iter::Range { left, .. } => *left as i64,
                Iter::Reversed(_, left) => left + 1,
                Iter::Dict { dict, place, size, .. } if *place == 0 => {
                    vm.table(*dict).map_or(*size, |t| t.len()) as i64
                }
                _ => 0,
            },
            _ => 0,
        };
        Ok(Value::Int(left))
    }),
];

pub const METHODS: Methods = &[
    (T::ListIterator, ITERATOR),
    (T::TupleIterator, ITERATOR),
    (T::StrIterator, ITERATOR),
    (T::BytesIterator, ITERATOR),
    (T::RangeIterator, ITERATOR),
    (T::SetIterator, ITERATOR),
    (T::DictKeyIterator, ITERATOR),
    (T::DictValueIterator, ITERATOR),
    (T::DictItemIterator, ITERATOR),
    (T::DictReverseKeyIterator, ITERATOR),
    (T::CallableIterator, ITERATOR),
    (T::SequenceIterator, ITERATOR),
    (T::Enumerate, ITERATOR),
    (T::Zip, ITERATOR),
    (T::Map, ITERATOR),
    (T::Filter, ITERATOR),
    (T::Reversed, ITERATOR),
    (
        T::Generator,
        &[
            native("__iter__", |_, args| Ok(args.at(0))),
            holder("__next__", |vm, args| send(vm, args.at(0), Value::None)),
            holder("send", |vm, args| send(vm, args.at(0), args.at(1))),
            holder("throw", |vm, args| {
                let given = if args.pos.len() > 2 && !args.at(2).is_none() { args.at(2) } else { args.at(1) };
                let exception =
                    vm.as_exception(given, "exceptions must be classes or instances deriving from BaseException")?;
                let Some(r) = args.at(0).obj() else { return Ok(Value::None) };
                match vm.drive(r, Value::None, Some(exception))? {
                    Ok(value) => Ok(value),
                    Err(result) => stop_iteration(vm, result),
                }
            }),
            holder("close", |vm, args| {
                let Some(r) = args.at(0).obj() else { return Ok(Value::None) };
                let fresh = match &vm.get(r).kind {
                    Kind::Generator(generator) => !generator.started,
                    _ => true,
                };
                if fresh {
                    if let Some(Kind::Generator(generator)) = vm.change(r, args.at(0), "closes").map(|o| &mut o.kind) {
                        generator.frame = None;
                    }
                    return Ok(Value::None);
                }
                let empty = vm.tuple(Vec::new());
                let exit = vm.exception_with(T::GeneratorExit.r(), empty);
                match vm.drive(r, Value::None, Some(exit)) {
                    Ok(Ok(_)) => vm.raise(T::RuntimeError, "generator ignored GeneratorExit"),
                    Ok(Err(result)) => Ok(result),
                    Err(Stop::Raise(raised))
                        if vm.is_a(raised, T::GeneratorExit) || vm.is_a(raised, T::StopIteration) =>
                    {
                        Ok(Value::None)
                    }
                    Err(stop) => Err(stop),
                }
            }),
        ],
    ),
    (
        T::Coroutine,
        &[
            native("close", |_, _| Ok(Value::None)),
            holder("send", |vm, args| send(vm, args.at(0), args.at(1))),
            holder("throw", |vm, args| send(vm, args.at(0), Value::None)),
            native("__await__", |vm, args| send(vm, args.at(0), Value::None)),
        ],
    ),
    (
        T::AsyncGenerator,
        &[
            native("__aiter__", |_, args| Ok(args.at(0))),
            native("aclose", |vm, _| Ok(vm.unknown("aclose()"))),
            native("asend", |vm, _| Ok(vm.unknown("asend()"))),
        ],
    ),
];

pub const STATICS: Methods = &[
    (
        T::Enumerate,
        &[native("__new__", |vm, mut args| {
            let start = args.named(2, "start").unwrap_or(Value::Int(0));
            let start = vm.index(start)?;
            let iterable = args.named(1, "iterable").unwrap_or(Value::None);
            let inner = vm.iter(iterable)?;
            Ok(vm.iterator(T::Enumerate, Iter::Enumerate(inner, start)))
        })],
    ),
    (
        T::Zip,
        &[native("__new__", |vm, mut args| {
            let strict = args.take("strict").unwrap_or(Value::Bool(false));
            let strict = vm.truth(strict)?;
            let inner = iterators(vm, &args, 1)?;
            Ok(vm.iterator(T::Zip, Iter::Zip(inner, strict)))
        })],
    ),
    (
        T::Map,
        &[native("__new__", |vm, args| {
            let inner = iterators(vm, &args, 2)?;
            Ok(vm.iterator(T::Map, Iter::Map(args.at(1), inner, false)))
        })],
    ),
    (
        T::Filter,
        &[native("__new__", |vm, args| {
            let inner = vm.iter(args.at(2))?;
            Ok(vm.iterator(T::Filter, Iter::Filter(args.at(1), inner)))
        })],
    ),
    (
        T::Reversed,
        &[native("__new__", |vm, args| {
            if let Some(method) = vm.special(args.at(1), "__reversed__")? {
                return vm.call_with(method, &[]);
            }
            vm.reverse_iterator(args.at(1))
        })],
    ),
];

fn iterators(vm: &mut Vm<'_>, args: &Args, from: usize) -> R<Vec<Value>> {
    let mut inner = Vec::new();
    for value in args.pos.iter().skip(from) {
        inner.push(vm.iter(*value)?);
    }
    Ok(inner)
}

fn send(vm: &mut Vm<'_>, generator: Value, value: Value) -> R {
    match vm.send(generator, value)? {
        Ok(value) => Ok(value),
        Err(result) if vm.is_unknown(result) => Ok(result),
        Err(result) => stop_iteration(vm, result),
    }
}

fn stop_iteration(vm: &mut Vm<'_>, result: Value) -> R {
    let args = if result.is_none() { Vec::new() } else { vec![result] };
    let args = vm.tuple(args);
    let stop = vm.exception_with(T::StopIteration.r(), args);
    Err(Stop::Raise(stop))
}
