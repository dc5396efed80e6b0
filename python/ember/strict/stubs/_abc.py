"""The machinery of abstract base classes, without its caches."""


def get_cache_token():
    return 0


def _abc_init(cls):
    abstract = set()
    for base in cls.__mro__[1:]:
        for name in base.__dict__.get("__abstractmethods__", ()):
            value = getattr(cls, name, None)
            if getattr(value, "__isabstractmethod__", False):
                abstract.add(name)
    for name, value in cls.__dict__.items():
        if not __ember_is_unknown__(value) and not isinstance(value, (type, str, int, tuple)):
            if getattr(value, "__isabstractmethod__", False):
                abstract.add(name)
    type.__setattr__(cls, "__abstractmethods__", frozenset(abstract))
    type.__setattr__(cls, "_abc_registry", [])


def _abc_register(cls, subclass):
    if not isinstance(subclass, type):
        raise TypeError("Can only register classes")
    if issubclass(subclass, cls):
        return subclass
    if __ember_owned__(subclass):
        _register_own(cls, subclass)
    else:
        cls._abc_registry.append(subclass)
    return subclass


def _register_own(cls, subclass):
    cls._abc_registry.append(subclass)


def _abc_instancecheck(cls, instance):
    kind = type(instance)
    if __ember_is_unknown__(instance):
        return isinstance(instance, kind)
    claimed = instance.__class__
    if claimed is kind:
        return cls.__subclasscheck__(kind)
    return cls.__subclasscheck__(claimed) or cls.__subclasscheck__(kind)


def _abc_subclasscheck(cls, subclass):
    if not isinstance(subclass, type):
        raise TypeError("issubclass() arg 1 must be a class")
    if cls in subclass.__mro__:
        return True
    answer = cls.__subclasshook__(subclass)
    if answer is not NotImplemented:
        return answer
    for registered in cls.__dict__.get("_abc_registry", ()):
        if issubclass(subclass, registered):
            return True
    for derived in cls.__subclasses__():
        if derived is not subclass and cls not in derived.__dict__.get("_abc_seen", ()) and issubclass(subclass, derived):
            return True
    return False


def _get_dump(cls):
    return set(cls._abc_registry), set(), set(), 0


def _reset_registry(cls):
    cls._abc_registry.clear()


def _reset_caches(cls):
    pass
