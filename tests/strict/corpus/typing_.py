# typing, generics, annotations, templates.
# ----
from typing import Optional, Union, Any, List, Dict, Callable, Tuple, Literal, Type
r = Optional[int], Union[int, str], List[int], Dict[str, int], Callable[[int], str], Tuple[int, ...], Literal['a', 1], Optional[None], Union[int], Type[int]
s = Union[int, Union[str, int]], Optional[Union[int, str]] == Union[int, str, None], List[int] == List[int], Callable[..., Any], Tuple[()]
# ----
from typing import TypeVar, Generic
T = TypeVar('T'); U = TypeVar('U', bound=int); V = TypeVar('V', int, str)
class Box(Generic[T]):
    def __init__(self, x: T): self.x = x
class Pair(Box[T], Generic[T, U]): pass
r = Box[int], Box[int](5).x, Box.__parameters__, Pair.__parameters__, Pair[str, int].__args__, Box[T][int], T, U.__bound__, V.__constraints__, Box.__orig_bases__, Pair.__mro__[1].__name__
try: Box[int, str]
except TypeError as e: err = str(e)
try: Generic[int]
except TypeError as e: err2 = str(e)
# ----
from typing import get_type_hints, get_origin, get_args, Annotated, ClassVar, Final
class A:
    x: int
    y: 'list[A]'
    z: Annotated[int, 'meta'] = 3
    w: ClassVar[str] = ''
h = get_type_hints(A)
r = h['x'], h['y'], h['z'], get_type_hints(A, include_extras=True)['z'], get_origin(list[int]), get_args(dict[str, int]), get_origin(Annotated[int, 1]), get_args(int | str), get_origin(ClassVar[int]) is ClassVar
def f(a: 'int', b: str = None) -> 'None': pass
s = get_type_hints(f)
# ----
from typing import Protocol, runtime_checkable
@runtime_checkable
class HasLen(Protocol):
    def __len__(self) -> int: ...
class Named(Protocol):
    name: str
    def greet(self) -> str: return 'hi ' + self.name
class P(Named):
    name = 'p'
r = isinstance([], HasLen), isinstance(5, HasLen), P().greet(), issubclass(list, HasLen), P.__mro__[1].__name__
try: isinstance(5, Named)
except TypeError as e: err = str(e)
try: Named()
except TypeError as e: err2 = str(e)
# ----
from typing import TypedDict, Required, NotRequired
class TD(TypedDict):
    a: int
    b: NotRequired[str]
class Opt(TD, total=False): c: float
t = TD(a=1)
r = t, type(t), sorted(TD.__required_keys__), sorted(Opt.__optional_keys__), Opt.__annotations__.keys() == {'a', 'b', 'c'}, TD.__total__, Opt.__total__
Alt = TypedDict('Alt', {'x-y': int})
s = Alt.__annotations__, Alt({'x-y': 1})
# ----
from typing import NewType, cast, overload, final, no_type_check, TYPE_CHECKING, assert_never, reveal_type, override, assert_type
UserId = NewType('UserId', int)
@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x): return x
@final
class F: pass
class G:
    @override
    def m(self): ...
r = UserId(5), UserId.__name__, UserId.__supertype__, cast(int, 'x'), f(3), TYPE_CHECKING, F.__final__, G.m.__override__, assert_type(1, int)
if TYPE_CHECKING: import nothing_here
# ----
from typing import ParamSpec, Concatenate, Callable, TypeVarTuple, Unpack, Generic, TypeVar, Self, Never, LiteralString
P = ParamSpec('P'); Ts = TypeVarTuple('Ts'); T = TypeVar('T')
class Z(Generic[P]): pass
class Arr(Generic[Unpack[Ts]]): pass
class Arr2(Generic[*Ts]): pass
r = Callable[P, int], Callable[Concatenate[int, P], str], Z[[int, str]], Arr[int, str], Arr2[int].__args__, P.args, P.kwargs, Self, Never, P, Ts
# ----
r = list[int], dict[str, list[int]], tuple[int, ...], type[int], int | str, int | None, list[int] | None, set[int].__origin__, frozenset[str].__args__, list[int]([1, 2]), (int | str).__args__, int | str == str | int, isinstance(5, int | str), type[int] | None
from collections import deque, OrderedDict
s = deque[int], OrderedDict[str, int]
try: int[str]
except TypeError as e: err = str(e)
try: isinstance([], list[int])
except TypeError as e: err2 = str(e)
# ----
class Stack[T]:
    def __init__(self) -> None: self.items: list[T] = []
    def push(self, item: T) -> None: self.items.append(item)
    def map[U](self, f: 'Callable[[T], U]') -> 'Stack[U]':
        s = Stack[U]()
        for i in self.items: s.push(f(i))
        return s
s = Stack[int](); s.push(1)
r = s.map(str).items, Stack.__type_params__, Stack[int], Stack.map.__type_params__, Stack.__parameters__, Stack.__orig_bases__
# ----
class A[T: int = bool]: pass
class B[T: (int, str)]: pass
def f[T = int, *Ts = *tuple[int, ...], **P = [int]](): pass
t = A.__type_params__[0]
r = t.__bound__, t.__default__, t.has_default(), B.__type_params__[0].__constraints__, f.__type_params__[0].__default__, [p.__name__ for p in f.__type_params__]
class C(A[int]): pass
s = C.__orig_bases__, A[int].__args__
# ----
type Tree[T] = T | list[Tree[T]]
type Lazy = Undefined | None
r = Tree, Tree[int], Tree.__type_params__, Tree[int].__args__, Lazy.__name__, Tree.__module__ == __name__
try: Lazy.__value__
except NameError as e: err = str(e)
class Undefined: pass
s = Lazy.__value__.__args__[0].__name__
type F = 'str'
t = F.__value__
# ----
import annotationlib
class A:
    x: Missing
    y: int
    def m(self, z: Missing) -> list[Missing]: ...
r = annotationlib.get_annotations(A, format=annotationlib.Format.STRING), annotationlib.get_annotations(A.m, format=annotationlib.Format.STRING)
f = annotationlib.get_annotations(A, format=annotationlib.Format.FORWARDREF)
s = type(f['x']).__name__, f['x'].__forward_arg__, f['y']
try: A.__annotations__
except NameError as e: err = str(e)
# ----
x: int = 1
y: 'undefined'
z: list[undefined_too]
def f():
    a: not_evaluated = 5
    return a
r = f()
class B:
    if True: cond: int
    else: never: str
    for i in range(2): loop: float
s = B.__annotations__
# ----
from __future__ import annotations
class A:
    x: Missing | int
    def f(self, y: list[Nope]) -> Later: ...
def g(a: 1 + 1, *b: (yes, no), **c: {}) -> None: ...
r = A.__annotations__, A.f.__annotations__, g.__annotations__
# ----
class A:
    x: int
    def __annotate__(format): return {'never': 1}
class B:
    pass
B.__annotations__ = {'set': int}
r = B.__annotations__, A.__dict__.get('__annotations_cache__')
def f(a: int): ...
f.__annotations__['b'] = str
s = f.__annotations__
f.__annotations__ = {'z': 1}
t = f.__annotations__
class C(B): y: str
u = C.__annotations__, 'set' in C.__annotations__
# ----
name, n = 'World', 3
t = t'Hello {name}!'
r = t.strings, [(i.value, i.expression, i.conversion, i.format_spec) for i in t.interpolations], type(t).__name__, t.values
u = t'{n:>{n + 2}}{name!r}{n = }'
s = u.strings, [(i.value, i.expression, i.conversion, i.format_spec) for i in u.interpolations]
def render(t): return ''.join(p if isinstance(p, str) else f'<{p.value}>' for p in t)
v = render(t'a{1}b{2}c'), render(t''), render(t'{n}{name}')
# ----
from string.templatelib import Template, Interpolation
def html(t: Template) -> str:
    out = []
    for item in t:
        match item:
            case str() as s: out.append(s)
            case Interpolation(value, expr, conv, spec): out.append(f'[{expr}={value}]')
    return ''.join(out)
x = 5
r = html(t'<p>{x}</p>{x + 1!s:03}'), isinstance(t'', Template)
both = t'a{x}' + t'b{x}c'
s = both.strings, len(both.interpolations), html(both)
w = Template('a', Interpolation(1, 'one', None, ''), 'b').strings
rt = tr'\n{x}'.strings
# ----
from typing import Literal, get_args, Mapping, Iterable, Iterator, Sequence, AsyncIterator, Awaitable, NoReturn, AnyStr, SupportsInt, IO, TextIO, Pattern, Hashable
Mode = Literal['r', 'w']
r = get_args(Mode), 'r' in get_args(Mode), Mapping[str, int], Iterable[int], Sequence[int], isinstance([], Sequence), isinstance({}, Mapping), NoReturn, AnyStr, Literal[1, True, 'a'], Literal['a'] == Literal['a']
class It(Iterator[int]):
    def __next__(self): raise StopIteration
s = list(It()), It.__mro__[1].__name__, isinstance(5, SupportsInt), isinstance('', Hashable)
# ----
import typing
class M(type): pass
class C(typing.Generic[typing.TypeVar('T')], metaclass=M): pass
r = type(C).__name__, type(C[int]).__name__, typing.get_origin(C[int]) is C
def f(x: typing.Any, *, y: typing.Optional[int] = None) -> typing.Iterator[int]: yield x
s = typing.get_type_hints(f)
t = typing.Union[int, str].__args__, typing.Callable[[int], int].__args__, typing.List.__origin__, typing.Dict[str, int].__origin__, typing.ForwardRef('x').__forward_arg__, typing.List['X'].__args__[0].__forward_arg__
# ----
from typing import Generic, TypeVar
T = TypeVar('T')
class Registry(Generic[T]):
    items: dict[str, T]
    def __init_subclass__(cls, **kw): super().__init_subclass__(**kw); cls.items = {}
    @classmethod
    def register(cls, f): cls.items[f.__name__] = f; return f
class Funcs(Registry['object']): pass
@Funcs.register
def a(): pass
r = list(Funcs.items), Funcs.__orig_bases__[0].__origin__ is Registry
class WithGetitem:
    def __class_getitem__(cls, k): return (cls.__name__, k)
s = WithGetitem[1], WithGetitem[int, str]
