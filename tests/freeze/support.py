"""What the tests of this folder share."""

import os
import sys

import ember

#: What `sys.getrefcount` says of immortal objects.
IMMORTAL = 3 << 30


def freeze(**options):
    """Freeze quietly."""
    return ember.freeze(quiet=True, **options)


#: Whether CPython checks itself; then it does not let strings be immortal that are not interned.
DEBUG = hasattr(sys, "gettotalrefcount")


def is_immortal(value):
    return sys.getrefcount(value) >= 1 << 31 or (DEBUG and isinstance(value, str) and not sys._is_interned(value))


def in_child(function):
    """Run `function` in a forked child that exits in the ordinary way; it must end well."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        function()
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"the child ended with status {status}"
