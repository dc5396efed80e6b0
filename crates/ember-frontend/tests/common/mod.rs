//! Snapshot files, read.

use ember_frontend::CodeSnapshot;
use ember_frontend::snapshot::*;
use ember_hir::Type;

/// Parses a snapshot file as `dump.py` writes it.
pub fn parse(text: &str) -> CodeSnapshot {
    let well_known = WellKnown {
        class_cells: 0x1000_0000,
        none: 0x1000,
        r#true: 0x1040,
        r#false: 0x1080,
        small_ints: SmallInts { first: 0x2000, min: -5, size: 32 },
        common_constants: ["AssertionError", "NotImplementedError", "tuple", "all", "any"]
            .iter()
            .enumerate()
            .map(|(index, name)| ConstInfo {
                address: 0x1100 + 0x40 * index as u64,
                ty: Type::Class,
                int: None,
                double: None,
                text: (*name).to_owned(),
            })
            .collect(),
    };
    let mut s = CodeSnapshot { well_known, ..CodeSnapshot::default() };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = || rest.parse::<u32>().expect("a number");
        let words = || rest.split(' ').map(|word| u16::from_str_radix(word, 16).expect("a word")).collect();
        match key {
            "name" => (s.name, s.qualname) = (rest.to_owned(), rest.to_owned()),
            "flags" => s.flags = number(),
            "argcount" => s.argcount = number(),
            "posonlyargcount" => s.posonlyargcount = number(),
            "kwonlyargcount" => s.kwonlyargcount = number(),
            "nlocals" => s.nlocals = number(),
            "stacksize" => s.stacksize = number(),
            "ncellvars" => s.ncellvars = number(),
            "nfreevars" => s.nfreevars = number(),
            "local" => {
                s.localsplus_names.push(rest.to_owned());
                s.localsplus_kinds.push(0x20);
                s.nlocalsplus += 1;
            }
            "units" => s.units = words(),
            "adaptive" => s.adaptive = words(),
            "table" => {
                s.exception_table = rest
                    .as_bytes()
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ascii"), 16).expect("a byte"))
                    .collect();
            }
            "const" => s.consts.push(object(rest)),
            "item" => {
                let tuple = s.consts.last().expect("a tuple").address;
                s.tuple_items.entry(tuple).or_default().push(object(rest));
            }
            "names" => s.names.push(object(rest)),
            "feedback" => {
                let mut details = Vec::new();
                while let Some(detail) = lines.next_if(|line| line.starts_with("  ")) {
                    details.push(detail.trim_start());
                }
                let (unit, what) = rest.split_once(' ').expect("a unit");
                s.feedback.insert(unit.parse().expect("a unit"), feedback(what, &details));
            }
            _ => panic!("unknown line {line}"),
        }
    }
    s
}

fn address(text: &str) -> u64 {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).expect("an address")
}

fn object(text: &str) -> ConstInfo {
    let mut fields = text.splitn(5, ' ');
    let mut next = || fields.next().unwrap_or("");
    ConstInfo {
        address: address(next()),
        ty: Type::parse(next()).unwrap_or_else(|| panic!("a type in {text}")),
        int: next().parse().ok(),
        double: next().parse().ok(),
        text: next().to_owned(),
    }
}

fn feedback(what: &str, details: &[&str]) -> Feedback {
    let fields: Vec<&str> = what.split(' ').collect();
    match fields[0] {
        "global" => Feedback::Global { cell: address(fields[1]), value: known(details).map(Box::new) },
        "mixed" => Feedback::MixedArithmetic { float_left: fields[1] == "1" },
        "attr" => {
            let number = |index: usize| fields[index].parse::<i32>().expect("a number");
            let value = || Box::new(known(details).expect("an object"));
            let kind = match fields[2] {
                "value" => AttrKind::InlineValue { values_offset: number(3), offset: number(4) },
                "slot" => AttrKind::Slot { offset: number(3) },
                "hint" => AttrKind::DictHint { hint: number(3) as u32 },
                "module" => AttrKind::Module { keys_version: number(3) as u32, index: number(4) as u32 },
                "constant" => AttrKind::Constant { value: value(), on_class: number(3) == 1, absent: Absent::Nothing },
                "method" => AttrKind::Method { descr: value(), absent: Absent::Nothing },
                "method-keys" => AttrKind::Method {
                    descr: value(),
                    absent: Absent::Keys { keys_version: number(3) as u32, values_offset: number(4) },
                },
                "property" => match known(details).expect("an object").callable {
                    Callable::Function(getter) => AttrKind::Property { getter },
                    _ => panic!("a getter is a function"),
                },
                other => panic!("unknown kind {other}"),
            };
            Feedback::Attr(vec![AttrShape { number: number(1) as u32, checked: None, kind }])
        }
        other => panic!("unknown feedback {other}"),
    }
}

fn known(details: &[&str]) -> Option<KnownObject> {
    let (first, rest) = details.split_first()?;
    let object = object(first.strip_prefix("object ").or(first.strip_prefix("init "))?);
    Some(KnownObject { callable: callable(&object, rest), object })
}

fn callable(value: &ConstInfo, details: &[&str]) -> Callable {
    let Some((first, rest)) = details.split_first() else {
        return Callable::Unknown;
    };
    let fields: Vec<&str> = first.split(' ').collect();
    let number = |index: usize| fields[index].parse::<u32>().expect("a number");
    let with = |prefix: &str| rest.iter().filter_map(|line| line.strip_prefix(prefix)).collect::<Vec<_>>();
    let builtin = |text: &str| match text {
        "Exhausts" => Some(KnownBuiltin::Exhausts),
        "List" => Some(KnownBuiltin::List),
        "Set" => Some(KnownBuiltin::Set),
        "Len" => Some(KnownBuiltin::Len),
        "IsInstance" => Some(KnownBuiltin::IsInstance),
        "Abs" => Some(KnownBuiltin::Abs),
        "Min" => Some(KnownBuiltin::Min),
        "Max" => Some(KnownBuiltin::Max),
        "ListAppend" => Some(KnownBuiltin::ListAppend),
        "Type" => Some(KnownBuiltin::Type),
        "Str" => Some(KnownBuiltin::Str),
        "Tuple" => Some(KnownBuiltin::Tuple),
        "Range" => Some(KnownBuiltin::Range),
        _ => None,
    };
    match fields[0] {
        "function" => Callable::Function(Box::new(CalleeInfo {
            func: value.clone(),
            func_version: 1,
            cell: address(fields[1]),
            flags: number(2),
            nparams: number(3),
            argcount: number(4),
            posonlyargcount: number(5),
            kwonlyargcount: number(6),
            param_names: with("param ").into_iter().map(object).collect(),
            defaults: with("default ").into_iter().map(object).collect(),
            defaults_tuple: None,
            kwdefaults: with("kwdefault ").into_iter().map(|text| (text != "-").then(|| object(text))).collect(),
        })),
        "c" => {
            let owner = rest.first().and_then(|line| line.strip_prefix("owner ")).expect("an owner");
            let (kind, text) = owner.split_once(' ').expect("an owner");
            Callable::C(Box::new(CFunctionInfo {
                function: address(fields[1]),
                flags: number(2),
                self_object: (kind == "self").then(|| object(text)),
                class: (kind == "class").then(|| object(text)),
                receiver: None,
                known: builtin(fields[3]),
            }))
        }
        "builtin" => Callable::Builtin(builtin(fields[1]).expect("a builtin")),
        "class" => Callable::Class(Box::new(ClassInfo {
            class: value.clone(),
            number: number(1),
            plain_new: number(2) == 1,
            no_init: number(3) == 1,
            init: match known(rest).map(|known| known.callable) {
                Some(Callable::Function(init)) => Some(init),
                _ => None,
            },
        })),
        _ => Callable::Unknown,
    }
}
