"""May this module be imported? The analyser's answers, and where they are kept.

An answer lies beside the module's bytecode, as ``__pycache__/NAME.cpython-314.ember-strict``, in the analyser's own format (`ember-strict/src/load.rs`): it
names all files it rests on and the hash of what was in them, so it is used only while the module, all it imports and the stubs are what they were. A key stands for the rest: the
analyser, the interpreter, the search path, the settings.

One run answers for all strict modules that a module imports, and for those beside it (`_companions`); these answers wait in `_ahead` until the modules are loaded. As with bytecode, not
being able to write is no error, and ``sys.dont_write_bytecode`` is respected.
"""

from __future__ import annotations

import os
import sys
import threading
from _frozen_importlib_external import SourceFileLoader, cache_from_source  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How many answers were found beside the bytecode, how many came with the run of another module, how many runs were made, how many answers were not kept.
counts: dict[str, int] = {"kept": 0, "ahead": 0, "analysed": 0, "not written": 0}
#: Packages that are strict without saying so, by `ember.strict.install`.
packages: set[str] = set()

#: Folder → (folder of its ``pyproject.toml``, what the file says of strict modules, its text).
_settings: dict[str, tuple[str, dict[str, Any], bytes]] = {}
_keys: dict[Any, int] = {}
_ahead: dict[str, bytes] = {}
_scanned: set[str] = set()
_lock = threading.Lock()
#: So many files are looked at for modules that a run answers for, too.
MOST_COMPANIONS = 5000


def settings_for(folder: str) -> tuple[str, dict[str, Any], bytes]:
    """The settings for modules in a folder: those of the nearest ``pyproject.toml``."""
    known = _settings.get(folder)
    if known is None:
        above = os.path.dirname(folder)
        try:
            with open(os.path.join(folder, "pyproject.toml"), "rb") as source:
                text = source.read()
        except OSError:
            known = (folder, {}, b"") if above == folder else settings_for(above)
        else:
            known = folder, _parse(folder, text), text
        _settings[folder] = known
    return known


def _parse(folder: str, text: bytes) -> dict[str, Any]:
    if b"ember" not in text or b"strict" not in text:
        return {}
    import pathlib

    from .. import check
    from ._errors import StrictModuleError

    try:
        return check.find_settings(pathlib.Path(folder))[1]
    except check.CheckError as error:
        raise StrictModuleError(f"the settings of strict modules are wrong: {error}") from None


def is_listed(name: str, folder: str) -> bool:
    """Whether a module is strict by the settings, without a marker. Running ``__main__`` of a package is meant to have effects."""
    if name.endswith(".__main__"):
        return False
    listed = settings_for(folder)[1].get("packages", ())
    return any(name == package or name.startswith(package + ".") for package in (*packages, *listed))


def _search() -> list[str]:
    return [entry or os.getcwd() for entry in sys.path if isinstance(entry, str)]


def _key(folder: str) -> int:
    """Stands for everything an answer depends on besides files."""
    from .. import _ember

    parts = (tuple(_search()), settings_for(folder)[2], tuple(sorted(packages)))
    known = _keys.get(parts)
    if known is None:
        runtime = (sys.version, sys.executable, sys.prefix, sys.platform)
        known = _keys[parts] = _ember.strict_key(repr((_ember.strict_build(), runtime, parts)))
    return known


def _options(folder: str) -> dict[str, Any]:
    """What the analyser is asked, as ``python -m ember check`` asks it."""
    import argparse
    import pathlib

    from .. import check

    arguments = argparse.Namespace(paths=[pathlib.Path(folder)], strict_only=False, ignore=[], jobs=0, no_cache=True, imported=True)
    options = check.options(arguments)
    own = [entry for entry in options["search"] if entry not in sys.path]
    search = [entry for entry in _search() if os.path.isdir(entry) and entry != str(check.STUBS)]
    options.update(paths=[], search=[*own, *search])
    options["strict_packages"] = sorted({*options["strict_packages"], *packages})
    return options


def _companions(name: str, path: str) -> list[tuple[str, str]]:
    """Strict modules beside this one, which the same run can answer for: of its top-level package, or of the whole folder if that is no place of installed packages.

    Programs import many modules by name (plugins, applications), and a run for each would execute what they have in common again and again.
    """
    parts = name.split(".")
    root = path.removesuffix(".py").removesuffix(os.sep + "__init__").removesuffix(os.sep.join(parts))
    if root == path or not root.endswith(os.sep):
        return []
    installed = {"site-packages", "dist-packages"} & set(root.split(os.sep))
    top = os.path.join(root, parts[0]) if installed else root.rstrip(os.sep)
    if top in _scanned or not os.path.isdir(top):
        return []
    _scanned.add(top)
    found, seen = [], 0
    for folder, folders, files in os.walk(top):
        folders[:] = [inner for inner in folders if inner.isidentifier() and os.path.exists(os.path.join(folder, inner, "__init__.py"))]
        for file in files:
            stem = file.removesuffix(".py")
            if stem == file or not stem.isidentifier() or stem == "__main__":
                continue
            seen += 1
            if seen > MOST_COMPANIONS:
                return found
            place = os.path.join(folder, file)
            dotted = place.removeprefix(root).removesuffix(".py").removesuffix(os.sep + "__init__").replace(os.sep, ".")
            if b"__strict__" in _read(place) or is_listed(dotted, folder):
                found.append((dotted, place))
    return found


def _place(path: str) -> str | None:
    try:
        return str(cache_from_source(path)).removesuffix(".pyc") + ".ember-strict"
    except NotImplementedError:
        return None


def _read(path: str | None) -> bytes:
    try:
        with open(path or "", "rb") as source:
            return source.read()
    except OSError:
        return b""


def _write(path: str | None, entry: bytes, before: bytes) -> None:
    from .. import _ember

    text = _ember.strict_keep(entry, before)
    if path is None or text is None or sys.dont_write_bytecode:
        counts["not written"] += 1
        return
    SourceFileLoader("", "").set_data(path, text.encode())
    if not os.path.exists(path):
        counts["not written"] += 1


def _analyse(name: str, path: str, key: int) -> bytes:
    """Have the analyser answer for a module, and for the strict ones that it imports."""
    import json

    from .. import _ember, check  # noqa: F401  (what the lock is held for must import nothing)

    options = _options(os.path.dirname(path))
    options["modules"] = _companions(name, path)
    text = json.dumps(options)
    with _lock:
        if path in _ahead and _ember.strict_recall(_ahead[path], key, path) is not None:
            return _ahead.pop(path)
        counts["analysed"] += 1
        answers = _ember.strict_judge(text, key, name, path)
        for other, (_, _, entry) in answers.items():
            _ahead[other] = entry.encode()
        return _ahead.pop(path)


def answer(name: str, path: str) -> tuple[bool, str]:
    """Whether the module `name` at `path` is a strict one, and what speaks against importing it; ``""`` if nothing does."""
    for _ in range(5):
        found = _answer(name, path)
        if found is not None:
            return found
    from ._errors import StrictModuleError

    raise StrictModuleError(f"module {name} changes all the time while it is analysed", name=name, path=path)


def _answer(name: str, path: str) -> tuple[bool, str] | None:
    """The answer; None if a file that it rests on has changed meanwhile."""
    from .. import _ember

    key = _key(os.path.dirname(path))
    place = _place(path)
    kept = _read(place)
    found = _ember.strict_recall(kept, key, path) if kept else None
    if found is not None:
        counts["kept"] += 1
        return found
    entry = _ahead.pop(path, None)
    found = _ember.strict_recall(entry, key, path) if entry else None
    if found is not None:
        counts["ahead"] += 1
    else:
        entry = _analyse(name, path, key)
        found = _ember.strict_recall(entry, key, path)
    assert entry is not None
    if found is not None:
        _write(place, entry, kept)
    return found


def forget() -> None:
    """Look at files and settings anew, in a process in which modules are reloaded."""
    from .. import _ember

    _settings.clear()
    _scanned.clear()
    _ahead.clear()
    _ember.strict_forget()
