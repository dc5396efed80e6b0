"""Sources that a parser or an analyser may stumble over, the same ones for the same seed.

Six kinds, in turns, those that run long less often: real modules with words, lines or characters changed; programs of the corpus changed and joined; soups of
tokens; nesting and long chains; huge literals; and code that grows without bounds when it runs: strings, numbers, containers, loops,
recursion, classes, generators, regular expressions.
"""

import keyword
import pathlib
import random
import sysconfig

TOKENS = [
    *keyword.kwlist, *keyword.softkwlist, "x", "y", "self", "f", "A", "0", "1", "2.5", "1j", "0x1f", "'s'", '"d"', "'''", '"""', "b'x'", "f'{x}'", "f'{", "t'{x!r:>{y}}'",
    "rb'\\'", "(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "...", "=", "==", ":=", "+=", "**", "*", "//", "/", "%", "@", "->", "<", ">", "!=", "<<", "|", "&", "^", "~", "-", "+", "!",
    "\n", "\n", "\n    ", "\n        ", "\n\t", "\\\n", "#c\n", "\0", "é", "λ", "\u2028", "\ufeff", "$", "?", "`", "__slots__", "__init_subclass__", "__getattr__", "super()", "type", "match x:\n case",
    "import os", "from . import *", "import __strict__", "print", "range(9)", "dict", "lambda:", "yield", "await", "async def", "@f\n", "except* ", "global x", "nonlocal x", "del x", "[T: int = 1]",
]

GROWING = [
    "x = 'a'\nfor i in range({n}): x {op} x",
    "x = [0]\nfor i in range({n}): x {op} x\n{use}",
    "x = {{}}\nfor i in range({n} ** 3): x[{key}] = x",
    "x = 2\nfor i in range({n}): x = x ** x\n{use}",
    "x = 1\nwhile x: x = x * {n} + 1\n{use}",
    "def f(n): return f(n {op2} 1) + f(n - 1)\nf({n})",
    "def f(*a): return f(*a, *a)\nf(1)",
    "class A: pass\nfor i in range({n} ** 2):\n    class A(A): x = [A] * {n}\n{use}",
    "x = type('A', (), {{}})\nfor i in range({n} ** 2): x = type('A' * i, (x,), {{'m': lambda s: super().m()}})\n{use}",
    "class M(type):\n    def __new__(m, *a): return M(*a)\nclass A(metaclass=M): pass",
    "class A:\n    def __getattr__(s, n): return getattr(s, n + '{key}')\nA().x",
    "class A:\n    def __{dunder}__(s, *a): return {body}\nx = A()\n{use}",
    "def g():\n    while 1: yield from g()\nfor x in g(): pass",
    "def g(n):\n    yield n\n    yield from g(n + 1)\nx = [i for i in g(0)]",
    "x = {{i: {{j: [k for k in range({n})] for j in range({n})}} for i in range({n})}}\n{use}",
    "x = [{n}] * {big}\n{use}",
    "x = '{key}' * {big}\n{use}",
    "x = range({big})\n{use}\nsum(x)",
    "x = []\nx.append(x)\ny = [x, {{'k': x}}, (x,)]\n{use}\nx == y",
    "import re\nre.match('(a*)*b' * {n}, 'a' * {n})\nre.compile('(' * {n} + 'a' + '){{{n}}}' * {n})\nre.sub('(x+x+)+y', '', 'x' * {n})",
    "'%{big}d' % 1\n'{{:{big}}}'.format(1)\nf'{{1:{big}.{big}f}}'",
    "x = int('9' * {n} * {n})\nx = x ** {n}\n{use}\nx << {big}",
    "exec('exec(' * {n} + '1' + ')' * {n})\ns = 'x = 1'\nfor i in range({n}): s = 'exec(' + repr(s) + ')'\nexec(s)",
    "from itertools import *\nfrom functools import *\nx = list(islice(cycle([1]), {big}))\ny = list(product(range({n}), repeat={n}))\nz = reduce(lambda a, b: a + a, range({n}), 'x')",
    "import sys, types, enum, dataclasses, typing\ndataclasses.make_dataclass('D', ['f%d' % i for i in range({n} ** 2)])\nenum.Enum('E', ['m%d' % i for i in range({n} ** 2)])\nx = typing.Union[tuple(list[i] for i in range({n}))]",
    "x = None\nfor i in range({n} ** 2): x = [x]\n{use}",
    "def f():\n    try: f()\n    finally: f()\nf()",
    "def d(f): return lambda *a: f(*a)\nf = lambda: 1\nfor i in range({n} ** 2): f = d(f)\nf()",
    "class P:\n    __slots__ = tuple('s%d' % i for i in range({n} ** 2))\n    def __set_name__(s, o, n): setattr(o, n + 'x', P())\nclass Q: p = P()",
    "x = {{*range({n})}}\nfor i in x: x.add(i + {n})\ny = {{1: 1}}\nfor k in y: y[k + 1] = 1",
    "try:\n    raise ExceptionGroup('', [ValueError(i) for i in range({n} ** 2)])\nexcept* ValueError as e:\n    raise ExceptionGroup('', [e] * {n})",
    "a = b = [1] * {n}\nwhile True:\n    a[:] = b + a\n    {use}",
    "type X[T] = X[X[T]]\nX.__value__\n{use}",
    "match [0] * {big}:\n    case [*_, {n}]: pass\n    case {{'a': _}} | [_, *_]: x = 1",
]
USES = ["repr(x)", "str(x)", "hash(x)", "x == x", "x < x", "list(x)", "dict(x)", "x.m", "x()", "len(x)", "'%r' % x", "f'{x!r:>9}'", "sorted([x, x])", "x in x", "import copy; copy.deepcopy(x)", "pass", "x[x:x]", "bool(x)", "iter(x)", "x + x", "-x", "sum(x)", "max(x)", "set(x)", "isinstance(x, x)", "json = __import__('json'); json.dumps(x)"]
DUNDERS = ["getattribute", "eq", "hash", "repr", "bool", "len", "iter", "next", "call", "getitem", "contains", "index", "add", "radd", "lt", "instancecheck", "init_subclass", "set_name", "get", "new", "init", "prepare", "class_getitem", "format", "enter", "dir"]
BODIES = ["s.x", "s == s", "hash(s)", "repr(s)", "not s", "s()", "s[0]", "1 in s", "[*s]", "s + s", "A()", "super().__new__(A)", "a", "-1", "10 ** 30", "'x'", "None", "NotImplemented", "(yield s)", "f'{s}'"]


def sources(seed, start, stop, corpus):
    """The sources of numbers `start` to `stop`; each depends on the seed and its number alone."""
    real = _real_sources()
    words = [word for text in corpus[::3] for word in text.split()]
    makers = [_changed_program, _soup, _changed_module, _changed_program, _nested, _soup, _changed_program, _literal, _changed_module, _soup, _changed_program, _growing]
    for number in range(start, stop):
        chance = random.Random(f"{seed}:{number}")
        yield makers[number % len(makers)](chance, real, corpus, words)


def _real_sources():
    folder = pathlib.Path(sysconfig.get_path("stdlib"))
    paths = sorted(path for path in folder.glob("*.py") if path.is_file() and path.stat().st_size < 60_000)
    return [path.read_text("utf-8", "replace") for path in paths[::2]]


def mutate(chance, text, others, words):
    """A source with a few words, lines or characters changed."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(8):
            case 0:
                text = text[:at] + chance.choice(words) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randint(1, 6) :]
            case 2:
                lines = text.split("\n")
                here = chance.randrange(len(lines))
                part = lines[here : here + 12]
                chance.shuffle(part)
                lines[here : here + 12] = part
                text = "\n".join(lines)
            case 3:
                text = text[:at] + chance.choice("()[]{}:=,.*@#'\"\\\n\t0aé\0") + text[at:]
            case 4:
                other = chance.choice(others)
                text = text[:at] + other[chance.randrange(len(other) + 1) :][:4000]
            case 5:
                lines = text.split("\n")
                here = chance.randrange(len(lines))
                lines[here : here + 1] = [lines[here]] * chance.randint(0, 3)
                text = "\n".join(lines)
            case 6:
                text = text.replace(chance.choice(words), chance.choice(words), chance.randint(1, 5))
            case 7:
                text = text[:at] + chance.choice(TOKENS) + text[at:]
        if len(text) > 80_000:
            break
    return text


def _changed_module(chance, real, corpus, words):
    text = chance.choice(real)
    start = chance.randrange(len(text))
    lines = text[start : start + chance.choice((800, 4000, 60_000))].split("\n", 1)[-1]
    return mutate(chance, lines, corpus, words)


def _changed_program(chance, real, corpus, words):
    return mutate(chance, chance.choice(corpus), corpus, words)


def _soup(chance, real, corpus, words):
    return chance.choice((" ", "", " ")).join(chance.choices(TOKENS, k=chance.randint(1, 120)))


def _nested(chance, real, corpus, words):
    depth = chance.choice((3, 30, 150, 250, 900, 5000, 60_000))
    before, after = chance.choice(
        [
            ("(", ")"), ("[", "]"), ("{", "}"), ("{1:", "}"), ("f(", ")"), ("-", ""), ("not ", ""), ("lambda: ", ""), ("x.", ""), ("", ".x"), ("1+", ""), ("1 if ", " else 2"), ("f'{", "}'"),
            ("f'{x:{", "}}'"), ("x[", "]"), ("(yield ", ")"), ("await ", ""), ("*", ""), ("x = ", ""), ("a, ", ""), ("1 < ", ""), ("x and ", ""), ("x or (", ")"), ("[x for x in ", "]"), ("(x := ", ")"),
            ("match x:\n case [", "]: pass"), ("try:\n ", "\nfinally: pass"), ("with x, ", ": pass"), ("del (", ")"), ("import a.", ""), ("@", ""), ("'a' ", ""), ("x: ", ""), ("\\\n", ""), ("t'{", "}'"),
        ]
    )
    core = chance.choice(("x", "1", "", "yield", "x = 1", "'s'"))
    if chance.random() < 0.25:
        block = chance.choice(("if 1:", "for i in x:", "while 0:", "def f():", "class A:", "with x:", "try:", "match x:", "async def f():", "else:"))
        return "".join(" " * level + block + "\n" for level in range(min(depth, 1200))) + " " * min(depth, 1200) + "pass\n"
    return before * depth + core + (after * depth if chance.random() < 0.8 else "")


def _literal(chance, real, corpus, words):
    size = chance.choice((10, 300, 5000, 200_000))
    return "x = " + chance.choice(
        [
            "9" * size, "0x" + "f" * size, "1" + "_1" * size, "1e" + "9" * min(size, 400), "0." + "0" * size + "1", "'" + "a" * size + "'", "'" + "\\x41" * size + "'", "b'" + "\\377" * size + "'",
            "'" + "\\N{DIGIT ONE}" * min(size, 3000) + "'", "[" + "1," * size + "]", "{" + "1:2," * size + "}", "(" + "'a'," * size + ")", "'a'" * size, "f'" + "{1}" * min(size, 5000) + "'",
            "'\\" + "ud800" * min(size, 500) + "'", "''' " + "\n" * size + "'''", "é" * size, "{" + ",".join(f"k{n}" for n in range(min(size, 5000))) + "}", "1" + "+1" * size, "x" + ".y" * min(size, 5000),
            "lambda " + ",".join(f"a{n}" for n in range(min(size, 5000))) + ": 0", "f(" + ",".join(f"a{n}={n}" for n in range(min(size, 5000))) + ")",
        ]
    )


def _growing(chance, real, corpus, words):
    text = chance.choice(GROWING).format(
        n=chance.choice((2, 5, 12, 40, 99)), big=chance.choice((10, 1000, 10**6, 10**9, 10**18)), op=chance.choice(("+=", "*=", "= x +")), op2=chance.choice("+-*"),
        key=chance.choice(("i", "x", "a" * 50)), use=chance.choice(USES), dunder=chance.choice(DUNDERS), body=chance.choice(BODIES),
    )
    return mutate(chance, text, corpus, words) if chance.random() < 0.3 else text
