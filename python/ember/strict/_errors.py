"""What strict modules raise."""

from __future__ import annotations


class StrictModuleError(ImportError):
    """A strict module is refused; the message says why, where, and what to do. `name` and `path` are the module's."""

    __module__ = "ember.strict"


class PatchingDisabled(RuntimeError):
    """Something would be patched in a strict module where that is not allowed; the message says how to allow it."""

    __module__ = "ember.strict"


class PatchLeftBehind(AssertionError):
    """A patch of a strict module was not undone; the message names the attributes. They have been put back by now."""

    __module__ = "ember.strict"
