"""Prints the snapshots of all functions in Python files under a directory: python3.14 dump_tree.py DIRECTORY"""

import pathlib
import sys
import types
import warnings

sys.argv, directory = sys.argv[:1], sys.argv[1]
warnings.simplefilter("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).parent))


def codes(code):
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            if const.co_flags & 3 == 3 and not const.co_flags & 0x2A0:
                yield const
            yield from codes(const)


def hexed(raw):
    return " ".join(f"{raw[at] | raw[at + 1] << 8:04x}" for at in range(0, len(raw), 2))


def plain(value):
    kinds = {int: "Long", float: "Float", str: "Unicode", tuple: "Tuple"}
    return f"{id(value):#x} {kinds.get(type(value), 'None' if value is None else 'Other')} - - x"


for path in sorted(pathlib.Path(directory).rglob("*.py")):
    try:
        module = compile(path.read_bytes(), str(path), "exec")
    except (OSError, SyntaxError, ValueError, RecursionError):
        continue
    for code in codes(module):
        print(f"name {path.stem}:{code.co_qualname}:{code.co_firstlineno}")
        for field in "flags argcount posonlyargcount kwonlyargcount nlocals stacksize".split():
            print(field, getattr(code, "co_" + field))
        cells = [name for name in code.co_cellvars if name not in code.co_varnames]
        for name in (*code.co_varnames, *cells, *code.co_freevars):
            print("local", name)
        print("units", hexed(code.co_code))
        print("adaptive", hexed(code.co_code))
        print("table", code.co_exceptiontable.hex())
        for value in code.co_consts:
            print("const", plain(value))
        for value in code.co_names:
            print("names", plain(value))
        print("----")
