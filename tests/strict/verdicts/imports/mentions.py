"""Says sys.modules, and does nothing with it."""

import sys


def later(thing):
    sys.modules[__name__] = thing
