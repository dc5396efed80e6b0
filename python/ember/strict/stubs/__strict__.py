"""The marks of strict modules; what they say is looked at, they change nothing in the analysis."""


def strict_slots(cls):
    return __ember_members__(cls)


def loose_slots(cls):
    return cls


def mutable(cls):
    return __ember_mutable__(cls)


def freeze_type(cls):
    return cls


def extra_slot(name):
    return loose_slots


def set_freeze_enabled(flag):
    return True


allow_side_effects = object()
