"""`list[int]`, `int | str`, and other types that the interpreter has and that are plain Python here."""


def _names(params):
    return [p for p in params]


def _collect(args):
    """The type parameters in some arguments, in order."""
    found = []
    for arg in args:
        if isinstance(arg, type):
            continue
        if isinstance(arg, (list, tuple)):
            for param in _collect(arg):
                if param not in found:
                    found.append(param)
            continue
        if hasattr(type(arg), "__typing_subst__"):
            if arg not in found:
                found.append(arg)
        else:
            for param in getattr(arg, "__parameters__", ()):
                if param not in found:
                    found.append(param)
    return tuple(found)


class GenericAlias:
    """`list[int]`"""

    def __init__(self, origin, args):
        if not isinstance(args, tuple):
            args = (args,)
        self.__dict__["__origin__"] = origin
        self.__dict__["__args__"] = args
        self.__dict__["_starred"] = False

    @property
    def __parameters__(self):
        return _collect(self.__args__)

    @property
    def __unpacked__(self):
        return self._starred

    def __getitem__(self, item):
        params = self.__parameters__
        if not params:
            raise TypeError(f"{self!r} is not a generic class")
        items = item if isinstance(item, tuple) else (item,)
        table = dict(zip(params, items))
        return GenericAlias(self.__origin__, tuple(_substitute(arg, table) for arg in self.__args__))

    def __call__(self, *args, **kwargs):
        made = self.__origin__(*args, **kwargs)
        try:
            made.__orig_class__ = self
        except (AttributeError, TypeError):
            pass
        return made

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __getattr__(self, name):
        if name in ("__copy__", "__deepcopy__", "__unpacked__", "__typing_unpacked_tuple_args__"):
            raise AttributeError(name)
        return getattr(self.__origin__, name)

    def __eq__(self, other):
        if not isinstance(other, GenericAlias):
            return NotImplemented
        return self.__origin__ == other.__origin__ and self.__args__ == other.__args__

    def __hash__(self):
        return hash(self.__origin__) ^ hash(self.__args__)

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __repr__(self):
        return f"{_show(self.__origin__)}[{', '.join(_show(arg) for arg in self.__args__) or '()'}]"

    def __iter__(self):
        alias = GenericAlias(self.__origin__, self.__args__)
        alias.__dict__["_starred"] = True
        yield alias

    def __instancecheck__(self, instance):
        raise TypeError("isinstance() argument 2 cannot be a parameterized generic")

    def __subclasscheck__(self, cls):
        raise TypeError("issubclass() argument 2 cannot be a parameterized generic")


def _substitute(arg, table):
    if hasattr(type(arg), "__typing_subst__"):
        return table.get(arg, arg)
    params = getattr(arg, "__parameters__", ())
    if params and not isinstance(arg, type):
        return arg[tuple(table.get(param, param) for param in params)]
    return arg


def _show(arg):
    if arg is ...:
        return "..."
    if arg is type(None):
        return "None"
    if isinstance(arg, type):
        return arg.__qualname__ if arg.__module__ == "builtins" else f"{arg.__module__}.{arg.__qualname__}"
    if isinstance(arg, list):
        return "[" + ", ".join(_show(one) for one in arg) + "]"
    return repr(arg)


class UnionType:
    """`int | str`; `typing.Union` is the same class."""

    def __init__(self, args):
        self.__dict__["__args__"] = args

    @property
    def __origin__(self):
        return UnionType

    @property
    def __parameters__(self):
        return _collect(self.__args__)

    def __class_getitem__(cls, item):
        items = item if isinstance(item, tuple) else (item,)
        return _make_union(items)

    def __getitem__(self, item):
        items = item if isinstance(item, tuple) else (item,)
        table = dict(zip(self.__parameters__, items))
        return _make_union(tuple(_substitute(arg, table) for arg in self.__args__))

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass {self!r}")

    def __eq__(self, other):
        if not isinstance(other, UnionType):
            return NotImplemented
        return set(self.__args__) == set(other.__args__)

    def __hash__(self):
        return hash(frozenset(self.__args__))

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __repr__(self):
        return " | ".join(_show(arg) for arg in self.__args__)

    def __instancecheck__(self, instance):
        return any(isinstance(instance, arg) for arg in self.__args__)

    def __subclasscheck__(self, cls):
        return any(issubclass(cls, arg) for arg in self.__args__)


UnionType.__name__ = UnionType.__qualname__ = "Union"
UnionType.__module__ = "typing"


def _make_union(items):
    flat = []
    for item in items:
        if item is None:
            item = type(None)
        elif isinstance(item, str):
            from annotationlib import ForwardRef

            item = ForwardRef(item)
        for part in item.__args__ if isinstance(item, UnionType) else (item,):
            if not any(part is one or part == one for one in flat):
                flat.append(part)
    if not flat:
        raise TypeError("Cannot take a Union of no types.")
    return flat[0] if len(flat) == 1 else UnionType(tuple(flat))


def _union(left, right):
    for side in (left, right):
        if isinstance(side, (int, float, list, dict, set, bytes)) and not isinstance(side, type):
            return NotImplemented
    if isinstance(left, str) or isinstance(right, str):
        if isinstance(left, type) or isinstance(right, type):
            raise TypeError(
                f"unsupported operand type(s) for |: '{type(left).__name__}' and '{type(right).__name__}'"
            )
    return _make_union((left, right))


class SimpleNamespace:
    """`types.SimpleNamespace`"""

    def __init__(self, mapping=(), /, **kwargs):
        self.__dict__.update(mapping)
        self.__dict__.update(kwargs)

    def __repr__(self):
        items = ", ".join(f"{key}={value!r}" for key, value in self.__dict__.items())
        return f"{type(self).__name__.replace('SimpleNamespace', 'namespace')}({items})"

    def __eq__(self, other):
        if isinstance(self, SimpleNamespace) and isinstance(other, SimpleNamespace):
            return self.__dict__ == other.__dict__
        return NotImplemented

    def __replace__(self, /, **changes):
        return type(self)(self.__dict__, **changes)


for _class in (GenericAlias, SimpleNamespace):
    _class.__module__ = "types"


def _module_spec(name, file, search):
    """`__spec__` of a module, made when somebody looks at it."""
    from importlib._bootstrap import ModuleSpec
    from importlib._bootstrap_external import SourceFileLoader

    loader = None if file is None else SourceFileLoader(name, file)
    spec = ModuleSpec(name, loader, origin=file, is_package=search is not None)
    if search is not None:
        spec.submodule_search_locations = list(search)
    return spec
