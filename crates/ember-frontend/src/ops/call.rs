//! Calls and the making of functions.

use super::builtins;
use crate::builder::Builder;
use crate::layout;
use crate::snapshot::{CFunctionInfo, Callable, CalleeInfo, ClassInfo, ConstInfo, Feedback, KnownObject};
use ember_hir::ops::Region;
use ember_hir::{Block, HelperId, Op, Type, Value};

const CO_VARARGS: u32 = 0x4;
const CO_VARKEYWORDS: u32 = 0x8;
const CO_SUSPENDS: u32 = 0x20 | 0x80 | 0x200;
const METH_NOARGS: u32 = 0x4;
const METH_O: u32 = 0x8;
const METH_FASTCALL: u32 = 0x80;
const METH_FASTCALL_KEYWORDS: u32 = 0x82;
/// The flags that say how to call.
const METH_CONVENTION: u32 = 0x28F;

/// The operands of a call: machine values may still be unboxed.
struct Operands {
    callable: Value,
    /// `self` or NULL.
    this: Value,
    /// Without `this`.
    args: Vec<Value>,
}

impl Operands {
    fn pop(b: &mut Builder, count: u32) -> Operands {
        let mut args: Vec<Value> = (0..count).map(|_| b.pop()).collect();
        args.reverse();
        let this = b.pop();
        Operands { callable: b.pop(), this, args }
    }

    /// All arguments, `self` first; `None` when it is not known whether there is a `self`.
    fn all(&self, b: &Builder) -> Option<Vec<Value>> {
        let ty = b.func.ty(self.this);
        if ty.is_null() {
            Some(self.args.clone())
        } else if ty.may_be_null() {
            None
        } else {
            Some(std::iter::once(self.this).chain(self.args.iter().copied()).collect())
        }
    }

    fn objects(&self, b: &mut Builder) -> Vec<Value> {
        let all: Vec<Value> = [self.callable, self.this].into_iter().chain(self.args.iter().copied()).collect();
        objects(b, &all)
    }
}

/// Each value as an object; the same machine value becomes one object.
fn objects(b: &mut Builder, values: &[Value]) -> Vec<Value> {
    let mut boxed: Vec<(Value, Value)> = Vec::new();
    for &value in values {
        if !boxed.iter().any(|&(from, _)| from == value) {
            let object = b.object(value);
            boxed.push((value, object));
        }
    }
    values.iter().filter_map(|value| boxed.iter().find(|(from, _)| from == value)).map(|&(_, to)| to).collect()
}

/// The stack is callable, `self` or NULL, arguments.
pub(super) fn call(b: &mut Builder, count: u32) {
    let mut operands = Operands::pop(b, count);
    learn_callee(b, &mut operands, &[]);
    let result = match special(b, &operands) {
        Some(result) => result,
        None => {
            let candidates = candidates(b, operands.callable);
            dispatch(b, &operands, &candidates, &[], Op::CallVector)
        }
    };
    b.push(result);
}

/// The functions that the callable may be: what an attribute access has found in several ways, or what the profile says.
fn candidates<'a>(b: &Builder<'a>, callable: Value) -> Vec<&'a KnownObject> {
    if let Some(found) = b.candidates.get(&callable) {
        return found.clone();
    }
    // At a site whose guard has failed too often, too: here nothing leaves.
    match b.snapshot.feedback.get(&b.instr.unit) {
        Some(Feedback::Callees(callees)) if b.callable(callable).is_none() => {
            callees.known.iter().filter(|callee| !callee.bound).map(|callee| &callee.known).collect()
        }
        _ => Vec::new(),
    }
}

/// The call of one of several functions, called directly, or of whatever else it is by `generic`. The last arguments are keyword arguments with these names.
fn dispatch<'a>(
    b: &mut Builder<'a>,
    operands: &Operands,
    candidates: &[&'a KnownObject],
    names: &'a [ConstInfo],
    generic: Op,
) -> Value {
    let objects = operands.objects(b);
    // Where there may be a `self` or not, a method is probably what has been looked up.
    let with_self = !b.func.ty(objects[1]).is_null();
    let given = &objects[if with_self { 1 } else { 2 }..];
    let ways: Vec<_> = candidates
        .iter()
        .filter_map(|&known| {
            let way = match &known.callable {
                Callable::Function(callee) => {
                    let bound = bind_named(callee, given, names).map(|bound| Way::Function(callee, bound));
                    // A static method is looked up on an instance, too.
                    let alone = || bind_named(callee, &objects[2..], names).map(|bound| Way::Alone(callee, bound));
                    bound.or_else(|| if b.func.ty(objects[1]).may_be_null() { alone() } else { None })?
                }
                Callable::C(info) if with_self && names.is_empty() => {
                    c_convention(info, given.len() - 1)?;
                    Way::Method(info, info.receiver?)
                }
                _ => return None,
            };
            Some((known, way))
        })
        .collect();
    if ways.is_empty() {
        return b.emit_value(generic, &objects);
    }
    let join = b.func.new_block();
    let result = b.func.add_param(join, Type::Object);
    for (known, way) in ways {
        let function = b.known_object(known);
        let same = b.emit_value(Op::Is, &[objects[0], function]);
        let other = b.split_on(same, false);
        let mut this = objects[1];
        if with_self && b.func.ty(this).may_be_null() {
            let missing = b.emit_value(Op::IsNull, &[this]);
            if matches!(way, Way::Alone(..)) {
                let next = b.next_block();
                b.branch(Op::Branch, &[missing], next, other);
                b.at = Some(next);
            } else {
                let present = b.emit_value(Op::BNot, &[missing]);
                this = refine_if(b, present, this, Type::Object, other);
            }
        }
        let value = match way {
            Way::Alone(callee, bound) => call_bound(b, callee, function, bound),
            Way::Function(callee, bound) => {
                let bound = bound.into_iter().map(|slot| with_this(slot, objects[1], this)).collect();
                call_bound(b, callee, function, bound)
            }
            Way::Method(info, ty) => {
                if !b.func.ty(this).is(ty) {
                    let instance = b.emit_value(Op::IsType { ty }, &[this]);
                    this = refine_if(b, instance, this, ty, other);
                }
                let args: Vec<Value> = std::iter::once(this).chain(given[1..].iter().copied()).collect();
                match builtins::call(b, info.known, &args).or_else(|| call_c(b, info, &args)) {
                    Some(value) => b.object(value),
                    None => b.emit_value(generic, &objects),
                }
            }
        };
        b.jump(join, &[value]);
        b.at = Some(other);
    }
    let value = b.emit_value(generic, &objects);
    b.jump(join, &[value]);
    b.at = Some(join);
    b.forget_facts();
    result
}

/// How one of several callees is called.
enum Way<'a> {
    Function(&'a CalleeInfo, Vec<Bound<'a>>),
    /// A function without `self`, where there might be one.
    Alone(&'a CalleeInfo, Vec<Bound<'a>>),
    /// A method in C of the builtin class whose instances have this type.
    Method(&'a CFunctionInfo, Type),
}

/// Goes on in a new block if the condition holds, with the value of that type, else in `other`.
fn refine_if(b: &mut Builder, condition: Value, value: Value, ty: Type, other: Block) -> Value {
    let next = b.next_block();
    b.branch(Op::Branch, &[condition], next, other);
    b.at = Some(next);
    b.emit_value(Op::Refine { ty }, &[value])
}

/// What a parameter gets, where `this` stands for `old`.
fn with_this<'a>(slot: Bound<'a>, old: Value, this: Value) -> Bound<'a> {
    let replace = |value: Value| if value == old { this } else { value };
    match slot {
        Bound::Value(value) => Bound::Value(replace(value)),
        Bound::Rest(values) => Bound::Rest(values.into_iter().map(replace).collect()),
        slot => slot,
    }
}

/// What the profile says of a callable that is not known yet, with the guard it needs, if it helps. A bound method gives way to its function and `self`.
fn learn_callee<'a>(b: &mut Builder<'a>, operands: &mut Operands, names: &'a [ConstInfo]) {
    if b.callable(operands.callable).is_some() || b.candidates.contains_key(&operands.callable) {
        return;
    }
    let Some(Feedback::Callees(callees)) = b.feedback() else { return };
    let [callee] = callees.known.as_slice() else { return };
    if !callees.all {
        return;
    }
    let no_self = b.func.ty(operands.this).is_null();
    match &callee.known.callable {
        Callable::Function(function) if callee.bound => {
            // The method stands for its `self` while arguments are matched.
            let stand_in: Vec<Value> =
                std::iter::once(operands.callable).chain(operands.args.iter().copied()).collect();
            if no_self && bind_named(function, &stand_in, names).is_some() {
                let method = b.guard_type(operands.callable, Type::Method);
                let load = |offset, ty| Op::LoadField { offset, region: Region::Immutable, ty };
                let function = b.emit_value(load(layout::METHOD_FUNC, Type::Object), &[method]);
                let function = b.guard_is(function, &callee.known);
                operands.this = b.emit_value(load(layout::METHOD_SELF, Type::Object), &[method]);
                operands.callable = function;
            }
        }
        Callable::Function(function) => {
            // Where there may be a `self` or not, a dispatch looks.
            let all = operands.all(b);
            if all.is_some_and(|all| bind_named(function, &all, names).is_some()) {
                operands.callable = b.guard_is(operands.callable, &callee.known);
            }
        }
        Callable::Unknown => {}
        _ if no_self => operands.callable = b.guard_is(operands.callable, &callee.known),
        _ => {}
    }
}

/// [`bind`] with the last arguments being keyword arguments of these names.
fn bind_named<'a>(callee: &'a CalleeInfo, args: &[Value], names: &'a [ConstInfo]) -> Option<Vec<Bound<'a>>> {
    let (args, values) = args.split_at_checked(args.len().checked_sub(names.len())?)?;
    let keywords: Vec<(&ConstInfo, Value)> = names.iter().zip(values.iter().copied()).collect();
    bind(callee, args, &keywords)
}

/// The call of a known callable; `None` when it is not known or not served.
fn special(b: &mut Builder, operands: &Operands) -> Option<Value> {
    if b.snapshot.generic_sites.contains(&b.instr.unit) {
        return None;
    }
    let args = operands.all(b)?;
    match b.callable(operands.callable)? {
        Callable::Function(callee) => {
            let bound = bind(callee, &args, &[])?;
            Some(call_bound(b, callee, operands.callable, bound))
        }
        // The class of a method's `self` has been checked only if an attribute access found both.
        Callable::C(info) if info.class.is_some() && b.func.ty(operands.this).is_null() => None,
        Callable::C(info) => builtins::call(b, info.known, &args).or_else(|| {
            c_convention(info, args.len() - usize::from(info.class.is_some()))?;
            let args = builtins::arguments(b, info.known, &args);
            call_c(b, info, &args)
        }),
        Callable::Class(class) => instantiate(b, class, operands, &args, &[]),
        Callable::Builtin(known) => builtins::call(b, Some(*known), &args),
        Callable::Unknown => None,
    }
}

/// What a parameter gets.
#[derive(Clone, Debug)]
enum Bound<'a> {
    Value(Value),
    Default(&'a ConstInfo),
    /// `*args`
    Rest(Vec<Value>),
    /// `**kwargs`
    Keywords(Vec<(&'a ConstInfo, Value)>),
}

/// Matches arguments with parameters as CPython does; `None` where that would raise, and for functions that are not simply called.
fn bind<'a>(callee: &'a CalleeInfo, args: &[Value], keywords: &[(&'a ConstInfo, Value)]) -> Option<Vec<Bound<'a>>> {
    if callee.flags & CO_SUSPENDS != 0 || callee.cell == 0 {
        return None;
    }
    let (positional, keyword_only) = (callee.argcount as usize, callee.kwonlyargcount as usize);
    let (varargs, varkeywords) = (callee.flags & CO_VARARGS != 0, callee.flags & CO_VARKEYWORDS != 0);
    let named = positional + keyword_only;
    if callee.param_names.len() < named
        || named + usize::from(varargs) + usize::from(varkeywords) != callee.nparams as usize
    {
        return None;
    }
    if args.len() > positional && !varargs {
        return None;
    }
    let mut slots: Vec<Option<Bound>> = args.iter().take(positional).map(|&value| Some(Bound::Value(value))).collect();
    slots.resize_with(named, || None);
    let mut others = Vec::new();
    for &(name, value) in keywords {
        let first = callee.posonlyargcount as usize;
        match callee.param_names[first.min(named)..named].iter().position(|param| param.text == name.text) {
            Some(index) if slots[first + index].is_none() => slots[first + index] = Some(Bound::Value(value)),
            Some(_) => return None,
            None if varkeywords => others.push((name, value)),
            None => return None,
        }
    }
    let first_default = positional.checked_sub(callee.defaults.len())?;
    let mut bound = Vec::with_capacity(callee.nparams as usize);
    for (index, slot) in slots.into_iter().enumerate() {
        let default = if index < positional {
            index.checked_sub(first_default).and_then(|index| callee.defaults.get(index))
        } else {
            callee.kwdefaults.get(index - positional).and_then(Option::as_ref)
        };
        bound.push(slot.or(default.map(Bound::Default))?);
    }
    if varargs {
        bound.push(Bound::Rest(args.get(positional..).unwrap_or_default().to_vec()));
    }
    if varkeywords {
        bound.push(Bound::Keywords(others));
    }
    Some(bound)
}

fn call_bound<'a>(b: &mut Builder<'a>, callee: &'a CalleeInfo, function: Value, bound: Vec<Bound<'a>>) -> Value {
    // A version is retired when defaults change, but what is running may change them itself and call then.
    let defaulted = bound.iter().take(callee.argcount as usize).any(|slot| matches!(slot, Bound::Default(_)));
    if let Some(defaults) = callee.defaults_tuple.as_ref().filter(|_| defaulted) {
        let id = b.const_id(defaults);
        let load = Op::LoadField { offset: layout::FUNC_DEFAULTS, region: Region::Instance, ty: Type::OptObject };
        let found = b.emit_value(load, &[function]);
        b.emit_value(Op::GuardIs { id }, &[found]);
    }
    let mut args = Vec::with_capacity(bound.len());
    for slot in bound {
        let value = match slot {
            Bound::Value(value) => value,
            Bound::Default(info) => b.constant(info),
            Bound::Rest(values) => {
                let values = objects(b, &values);
                b.helper(HelperId::build_tuple, &values)
            }
            Bound::Keywords(pairs) => {
                let mut items = Vec::new();
                for (name, value) in pairs {
                    items.push(b.constant(name));
                    items.push(b.object(value));
                }
                b.helper(if items.is_empty() { HelperId::new_dict } else { HelperId::build_keywords }, &items)
            }
        };
        args.push(value);
    }
    call_function(b, callee, function, &args)
}

/// A direct call with one value for each parameter.
pub(super) fn call_function(b: &mut Builder, callee: &CalleeInfo, function: Value, args: &[Value]) -> Value {
    let all: Vec<Value> = std::iter::once(function).chain(args.iter().copied()).collect();
    let all = objects(b, &all);
    let itself = b.snapshot.function.as_ref().is_some_and(|info| info.address == callee.func.address);
    let op = if itself { Op::CallSelf } else { Op::CallDirect { cell: callee.cell } };
    b.emit_value(op, &all)
}

/// How a C function is called with that many arguments besides `self`.
fn c_convention(info: &CFunctionInfo, count: usize) -> Option<Op> {
    let function = info.function;
    match (info.flags & METH_CONVENTION, count) {
        (METH_NOARGS, 0) => Some(Op::CallCNoArgs { function }),
        (METH_O, 1) => Some(Op::CallCOne { function }),
        (METH_FASTCALL, _) => Some(Op::CallCFast { function }),
        (METH_FASTCALL_KEYWORDS, _) => Some(Op::CallCFastKw { function }),
        _ => None,
    }
}

/// A C function through its pointer.
fn call_c(b: &mut Builder, info: &CFunctionInfo, args: &[Value]) -> Option<Value> {
    let (this, args) = if info.class.is_some() {
        let (this, args) = args.split_first()?;
        (*this, args)
    } else {
        let this = match &info.self_object {
            Some(object) => b.constant(object),
            None => b.null(),
        };
        (this, args)
    };
    let op = c_convention(info, args.len())?;
    let all: Vec<Value> = std::iter::once(this).chain(args.iter().copied()).collect();
    let all = objects(b, &all);
    Some(b.emit_value(op, &all))
}

/// An instance of a plain class: allocated here, then `__init__`.
fn instantiate<'a>(
    b: &mut Builder<'a>,
    class: &'a ClassInfo,
    operands: &Operands,
    args: &[Value],
    keywords: &[(&'a ConstInfo, Value)],
) -> Option<Value> {
    if !class.plain_new || !b.func.ty(operands.this).is_null() {
        return None;
    }
    // The instance itself is not there yet: any value stands for it while arguments are matched.
    let stand_in: Vec<Value> = std::iter::once(operands.callable).chain(args.iter().copied()).collect();
    let init = match &class.init {
        Some(init) => Some((init, bind(init, &stand_in, keywords)?)),
        None if class.no_init && args.is_empty() && keywords.is_empty() => None,
        None => return None,
    };
    let same = super::shapes::is_class(b, operands.callable, class.number);
    b.emit(Op::GuardTrue, &[same]);
    let instance = b.helper(HelperId::alloc_instance, &[operands.callable]);
    if let Some((init, mut bound)) = init {
        match bound.first_mut() {
            Some(first @ Bound::Value(_)) => *first = Bound::Value(instance),
            Some(Bound::Rest(rest)) if !rest.is_empty() => rest[0] = instance,
            _ => {}
        }
        let function = b.constant(&init.func);
        let outcome = call_bound(b, init, function, bound);
        b.helper_effect(HelperId::check_init_result, &[outcome]);
    }
    Some(instance)
}

/// The same with the tuple of keyword names on top. The compiler always puts a constant there.
pub(super) fn call_kw(b: &mut Builder, count: u32) {
    let names = b.pop();
    let Some(&Op::Const { id: names }) = b.func.def_op(names) else {
        b.deopt();
        return;
    };
    let mut operands = Operands::pop(b, count);
    let Some(texts) = b.snapshot.tuple_items.get(&b.func.consts[names].address) else {
        let operands = operands.objects(b);
        let result = b.emit_value(Op::CallKw { names }, &operands);
        b.push(result);
        return;
    };
    learn_callee(b, &mut operands, texts);
    let result = match special_kw(b, &operands, texts) {
        Some(result) => result,
        None => {
            let candidates = candidates(b, operands.callable);
            dispatch(b, &operands, &candidates, texts, Op::CallKw { names })
        }
    };
    b.push(result);
}

fn special_kw<'a>(b: &mut Builder<'a>, operands: &Operands, names: &'a [ConstInfo]) -> Option<Value> {
    if b.snapshot.generic_sites.contains(&b.instr.unit) {
        return None;
    }
    let args = operands.all(b)?;
    let (args, values) = args.split_at_checked(args.len().checked_sub(names.len())?)?;
    let keywords: Vec<(&ConstInfo, Value)> = names.iter().zip(values.iter().copied()).collect();
    match b.callable(operands.callable)? {
        Callable::Function(callee) => {
            let bound = bind(callee, args, &keywords)?;
            Some(call_bound(b, callee, operands.callable, bound))
        }
        Callable::Class(class) => instantiate(b, class, operands, args, &keywords),
        _ => None,
    }
}

/// The stack is callable, `self` or NULL, positional arguments, keyword arguments or NULL.
pub(super) fn call_function_ex(b: &mut Builder) {
    let operands = b.pop_objects(4);
    // A dict that was made for this call; the compiler always makes one.
    let own = match b.func.def_op(operands[3]) {
        Some(Op::Null) => true,
        Some(Op::Helper { id }) => {
            matches!(id, HelperId::build_map | HelperId::new_dict | HelperId::build_keywords | HelperId::keywords_of)
        }
        _ => false,
    };
    let own = own && !b.state.locals.contains(&Some(operands[3]));
    let helper = if own { HelperId::call_forward } else { HelperId::call_function_ex };
    let result = b.helper(helper, &operands);
    b.push(result);
}

pub(super) fn intrinsic_1(b: &mut Builder, number: u32) {
    let value = b.pop_object();
    let number = b.int(i64::from(number));
    let result = b.helper(HelperId::intrinsic_1, &[number, value]);
    b.push(result);
}

pub(super) fn intrinsic_2(b: &mut Builder, number: u32) {
    let operands: Vec<Value> = b.pop_objects(2);
    let number = b.int(i64::from(number));
    let result = b.helper(HelperId::intrinsic_2, &[number, operands[0], operands[1]]);
    b.push(result);
}

pub(super) fn make_function(b: &mut Builder) {
    let code = b.pop_object();
    let function = b.helper(HelperId::make_function, &[code]);
    b.push(function);
}

pub(super) fn set_function_attribute(b: &mut Builder, which: u32) {
    let function = b.pop_object();
    let value = b.pop_object();
    let which = b.int(i64::from(which));
    b.helper_effect(HelperId::set_function_attribute, &[function, value, which]);
    b.push(function);
}

pub(super) fn load_build_class(b: &mut Builder) {
    let builder = b.helper(HelperId::load_build_class, &[]);
    b.push(builder);
}
