import __strict__


def make():
    from __strict__ import strict_slots

    return strict_slots
