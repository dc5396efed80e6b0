"""What compiled code and its caches rely on about classes, kept true by name: changes that matter, and changes that do not."""
import gc

from check import MODE, compiled, once, outcome, run, say, show

if MODE != "interpreted":
    import ember


def versions(f):
    """How many versions were made of a function; 0 where nothing is compiled."""
    return ember.jit.explain(f).get("versions", 0) if MODE in ("first", "warm") else 0


def make_counted():
    class Counted:
        made = 0
        kind = "counted"

        def __init__(self, name):
            self.name = name
            Counted.made += 1

        def label(self):
            return f"{self.kind}:{self.name}"
    class Derived(Counted):
        pass
    return Counted, Derived


def test_counting_in_a_class_does_not_spoil_its_attributes():
    Counted, Derived = make_counted()
    def use(thing):
        return thing.name, thing.label(), thing.kind
    things = [Derived("a"), Derived("b")]
    run(use, things[0])
    settled = versions(use)
    # More changes than CPython gives versions to a class.
    for i in range(1500):
        thing = Derived(i)
        if use(thing) != (i, f"counted:{i}", "counted"):
            say(f"wrong at {i}")
    run(use, things[1])
    show(Counted.made)
    if versions(use) > settled + 3:
        say(f"{versions(use)} versions, {settled} before")
    compiled(use)


def test_the_names_that_matter_are_noticed():
    def use(thing):
        return thing.name, thing.label(), thing.kind
    Counted, Derived = make_counted()
    for i in range(1200):
        Derived(i)
    thing = Derived("x")
    run(use, thing)
    for round in range(6):
        Counted.kind = f"changed {round}"
        run(use, thing)
        Derived.kind = f"own {round}"
        run(use, thing)
        del Derived.kind
        run(use, thing)
        Counted.label = lambda self, round=round: f"label {round}"
        run(use, thing)
        Derived.name = property(lambda self: "hidden")
        run(use, thing)
        del Derived.name
        run(use, thing)
    compiled(use)


def test_names_made_at_run_time():
    def use(thing):
        return thing.kind
    Counted, Derived = make_counted()
    thing = Derived("x")
    run(use, thing)
    setattr(Counted, "".join(["ki", "nd"]), "set by name")
    run(use, thing)
    # The dict itself, behind everybody's back.
    [namespace] = [d for d in gc.get_referents(Counted.__dict__) if type(d) is dict]
    namespace["".join(["k", "ind"])] = "set in the dict"
    once(lambda: type(thing).__mro__[1].__dict__["kind"])
    compiled(use)


def test_bases_are_assigned():
    class Left:
        side = "left"
        def go(self): return "went left"
    class Right:
        side = "right"
        def go(self): return "went right"
    class Middle(Left):
        pass
    class End(Middle):
        pass
    def use(thing):
        return thing.side, thing.go()
    thing = End()
    run(use, thing)
    Middle.__bases__ = (Right,)
    run(use, thing)
    Middle.__bases__ = (Left, Right)
    run(use, thing)
    Right.side = Left.side = "both"
    run(use, thing)
    compiled(use)


def test_the_order_changes_while_nobody_has_a_version():
    class Left:
        side = "left"
    class Right:
        side = "right"
    class Middle(Left):
        pass
    def use(thing):
        return thing.side
    thing = Middle()
    run(use, thing)
    Middle.other = 1
    Middle.__bases__ = (Right,)
    run(use, thing)
    compiled(use)


def test_the_metaclass_changes():
    class Meta(type):
        pass
    class Other(Meta):
        tag = property(lambda cls: "from Other")
    class Thing(metaclass=Meta):
        tag = "own"
    def use(cls):
        return cls.tag
    run(use, Thing)
    Thing.__class__ = Other
    run(use, Thing)
    Thing.__class__ = Meta
    run(use, Thing)
    Meta.tag = property(lambda cls: "from Meta")
    run(use, Thing)
    del Meta.tag
    run(use, Thing)
    compiled(use)


def test_descriptors_change_their_minds():
    class Descriptor:
        def __get__(self, obj, cls=None): return "got"
    class Thing:
        field = Descriptor()
        def __init__(self): self.__dict__["field"] = "instance"
    def use(thing):
        return thing.field
    thing = Thing()
    run(use, thing)
    Descriptor.__set__ = lambda self, obj, value: None
    run(use, thing)
    Descriptor.__get__ = lambda self, obj, cls=None: "got anew"
    run(use, thing)
    del Descriptor.__set__
    run(use, thing)
    compiled(use)


def test_slots_appear():
    class Base:
        pass
    class Thing(Base):
        def __init__(self): self.x = 1
    def use(thing):
        try:
            return thing.x, thing.y
        except AttributeError:
            return "no y"
    def store(thing, value):
        thing.x = value
        return thing.x
    thing = Thing()
    run(use, thing)
    run(store, thing, 2)
    Base.__getattr__ = lambda self, name: f"hook {name}"
    run(use, thing)
    Base.__setattr__ = lambda self, name, value: object.__setattr__(self, name, [value])
    run(store, thing, 3)
    del Base.__setattr__
    run(store, thing, 4)
    Base.__getattribute__ = lambda self, name: f"all {name}"
    run(use, thing)
    del Base.__getattribute__
    run(use, thing)
    del Base.__getattr__
    run(use, thing)
    compiled(use)
    compiled(store)


def test_classes_come_and_go():
    def use(thing):
        return thing.x, thing.m()
    def once_more(i):
        class Passing:
            def __init__(self): self.x = i
            def m(self): return -i
        return outcome(use, Passing())
    seen = set()
    for i in range(200):
        seen.add(once_more(i) == f"tuple ({i}, {-i})")
        if i % 10 == 0:
            gc.collect()
    show(seen)
    compiled(use)


def test_many_classes_at_one_site():
    classes = [type(f"C{i}", (), {"__init__": lambda self, i=i: setattr(self, "x", i), "get": lambda self: self.x, "k": i}) for i in range(12)]
    things = [c() for c in classes]
    def use(things):
        return sum(t.x + t.get() + t.k + t.__class__.k for t in things)
    def each(thing):
        return thing.x + thing.get() + thing.k
    run(use, things)
    for thing in things:
        run(each, thing)
    classes[5].k = 100
    classes[6].get = lambda self: 1000
    for thing in things:
        run(each, thing)
    run(use, things)
    compiled(each)


def test_super_follows_changes():
    class Base:
        def m(self): return "base"
    class Mid(Base):
        pass
    class End(Mid):
        def m(self): return "end " + super().m()
    thing = End()
    call = End.m
    run(call, thing)
    Mid.m = lambda self: "mid"
    run(call, thing)
    del Mid.m
    run(call, thing)
    Base.m = lambda self: "base anew"
    run(call, thing)
    compiled(call)


def settle(*functions):
    """Have compiled functions made anew from what their own caches have seen."""
    if MODE != "interpreted":
        ember.jit.precompile()
        ember.jit.wait()


def test_receivers_that_are_classes():
    class Meta(type):
        @property
        def upper(cls): return cls.__name__.upper()
        def make(cls): return cls()
    class Options:
        def __init__(self, name): self.name = name
    def model(name):
        cls = Meta(name, (), {"tag": name, "_meta": Options(name),
                              "named": classmethod(lambda cls, x: (cls.__name__, x)), "plain": staticmethod(lambda x: x)})
        return cls
    models = [model(name) for name in "ABC"]
    def use(cls):
        return cls._meta.name, cls.tag, cls.named(1), cls.plain(2), cls.upper, type(cls.make()).__name__
    def instance(obj):
        return obj._meta.name, obj.named(1), obj.plain(2)
    for _ in range(3):
        for cls in models:
            run(use, cls)
            run(instance, cls())
        settle(use, instance)
    models[0]._meta = Options("other")
    models[1].named = staticmethod(lambda x: ("static now", x))
    models[2].plain = classmethod(lambda cls, x: ("class now", x))
    for cls in models:
        run(use, cls)
        run(instance, cls())
    Options.__get__ = lambda self, obj, cls=None: Options("bound")
    for cls in models:
        run(use, cls)
        run(instance, cls())
    del Options.__get__
    Meta._meta = property(lambda cls: Options("from the metaclass"))
    for cls in models:
        run(use, cls)
        run(instance, cls())
    del Meta._meta
    for cls in models:
        run(use, cls)
    compiled(use)
    compiled(instance)


def test_cached_properties():
    class cached:
        def __init__(self, f): self.f = f
        def __set_name__(self, owner, name): self.name = name
        def __get__(self, obj, cls=None):
            if obj is None:
                return self
            value = obj.__dict__[self.name] = self.f(obj)
            return value
    class Thing:
        def __init__(self, x): self.x = x
        @cached
        def double(self): return 2 * self.x
        @cached
        def triple(self): return 3 * self.x
        def sum(self): return self.double + self.triple + self.x
    def use(thing):
        return thing.double, thing.triple, thing.sum(), thing.x
    things = [Thing(i) for i in range(6)]
    for _ in range(3):
        for thing in things:
            run(use, thing)
        settle(use)
    things[0].__dict__["double"] = "replaced"
    del things[1].__dict__["double"]
    things[2].x = 50
    for thing in things:
        run(use, thing) if thing is not things[0] else once(lambda: thing.double)
    cached.__set__ = lambda self, obj, value: None
    once(use, things[3])
    del cached.__set__
    once(use, things[3])
    compiled(use)


def test_sites_of_one_receiver_learn_together():
    class Base:
        def __init__(self): self.a = self.b = self.c = self.d = self.e = self.f = self.g = self.h = 1
    kinds = [type(f"Kind{i}", (Base,), {}) for i in range(4)]
    def use(thing):
        return thing.a + thing.b + thing.c + thing.d + thing.e + thing.f + thing.g + thing.h
    things = [kind() for kind in kinds]
    for thing in things:
        for _ in range(4):
            run(use, thing)
    for _ in range(60):
        for thing in things:
            if use(thing) != 8:
                say("wrong")
    if versions(use) > 6:
        say(f"{versions(use)} versions for four classes")
    compiled(use)


def test_sites_of_one_receiver_become_wary_together():
    class Thing:
        def __init__(self): self.a = self.b = self.c = self.d = self.e = self.f = 1
    def use(thing):
        return thing.a + thing.b + thing.c + thing.d + thing.e + thing.f
    plain, spread = Thing(), Thing()
    # Its attributes are in a dict of its own from now on.
    spread.__dict__ = dict(spread.__dict__)
    for _ in range(8):
        run(use, plain)
        run(use, spread)
    if versions(use) > 6:
        say(f"{versions(use)} versions for two kinds of instances")
    compiled(use)
