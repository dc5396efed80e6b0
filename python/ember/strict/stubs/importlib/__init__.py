"""`importlib`: an import by name is an import."""

from . import _bootstrap, _bootstrap_external
from __ember__ import PROCESS, effect

__all__ = ["__import__", "import_module", "invalidate_caches", "reload"]
__import__ = __import__


def import_module(name, package=None):
    level = 0
    if name.startswith("."):
        if not package:
            raise TypeError(f"the 'package' argument is required to perform a relative import for {name!r}")
        level = len(name) - len(name.lstrip("."))
        parts = package.split(".")
        parts = parts[: len(parts) - level + 1]
        name = ".".join([*parts, name[level:]] if name[level:] else parts)
    return __ember_import__(name)


def invalidate_caches():
    pass


reload = effect("reloads a module", PROCESS)
