"""Call sites that learn from their own calls; functions of any parameter list called directly; arguments passed on whole."""
import functools

from check import MODE, compiled, once, outcome, run, say, show

SETTLED = 3000
"""More calls than make a site hot, twice."""


def one(x): return x + 1
def two(x): return x + 2
def keyword(x, *, scale=2): return x * scale
def anything(a, b=2, *args, k=3, **kw): return a, b, args, k, kw
def plain(a, b=2, c=3): return a, b, c
def only_names(**kw): return kw
def rest(*args): return args


class Box:
    def __init__(self, *values, sep=","): self.values, self.sep = values, sep
    def shown(self, x): return self.sep.join(map(str, self.values)), x


def settled(f):
    """Demand that `f` has no generic call any more, after its sites became hot."""
    compiled(f)
    if MODE in ("first", "warm"):
        import ember
        left = [row for row in ember.jit.explain(f)["generic_calls"] if row["count"] > 100]
        assert not left, f"{f.__qualname__} still calls by {left}"


def apply(f, x): return f(x)
def apply_keyword(f, x): return f(x, scale=3)
def apply_method(f, x): return f(x)
def make(cls, x): return cls(x, 2, sep="-")


def test_a_hot_site_calls_what_it_called():
    for f, callee in ((apply, one), (apply_keyword, keyword), (apply_method, Box(1, 2).shown), (make, Box)):
        for i in range(SETTLED):
            last = f(callee, i)
        settled(f)
        say(f"{f.__name__}: {last if not isinstance(last, Box) else last.shown(0)}")
    # Others than those are called as well.
    show(outcome(apply, two, 5), outcome(apply, str, 5), outcome(apply, Box(3).shown, 1), outcome(apply, len, 5))
    show(outcome(apply_keyword, anything, 1), outcome(apply_keyword, one, 1), outcome(apply_method, one, 1))
    once(make, dict, 1)


def several(fs, n):
    total = 0
    for i in range(n):
        for f in fs:
            total += f(i)
    return total


def test_a_site_of_several_functions_calls_each():
    for _ in range(20):
        show(several((one, two, one), 1000))
    settled(several)
    show(several((one, two, keyword, int, one.__call__, functools.partial(two)), 3))


def test_a_callee_that_dies_is_forgotten():
    def closure(n):
        def inner(x): return x + n
        return inner
    total = 0
    for n in range(40):
        f = closure(n)
        for i in range(100):
            total += apply(f, i)
    show(total)


def calls(x):
    return (anything(x), anything(x, 5), anything(x, 5, 6, 7), anything(x, k=9), anything(x, z=1, y=2), anything(b=x, a=1),
            anything(x, 1, 2, k=3, z=4), rest(), rest(x), rest(x, x), only_names(), only_names(x=x, y=1), keyword(x), keyword(x, scale=7))


def test_any_parameter_list():
    run(calls, 3)
    for bad in (lambda: anything(), lambda: keyword(1, 2), lambda: keyword(scale=1), lambda: rest(k=1), lambda: only_names(1),
                lambda: anything(1, a=2), lambda: plain(1, d=4), lambda: plain(1, 2, 3, 4)):
        show(outcome(bad))
    compiled(calls)


def defaults(x): return keyword_default(x), positional_default(x)
def keyword_default(x, *, k="old"): return x, k
def positional_default(x, k="old"): return x, k


def test_defaults_change_under_direct_calls():
    run(defaults, 1)
    keyword_default.__kwdefaults__["k"] = "in place"
    show(defaults(2))
    keyword_default.__kwdefaults__ = {"k": "replaced"}
    positional_default.__defaults__ = ("replaced",)
    run(defaults, 3)
    del keyword_default.__kwdefaults__["k"]
    once(defaults, 4)


def caller_of_changed(x): return changed(x), changed(x, 2)
def changed(a, b=1): return a, b
def other(a, *rest, b=3): return a, rest, b
def third(a, b=7, c=8): return a, b, c


def test_code_changes_under_direct_calls():
    run(caller_of_changed, 1)
    changed.__code__ = other.__code__
    once(caller_of_changed, 1)
    changed.__kwdefaults__ = {"b": 4}
    run(caller_of_changed, 1)
    changed.__code__ = third.__code__
    changed.__defaults__ = (5, 6)
    run(caller_of_changed, 1)


def forward(*args, **kwargs): return anything(*args, **kwargs)
def forward_plain(*args, **kwargs): return plain(*args, **kwargs)
def forward_names(**kwargs): return only_names(**kwargs)
def forward_method(m, *args, **kwargs): return m(*args, **kwargs)


def changes(**kwargs):
    got = only_names(**kwargs)
    got["added"] = 1
    return got, kwargs


class Mapping:
    def keys(self): return ["b", "k"]
    def __getitem__(self, name): return name * 2


def forward_any(args, kwargs): return anything(*args, **kwargs)


def test_arguments_passed_on():
    cases = [((1,), {}), ((1, 2, 3), {"k": 4, "z": 5}), ((), {"a": 1}), ((), {}), ((1,), {"a": 2}), ((1, 2), {"b": 3})]
    for args, kwargs in cases * 10:
        for f in (forward, forward_plain):
            show(outcome(f, *args, **kwargs))
        show(outcome(forward_any, args, kwargs))
    for args, kwargs in (((1,), Mapping()), ([1, 2], None), (5, {}), ((1,), {1: 2}), (iter((1, 2)), {"k": 3})):
        show(outcome(forward_any, args, kwargs))
    given = {"x": 1}
    for _ in range(30):
        last = forward_names(**given), changes(**given), forward_method(Box(1).shown, 5), forward_method(Box, 1, sep=2).sep
    show(last, given)
    for f in (forward, forward_plain, forward_names, forward_any, changes, forward_method):
        compiled(f)


def drops(**kwargs):
    def callee(value=None, **others):
        held.clear()
        kwargs.clear()
        return value
    held = [kwargs]
    return callee(**kwargs)


def test_what_is_passed_on_outlives_its_dict():
    for i in range(50):
        got = drops(value=["kept", i], other=i)
    show(got)
    compiled(drops)


class Shadows:
    append = list.append
    get = dict.get
    @staticmethod
    def fixed(a, b): return a, b
    def uses(self, b): return self.fixed(1, b)


class OtherFixed(Shadows):
    @staticmethod
    def fixed(a, b): return b, a


class Names(dict):
    def get(self, key, default=None): return "own", key


class Values(dict): pass


def appends(x, v): return x.append(v)
def gets(x, k): return x.get(k, 0)
def fixed(x, v): return x.fixed(v, 2), x.uses(v)


def test_methods_in_c_of_other_classes():
    for i in range(SETTLED // 10):
        xs, ys = [i], bytearray(b"a")
        appends(xs, 1), appends(ys, 66)
        gets({1: i}, 1), gets(Values({1: i}), 1), gets(Names(), 1)
    show(xs, ys, gets({1: 2}, 1), gets(Values({1: 3}), 1), gets(Values(), 1), gets(Names(), 5))
    for f, x in ((appends, Shadows()), (gets, Shadows()), (appends, ()), (gets, 5), (gets, Shadows)):
        show(outcome(f, x, 1))
    show(outcome(gets, {}, []))
    for f in (appends, gets):
        compiled(f)


def test_static_methods_by_instances():
    for i in range(SETTLED // 10):
        last = fixed(Shadows(), i), fixed(OtherFixed(), i)
    show(last)
    thing = Shadows()
    thing.fixed = lambda a, b: ("instance", a, b)
    show(outcome(fixed, thing, 3), outcome(fixed, Shadows, 3))
    compiled(fixed)


def bound_late(a, b=3, *rest):
    return [part for part in (a, b, rest)]


def call_after(new):
    before = bound_late(1)
    if new is not None:
        bound_late.__defaults__ = new
    return before, bound_late(2)


def test_defaults_changed_by_the_caller_itself():
    # What is running was compiled with the old defaults.
    run(call_after, None)
    once(call_after, (10,))
    once(call_after, (11,))
    run(call_after, None)
