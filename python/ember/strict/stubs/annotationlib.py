"""`annotationlib`; annotations are evaluated by the analyser, one by one."""

import enum

from _ember_types import _union

__all__ = [
    "Format", "ForwardRef", "call_annotate_function", "call_evaluate_function", "get_annotate_from_class_namespace",
    "get_annotations", "annotations_to_string", "type_repr",
]


class Format(enum.IntEnum):
    VALUE = 1
    VALUE_WITH_FAKE_GLOBALS = 2
    FORWARDREF = 3
    STRING = 4


class ForwardRef:
    def __init__(self, arg, *, module=None, owner=None, is_argument=True, is_class=False):
        if not isinstance(arg, str):
            raise TypeError(f"Forward reference must be a string -- got {arg!r}")
        self.__arg__ = arg
        self.__forward_module__ = module
        self.__forward_is_argument__ = is_argument
        self.__forward_is_class__ = is_class
        self.__owner__ = owner
        self.__globals__ = None
        self.__cell__ = None
        self.__extra_names__ = None

    @property
    def __forward_arg__(self):
        return self.__arg__

    @property
    def __forward_code__(self):
        return compile(self.__arg__, "<string>", "eval")

    def evaluate(self, *, globals=None, locals=None, type_params=None, owner=None, format=Format.VALUE):
        import sys

        names = globals
        if names is None and self.__forward_module__ is not None:
            names = getattr(sys.modules.get(self.__forward_module__), "__dict__", None)
        owner = owner if owner is not None else self.__owner__
        if names is None and owner is not None:
            names = getattr(sys.modules.get(getattr(owner, "__module__", None)), "__dict__", {})
        names = dict(names or {})
        if isinstance(owner, type):
            names.update(vars(owner))
        for param in type_params or getattr(owner, "__type_params__", ()):
            names[param.__name__] = param
        try:
            return eval(self.__arg__, names, locals)
        except Exception:
            if format == Format.FORWARDREF:
                return self
            raise

    def _evaluate(self, globalns, localns, type_params=None, *, recursive_guard=None):
        return self.evaluate(globals=globalns, locals=localns)

    def __eq__(self, other):
        if not isinstance(other, ForwardRef):
            return NotImplemented
        return self.__arg__ == other.__arg__ and self.__forward_module__ == other.__forward_module__

    def __hash__(self):
        return hash((self.__arg__, self.__forward_module__))

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __repr__(self):
        shown = repr(self.__arg__)
        if self.__forward_module__ is not None:
            shown += f", module={self.__forward_module__!r}"
        if self.__forward_is_class__:
            shown += ", is_class=True"
        if self.__owner__ is not None:
            shown += f", owner={self.__owner__!r}"
        return f"ForwardRef({shown})"


ForwardRef.__slots__ = ("__forward_is_argument__", "__forward_is_class__", "__forward_module__", "__weakref__", "__arg__")


def call_annotate_function(annotate, format, *, owner=None):
    return __ember_annotations__(annotate, int(format), owner)


def call_evaluate_function(evaluate, format, *, owner=None):
    try:
        return evaluate()
    except NameError:
        if format == Format.VALUE:
            raise
        return ForwardRef("…", owner=owner)


def get_annotate_from_class_namespace(namespace):
    return namespace.get("__annotate__") or namespace.get("__annotate_func__")


def get_annotations(obj, *, globals=None, locals=None, eval_str=False, format=Format.VALUE):
    if isinstance(obj, type):
        names = obj.__dict__
        annotate = names.get("__annotate_func__")
        found = names.get("__annotations_cache__") or names.get("__annotations__")
    else:
        annotate = getattr(obj, "__annotate__", None)
        found = None
        if annotate is None:
            found = getattr(obj, "__annotations__", None)
            if found is None:
                if callable(obj):
                    return {}
                raise TypeError(f"{obj!r} does not have annotations")
    if annotate is not None and (format != Format.VALUE or found is None):
        made = dict(__ember_annotations__(annotate, int(format), obj))
    else:
        made = dict(found or {})
    if eval_str:
        import sys

        names = globals
        if names is None:
            names = getattr(sys.modules.get(getattr(obj, "__module__", None)), "__dict__", {})
        made = {key: eval(value, dict(names), locals) if isinstance(value, str) else value for key, value in made.items()}
    return made


def type_repr(value):
    if isinstance(value, type):
        return value.__qualname__ if value.__module__ == "builtins" else f"{value.__module__}.{value.__qualname__}"
    if value is ...:
        return "..."
    return repr(value)


def annotations_to_string(annotations):
    return {key: value if isinstance(value, str) else type_repr(value) for key, value in annotations.items()}
