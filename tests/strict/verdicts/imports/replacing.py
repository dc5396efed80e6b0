"""Puts things in the place of modules."""

import sys


def replace(name, thing):
    sys.modules[name] = thing
