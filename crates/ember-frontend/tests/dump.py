"""Writes a snapshot file for every function of samples.py: python3.14 dump.py

A function is called with its `warm` arguments until the interpreter has specialised it. Addresses are made up, so that the files stay the same.
"""

import builtins
import dis
import itertools
import opcode
import pathlib
import types

import samples

HERE = pathlib.Path(__file__).parent
LEAVES = {
    int: "Long", float: "Float", str: "Unicode", bytes: "Bytes", tuple: "Tuple", list: "List", dict: "Dict", set: "Set",
    frozenset: "FrozenSet", slice: "Slice", bool: "Bool!", type(None): "None", types.FunctionType: "Function",
    types.ModuleType: "Module", types.BuiltinFunctionType: "CFunction", types.MethodDescriptorType: "MethodDescr",
    type: "Class",
}
KNOWN = {
    len: "Len", isinstance: "IsInstance", abs: "Abs", min: "Min", max: "Max", list.append: "ListAppend", type: "Type", str: "Str",
    tuple: "Tuple", range: "Range",
}
METHODS = {  # what `ml_flags` says, for the few that the samples use
    len: 0x8, abs: 0x8, isinstance: 0x80, min: 0x82, max: 0x82, print: 0x82, divmod: 0x80, list.append: 0x8, list.pop: 0x80,
    str.upper: 0x4, dict.get: 0x80, str.split: 0x82,
}
addresses = {}


def address(value):
    key = (type(value), repr(value).split(" at 0x")[0])
    return addresses.setdefault(key, 0x10000 + 0x40 * len(addresses))


def text(value):
    if isinstance(value, str):
        return value
    if isinstance(value, (types.FunctionType, types.CodeType, type)):
        return f"{type(value).__name__} {value.__qualname__ if not isinstance(value, types.CodeType) else value.co_qualname}"
    return repr(value).split(" at 0x")[0]


def object_line(value):
    """address, type, int, double, text"""
    kind = LEAVES.get(type(value), "Class" if isinstance(value, type) else "Other")
    if isinstance(value, str) and value.isidentifier() or type(value) is int and -5 <= value <= 1024:
        kind += "!"
    number = value if isinstance(value, int) and -(2**63) <= value < 2**63 else None
    fields = [hex(address(value)), kind, "-" if number is None else int(number), value if type(value) is float else "-"]
    return " ".join(map(str, fields)) + " " + text(value).encode("unicode_escape").decode()


def callable_lines(value):
    """What is known of calling an object, as further lines."""
    if isinstance(value, types.FunctionType):
        code = value.__code__
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        yield (
            f"  function {address(value) + 8:#x} {code.co_flags} {count} {code.co_argcount} {code.co_posonlyargcount}"
            f" {code.co_kwonlyargcount}"
        )
        for name in code.co_varnames[:count]:
            yield "  param " + object_line(name)
        for default in value.__defaults__ or ():
            yield "  default " + object_line(default)
        for name in code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]:
            defaults = value.__kwdefaults__ or {}
            yield "  kwdefault " + (object_line(defaults[name]) if name in defaults else "-")
    elif value in METHODS:
        owner = getattr(value, "__objclass__", None)
        yield f"  c {address(value) + 8:#x} {METHODS[value]} {KNOWN.get(value, '-')}"
        yield f"  owner {'class' if owner else 'self'} {object_line(owner or value.__self__)}"
    elif value in KNOWN:
        yield f"  builtin {KNOWN[value]}"
    elif isinstance(value, type):
        plain = value.__new__ is object.__new__ and value.__flags__ & 512 and type(value) is type
        yield f"  class {version_of(value)} {int(plain)} {int(value.__init__ is object.__init__)}"
        if plain and isinstance(value.__init__, types.FunctionType):
            yield "  init " + object_line(value.__init__)
            yield from callable_lines(value.__init__)


versions = {}


def version_of(cls):
    return versions.setdefault(cls, 1000 + len(versions))


def attr_feedback(func, unit, name):
    """The shapes of an attribute site, from `func.shapes`: attribute name to (class, kind)."""
    shape = getattr(func, "shapes", {}).get(name)
    if shape is None:
        return
    cls, kind, *rest = shape
    yield f"feedback {unit} attr {version_of(cls)} {kind} " + " ".join(str(x) for x in rest if isinstance(x, (int, str)))
    for value in rest:
        if not isinstance(value, (int, str)):
            yield "  object " + object_line(value)
            yield from callable_lines(value)


def caches_of(instruction):
    return opcode._inline_cache_entries.get(instruction.baseopname, 0)


def lines_of(func):
    code = func.__code__
    yield f"name {code.co_name}"
    yield f"flags {code.co_flags}"
    for field in "argcount posonlyargcount kwonlyargcount nlocals stacksize".split():
        yield f"{field} {getattr(code, 'co_' + field)}"
    yield f"ncellvars {len(code.co_cellvars)}"
    yield f"nfreevars {len(code.co_freevars)}"
    cells = [name for name in code.co_cellvars if name not in code.co_varnames]
    for name in itertools.chain(code.co_varnames, cells, code.co_freevars):
        yield f"local {name}"
    words = lambda raw: [raw[at] | raw[at + 1] << 8 for at in range(0, len(raw), 2)]
    adaptive = words(code._co_code_adaptive)
    for instruction in dis.get_instructions(code, adaptive=True):
        unit = instruction.offset // 2
        count = caches_of(instruction)
        for at in range(unit + 1, unit + 1 + count):
            # Counters and addresses change from run to run.
            pointers = {"LOAD_ATTR": range(6, 10), "BINARY_OP": range(2, 6)}.get(instruction.baseopname, ())
            if at == unit + 1 or at - unit in pointers:
                adaptive[at] = 0
        if instruction.opname == "TO_BOOL_ALWAYS_TRUE":
            adaptive[unit + 2 : unit + 4] = [77, 0]
    yield "units " + " ".join(f"{word:04x}" for word in words(code.co_code))
    yield "adaptive " + " ".join(f"{word:04x}" for word in adaptive)
    yield "table " + code.co_exceptiontable.hex()
    for value in code.co_consts:
        yield "const " + object_line(value)
        if type(value) is tuple and all(type(item) is str for item in value):
            yield from ("item " + object_line(item) for item in value)
    for value in code.co_names:
        yield "names " + object_line(value)
    for instruction in dis.get_instructions(code, adaptive=True):
        unit = instruction.offset // 2
        if instruction.baseopname == "LOAD_GLOBAL":
            name = instruction.argval
            value = func.__globals__.get(name, getattr(builtins, name, None))
            if instruction.opname != "LOAD_GLOBAL":
                yield f"feedback {unit} global {address(name) + 8:#x}"
                yield "  object " + object_line(value)
                yield from callable_lines(value)
        elif instruction.baseopname in ("LOAD_ATTR", "STORE_ATTR") and instruction.opname != instruction.baseopname:
            yield from attr_feedback(func, unit, instruction.argval)
        elif instruction.opname == "BINARY_OP_EXTEND" and hasattr(func, "float_left"):
            yield f"feedback {unit} mixed {int(func.float_left)}"


for name, func in vars(samples).items():
    if isinstance(func, types.FunctionType) and func.__module__ == "samples" and not hasattr(func, "no_snapshot"):
        if (arguments := getattr(func, "warm", None)) is not None:
            for _ in range(200):
                func(*(argument() if isinstance(argument, types.FunctionType) else argument for argument in arguments))
        HERE.joinpath("snapshots", name + ".snap").write_text("\n".join(lines_of(func)) + "\n")
