"""The marks of strict modules; they change nothing in the analysis."""


def strict_slots(cls):
    return cls


loose_slots = mutable = freeze_type = strict_slots


def extra_slot(name):
    return strict_slots


def set_freeze_enabled(flag):
    return True


allow_side_effects = object()
