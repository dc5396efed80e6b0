"""Child of the differential runner: runs one program file and writes what it recorded, line by line.

usage: run.py PROGRAM OUTPUT [--repeat N] [--only NAME] [--opcodes]

Each line of OUTPUT is one JSON value, flushed at once, so that the parent knows where a crash happened.
"""
import importlib.util
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def load(path):
    """Import a program by path under its own stem."""
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def seen_opcodes(path, check):
    """Names of the (specialised) instructions in this program's code objects as they are now."""
    import dis
    import gc
    import types
    names, done = set(), set()
    queue = [f.__code__ for f in check.copies]
    queue += [o.__code__ for o in gc.get_objects() if isinstance(o, types.FunctionType)]
    while queue:
        code = queue.pop()
        if id(code) in done or code.co_filename != path:
            continue
        done.add(id(code))
        names.update(i.opname for i in dis.get_instructions(code, adaptive=True))
        queue += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return sorted(names)


def main(argv):
    import faulthandler
    faulthandler.enable()
    path, out = argv[0], argv[1]
    repeat = int(argv[argv.index("--repeat") + 1]) if "--repeat" in argv else 2
    only = argv[argv.index("--only") + 1] if "--only" in argv else None
    sys.path.insert(0, HERE)
    import check
    with open(out, "w", buffering=1) as sink:
        def put(value):
            sink.write(json.dumps(value) + "\n")
        module = load(path)
        for name, f in list(vars(module).items()):
            if not name.startswith("test_") or not callable(f) or (only and only != name):
                continue
            for round_ in range(repeat):
                put({"start": name, "round": round_})
                try:
                    f()
                except BaseException as exc:
                    check.say(f"ESCAPED {check.error(exc)}")
                put({"test": name, "round": round_, "lines": check.take_lines()})
        if "--opcodes" in argv:
            put({"opcodes": seen_opcodes(path, check)})
        put({"end": True})


if __name__ == "__main__":
    main(sys.argv[1:])
