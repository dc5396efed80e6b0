"""Random edits to a program: a model of its modules that is written as source, and changed step by step.

Everything that is made has a deterministic value, so two programs with the same sources say the same. What is generated: functions
(bodies, defaults, decorators, closures), classes (methods, attributes, inheritance, properties), constants that depend on each other, tables
made by comprehensions from functions of the program, imports between modules, registries.
"""

import random

MODULES = ["alpha", "beta", "gamma", "delta"]


class Model:
    """The program as data; `sources` writes it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.counter = 0
        self.modules = {name: {"imports": [], "items": []} for name in MODULES}
        for name in MODULES:
            self.modules[name]["items"] = [
                ["const", self.name("C"), str(self.number()), []],
                ["registry", self.name("REG")],
                ["deco", self.name("deco"), self.number()],
            ]
            for _ in range(5):
                self.add_item(name)
        for name in MODULES[1:]:
            self.add_import(name)
            self.add_item(name)

    def name(self, prefix):
        self.counter += 1
        return f"{prefix}{self.counter}"

    def number(self):
        return self.random.randint(1, 99)

    # --- what there is -------------------------------------------------------------------------------------------

    def known(self, module, kind, before=None):
        """Names of a kind that a module can use at its top level, at a place."""
        items = self.modules[module]["items"]
        found = [item[1] for item in (items if before is None else items[:before]) if item[0] == kind]
        for home, what, name in self.modules[module]["imports"]:
            if what == kind:
                found.append(name if home is None else f"{home}.{name}")
        return found

    def expression(self, module, before=None):
        """Something that can be computed from constants and functions."""
        choice = self.random.random()
        constants, functions = self.known(module, "const", before), self.known(module, "func", before)
        if choice < 0.35 and constants:
            return f"{self.random.choice(constants)} + {self.number()}"
        if choice < 0.6 and functions:
            return f"{self.random.choice(functions)}({self.number()})"
        return str(self.number())

    def body(self, module, before=None):
        """What a function returns, given `x`."""
        choice, constants = self.random.random(), self.known(module, "const", before)
        if choice < 0.4 and constants:
            return f"(x * {self.number()} + {self.random.choice(constants)}) % 1009"
        if choice < 0.6:
            return f"sum(i * {self.number()} for i in range(x % 7)) + x"
        if choice < 0.8:
            return f"(lambda y: y + {self.number()})(x)"
        return f"x - {self.number()}"

    # --- making things -------------------------------------------------------------------------------------------

    def add_item(self, module, place=None):
        items = self.modules[module]["items"]
        place = len(items) if place is None else place
        kind = self.random.choice(["const", "func", "func", "class", "class", "table", "closure", "registered", "decorated", "sub"])
        if kind == "const":
            made = ["const", self.name("C"), self.expression(module, place), []]
        elif kind == "func":
            made = ["func", self.name("f"), self.body(module, place), str(self.number()), False]
        elif kind == "class":
            methods = [[self.name("m"), "plain", str(self.number())] for _ in range(2)]
            made = ["class", self.name("K"), "", {self.name("a"): self.expression(module, place)}, methods]
        elif kind == "sub":
            bases = self.known(module, "class", place)
            if not bases:
                return self.add_item(module, place)
            made = ["class", self.name("K"), self.random.choice(bases), {}, [[self.name("m"), "super", str(self.number())]]]
        elif kind == "table":
            functions = self.known(module, "func", place)
            call = f"{self.random.choice(functions)}(i)" if functions else f"i * {self.number()}"
            made = ["table", self.name("T"), call, self.random.randint(2, 5)]
        elif kind == "closure":
            made = ["closure", self.name("g"), self.number(), self.expression(module, place)]
        elif kind == "registered":
            registries = [item[1] for item in items[:place] if item[0] == "registry"]
            if not registries:
                return self.add_item(module, place)
            made = ["registered", self.name("r"), self.random.choice(registries), self.number()]
        else:
            decorators = [item[1] for item in items[:place] if item[0] == "deco"]
            if not decorators:
                return self.add_item(module, place)
            made = ["decorated", self.name("d"), self.random.choice(decorators), self.number()]
        items.insert(place, made)
        return made

    def add_import(self, module):
        homes = MODULES[: MODULES.index(module)]
        home = self.random.choice(homes)
        items = [item for item in self.modules[home]["items"] if item[0] in ("const", "func", "class")]
        item = self.random.choice(items)
        whole = self.random.random() < 0.4
        entry = (home if whole else None, item[0], item[1])
        if entry not in self.modules[module]["imports"]:
            self.modules[module]["imports"].append(entry)
            self.modules[module].setdefault("homes", {})[item[1]] = home

    # --- source --------------------------------------------------------------------------------------------------

    def source(self, module):
        """The module as text."""
        data = self.modules[module]
        lines = [f'"""Module {module}."""', "import functools"]
        for home, _, name in data["imports"]:
            lines.append(f"import {home}" if home else f"from {data['homes'][name]} import {name}")
        for item in data["items"]:
            lines += getattr(self, "write_" + item[0])(*item[1:])
        return "\n".join(lines) + "\n"

    def write_const(self, name, value, _):
        return [f"{name} = {value}"]

    def write_registry(self, name):
        return [f"{name} = {{}}"]

    def write_deco(self, name, number):
        return [
            f"def {name}(function):", "    @functools.wraps(function)", "    def wrapper(x):", f"        return function(x) + {number}",
            "    return wrapper",
        ]  # fmt: skip

    def write_func(self, name, body, default, cached):
        return (["@functools.lru_cache"] if cached else []) + [f"def {name}(x={default}):", f"    return {body}"]

    def write_class(self, name, base, attributes, methods):
        lines = [f"class {name}{f'({base})' if base else ''}:", f'    """Class {name}."""']
        lines += [f"    {key} = {value}" for key, value in attributes.items()]
        for method, kind, number in methods:
            if kind == "property":
                lines += ["    @property", f"    def {method}(self):", f"        return {number}"]
            elif kind == "static":
                lines += ["    @staticmethod", f"    def {method}(x=1):", f"        return x * {number}"]
            elif kind == "super":
                lines += [f"    def {method}(self):", f"        return super().__doc__ and {number}"]
            else:
                lines += [f"    def {method}(self, x=2):", f"        return x + {number}"]
        return lines

    def write_table(self, name, call, length):
        return [f"{name} = [{call} for i in range({length})]"]

    def write_closure(self, name, number, value):
        return [
            f"def make_{name}(n):", "    def inner(x):", f"        return x * {number} + n", "    return inner",
            f"{name} = make_{name}({value})",
        ]  # fmt: skip

    def write_registered(self, name, registry, number):
        return [
            f"def to_{name}(function):", f"    {registry}[function.__name__] = function", "    return function", f"@to_{name}",
            f"def {name}():", f"    return {number}",
        ]  # fmt: skip

    def write_decorated(self, name, decorator, number):
        return [f"@{decorator}", f"def {name}(x):", f"    return x - {number}"]

    # --- editing -------------------------------------------------------------------------------------------------

    def edit(self):
        """Change something; the module and a few words."""
        while True:
            module = self.random.choice(MODULES)
            items = self.modules[module]["items"]
            kinds = ["body", "body", "const", "default", "method", "attribute", "add", "remove", "table", "cache", "addmethod"]
            kinds += ["delmethod", "kind", "deco", "closure", "import", "registered", "decorated", "comment", "subclass"]
            what = self.random.choice(kinds)
            done = getattr(self, "edit_" + what)(module, items)
            if done:
                return module, f"{what}: {done}"

    def pick(self, items, *kinds):
        found = [item for item in items if item[0] in kinds]
        return self.random.choice(found) if found else None

    def edit_body(self, module, items):
        item = self.pick(items, "func")
        if item:
            item[2] = self.body(module, items.index(item))
            return item[1]

    def edit_const(self, module, items):
        item = self.pick(items, "const")
        if item:
            item[2] = self.expression(module, items.index(item))
            return item[1]

    def edit_default(self, module, items):
        item = self.pick(items, "func")
        if item:
            item[3] = self.expression(module, items.index(item))
            return item[1]

    def edit_method(self, module, items):
        item = self.pick(items, "class")
        if item and item[4]:
            self.random.choice(item[4])[2] = str(self.number())
            return item[1]

    def edit_kind(self, module, items):
        item = self.pick(items, "class")
        if item and item[4]:
            self.random.choice(item[4])[1] = self.random.choice(["plain", "static", "property", "super"])
            return item[1]

    def edit_attribute(self, module, items):
        item = self.pick(items, "class")
        if item:
            key = self.random.choice([*item[3], self.name("a")])
            item[3][key] = self.expression(module, items.index(item))
            return f"{item[1]}.{key}"

    def edit_addmethod(self, module, items):
        item = self.pick(items, "class")
        if item:
            item[4].append([self.name("m"), self.random.choice(["plain", "static", "property", "super"]), str(self.number())])
            return item[1]

    def edit_delmethod(self, module, items):
        item = self.pick(items, "class")
        if item and len(item[4]) > 1:
            item[4].pop(self.random.randrange(len(item[4])))
            return item[1]

    def edit_add(self, module, items):
        return self.add_item(module, self.random.randint(3, len(items)))[1]

    def edit_remove(self, module, items):
        """Take something away that nothing mentions."""
        everything = "\n".join(self.source(name) for name in MODULES)
        imported = {name for data in self.modules.values() for _, _, name in data["imports"]}
        free = [item for item in items[3:] if item[1] not in imported and not mentioned(item[1], everything)]
        if free:
            item = self.random.choice(free)
            items.remove(item)
            return item[1]

    def edit_table(self, module, items):
        item = self.pick(items, "table")
        if item:
            item[3] = self.random.randint(2, 6)
            return item[1]

    def edit_cache(self, module, items):
        item = self.pick(items, "func")
        if item:
            item[4] = not item[4]
            return item[1]

    def edit_deco(self, module, items):
        item = self.pick(items, "deco")
        if item:
            item[2] = self.number()
            return item[1]

    def edit_closure(self, module, items):
        item = self.pick(items, "closure")
        if item:
            item[self.random.choice([2, 3])] = self.number()
            return item[1]

    def edit_registered(self, module, items):
        item = self.pick(items, "registered")
        if item:
            item[3] = self.number()
            return item[1]

    def edit_decorated(self, module, items):
        item = self.pick(items, "decorated")
        if item:
            item[3] = self.number()
            return item[1]

    def edit_import(self, module, items):
        if module != MODULES[0]:
            before = len(self.modules[module]["imports"])
            self.add_import(module)
            if len(self.modules[module]["imports"]) > before:
                return "import"

    def edit_comment(self, module, items):
        item = self.pick(items, "const")
        if item:
            item[2] = item[2].split("  #")[0] + f"  # {self.number()}\n\n"
            return item[1]

    def edit_subclass(self, module, items):
        item = self.pick(items, "class")
        place = items.index(item) if item else 0
        bases = self.known(module, "class", place)
        if item and bases and self.random.random() < 0.3:
            item[2] = self.random.choice(bases)
            return f"{item[1]}({item[2]})"


def mentioned(name, text):
    """Whether a name occurs more often than where it is defined."""
    import re

    return len(re.findall(rf"\b\w*_?{name}\b", text)) > 1 + text.count(f'"""Class {name}.') + text.count(f"make_{name}(") + 2 * text.count(f"to_{name}")


PROBE = '''
import types

def shown(value):
    if isinstance(value, types.FunctionType):
        return shown_function(value)
    if isinstance(value, type):
        return shown_class(value)
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, (int, str, list)):
        return value
    if hasattr(value, "__wrapped__"):
        return ("wrapped", shown(value.__wrapped__), [value(n) for n in (1, 5)])
    return type(value).__name__

def shown_function(function):
    results = []
    for arguments in ((), (1,), (6,)):
        try:
            result = function(*arguments)
            results.append(result(3) if callable(result) and arguments else result if isinstance(result, int) else type(result).__name__)
        except Exception as error:
            results.append(type(error).__name__)
    return (function.__name__, function.__defaults__, function.__code__.co_firstlineno, results)

def shown_class(cls):
    thing = cls()
    found = {}
    for name in sorted(dir(cls)):
        if not name.startswith("__"):
            value = getattr(thing, name)
            found[name] = value() if callable(value) else value
    return (cls.__name__, cls.__doc__, [base.__name__ for base in cls.__mro__], found, cls.__firstlineno__)

def probe(modules):
    report = {}
    for module in modules:
        names = {name: value for name, value in vars(module).items() if not name.startswith("__") and not isinstance(value, types.ModuleType)}
        report[module.__name__] = {name: shown(value) for name, value in sorted(names.items())}
        report[module.__name__ + "?"] = sorted(name for name, value in vars(module).items() if isinstance(value, types.ModuleType))
    return report
'''
