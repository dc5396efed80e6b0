"""Imports modules one after another and tells what each does besides making itself. Run by the suite in fresh processes.

Every execution of a module's top level is watched, also when another module imports it, so that the order of imports is that of
the program and nothing is missed in circles of imports. An audit hook sees what is opened, started or connected to; a
comparison of the namespaces of all modules and of their classes, whenever the execution passes from one module to
another, sees what was changed. Both are told of the module whose top level is executing innermost.

usage: import_watched.py [--raises] FOLDER NAME…   (or names on standard input, one a line)

FOLDER is searched for modules, too. With --raises it only tells which exception each import raises.
"""

import importlib
import importlib.machinery
import json
import sys
import types

HARMLESS = ("import", "compile", "exec", "marshal.loads", "object.", "code.__new__", "function.__new__", "builtins.id",
            "sys._getframe", "sys._getframemodulename", "os.listdir", "os.scandir", "sys.unraisablehook", "gc.", "cpython.",
            "os.putenv_", "ctypes.", "object.__setattr__", "array.__new__")
#: What the interpreter and its caches do by themselves.
OWN = {("re", "_cache"), ("re", "_cache2"), ("sys", "modules"), ("sys", "path_importer_cache"), ("linecache", "cache"), ("warnings", "filters"),
       ("_warnings", "filters"), ("copyreg", "dispatch_table_"), ("typing", "_cleanups"), ("functools", "_cache"), ("abc", "_abc"), ("ctypes", "_c_functype_cache"),
       ("re._compiler", "_cache"), ("typing", "_caches"), ("re", "RegexFlag._value2member_map_"), ("_py_warnings", "filters"), ("sys", "last_exc"),
       ("string", "Template.pattern"), ("string", "Template.flags")}
#: The import system itself, and this file.
NOT_LOOKED_AT = {"__main__", "_frozen_importlib", "_frozen_importlib_external", "importlib._bootstrap", "importlib._bootstrap_external"}
#: Nor combinations of flags, which are made once and kept, and the names of slots that `copyreg` keeps.
UNWATCHED = ("__abstractmethods__", "__slotnames__", "_value2member_map_", "_abc_impl", "__dict__", "__weakref__", "__static_attributes__", "__annotate_func__", "__annotations_cache__")


class Watch:
    """Which module's top level is executing, what was seen of each, and how everything was when that began."""

    def __init__(self, wanted):
        self.wanted, self.stack, self.before = wanted, [], None
        self.events, self.changes, self.failed = {}, {}, {}
        self.passing = []

    def event(self, event, args):
        if not self.stack or self.stack[-1] not in self.wanted:
            return
        if event == "open":
            path = str(args[0])
            if path.endswith((".py", ".pyc", ".so", ".pth")) or "__pycache__" in path or ".pyc." in path:
                return
        elif event.startswith(HARMLESS):
            return
        self.events.setdefault(self.stack[-1], []).append(f"{event} {args!r:.80}")

    def boundary(self, then):
        """The execution passes from the innermost module to `then`."""
        name = self.stack[-1] if self.stack else None
        now = state(self.stack) if name in self.wanted or then in self.wanted else None
        if name in self.wanted and self.before is not None:
            changed = [key for key, value in now.items() if key[0] != name and key not in OWN and self.before.get(key) != value and not filled(key, self.before)]
            # What a module replaces of its own, as classes by faster ones from machine code, is its making.
            gone = [key for key in self.before if key not in now and key[0] != name and key[0] in sys.modules and not filled(key, self.before)]
            new = {key[0] for key in changed} - {key[0] for key in self.before}
            found = [".".join(key) for key in changed + gone if key[0] not in new]
            self.changes.setdefault(name, []).extend(found)
        self.before = now

    def execute(self, original, loader, module):
        name = module.__spec__.name
        self.boundary(name)
        self.stack.append(name)
        self.events.setdefault(name, [])
        try:
            original(loader, module)
        except BaseException as error:
            elsewhere = any(error is other for other in self.passing)
            self.passing.append(error)
            self.failed[name] = f"{'elsewhere ' if elsewhere else ''}raises {type(error).__name__}: {error}"[:200]
            raise
        finally:
            outer = self.stack[-2] if len(self.stack) > 1 else None
            self.boundary(outer)
            self.stack.pop()

    def told(self, name):
        """What there is to say of a module: nothing, or `None` if it was not seen."""
        if name not in self.events:
            return None
        if self.failed.get(name, "").startswith("elsewhere"):
            return self.failed[name]
        parts = [self.failed.get(name, ""), *self.events[name][:3], *(f"changes {one}" for one in self.changes.get(name, [])[:4])]
        return "; ".join(part for part in parts if part)


def state(executing):
    """What the namespaces of all modules and their classes hold: by identity, containers by their items.

    Modules that are still being made are left out, unless they are among those whose execution is watched.
    """
    found = {}
    for name, module in list(sys.modules.items()):
        # `isinstance` would ask lazy objects what they are, which makes them.
        if not issubclass(type(module), types.ModuleType) or name in NOT_LOOKED_AT:
            continue
        if name not in executing and getattr(vars(module).get("__spec__"), "_initializing", False):
            continue
        for key, value in list(vars(module).items()):
            if key in ("__builtins__", "__cached__", "__warningregistry__", "__spec__", "__loader__"):
                continue
            kind = type(value)
            if issubclass(kind, types.ModuleType):
                continue
            found[name, key] = shape(value, kind)
            if issubclass(kind, type) and value.__module__ == name:
                for attribute, member in list(vars(value).items()):
                    if attribute not in UNWATCHED:
                        found[name, key + "." + attribute] = shape(member, type(member))
    return found


def shape(value, kind):
    if kind is list or kind is tuple:
        return (id(value), *map(id, value))
    if kind is set or kind is frozenset:
        return (id(value), *sorted(map(id, value)))
    if kind is dict:
        return (id(value), *map(id, value), *map(id, value.values()))
    return id(value)


def filled(key, before):
    """Whether a module has only imported something that it imports when it is first needed."""
    module = sys.modules.get(key[0])
    if issubclass(type(getattr(module, key[1].split(".")[0], None)), types.ModuleType):
        return True
    return key not in before and hasattr(module, "__getattr__")


def watch(names):
    """What the import of each module did besides making it."""
    watching = Watch(frozenset(names))
    original = importlib.machinery.SourceFileLoader.exec_module
    importlib.machinery.SourceFileLoader.exec_module = lambda loader, module: watching.execute(original, loader, module)
    sys.addaudithook(watching.event)
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:
            if name not in watching.events:
                # Something around it, or before it, cannot be imported.
                watching.events[name] = []
                watching.failed[name] = f"elsewhere raises {type(error).__name__}: {error}"[:200]
    return {name: watching.told(name) for name in names}


def raises(names):
    """The class of the exception that each import raises."""
    found = {}
    for name in names:
        try:
            importlib.import_module(name)
            found[name] = None
        except BaseException as error:
            found[name] = type(error).__name__
    return found


def main(words):
    work = watch
    if words[0] == "--raises":
        work, words = raises, words[1:]
    sys.path.insert(0, words[0])
    print(json.dumps(work(words[1:] or sys.stdin.read().split())))


main(sys.argv[1:])
