"""Weak references; here they keep what they refer to."""


class ref:
    __callback__ = None

    def __new__(cls, object, callback=None, /, *args, **kwargs):
        self = super().__new__(cls)
        self._object = object
        return self

    def __init__(self, object, callback=None, /):
        pass

    def __call__(self):
        return self._object

    def __eq__(self, other):
        return self._object == other._object if isinstance(other, ref) else NotImplemented

    def __hash__(self):
        return hash(self._object)

    def __class_getitem__(cls, item):
        from _ember_types import GenericAlias

        return GenericAlias(cls, item)


ReferenceType = ref
ref.__module__ = "weakref"


class ProxyType:
    pass


class CallableProxyType:
    pass


def proxy(object, callback=None):
    return object


def getweakrefcount(object):
    return 0


def getweakrefs(object):
    return []


def _remove_dead_weakref(mapping, key):
    pass
