"""`isinstance` in compiled code, whose answers are remembered by pairs of classes, while the classes change."""
import abc
import gc

from check import compiled, run, say


def ask(o, c): return isinstance(o, c)
def ask_two(o, c, d): return isinstance(o, (c, d))


class Meta(type):
    pass


class Other(metaclass=Meta):
    pass


def make():
    class Base(metaclass=Meta):
        pass
    class Derived(Base):
        def __repr__(self): return "Derived"
    class Stranger:
        def __repr__(self): return "Stranger"
    return Base, Derived, Stranger


def both(o, c):
    run(ask, o, c)
    run(ask_two, o, int, c)
    run(ask_two, o, c, (int, str))


def test_instances_and_strangers():
    Base, Derived, Stranger = make()
    for o in (Derived(), Stranger(), Base, 3, None, Other()):
        for c in (Base, Derived, Stranger, Other, Meta, object, type, int):
            run(ask, o, c)
            run(ask_two, o, c, int)
    compiled(ask)
    compiled(ask_two)


def test_what_is_not_a_class():
    Base, Derived, Stranger = make()
    for c in (3, None, int | str, list[int], (), ((),), ((int, Base),), [int]):
        run(ask, Derived(), c)
        run(ask_two, Derived(), Stranger, c)
        run(ask_two, Derived(), Base, c)


def test_metaclass_learns_to_answer():
    Base, Derived, Stranger = make()
    d, s = Derived(), Stranger()
    both(d, Base)
    both(s, Base)
    Meta.__instancecheck__ = lambda cls, o: o is s
    try:
        both(d, Base)
        both(s, Base)
    finally:
        del Meta.__instancecheck__
    both(d, Base)
    both(s, Base)


def test_object_says_what_it_is():
    Base, Derived, Stranger = make()
    s = Stranger()
    both(s, Base)
    Stranger.__getattribute__ = lambda self, n: Derived if n == "__class__" else object.__getattribute__(self, n)
    both(s, Base)
    both(s, Stranger)
    del Stranger.__getattribute__
    both(s, Base)
    class Proxy:
        def __init__(self, of): self.of = of
        @property
        def __class__(self): return self.of
        def __repr__(self): return "Proxy"
    for of in (Base, Derived, Stranger, int):
        both(Proxy(of), Base)
        both(Proxy(of), Proxy)
        both(Proxy(of), int)


def test_question_that_raises():
    Base, Derived, Stranger = make()
    class Failing:
        @property
        def __class__(self): raise ValueError("asked")
        def __repr__(self): return "Failing"
    both(Failing(), Base)
    both(Failing(), int)


def test_bases_and_class_change():
    Base, Derived, Stranger = make()
    class Late(Stranger): pass
    o = Late()
    both(o, Base)
    both(o, Stranger)
    class Plain: pass
    Late.__bases__ = (Plain,)
    both(o, Stranger)
    both(o, Plain)
    o.__class__ = Plain
    both(o, Late)
    both(o, Plain)


def test_register():
    class Abstract(abc.ABC): pass
    Base, Derived, Stranger = make()
    s = Stranger()
    both(s, Abstract)
    Abstract.register(Stranger)
    both(s, Abstract)
    class Hooked(abc.ABC):
        @classmethod
        def __subclasshook__(cls, other): return hasattr(other, "mark") or NotImplemented
    both(s, Hooked)
    Derived.mark = 1
    both(Derived(), Hooked)


def test_classes_that_come_and_go():
    answers = []
    for number in range(200):
        class Base(metaclass=Meta): pass
        class Derived(Base if number % 3 else object): pass
        answers.append((ask(Derived(), Base), ask(Base(), Derived), ask_two(Derived(), Base, int)))
        del Base, Derived
        if number % 20 == 0:
            gc.collect()
    say(f"answers {answers}")
    compiled(ask)
