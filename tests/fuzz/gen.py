"""Random Python programs: seeded, terminating, bounded in time and memory, full of what a compiler speculates on.

A program is a module of globals, a few classes with the same attribute names (so that sites become polymorphic),
functions that call earlier ones, and `ENTRIES`: what to call with which arguments, the usual ones first, then strange
ones. Invariants, upheld by `Function`: loops have constant bounds; the product of loop bounds and callees' costs stays
under `COST`; inside loops nothing multiplies or concatenates without being cut down again. Strings and lists are handed
as strange arguments only to functions whose loops are short.

usage: gen.py SEED [COUNT]     prints one program, or COUNT programs as a JSON list
"""
import json
import random
import sys

COST = 6000
KINDS = ("int", "float", "str", "list", "dict", "obj")
INTS = ["0", "1", "2", "3", "-1", "7", "10", "255", "256", "-5", "-6", "1000"]
EDGES = ["(1 << 29)", "(1 << 30) - 1", "(1 << 30)", "-(1 << 30)", "(1 << 31)", "(1 << 59)", "(1 << 60) - 1", "(1 << 61)", "(1 << 62)", "(1 << 63) - 1",
         "(1 << 63)", "-(1 << 63)", "(1 << 64) + 3", "10 ** 20", "True", "False"]
FLOATS = ["0.0", "0.5", "1.5", "-2.25", "3.0", "1e10", "-0.0", "0.1"]
FLOAT_EDGES = ["1e308", "float('inf')", "float('nan')", "-float('inf')", "5e-324", "2.0 ** 53"]
STRINGS = ["''", "'a'", "'ab'", "'hello'", "'é'", "'12'", "'x,y'"]
STRANGE = ["None", "True", "2.5", "-0.0", "1 << 30", "1 << 62", "(1 << 63) - 1", "-(1 << 63)", "1 << 70", "Num(3)", "A0()", "float('nan')", "()", "print"]
GROWING = ["'s'", "[1, 2]", "(1, 2)", "b'x'", "{1: 2}"]
ERRORS = ["ZeroDivisionError", "TypeError", "ValueError", "(KeyError, IndexError)", "LookupError", "AttributeError", "Oops", "Exception", "ArithmeticError", "NameError"]

PRELUDE = '''
import sys
LOG = []
def peek():
    f = sys._getframe(1)
    LOG.append(f"{f.f_code.co_name}:{f.f_lineno} " + repr({k: v for k, v in f.f_locals.items() if not callable(v)})[:200])
    return len(f.f_locals)
class Mortal:
    def __init__(self, n): self.n = n
    def __del__(self): LOG.append(f"dead {self.n}")
    def __add__(self, o): return self.n + (o.n if isinstance(o, Mortal) else o)
    def __repr__(self): return f"Mortal({self.n})"
def star(*a, **k): return len(a) + len(k)
def forward(*a, **k): return star(*a, **k)
def active(): return type(sys.exception()).__name__
class Oops(Exception):
    pass
class Num:
    def __init__(self, v): self.v = v
    def __add__(self, o): return Num((self.v + getattr(o, "v", 1)) % 97)
    __radd__ = __sub__ = __mul__ = __and__ = __xor__ = __rmul__ = __rsub__ = __mod__ = __add__
    def __lt__(self, o): return self.v % 2 == 0
    def __eq__(self, o): return isinstance(o, Num) and o.v == self.v
    def __repr__(self): return f"Num({self.v})"
    __hash__ = None
class Manager:
    def __init__(self, swallow): self.swallow = swallow
    def __enter__(self): return 5
    def __exit__(self, t, e, tb): return self.swallow and t is not None and issubclass(t, Exception)
def ident(x): return x
def pair(a, b=3): return a, b
def yielder(n):
    def g(k):
        try:
            got = yield k
            yield got
        finally:
            LOG.append("closed")
    it = g(n)
    a = next(it)
    b = it.send(a)
    it.close()
    return b
def boom(x):
    if x is None or x == 4:
        raise Oops(x)
    return x
'''.strip()


class Scope:
    """Names that are bound here, by kind."""

    def __init__(self, parent=None):
        self.names = {k: list(parent.names[k]) if parent else [] for k in KINDS}

    def add(self, kind, name):
        for names in self.names.values():
            if name in names:
                names.remove(name)
        self.names[kind].append(name)


class Program:
    """Makes one program."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.functions, self.classes, self.generators = [], [], []
        self.out = [PRELUDE]

    def source(self):
        r = self.r
        for i in range(3):
            self.out.append(f"G{i} = {r.choice(INTS + EDGES[:4])}")
        self.out.append(f"GF = {r.choice(FLOATS)}")
        self.out.append(f"GL = [{', '.join(r.choice(INTS) for _ in range(r.randint(1, 5)))}]")
        for i in range(r.randint(1, 3)):
            self.out.append(self.make_class(i))
        for i in range(r.randint(0, 2)):
            self.out.append(self.make_generator(i))
        self.out.append(f"def r0(n, a):\n    if n <= 0: return a\n    b = {r.choice(['a', 'a + 1', 'n', 'a - n'])}\n    return {r.choice(['r0(n - 1, b)', 'r0(n - 1, b) + 1', 'r0(n - 2, r0(n - 1, b) & 255)', '(r0(n - 1, b), n)[0]'])}")
        for i in range(r.choice((1, 2, 2, 3))):
            f = Function(self, f"f{i}")
            self.out.append(f.source)
            self.functions.append(f)
        entries = [(f.name, f) for f in self.functions]
        for f in self.functions:
            if r.random() < 0.5:
                entries.append((self.make_drain(f), f))
        self.out.append("ENTRIES = [")
        for name, f in entries:
            for usual, strange in [self.entries(f)]:
                self.out.append(f"    ({name!r}, {usual!r}, {strange!r}),")
        self.out.append("]")
        return "\n".join(self.out) + "\n"

    def entries(self, f):
        r = self.r
        usual = [self.arguments(f, lambda k: self.argument(k)) for _ in range(2)]
        strange = []
        # Sequences grow when they are multiplied.
        pool = STRANGE + (GROWING if f.longest <= 6 and "* " not in f.source and "*=" not in f.source else [])
        for _ in range(5):
            odd = r.randrange(max(1, len(f.params)))
            values = [self.argument(k) for _, k in f.params]
            if values:
                values[odd] = r.choice(pool)
            strange.append("(" + "".join(v + ", " for v in values) + ")")
        for _ in range(2):
            strange.append(self.arguments(f, lambda k: r.choice(EDGES) if k == "int" else r.choice(FLOAT_EDGES) if k == "float" else self.argument(k)))
        return usual, strange

    def arguments(self, f, one):
        return "(" + "".join(one(k) + ", " for _, k in f.params) + ")"

    def argument(self, kind):
        r = self.r
        if kind == "int":
            return r.choice(INTS)
        if kind == "float":
            return r.choice(FLOATS)
        if kind == "str":
            return r.choice(STRINGS)
        if kind == "list":
            return "[" + ", ".join(r.choice(INTS) for _ in range(r.randint(0, 5))) + "]"
        if kind == "dict":
            return "{" + ", ".join(f"{r.choice(INTS)}: {r.choice(INTS)}" for _ in range(r.randint(0, 4))) + "}"
        return r.choice(self.classes) + "()"

    def make_class(self, i):
        r = self.r
        name = f"A{i}"
        base = f"({r.choice(self.classes)})" if self.classes and r.random() < 0.4 else ""
        self.classes.append(name)
        lines = [f"class {name}{base}:"]
        slots = not base and r.random() < 0.25
        if slots:
            lines.append("    __slots__ = ('x', 'y', 'z')")
        if r.random() < 0.5:
            lines.append(f"    k = {r.choice(INTS)}")
        first, second = r.sample(["self.x = x", "self.y = y"], 2)
        lines += ["    def __init__(self, x=1, y=2):", f"        {first}", f"        {second}"]
        if r.random() < 0.4:
            lines.append(f"        self.z = {r.choice(['x', '0', '0.5'])}")
        lines.append(f"    def get(self): return {r.choice(['self.x', 'self.y', 'self.x + self.y', '7', 'self.x if self.x else self.y'])}")
        lines.append(f"    def put(self, v, w={r.choice(INTS)}):")
        lines.append(f"        self.{r.choice('xy')} = {r.choice(['v', 'v + 1', 'self.x', 'w', 'v - self.y'])}")
        lines.append(f"        return {r.choice(['self', 'v', 'w', 'None'])}")
        if base and r.random() < 0.5:
            lines.append(f"    def put(self, v, w=1): return super().put(v{r.choice([', w', '', ' , w=w'])})")
        if r.random() < 0.5:
            lines += ["    @property", f"    def p(self): return {r.choice(['self.x', 'self.x - 2', 'self.y', 'self.x', 'len([self.x])', 'self.nope'])}"]
        if r.random() < 0.3:
            lines.append(f"    def __getattr__(self, n): return {r.choice(['5', 'n', '1.5'])}" if r.random() < 0.6 else "    def __getattr__(self, n): raise AttributeError(n)")
        if r.random() < 0.4:
            lines.append(f"    def __add__(self, o): return {r.choice(['self.x', 'NotImplemented', name + '(self.y)', '3'])}")
        if r.random() < 0.3:
            lines.append(f"    def __getitem__(self, i): return {r.choice(['[self.x][i]', 'i if i in (0, 1, 2) else [][0]', '[1, 2][i]'])}")
        if r.random() < 0.2:
            lines.append(f"    def __bool__(self): return {r.choice(['self.x == 1', 'False', 'True'])}")
        if r.random() < 0.2:
            lines.append("    def __len__(self): return 2")
        if r.random() < 0.2:
            lines.append("    def __eq__(self, o): return isinstance(o, A0)\n    __hash__ = None")
        if r.random() < 0.3:
            lines.append("    @classmethod\n    def make(cls, v=4): return cls(v)")
        if r.random() < 0.3:
            lines.append(f"    @staticmethod\n    def st(v): return {r.choice(['v', 'v + 1', '[v]'])}")
        lines.append("    def __repr__(self): return type(self).__name__ + repr([getattr(self, n, None) for n in 'xy'])")
        return "\n".join(lines)

    def make_generator(self, i):
        r = self.r
        name = f"g{i}"
        self.generators.append(name)
        body = [f"def {name}(n, s=1):", f"    for i in range({r.randint(2, 5)}):", f"        yield {r.choice(['i', 'i * s', '(i, n)', 'i + 0.5', 'n'])}"]
        if r.random() < 0.3:
            body.append("        if i == 2: raise Oops(i)")
        if r.random() < 0.3:
            body.append("    return n")
        return "\n".join(body)


    def make_drain(self, f):
        """A generator that does what `f` does and yields on the way, and a function that exhausts it; the function's name."""
        r = self.r
        lines, nested = [], None
        for line in f.source.split("\n"):
            depth = len(line) - len(line.lstrip())
            lines.append(line)
            if nested is not None and depth > nested:
                continue
            nested = depth if depth and line.lstrip().startswith(("def ", "class ", "@")) else None
            if depth and nested is None and not line.endswith(":") and r.random() < 0.3:
                value = r.choice([n for n, _ in f.params] + ["len(LOG)", "(1, 2)"])
                lines.append(" " * depth + r.choice([f"yield {value}", f"yield {value}", f"got = (yield {value})", f"try: yield {value}\n{' ' * depth}finally: LOG.append('left')"]))
        self.out.append("\n".join(lines).replace(f"def {f.name}(", f"def y_{f.name}(", 1))
        drained = r.choice(["[v for v in g][-40:]", "list(g)[-40:]", "sum(1 for _ in g)", "[type(v).__name__ for v in g if v][-40:]", "next(g, 7), len(tuple(g))", "sorted(str(v)[:20] for v in g)[:40]"])
        self.out.append(f"def d_{f.name}(*args, **kwargs):\n    g = y_{f.name}(*args, **kwargs)\n    return {drained}")
        return f"d_{f.name}"


class Function:
    """Makes one function; knows what a call of it costs at most."""

    def __init__(self, program, name, outer=None):
        self.p, self.r, self.name = program, program.r, name
        r = self.r
        self.params = [(f"p{i}", r.choice(("int", "int", "int", "float", "list", "obj", "str", "dict"))) for i in range(r.randint(1, 4))]
        self.cost, self.times, self.longest, self.loops, self.counter, self.fresh = 0, 1, 1, 0, 0, 0
        self.nonlocals = []
        scope = Scope(outer.scope if outer else None)
        self.inner = outer is not None
        for n, k in self.params:
            scope.add(k, n)
        self.scope = scope
        signature = [n for n, _ in self.params]
        if r.random() < 0.25:
            signature[-1] += "=" + program.argument(self.params[-1][1])
        if r.random() < 0.12:
            signature.append("*rest")
            scope.add("list", "rest") if r.random() < 0.5 else None
        if r.random() < 0.12:
            signature.append("kw=2" if any("=" in s or "*" in s for s in signature) else "*, kw=2")
            scope.add("int", "kw")
        if r.random() < 0.1:
            signature.append("**kwargs")
        lines = []
        for kind in ("int", "int", "float", "list"):
            lines.append(self.assign_new(kind))
        lines += self.block(r.choice((1, 2, 2, 3, 3, 4, 6)), 0)
        self.returns = r.choice(("int", "int", "int", "float", "mixed"))
        lines.append(self.final_return())
        self.source = "\n".join([f"def {name}({', '.join(signature)}):"] + ["    " + l for l in lines])
        self.cost = max(self.cost, 10)

    # -- expressions

    def var(self, kind):
        names = self.scope.names[kind]
        if self.r.random() < 0.002:
            every = [n for v in self.scope.names.values() for n in v] + ["maybe", "G0", "nowhere"]
            return self.r.choice(every)
        return self.r.choice(names) if names else None

    def expr(self, kind, d=0):
        return getattr(self, "make_" + kind)(d)

    def spend(self, cost):
        """May something of this cost run here, as often as the loops around it do?"""
        total = self.times * cost
        if self.cost + total > COST:
            return False
        self.cost += total
        return True

    def make_int(self, d):
        r = self.r
        v = self.var("int")
        if d > 3 or r.random() < 0.25:
            return v if v and r.random() < 0.75 else r.choice(INTS) if r.random() < 0.95 else r.choice(EDGES)
        c = r.randrange(29)
        a = lambda: self.make_int(d + 1)
        if c < 6:
            return f"({a()} {r.choice('+-')} {a()})"
        if c == 6:
            return f"({a()} {r.choice('&|^')} {a()})"
        if c == 7:
            if r.random() < 0.3:
                return f"({a()} * {r.choice(INTS[2:7])})"
            return f"({a()} * {a()} {r.choice(['& 0xFFFFFFFF', '% 1000003', '& 0x3FFFFFFFFFFFFFFF', '% 97'])})"
        if c == 8:
            return f"({a()} {r.choice(['//', '%'])} {r.choice(['2', '3', '7', '-3']) if r.random() < 0.93 else a()})"
        if c == 9:
            return f"(({a()} << {r.choice(['1', '3', '31'])}) & {r.choice(['0xFFFF', '0x7FFFFFFFFFFF', '(1 << 62) - 1'])})"
        if c == 10:
            return f"({a()} >> {r.choice(['1', '2', '30', '5'])})"
        if c == 11:
            return f"({r.choice('-~')}{a()})"
        if c == 12:
            return f"{r.choice(['abs', 'int', 'ident'])}({a()})"
        if c == 13:
            return f"{r.choice(['min', 'max'])}({a()}, {a()})"
        if c == 14:
            return f"len({self.expr(r.choice(('list', 'str', 'dict')), d + 1)})"
        if c == 15:
            return f"({a()} if {self.make_bool(d + 1)} else {a()})"
        if c in (16, 17):
            return f"{self.make_obj(d + 2)}.{r.choice('zk' if r.random() < 0.03 else 'xy')}"
        if c == 18:
            v = self.make_list(d + 2)
            return f"{v}[{a()}]" if r.random() < 0.02 else f"({v} or [1])[{r.choice(['0', '-1'])}]" if r.random() < 0.5 else f"[*{v}, 1, 2, 3][{a()} % 3]"
        if c == 19:
            return f"{self.make_dict(d + 2)}.get({a()}, {a()})" if r.random() < 0.97 else f"{self.make_dict(d + 2)}[{a()}]"
        if c == 20:
            return r.choice(["G0", "G1", "G2"])
        if c in (21, 22):
            return self.call(d) or a()
        if c == 23:
            return f"{self.make_obj(d + 2)}.{r.choice(['get()', 'get()', 'get()', 'x']) if r.random() < 0.95 else r.choice([f'put({a()})', f'put({a()}, w={a()})', 'p'])}"
        if c == 24:
            return f"sum({self.make_list(d + 2)})"
        if c in (25, 26, 27):
            return self.odd_int(d)
        return f"({self.make_bool(d + 1)} + {a()})"

    def odd_int(self, d):
        """The less common ways to come to an integer."""
        r = self.r
        a = lambda: self.make_int(d + 2)
        l = self.make_list(d + 2)
        obj = self.make_obj(d + 2)
        return r.choice([
            f"({a()}, {a()}, {a()})[{a()} & 1]", f"len({{{a()}, {a()}}})", f"max(({a()}, {a()}), key=lambda v: -v)", f"next(iter({l}), {a()})", f"sum(v for v in {l} if v)",
            f"(lambda v, w=2: v - w)({a()})", f"len([*map(ident, {l})])", f"dict(zip({l}, {l})).get({a()}, {a()})", f"int(str({a()}))", f"divmod({a()}, 3)[1]", f"pow({a()}, 2, 7)",
            f"sorted([{a()}, {a()}, {a()}])[1]", f"abs({a()}).bit_length()", f"bool({a()})", f"(({a()}, {a()}) < ({a()}, {a()}))", f"star(*{l}, z={a()})", f"forward({a()}, *{l}, k={a()})",
            f"peek()", f"getattr({obj}, 'x', {a()})", f"(hasattr({obj}, 'z') + {a()})", f"ident(x=({a()}))", f"(wx := {a()})", f"len(f'{{{self.var('int') or 1}}}')", f"(type({a()}) is int)",
            f"any([{a()}, {a()}])", f"min({l}, default={a()})", f"{obj}.__class__.__name__.__len__()", f"(Mortal({a()}) + {a()})", f"(Mortal(1) + Mortal({a()}))", f"sum([v * 2 for v in {l}][:4])",
            f"len({{v: v for v in {l}}})", f"r0({r.randint(0, 6)}, {a()})", f"isinstance({obj}, ({r.choice(self.p.classes)}, str))", f"[{a()} for _ in range(2)][-1]", f"{obj}.get()",
        ])

    def make_float(self, d):
        r = self.r
        v = self.var("float")
        if d > 3 or r.random() < 0.3:
            return v if v and r.random() < 0.7 else r.choice(FLOATS) if r.random() < 0.95 else r.choice(FLOAT_EDGES)
        c = r.randrange(9)
        a = lambda: self.make_float(d + 1)
        if c < 4:
            op, left, right = r.choice("+-*"), a(), a() if r.random() < 0.7 else self.make_int(d + 1)
            # What is called a float may be an int: a product of two, again and again, would grow without bound.
            return f"({left} {op} {right})" if op != "*" else f"({left} * (0.0 + {right}))"
        if c == 4:
            return f"({a()} / {r.choice(['2', '3.0', '4']) if r.random() < 0.93 else a()})"
        if c == 5:
            return f"({self.make_int(d + 1)} {r.choice(['/ 4', '* 0.5', '+ 0.25', '- 1.5'])})"
        if c == 6:
            return f"{r.choice(['abs', 'float', 'ident', 'round'])}({a()})"
        if c == 7:
            return f"(-{a()})"
        if r.random() < 0.3:
            return self.call(d, "float") or a()
        return r.choice(["GF", f"({a()} if {self.make_bool(d + 1)} else {a()})"])

    def make_str(self, d):
        r = self.r
        v = self.var("str")
        if d > 3 or r.random() < 0.3:
            return v if v and r.random() < 0.7 else r.choice(STRINGS)
        c = r.randrange(7)
        if c < 2:
            return f"({self.make_str(d + 1)} + {r.choice(STRINGS)})[-12:]"
        if c == 2:
            return f"str({self.make_int(d + 1)})"
        if c == 3:
            return "f'{" + self.make_int(d + 2).replace("'", '"') + "}" + r.choice(["", "-", ":{" + "1}"]) + "'" if "'" not in (e := self.make_int(3)) else r.choice(STRINGS)
        if c == 4:
            return f"{self.make_str(d + 1)}[{r.choice(['0', '-1', self.make_int(d + 2)]) if r.random() < 0.07 else r.choice(['1:', ':2', '::-1', ':1'])}]"
        if c == 5:
            return f"{self.make_str(d + 1)}.{r.choice(['upper()', 'strip()', 'replace(chr(97), chr(98))', 'title()', 'zfill(3)'])}"
        return f"','.join([str(q) for q in {self.make_list(d + 2)}])[:20]"

    def make_list(self, d):
        r = self.r
        v = self.var("list")
        if d > 3 or r.random() < 0.5:
            return v if v and r.random() < 0.8 else "GL" if r.random() < 0.3 else "[" + ", ".join(r.choice(INTS) for _ in range(r.randint(0, 3))) + "]"
        c = r.randrange(6)
        if c == 0:
            return "[" + ", ".join(self.make_int(d + 1) for _ in range(r.randint(0, 3))) + "]"
        if c == 1 and self.spend(20):
            return f"[{r.choice(['q', 'q + 1', 'q * 2', 'ident(q)', 'q // 2'])} for q in {self.make_list(d + 1)}{r.choice(['', ' if q', ' if q != 2'])}][:9]"
        if c == 2:
            return f"{self.make_list(d + 1)}[{r.choice(['1:', ':2', '::-1', ':', '-2:'])}]"
        if c == 3:
            return f"sorted({self.make_list(d + 1)})"
        if c == 4:
            return f"({self.make_list(d + 1)} + [{self.make_int(d + 1)}])[-8:]"
        return f"list({self.make_list(d + 1)})"

    def make_dict(self, d):
        r = self.r
        v = self.var("dict")
        if v and r.random() < 0.75:
            return v
        if r.random() < 0.2:
            return f"{{q: q + 1 for q in {self.make_list(d + 2)}}}"
        return "{" + ", ".join(f"{self.make_int(3 if d < 2 else 4)}: {self.make_int(3 if d < 2 else 4)}" for _ in range(r.randint(0, 3))) + "}"

    def make_obj(self, d):
        r = self.r
        v = self.var("obj")
        if v and r.random() < 0.8:
            return v
        cls = r.choice(self.p.classes)
        return r.choice([f"{cls}()", f"{cls}({self.make_int(3 if d < 2 else 4)})", f"{cls}(y={self.make_int(3 if d < 2 else 4)})", f"{cls}({self.make_int(3 if d < 2 else 4)}, {self.make_int(3 if d < 2 else 4)})"])

    def make_bool(self, d):
        r = self.r
        c = r.randrange(12)
        op = r.choice(["<", "<=", "==", "!=", ">", ">="])
        if c < 5 or d > 3:
            return f"({self.make_int(d + 1)} {op} {self.make_int(d + 1)})"
        if c == 5:
            return f"({self.make_float(d + 1)} {op} {r.choice((self.make_float, self.make_int))(d + 1)})"
        if c == 6:
            return f"({self.make_int(d + 1)} {r.choice(['in', 'not in'])} {r.choice((self.make_list, self.make_dict))(d + 1)})"
        if c == 7:
            return f"(not {self.expr(r.choice(KINDS), d + 1)})"
        if c == 8:
            return f"({self.make_bool(d + 1)} {r.choice(['and', 'or'])} {self.make_bool(d + 1)})"
        if c == 9:
            return f"isinstance({self.expr(r.choice(KINDS), d + 1)}, {r.choice(['int', 'float', 'A0', '(int, str)', 'list'])})"
        if c == 10:
            return f"({self.expr(r.choice(KINDS), d + 1)} {r.choice(['is', 'is not'])} None)"
        return f"({self.make_int(d + 1)} < {self.make_int(d + 1)} <= {self.make_int(d + 1)})"

    def call(self, d, kind="int"):
        """A call of an earlier function, in one of several ways."""
        r = self.r
        if not self.p.functions or self.inner:
            return None
        fitting = [f for f in self.p.functions if f.returns == kind] or self.p.functions[: r.random() < 0.1]
        if not fitting:
            return None
        f = r.choice(fitting)
        if f.longest > 6 and self.times > 8 or not self.spend(f.cost):
            return None
        values = [self.expr(k, d + 2) if r.random() < 0.97 else r.choice(STRANGE) for _, k in f.params]
        c = r.random()
        if c < 0.6:
            words = values
        elif c < 0.75:
            n = r.randrange(len(values) + 1)
            words = values[:n] + [f"{p}={v}" for (p, _), v in list(zip(f.params, values))[n:]]
        elif c < 0.9:
            words = ["*[" + ", ".join(values) + "]"]
        elif c < 0.95:
            words = ["**{" + ", ".join(f"{p!r}: {v}" for (p, _), v in zip(f.params, values)) + "}"]
        else:
            words = values[:-1]
        return f"{f.name}({', '.join(words)})"

    # -- statements

    def assign_new(self, kind):
        value = self.expr(kind)
        self.fresh += 1
        name = f"{kind[0]}{self.fresh}"
        self.scope.add(kind, name)
        return f"{name} = {value}"

    def target(self, kind):
        names = [n for n in self.scope.names[kind] if n not in self.fixed()]
        return self.r.choice(names) if names else None

    def fixed(self):
        return [n for n in (f"w{i}" for i in range(self.counter + 1))]

    def block(self, n, depth):
        lines = []
        for _ in range(n):
            lines += self.statement(depth)
        return lines or ["pass"]

    def body(self, n, depth):
        """An indented block; what it binds may be unbound afterwards, so those names are forgotten, mostly."""
        saved = self.scope
        self.scope = Scope(saved)
        lines = ["    " + l for l in self.block(n, depth + 1)]
        leaked = self.scope
        self.scope = saved
        if self.r.random() < 0.03:
            self.scope = leaked
        return lines

    def looped(self, bound, n, depth):
        """The body of a loop that runs at most `bound` times."""
        saved = self.times
        self.times *= bound
        self.longest = max(self.longest, self.times)
        self.loops += 1
        lines = self.body(n, depth)
        self.loops -= 1
        self.times = saved
        return lines

    def statement(self, depth):
        r = self.r
        c = r.randrange(40)
        if depth > 3 and c >= 18:
            c = r.randrange(18)
        if c < 5:
            return [self.assign_new(r.choice(("int", "int", "int", "float", "str", "list", "dict", "obj")))]
        if c < 8:
            kind = r.choice(("int", "int", "float", "str", "list"))
            t = self.target(kind)
            return [f"{t} = {self.expr(kind)}"] if t else [self.assign_new(kind)]
        if c < 11:
            kind = r.choice(("int", "int", "float"))
            t = self.target(kind)
            if not t:
                return ["pass"]
            op = r.choice(["+=", "-=", "*="] + (["&=", "|=", "^=", "//=", "%=", ">>="] if kind == "int" else ["/=", "*="]))
            if kind == "int" and op in ("*=", "//=", "%=", ">>="):
                return [f"{t} {op} {r.choice(['2', '3', '5', '7'])}"]
            value = self.expr(kind, 2)
            return [f"{t} {op} {value}" if op != "*=" else f"{t} *= 0.0 + {value}"]
        if c == 11:
            return [f"{self.make_obj(1)}.{r.choice('xyz')} {r.choice(['=', '=', '+=', '-='])} {self.expr('int' if r.random() < 0.97 else 'float', 2)}"]
        if c == 12:
            l = self.var("list") or "GL"
            risky = [f"{l}[{self.make_int(3)}] = {self.make_int(2)}", f"{l}[0] += {self.make_int(2)}", f"{l}.pop()", f"del {l}[{self.make_int(3)}]", f"{l}.sort()"]
            safe = [f"{l}.append({self.make_int(2)}); del {l}[12:]", f"{l}[1:2] = [{self.make_int(2)}]", f"{l}.reverse()", f"if {l}: {l}[-1] = {self.make_int(2)}", f"if {l}: {l}[0] += {self.make_int(2)}"]
            return [r.choice(risky if r.random() < 0.08 else safe)]
        if c == 13:
            t = self.var("dict")
            return [r.choice([f"{t}[{self.make_int(2)} % 50] = {self.make_int(2)}", f"{t}.pop({self.make_int(2)}, None)", f"{t}.setdefault({self.make_int(2)} % 50, 1)", f"{t}[1] = {t}.get(1, 0) + 1"] if r.random() < 0.9 else [f"{t}[1] += 1", f"del {t}[{self.make_int(3)}]"])] if t else [self.assign_new("dict")]
        if c == 14:
            a, b = self.target("int"), self.target(r.choice(("int", "float")))
            return [r.choice([f"{a}, {b} = {b}, {a}", f"{a}, {b} = pair({self.make_int(2)})", f"{a}, *{b} = {self.make_int(2)}, 1, 2\n{b} = 1", f"{a} = {b} = {self.make_int(2)}", f"({a}, {b}), _ = ({self.make_int(2)}, {self.make_int(2)}), 0"])][0].split("\n") if a and b else ["pass"]
        if c == 15:
            return [f"global G1; G1 = {self.make_int(1)}" if not self.loops and r.random() < 0.0 else f"globals()['G{r.randrange(3)}'] = {self.make_int(1)} & 0xFFFFFF"]
        if c == 16:
            return [r.choice([f"boom({self.make_int(2)})" if r.random() < 0.4 else f"ident({self.make_float(2)})", f"assert {self.make_bool(2)}" if r.random() < 0.15 else f"pair({self.make_int(2)})", f"{self.make_obj(2)}.put({self.make_int(2)})", f"{self.call(2, 'mixed') or 'ident(1)'}", f"GL.append({self.make_int(3)} & 7); del GL[8:]", f"str({self.make_int(2)})"])]
        if c == 17:
            t = self.target(r.choice(("int", "float", "str")))
            return [f"del {t}", f"{t} = {self.make_int(2)}"] if t and r.random() < 0.7 else [f"if {self.make_bool(2)}: maybe = {self.make_int(2)}"]
        if c < 22:
            lines = [f"if {self.make_bool(0)}:"] + self.body(r.randint(1, 2), depth)
            if r.random() < 0.3:
                lines += [f"elif {self.make_bool(1)}:"] + self.body(r.randint(1, 2), depth)
            if r.random() < 0.5:
                lines += ["else:"] + self.body(r.randint(1, 3), depth)
            return lines
        if c < 28:
            return self.loop(depth)
        if c < 33:
            return self.try_block(depth)
        if c == 33:
            e = self.r.choice(["break", "continue"]) if self.loops and r.random() < 0.75 else f"return {self.expr('int' if r.random() < 0.8 else r.choice(KINDS), 1)}"
            return [f"if {self.make_bool(1)}: {e}"]
        if c == 34 and r.random() < 0.5:
            return [f"if {self.make_bool(2)}: raise {r.choice(['ValueError', 'Oops', 'KeyError', 'TypeError'])}({self.make_int(3)})"]
        if c == 34:
            return self.odd_statement(depth)
        if c == 35:
            return [f"with Manager({r.choice(['True', 'False', 'False'])}) as m{depth}:"] + self.body(r.randint(1, 2), depth)
        if c == 36 and not self.inner and depth < 2 and not self.loops:
            return self.closure()
        if c == 37:
            lines = [f"match {self.expr(r.choice(('int', 'list', 'obj', 'dict')), 2)}:"]
            for pattern in r.sample(["0 | 1", "int(mv)", "[]", "[ma]", "[ma, *mb]", "A0(x=mx)", "{1: mo}", "str()", "None"], 3):
                lines += [f"    case {pattern}:"] + ["    " + l for l in self.body(1, depth)]
            return lines + ["    case _:", f"        {self.assign_quiet()}"]
        if c == 38:
            return [f"if (wal := {self.make_int(1)}) > {r.choice(INTS)}:"] + self.body(1, depth)
        return [self.assign_new("int")]

    def odd_statement(self, depth):
        """What changes the world that code was compiled for, or looks at it closely."""
        r = self.r
        cls, m = r.choice(self.p.classes), f"m{r.randrange(3)}"
        t = self.target("int") or "tt"
        return r.choice([
            [f"{cls}.k = {self.make_int(2)}"], [f"{cls}.get = lambda self: {r.choice(['3', 'self.x', 'self.y'])}"], ["peek()"], [f"{m} = Mortal({self.make_int(3)})", f"{m} = {r.choice(['None', m, 'Mortal(9)'])}"],
            [f"{m} = Mortal({self.make_int(3)})", f"del {m}"], [f"{m} = [Mortal(1), Mortal(2)]", f"{m}[0] = 3", "LOG.append('set')"], [f"LOG.append(str({t if t != 'tt' else 1})[:20])"],
            [f"{self.make_obj(2)}.__dict__['x'] = {self.make_int(2)}"], [f"del {self.make_obj(2)}.x"], [f"{t} = locals().get('i1')", f"if type({t}) is not int: {t} = 1"],
            [f"LOG.append(active())"], [f"{self.make_obj(2)}.__class__ = {cls}"], [f"setattr({self.make_obj(2)}, 'x', {self.make_int(2)})"], [f"for {t} in {self.make_list(2)}: pass"],
            [f"globals()['ident'] = lambda x: x"], [f"{t} = yielder({self.make_int(3)})"], [f"Manager.__exit__.__defaults__ = None"], [f"pair.__defaults__ = ({r.choice(INTS)},)"],
        ])

    def assign_quiet(self):
        t = self.target("int")
        return f"{t} = {self.make_int(2)}" if t else "pass"

    def loop(self, depth):
        r = self.r
        bound = r.choice([2, 3, 4, 5, 8, 12, 40, 150]) if depth == 0 and not self.loops else r.choice([2, 3, 4])
        if not self.spend(bound * 8) or self.loops > 2:
            return [self.assign_new("int")]
        self.counter += 1
        c = r.randrange(8)
        i = f"k{self.counter}"
        if c < 3:
            head = f"for {i} in range({r.choice([str(bound), f'1, {bound + 1}', f'{bound}, 0, -1', f'min({self.make_int(2)}, {bound})'])}):"
            self.scope.add("int", i)
            lines = [head] + self.looped(bound, r.randint(1, 3), depth)
        elif c < 5:
            bound = 9
            e = self.make_list(1)
            self.scope.add("int", i)
            head = r.choice([f"for {i} in {e}[:9]:", f"for {i} in tuple({e})[:9]:", f"for _, {i} in enumerate({e}[:9]):", f"for {i}, _ in zip({e}[:9], range(9)):"])
            lines = [head] + self.looped(bound, r.randint(1, 3), depth)
        elif c == 5:
            e = self.make_dict(1)
            self.scope.add("int", i)
            lines = [r.choice([f"for {i} in list({e})[:9]:", f"for {i}, _ in list({e}.items())[:9]:", f"for {i} in sorted({e}.values())[:9]:"])] + self.looped(9, r.randint(1, 3), depth)
        elif c == 6 and self.p.generators:
            self.scope.add("int", i)
            lines = [f"for {i} in {r.choice(self.p.generators)}({self.make_int(2)}):"] + self.looped(6, r.randint(1, 3), depth)
        else:
            w = f"w{self.counter}"
            step = r.randint(1, 3)
            lines = [f"{w} = 0", f"while {w} < {bound}{r.choice(['', '', f' and {self.make_bool(2)}'])}:", f"    {w} += {step}"]
            lines += self.looped(bound, r.randint(1, 3), depth)
        if r.random() < 0.12:
            lines += ["else:"] + self.body(1, depth)
        # A loop may not have run: what it bound counts as bound only sometimes.
        if lines[0].startswith("for") and r.random() < 0.9:
            for names in self.scope.names.values():
                if i in names:
                    names.remove(i)
        return lines

    def try_block(self, depth):
        r = self.r
        lines = ["try:"] + self.body(r.randint(1, 3), depth)
        shape = r.random()
        if shape < 0.85:
            for k, error in enumerate(r.sample(ERRORS, r.randint(1, 2))):
                name = f" as e{depth}" if r.random() < 0.4 else ""
                handler = self.body(1, depth)
                if name and r.random() < 0.6:
                    handler.append(f"    s0 = str(e{depth})[:30] + type(e{depth}).__name__")
                if r.random() < 0.12:
                    handler.append(r.choice(["    raise", f"    raise Oops({self.make_int(3)}) from None", "    raise ValueError(1)"]))
                lines += [f"except {error}{name}:"] + handler
            if r.random() < 0.2:
                lines += ["else:"] + self.body(1, depth)
        if shape >= 0.85 or r.random() < 0.25:
            lines += ["finally:"] + self.body(1, depth)
            if r.random() < 0.08:
                lines.append("    " + (r.choice(["break", "continue"]) if self.loops else f"return {self.make_int(3)}"))
        return lines

    def closure(self):
        r = self.r
        name = f"c{self.fresh}"
        v = self.target("int")
        if not v:
            return ["pass"]
        self.fresh += 1
        param = f"a{self.fresh}"
        lines = [f"def {name}({param}, b=2):"]
        if r.random() < 0.6:
            lines += [f"    nonlocal {v}", f"    {v} {r.choice(['=', '+=', '-='])} {param}"]
        lines.append(f"    return {r.choice([f'{param} + {v}', f'{v}', f'{param}', f'[{v}, b]', f'{param} - b'])}")
        bound = r.choice([1, 3, 10])
        self.cost += bound * 4
        lines.append(f"for ci in range({bound}): cv = {name}({self.make_int(2)}{r.choice(['', ', 5', ', b=7'])})")
        return lines

    def final_return(self):
        r = self.r
        if self.returns != "mixed":
            return f"return {self.expr(self.returns)}"
        every = [n for k in KINDS for n in self.scope.names[k]]
        return f"return {r.choice(['(' + ', '.join(every[:8]) + ',)', self.make_int(1), self.make_float(1), '[' + ', '.join(every[-6:]) + ']', self.expr(r.choice(KINDS), 1)])}"


def generate(seed):
    """The program of this seed; a syntactically valid one."""
    for attempt in range(20):
        source = Program(f"{seed}/{attempt}").source()
        try:
            compile(source, "<fuzz>", "exec")
            return source
        except SyntaxError:
            continue
    return "ENTRIES = []\n"


if __name__ == "__main__":
    if len(sys.argv) > 2:
        json.dump([generate(int(sys.argv[1]) + i) for i in range(int(sys.argv[2]))], sys.stdout)
    else:
        print(generate(int(sys.argv[1])))
