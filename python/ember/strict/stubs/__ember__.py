"""What other stubs are made of: the functions that tell the analyser what a call means.

The names beginning with ``__ember_`` exist only in the analyser.
"""

IO, ENVIRONMENT, PROCESS, PROGRAM = 112, 113, 114, 124

unknown = __ember_unknown__
quiet = __ember_quiet__
fact = __ember_fact__


def effect(what, code=IO, result=None):
    """A function that has an effect."""

    def function(*args, **kwargs):
        __ember_effect__(code, what)
        return __ember_quiet__(what if result is None else result)

    return function


def pure(name):
    """A function without effects of whose result nothing is known."""

    def function(*args, **kwargs):
        return __ember_unknown__(name + "()")

    function.__name__ = function.__qualname__ = name.rpartition(".")[2]
    return function


class Opaque:
    """An object that can be made and held; what its methods give is unknown, and they may have effects."""

    def __init__(self, *args, **kwargs):
        pass

    def __class_getitem__(cls, item):
        return cls
