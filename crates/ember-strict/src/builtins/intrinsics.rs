//! What stubs call: the functions that say what the analyser is to make of a call. They are builtins with names that a
//! program does not use, and stubs import them from the stub `__ember__`.

use crate::diagnostics::Code as Emb;
use crate::heap::{Native, holder, native};
use crate::value::Value;
use crate::vm::Vm;

pub const FUNCTIONS: &[Native] = &[
    // effect(code, text): report an effect at the caller's call.
    native("__ember_effect__", |vm, args| {
        let code = match args.at(0) {
            Value::Int(code) => Emb::parse(&code.to_string()),
            _ => None,
        };
        let what = vm.as_str(args.at(1)).unwrap_or_else(|| "has an effect".into());
        vm.effect(code.unwrap_or(Emb::InputOutput), &what);
        Ok(Value::None)
    }),
    // unknown(name): a value that must not be used.
    native("__ember_unknown__", |vm, args| {
        let name = vm.as_str(args.at(0)).unwrap_or_else(|| "?".into());
        Ok(vm.unknown(&name))
    }),
    // opaque(name): an unknown value whose use has been reported already.
    native("__ember_quiet__", |vm, args| {
        let name = vm.as_str(args.at(0)).unwrap_or_else(|| "?".into());
        Ok(vm.quiet_unknown(&name))
    }),
    holder("__ember_is_unknown__", |vm, args| Ok(Value::Bool(vm.is_unknown(args.at(0))))),
    // fact(name): a fact about the interpreter that will run the program.
    native("__ember_fact__", |vm, args| {
        let name = vm.as_str(args.at(0)).unwrap_or_else(|| "".into());
        let found = vm.world.facts.iter().find(|(key, _)| key == &*name).map(|(_, value)| value.clone());
        Ok(found.map_or(args.get(1), |value| vm.str(value)))
    }),
    holder("__ember_type__", |vm, args| {
        let name = vm.as_str(args.at(0)).unwrap_or_else(|| "".into());
        let found = crate::heap::TYPES.iter().find(|(_, text, _)| *text == &*name);
        Ok(found.map_or(Value::None, |(class, _, _)| class.v()))
    }),
    // caller(depth): the globals of a caller.
    native("__ember_caller__", |vm, args| {
        let depth = usize::try_from(vm.index(args.at(0))?).unwrap_or(0);
        Ok(vm.caller_at(depth).map_or(Value::None, |call| Value::Obj(call.globals)))
    }),
    native("__ember_caller_name__", |vm, args| {
        let depth = usize::try_from(vm.index(args.at(0))?).unwrap_or(0);
        let name = vm.caller_at(depth).map(|call| call.code.name.clone());
        Ok(name.map_or(Value::None, |name| vm.str(name)))
    }),
    // caller_locals(depth): the namespace of a caller; of a function's variables nothing is known.
    native("__ember_caller_locals__", |vm, args| {
        let depth = usize::try_from(vm.index(args.at(0))?).unwrap_or(0);
        let names = vm.caller_at(depth).map(|call| call.names);
        Ok(match names {
            Some(Value::Null) => vm.unknown("frame.f_locals"),
            other => other.unwrap_or(Value::None),
        })
    }),
    // caller_line(depth): the line where a caller is.
    native("__ember_caller_line__", |vm, args| {
        let depth = usize::try_from(vm.index(args.at(0))?).unwrap_or(0);
        let line = vm.caller_at(depth).map(|call| call.code.source.line(call.code.span_at(call.pc).0));
        Ok(Value::Int(line.unwrap_or(1) as i64))
    }),
    // handled(): the exception that is being handled.
    native("__ember_handled__", |vm, _| Ok(vm.handling.last().copied().unwrap_or(Value::None))),
    // module(name): a module that is loaded, or None.
    native("__ember_module__", |vm, args| {
        let name = vm.as_str(args.at(0)).unwrap_or_else(|| "".into());
        Ok(vm.loaded_module(&name).unwrap_or(Value::None))
    }),
    // replaced(name): something is put under a name in `sys.modules`, or taken away; under any name, if it is not known.
    holder("__ember_replaced__", |vm, args| {
        let own = vm.module_name(vm.owner());
        vm.note_replaced(vm.as_str(args.at(0)).as_deref().unwrap_or(&own));
        Ok(Value::None)
    }),
    // alias(name, module): let a module be found under another name.
    holder("__ember_alias__", |vm, args| {
        if let (Some(name), Some(r)) = (vm.as_str(args.at(0)), args.at(1).obj())
            && matches!(vm.kind(args.at(1)), Some(crate::heap::Kind::Module(_)))
        {
            vm.loading.insert(name.to_string(), r.owner);
            return Ok(Value::Bool(true));
        }
        Ok(Value::Bool(false))
    }),
    native("__ember_import__", |vm, args| {
        let name = vm.as_str(args.at(0)).unwrap_or_else(|| "".into());
        vm.import_module(&name)
    }),
    holder("__ember_annotations__", |vm, args| {
        let format = vm.index(args.at(1))?;
        vm.evaluate_annotations(args.at(0), format, args.get(2))
    }),
    // mutable(class): the class may be changed although its module is strict.
    holder("__ember_mutable__", |vm, args| {
        if let Some(r) = args.at(0).obj()
            && let Some(crate::heap::Kind::Class(data)) =
                vm.change(r, args.at(0), "marks as mutable").map(|object| &mut object.kind)
        {
            data.mutable = true;
        }
        Ok(args.at(0))
    }),
    // members(class): report attributes of a class that its slots would hide.
    holder("__ember_members__", |vm, args| {
        vm.check_members(args.at(0));
        Ok(args.at(0))
    }),
    // owned(object): whether the module that is being imported made an object.
    holder("__ember_owned__", |vm, args| Ok(Value::Bool(args.at(0).obj().is_none_or(|r| r.owner == vm.owner())))),
    holder("__ember_cause__", |vm, args| {
        let cause = vm.exception_data(args.at(0)).map_or(Value::None, |data| data.cause);
        Ok(cause)
    }),
    native("__ember_float_digits__", |vm, args| {
        let text = float_math(vm, args.at(0), args.at(1), args.get(2));
        Ok(text)
    }),
    holder("__ember_complete__", |vm, _| {
        let owner = vm.owner();
        vm.set_incomplete(owner);
        Ok(Value::None)
    }),
];

/// Functions of `math` on floats, by name.
fn float_math(vm: &Vm<'_>, name: Value, x: Value, y: Value) -> Value {
    let Some(name) = vm.as_str(name) else { return Value::None };
    let x = vm.number(x).and_then(|n| n.float()).unwrap_or(f64::NAN);
    let y = vm.number(y).and_then(|n| n.float()).unwrap_or(f64::NAN);
    Value::Float(match &*name {
        "sqrt" => x.sqrt(),
        "exp" => x.exp(),
        "log" => x.ln(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "tanh" => x.tanh(),
        "expm1" => x.exp_m1(),
        "log1p" => x.ln_1p(),
        "cbrt" => x.cbrt(),
        "exp2" => x.exp2(),
        "atan2" => x.atan2(y),
        "pow" => x.powf(y),
        "hypot" => x.hypot(y),
        "copysign" => x.copysign(y),
        "fmod" => x % y,
        _ => return Value::None,
    })
}
