"""Strings and bytes: building, indexing, methods, parsing of numbers, encodings, identity of single characters."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


def build(n):
    s = ""
    for i in range(n):
        s = s + chr(97 + i % 26)
        s += "-"
    return s, len(s), s[-1], s[0]


def build_keep(n):
    s = "x"
    keep = s
    for i in range(n):
        s += "y"
    t = s
    s += "z"
    return keep, t, s


def build_attr(n):
    class O:
        pass
    o = O()
    o.s = ""
    for i in range(n):
        o.s += str(i)
    d = {"k": ""}
    for i in range(n):
        d["k"] += str(i)
    l = [""]
    for i in range(n):
        l[0] += str(i)
    return o.s == d["k"] == l[0], o.s


def concat(a, b): return a + b
def repeat(a, n): return a * n, n * a
def indexing(s): return s[0], s[-1], s[len(s) // 2], [c for c in s], [s[i] for i in range(len(s))], s[1:], s[:-1], s[::2]
def counting(s):
    v = 0
    for c in s:
        if c in "aeiou":
            v += 1
        elif c == " ":
            v += 100
        elif "a" <= c <= "z":
            v += 10
    return v
def methods(s):
    return (s.upper(), s.lower(), s.title(), s.strip(), s.lstrip("a"), s.rstrip(), s.split(), s.split(","), s.rsplit(",", 1), s.partition(","), s.replace("a", "b"), s.find("b"),
            s.rfind("b"), s.count("a"), s.startswith("a"), s.startswith(("x", "a")), s.endswith("b"), s.isdigit(), s.isalpha(), s.isspace(), s.center(9, "*"), s.ljust(6), s.rjust(6),
            s.zfill(7), s.swapcase(), s.capitalize(), s.casefold(), s.splitlines(), s.expandtabs(), s.removeprefix("a"), s.removesuffix("b"), s.encode(), s.isidentifier(), s.join("xy"))
def errors(s): return s.index("zzz")
def parse(s): return int(s), float(s)
def parse_base(s, b): return int(s, b)
def to_text(x): return str(x), repr(x), ascii(x), format(x), f"{x}", "%s" % x
def ords(s): return [ord(c) for c in s], [chr(ord(c) + 1) for c in s], sum(map(ord, s))
def tokens(s):
    out, word = [], ""
    for c in s:
        if c.isalnum() or c == "_":
            word += c
        else:
            if word:
                out.append(word)
                word = ""
            if not c.isspace():
                out.append(c)
    if word:
        out.append(word)
    return out
def same(c): return c[0] is c[0], "a" is "a", ("ab" + c)[0] is "a", "".join([c, c]) is "".join([c, c]) if len(c) != 0 else None
def caesar(s, k): return "".join(chr((ord(c) - 97 + k) % 26 + 97) if "a" <= c <= "z" else c for c in s)
def is_palindrome(s):
    i, j = 0, len(s) - 1
    while i < j:
        if s[i] != s[j]:
            return False
        i += 1
        j -= 1
    return True
def bytes_ops(b):
    t = 0
    for x in b:
        t = t * 31 + x & 0xFFFFFFFF
    return t, b[0], b[-1], b[1:2], b + b"q", b * 2, b.hex(), list(b), 97 in b, b"a" in b, b.upper(), bytes(reversed(b)), b.decode("latin1")
def bytearray_ops(n):
    b = bytearray(n)
    for i in range(n):
        b[i] = i * 7 & 255
        b[i] ^= 3
    b.append(1)
    b += b"xyz"
    del b[0]
    return bytes(b), len(b)


TEXTS = [("",), ("a",), ("hello world, abc",), ("  pad\tx\n",), ("été\u20ac",), ("\U0001f600smile",), ("12",), (" -7_000 ",), ("1e5",), ("0x1f",), ("nan",), ("a,b,c",), ("aBa",), (5,), (None,),
         (b"bytes",), (["l", "i"],), ("x" * 300,)]


def test_all():
    for f in (indexing, counting, methods, errors, parse, ords, tokens, same, is_palindrome):
        matrix(f, TEXTS)
    for n in (0, 1, 40):
        run(build, n)
        run(build_keep, n)
        run(build_attr, n)
    matrix(concat, [(a[0], b[0]) for a in TEXTS[:8] + TEXTS[13:16] for b in TEXTS[:8:2] + TEXTS[13:16]], train_on=(0, 8, 30, 60))
    matrix(repeat, [(s, n) for s in ("ab", "", "é", b"x", [1], (1,), 5) for n in (0, 3, -1, True, 1 << 63, 2.5, "s")])
    matrix(parse_base, [("ff", 16), ("z", 36), ("102", 2), ("0b11", 0), ("", 10), ("9", 37), (b"11", 2), (5, 10), ("_1", 10), ("1_0", 10)])
    matrix(to_text, [(1,), (-0.0,), (1e22,), ("é",), (None,), ([1, "a"],), (b"x",), (1 << 100,), (True,), ((),), (0.1 + 0.2,)])
    run(caesar, "hello world", 3)
    matrix(bytes_ops, [(b"abc",), (bytearray(b"xa"),), (b"",), ("str",), (memoryview(b"ab"),), (b"\xff\x00",)])
    matrix(bytearray_ops, [(5,), (0,), (True,), (-1,), ("a",)])
    for f in (build, indexing, counting, methods, tokens, caesar):
        for _ in range(20):
            outcome(f, *((8,) if f is build else ("ab c", 1) if f is caesar else ("ab c",)))
        compiled(f)


class S(str):
    def __add__(self, o): return "S+"
    def __getitem__(self, i): return "S[]"
    def __eq__(self, o): return "S=="
    def __hash__(self): return 1
    def __iter__(self): return iter([1])
    def __len__(self): return 99
    def __contains__(self, o): return True
    def upper(self): return "S.upper"
    def __mod__(self, o): return "S%"
    def __str__(self): return "S.str"


def subclass(s): return s + "x", s[0], s == "a", [*s], len(s), "q" in s, s.upper(), s % 1, str(s), f"{s}", "".join([s, "-"]), s.lower(), "x" + s, {s: 1}.get("a")


def test_subclass(): matrix(subclass, [("a",), (S("a"),), ("%s",)])


def huge_ints(s): return int(s) % 97, len(str(int(s)))
def test_int_limits():
    once(huge_ints, "9" * 4000)
    once(huge_ints, "9" * 5000)
    run(huge_ints, "123456789" * 5)
    once(str, 10 ** 5000)


def replace_loop(text, table):
    for old, new in table.items():
        text = text.replace(old, new)
    return text.translate({97: "A", 98: None}), text.maketrans("ab", "cd")


def test_replace(): matrix(replace_loop, [("aabbcc", {"a": "b"}), ("", {}), ("xyz", {"x": "é"}), ("x", {1: 2})])


def intern_checks():
    import sys
    a = sys.intern("some string" * 2)
    b = sys.intern("some string" + "some string")
    return a is b, {a: 1}[b], "x" * 1 is "x"


def test_intern():
    import warnings
    run(intern_checks)
