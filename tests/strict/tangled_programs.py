"""Programs whose modules import each other in every way there is: to see that nothing said of them depends on which thread is ahead.

A program is a folder of small modules with chance in them: statements, imports by name and from functions, names that are made when they are asked for,
other names in `sys.modules`, changes of each other's tables, looks at what is loaded, exceptions.
"""

import random

#: What stands at the top of every module.
HEAD = "import importlib\nimport sys\n\nTABLE = {}\nROWS = []\n\nclass Thing:\n    made = 0\n"


def program(seed, count=24):
    """{file: source} of a program, the same for the same seed."""
    chance = random.Random(f"tangled {seed}")
    names = [f"m{number:02}" for number in range(count // 2)] + [f"pack.n{number:02}" for number in range(count // 3)] + ["pack"]
    names += [f"pack.deep.o{number}" for number in range(count - len(names) - 1)] + ["pack.deep"]
    packages = {name.rpartition(".")[0] for name in names} - {""}
    files = {}
    for name in names:
        parts = [HEAD]
        for number in range(chance.randint(1, 6)):
            parts.append(statement(chance, name, names, number))
        if chance.random() < 0.2:
            parts.append(lazy(chance.choice(names)))
        path = name.replace(".", "/") + ("/__init__.py" if name in packages else ".py")
        files[path] = "\n".join(parts)
    return files


def lazy(other):
    return f"def __getattr__(name):\n    if name == 'late':\n        return importlib.import_module('{other}')\n    raise AttributeError(name)\n"


def statement(chance, name, names, number):
    """One of the things that the top level of a module does."""
    other = chance.choice([one for one in names if one != name])
    third, alias = chance.choice(names), f"alias{chance.randrange(4)}"
    value = f"it{number}"
    kinds = {
        f"import {other}\n": 6,
        f"from {other} import TABLE as {value}, Thing as T{number}\n": 4,
        f"{value} = importlib.import_module('{other}')\n": 5,
        f"{value} = __import__('{other}', fromlist=['x'])\n{value}.ROWS.append('{name}')\n": 2,
        f"def f{number}():\n    import {other} as found\n    return found\n\nf{number}().TABLE['{name}'] = {number}\n": 3,
        f"{value} = importlib.import_module('{other}')\nif {value}.TABLE or {value}.ROWS:\n    print({number})\n": 2,
        f"{value} = importlib.import_module('{other}')\nif isinstance({value}.Thing(), sys.modules['{other}'].Thing):\n    ROWS.append({value}.Thing)\n": 2,
        f"if '{other}' in sys.modules:\n    open('{other}')\n": 2,
        f"try:\n    {value} = importlib.import_module('{alias}')\n    {value}.ROWS.append(1)\nexcept ImportError:\n    TABLE['{alias}'] = None\n": 3,
        f"import {third}\nsys.modules['{alias}'] = sys.modules['{third}']\n": 2,
        f"{value} = getattr(importlib.import_module('{other}'), 'late', None)\nif {value} is not None:\n    {value}.Thing.made = {number}\n": 3,
        f"class C{number}(importlib.import_module('{other}').Thing):\n    pass\n\nROWS.append(C{number}.made and print('made'))\n": 2,
        f"from {other} import missing{number % 2}\n": 0.15,
        f"import {other}\nmissing{number % 2} = {number}\n": 1,
        f"if len(importlib.import_module('{other}').ROWS) > 1:\n    raise RuntimeError('{other}')\n": 0.4,
        f"from {other} import *\n": 1,
        f"import __main__\nROWS.append(__main__)\nif importlib.import_module('{other}').ROWS[:1]:\n    int(__main__)\n": 0.4,
        f"{value} = {{object(): 1, importlib.import_module('{other}').Thing: 2}}\nif hash({other!r}) or repr({value}):\n    TABLE[id({value})] = repr(Thing())\n": 1,
    }
    return chance.choices(list(kinds), kinds.values())[0]
