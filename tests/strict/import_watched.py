"""Imports modules one after another and tells what each does besides making itself. Run by the suite in a fresh process.

Before a module is imported, everything that it imports is; so what is seen is its own doing. An audit hook sees what it
opens, starts or connects to; a comparison of the namespaces of all other modules and of their classes sees what it changes.

usage: import_watched.py [--raises] FOLDER NAME…

FOLDER is searched for modules, too. With --raises it only tells which exception each import raises.
"""

import importlib
import importlib.util
import json
import sys
import types

HARMLESS = ("import", "compile", "exec", "marshal.loads", "object.", "code.__new__", "function.__new__", "builtins.id",
            "sys._getframe", "sys._getframemodulename", "open", "os.listdir", "os.scandir", "sys.unraisablehook", "gc.", "cpython.",
            "os.putenv_", "ctypes.", "object.__setattr__", "array.__new__")
seen, watching = [], False


def hook(event, args):
    if not watching:
        return
    if event == "open":
        path = str(args[0])
        if path.endswith((".py", ".pyc", ".so", ".pth")) or "__pycache__" in path or ".pyc." in path:
            return
    elif event.startswith(HARMLESS):
        return
    seen.append(event + " " + repr(args)[:80])


def state():
    """What the namespaces of all modules and their classes hold: by identity, containers by their items."""
    found = {}
    for name, module in list(sys.modules.items()):
        if not isinstance(module, types.ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if key in ("__builtins__", "__cached__", "__warningregistry__"):
                continue
            # `isinstance` would ask lazy objects what they are, which makes them.
            kind = type(value)
            if issubclass(kind, types.ModuleType):
                continue
            found[name, key] = shape(value)
            if issubclass(kind, type) and value.__module__ == name:
                for attribute, member in list(vars(value).items()):
                    if attribute not in ("__abstractmethods__", "_abc_impl", "__dict__", "__weakref__", "__static_attributes__", "__annotate_func__", "__annotations_cache__"):
                        found[name, key + "." + attribute] = shape(member)
    return found


def shape(value):
    if type(value) in (list, set, tuple, frozenset):
        return (id(value), len(value), tuple(sorted(id(one) for one in value)))
    if type(value) is dict:
        return (id(value), len(value), tuple((id(k), id(v)) for k, v in list(value.items())))
    return id(value)


#: What the interpreter and its caches do by themselves.
OWN = {("re", "_cache"), ("re", "_cache2"), ("sys", "modules"), ("sys", "path_importer_cache"), ("linecache", "cache"), ("warnings", "filters"),
       ("_warnings", "filters"), ("copyreg", "dispatch_table_"), ("typing", "_cleanups"), ("functools", "_cache"), ("abc", "_abc"), ("ctypes", "_c_functype_cache"),
       ("re._compiler", "_cache"), ("typing", "_caches"), ("_py_warnings", "filters"), ("sys", "last_exc")}


def filled(key, before):
    """Whether a module has only imported something that it imports when it is first needed."""
    module = sys.modules[key[0]]
    if isinstance(getattr(module, key[1].split(".")[0], None), types.ModuleType):
        return True
    return key not in before and hasattr(module, "__getattr__")


def preload(name, done):
    """Import what a module imports, as far as its code says."""
    try:
        spec = importlib.util.find_spec(name)
    except BaseException:
        # A package around it cannot be imported.
        return
    if spec is None or spec.loader is None or not hasattr(spec.loader, "get_code"):
        return
    try:
        code = spec.loader.get_code(name)
    except (ImportError, SyntaxError):
        return
    if code is None:
        return
    for target in imports(code, spec):
        if target != name and not name.startswith(target + ".") and target not in done:
            done.add(target)
            try:
                importlib.import_module(target)
            except BaseException:
                pass


def imports(code, spec):
    import dis

    package = spec.name if spec.submodule_search_locations is not None else spec.name.rpartition(".")[0]
    level, names = 0, ()
    stack = []
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
            stack.append(instruction.argval)
        elif instruction.opname == "IMPORT_NAME":
            names, level = stack[-1] or (), stack[-2] if len(stack) > 1 else 0
            base = instruction.argval
            if isinstance(level, int) and level > 0:
                base = importlib.util.resolve_name("." * level + base, package)
            yield base
            for one in names if isinstance(names, tuple) else ():
                yield f"{base}.{one}"


def raised_elsewhere(error, name):
    """Whether an exception came out of an import that the module says, and not out of its own code."""
    spec = importlib.util.find_spec(name)
    frames, at = [], error.__traceback__
    while at is not None:
        frames.append(at.tb_frame.f_code)
        at = at.tb_next
    own = [number for number, code in enumerate(frames) if code.co_filename == spec.origin]
    # The frames of the import system itself are not in a traceback; a module's top level comes after them.
    return not own or (own[-1] + 1 < len(frames) and frames[own[-1] + 1].co_name == "<module>")


def main(names):
    global watching
    sys.addaudithook(hook)
    problems = {}
    for name in names:
        if name in sys.modules:
            # Something has imported it already: there is nothing to see.
            problems[name] = None
            continue
        preload(name, set())
        if name in sys.modules:
            # Something has imported it already: there is nothing to see.
            problems[name] = None
            continue
        parent = name.rpartition(".")[0]
        try:
            if parent:
                importlib.import_module(parent)
        except BaseException:
            pass
        before = state()
        modules = set(sys.modules)
        seen.clear()
        watching = True
        try:
            importlib.import_module(name)
            failed = ""
        except BaseException as error:
            failed = f"raises {type(error).__name__}: {error}"[:200]
            try:
                elsewhere = raised_elsewhere(error, name)
            except BaseException:
                # A package around it cannot be imported.
                elsewhere = True
            if elsewhere:
                watching = False
                problems[name] = f"elsewhere {failed}"
                continue
        watching = False
        after = state()
        changed = [
            ".".join(key)
            for key, value in after.items()
            if key[0] in modules and key not in OWN and before.get(key) != value and not filled(key, before) and not (key[0], key[1]) == (parent, name.rpartition(".")[2])
        ]
        gone = [".".join(key) for key in before if key not in after and key[0] in modules and not filled(key, before) and key[:2] != (parent, name.rpartition(".")[2])]
        parts = [failed, *seen[:3], *(f"changes {one}" for one in (changed + gone)[:4])]
        problems[name] = "; ".join(part for part in parts if part)
    print(json.dumps(problems))


def raises(names):
    """The class of the exception that each import raises."""
    found = {}
    for name in names:
        try:
            importlib.import_module(name)
            found[name] = None
        except BaseException as error:
            found[name] = type(error).__name__
    print(json.dumps(found))


if sys.argv[1] == "--raises":
    sys.path.insert(0, sys.argv[2])
    raises(sys.argv[3:])
else:
    sys.path.insert(0, sys.argv[1])
    main(sys.argv[2:])
