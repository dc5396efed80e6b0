"""Type parameters and what else of `typing` is machine code."""

from _ember_types import UnionType as Union
from _ember_types import GenericAlias, _union


@staticmethod
def _idfunc(x):
    # A static method, since the real one does not become a method of a class either.
    return x


class _NoDefaultType:
    __slots__ = ()

    def __new__(cls):
        return globals().get("NoDefault") or object.__new__(cls)

    def __repr__(self):
        return "typing.NoDefault"


NoDefault = _NoDefaultType()


def _module():
    return __ember_caller__(2)["__name__"]


class _Param:
    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")

    def has_default(self):
        return self.__default__ is not NoDefault

    def __repr__(self):
        if self.__infer_variance__:
            return self.__name__
        return ("+" if self.__covariant__ else "-" if self.__contravariant__ else "~") + self.__name__

    def __hash__(self):
        return object.__hash__(self)

    def __eq__(self, other):
        return self is other

    __covariant__ = __contravariant__ = __infer_variance__ = False

    @property
    def __default__(self):
        if self._evaluate_default is not None:
            return self._evaluate_default()
        return self._default

    @property
    def evaluate_default(self):
        return self._evaluate_default

    def _set_default(self, default, evaluate):
        self._default = default
        self._evaluate_default = evaluate


class TypeVar(_Param):
    def __init__(
        self,
        name,
        *constraints,
        bound=None,
        covariant=False,
        contravariant=False,
        infer_variance=False,
        default=NoDefault,
        _bound=None,
        _default=None,
    ):
        if covariant and contravariant:
            raise ValueError("Bivariant types are not supported.")
        if len(constraints) == 1:
            raise TypeError("A single constraint is not allowed")
        self.__name__ = name
        self._constraints = constraints
        self._bound = bound
        self._evaluate_bound = _bound
        self.__covariant__ = bool(covariant)
        self.__contravariant__ = bool(contravariant)
        self.__infer_variance__ = bool(infer_variance) or _bound is not None
        self._set_default(default, _default)
        self.__module__ = _module()

    @property
    def __bound__(self):
        if self._evaluate_bound is not None:
            bound = self._evaluate_bound()
            return None if isinstance(bound, tuple) else bound
        return self._bound

    @property
    def __constraints__(self):
        if self._evaluate_bound is not None:
            bound = self._evaluate_bound()
            return bound if isinstance(bound, tuple) else ()
        return self._constraints

    def __typing_subst__(self, arg):
        import typing

        return typing._typevar_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        params = alias.__parameters__
        index = params.index(self)
        if index < len(args):
            return args
        if self.has_default():
            return (*args, self.__default__)
        return args


class TypeVarTuple(_Param):
    def __init__(self, name, *, default=NoDefault, _bound=None, _default=None):
        self.__name__ = name
        self._set_default(default, _default)
        self.__module__ = _module()

    def __repr__(self):
        return self.__name__

    def __iter__(self):
        import typing

        yield typing.Unpack[self]

    def __typing_subst__(self, arg):
        raise TypeError("Substitution of bare TypeVarTuple is not supported")

    def __typing_prepare_subst__(self, alias, args):
        import typing

        return typing._typevartuple_prepare_subst(self, alias, args)


class ParamSpecArgs:
    def __init__(self, origin):
        self.__origin__ = origin

    def __repr__(self):
        return f"{self.__origin__.__name__}.args"

    def __mro_entries__(self, bases):
        raise TypeError("Cannot subclass an instance of ParamSpecArgs")

    def __eq__(self, other):
        return isinstance(other, ParamSpecArgs) and self.__origin__ == other.__origin__

    def __hash__(self):
        return hash(self.__origin__)


class ParamSpecKwargs(ParamSpecArgs):
    def __repr__(self):
        return f"{self.__origin__.__name__}.kwargs"


class ParamSpec(_Param):
    def __init__(
        self,
        name,
        *,
        bound=None,
        covariant=False,
        contravariant=False,
        infer_variance=False,
        default=NoDefault,
        _bound=None,
        _default=None,
    ):
        self.__name__ = name
        self.__bound__ = bound
        self.__covariant__ = bool(covariant)
        self.__contravariant__ = bool(contravariant)
        self.__infer_variance__ = bool(infer_variance)
        self._set_default(default, _default)
        self.__module__ = _module()

    @property
    def args(self):
        return ParamSpecArgs(self)

    @property
    def kwargs(self):
        return ParamSpecKwargs(self)

    def __typing_subst__(self, arg):
        import typing

        return typing._paramspec_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args):
        import typing

        return typing._paramspec_prepare_subst(self, alias, args)


class TypeAliasType:
    def __init__(self, name, value, *, type_params=(), _evaluate=None):
        self.__name__ = name
        self.__type_params__ = type_params
        self._value = value
        self._evaluate = _evaluate
        self.__module__ = _module()

    @property
    def __value__(self):
        return self._value if self._evaluate is None else self._evaluate()

    @property
    def evaluate_value(self):
        return self._evaluate

    @property
    def __parameters__(self):
        return self.__type_params__

    def __getitem__(self, item):
        if not self.__type_params__:
            raise TypeError("Only generic type aliases are subscriptable")
        return GenericAlias(self, item)

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __repr__(self):
        return self.__name__


class Generic:
    """What `class C[T]` and `class C(Generic[T])` derive from."""

    __slots__ = ()
    _is_protocol = False

    def __class_getitem__(cls, *args, **kwargs):
        import typing

        return typing._generic_class_getitem(cls, *args, **kwargs)

    def __init_subclass__(cls, *args, **kwargs):
        import typing

        return typing._generic_init_subclass(cls, *args, **kwargs)


for _class in (TypeVar, TypeVarTuple, ParamSpec, ParamSpecArgs, ParamSpecKwargs, TypeAliasType, Generic):
    _class.__module__ = "typing"
