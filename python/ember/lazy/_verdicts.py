"""What mode *safe* knows: for each module whether executing it has effects, kept in a file between runs.

Putting off an import is safe if everything that it would execute has no effects: the module, the packages around it, and all that these import and that is
not loaded yet. The analyser (`ember-strict`) says that of each module; here its verdicts are kept by path, with the time, size and hash of the source they
are of, so that a start only looks at the times of the files it asks about. A module that changed, or whose imports did, is not put off until it is
analysed again. That happens ahead, by ``python -m ember lazy prepare``, or in the first run that meets a module nobody has analysed.

Of the standard library the verdicts are not asked: `EAGER` names what other code could notice. What the others do when they are imported (registering their
own types with `abc` or `copyreg`, resetting their own state after a fork) concerns nobody who has not imported them.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

#: Of what the standard library has, what is not put off: it prints, opens, installs hooks, or registers handlers whose order at exit matters.
EAGER = frozenset(
    ("__hello__", "__phello__", "_pyrepl", "antigravity", "concurrent.futures.process", "concurrent.futures.thread", "idlelib", "logging")
    + ("multiprocessing.resource_tracker", "multiprocessing.util", "readline", "rlcompleter", "site", "sitecustomize", "test", "this", "turtle")
    + ("turtledemo", "usercustomize", "zoneinfo")
)
#: Changes of the standard library's own tables that change no answer: caches, overloads by function, handlers to flush at exit.
UNSEEN = ("re:*", "typing:_overload_registry", "typing:_caches", "typing:_cleanups", "struct:*", "linecache:cache")
UNSEEN += ("logging:_handlerList", "logging:_handlers")
UNSEEN += ("logging:_register_at_fork_reinit_lock()", "logging:_addHandlerRef()")
#: How often one run analyses at most; what it meets after that is analysed by the next one.
ANALYSES = 3
FORMAT = 2

#: A verdict: (time, size, hash of the source; what stands against putting it off, or ""; names of the modules it imports).
Entry = tuple[int, int, bytes, str, tuple[str, ...]]

_table: dict[str, Entry] | None = None
_wanted: set[str] = set()
_analyses = 0
#: Modules of which it is known that all that executing them executes has no effects.
_harmless: set[str] = set()
#: Modules of which the contrary is known: because of which module, which must be executed when they are, and why.
_against: dict[str, tuple[str, str]] = {}
#: By path, whether the source is the one that was analysed.
_fresh: dict[str, bool] = {}
#: By name of a top-level module: where it is (its file; its folders if it is a package), or None for what is no source.
_tops: dict[str, tuple[str | None, tuple[str, ...]]] = {}
#: By name of a module, by folder: what `path_of` and `listing` found.
_paths: dict[str, str | None] = {}
_listings: dict[str, frozenset[str]] = {}


# --- the answer -------------------------------------------------------------------------------------------------------


def objection(importing: str, module: str, fromlist: tuple[str, ...] | None) -> str | None:
    """What stands against putting off this import in the module `importing`; None if nothing does."""
    found = standing(importing, module)
    if found is None and fromlist and (folder := folder_of(module)) is not None:
        inside = listing(folder)
        for part in fromlist:
            there = part in inside or part + ".py" in inside or part + ".so" in inside
            if there and (found := standing(importing, f"{module}.{part}")) is not None:
                break
    return found


def standing(importing: str, name: str) -> str | None:
    """What stands against executing a module and the packages around it later."""
    if name in _harmless or name in sys.modules:
        return None
    for part in prefixes(name):
        found = against(part)
        if found == MISSING and analyse(sources_of_program(importing)):
            found = against(part)
        if found is not None:
            return found
    return None


def sources_of_program(importing: str) -> list[str]:
    """What is analysed along with a module that nobody has analysed: what imports it imports more, and so does the program."""
    main = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    candidates = (path_of(importing), os.path.abspath(main))
    return [path for path in candidates if path and path.endswith(".py") and path not in table() and os.path.isfile(path)]


MISSING = "not analysed yet"


def against(name: str) -> str | None:
    """What stands against executing a module later; a walk over what it imports."""
    known = _against.get(name)
    if known is not None and known[0] not in sys.modules:
        return known[1]
    stack, seen = [name], {name}
    loaded = sys.modules
    while stack:
        at = stack.pop()
        if at in _harmless or at in loaded:
            continue
        imports = imported_by(at)
        if isinstance(imports, str):
            if imports != MISSING:
                _against[name] = at, imports
            return imports
        for other in imports:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    _harmless.update(seen)
    return None


def imported_by(name: str) -> tuple[str, ...] | str:
    """The modules that executing a module without effects imports, or what stands against it."""
    top = name.partition(".")[0]
    if top.startswith(("_ember_", "__ember__")):
        # What the stubs of the analyser are made of.
        return ()
    if top in sys.stdlib_module_names:
        if any(part in EAGER for part in prefixes(name)):
            return f"{name}: a module of the standard library that others notice"
        return ()
    path = path_of(name)
    if path is None:
        return f"{name}: no Python source"
    if not path:
        return ()
    entry = table().get(path)
    if entry is None:
        _wanted.add(path)
        return MISSING
    if not is_fresh(path, entry):
        _wanted.add(path)
        return f"{name}: changed since it was analysed"
    if entry[3]:
        return f"{name}: {entry[3]}"
    return entry[4]


def prefixes(name: str) -> Iterator[str]:
    """``a.b.c`` → ``a``, ``a.b``, ``a.b.c``"""
    at = name.find(".")
    while at >= 0:
        yield name[:at]
        at = name.find(".", at + 1)
    yield name


# --- where modules are ------------------------------------------------------------------------------------------------


def path_of(name: str) -> str | None:
    """The source of a module; empty for a package without code, None if it has no source, or is not there."""
    if name not in _paths:
        _paths[name] = _find(name)
    return _paths[name]


def _find(name: str) -> str | None:
    top, _, rest = name.partition(".")
    if top not in _tops:
        _tops[top] = _find_top(top)
    origin, folders = _tops[top]
    if not rest:
        return origin
    inner, _, leaf = rest.replace(".", os.sep).rpartition(os.sep)
    empty = False
    for folder in folders:
        around = f"{folder}{os.sep}{inner}" if inner else folder
        names = listing(around)
        if leaf in names and "__init__.py" in listing(f"{around}{os.sep}{leaf}"):
            return f"{around}{os.sep}{leaf}{os.sep}__init__.py"
        if leaf + ".so" in names:
            return None
        if leaf + ".py" in names:
            return f"{around}{os.sep}{leaf}.py"
        empty |= leaf in names
    return "" if empty else None


def listing(folder: str) -> frozenset[str]:
    """What is in a folder (machine code without the part of its name that is the platform's); nothing if it is no folder."""
    names = _listings.get(folder)
    if names is None:
        try:
            found = os.listdir(folder)
        except OSError:
            found = []
        machine = [one.partition(".")[0] + ".so" for one in found if one.endswith(".so")]
        names = _listings[folder] = frozenset(found + machine)
    return names


def folder_of(package: str) -> str | None:
    """The folder of a package, if it is one."""
    path = path_of(package)
    if path and path.endswith(os.sep + "__init__.py"):
        return path[: -len(os.sep + "__init__.py")]
    if path == "":
        top, _, rest = package.partition(".")
        inner = rest.replace(".", os.sep)
        return next((os.path.join(folder, inner) for folder in _tops[top][1] if os.path.isdir(os.path.join(folder, inner))), None)
    return None


def _find_top(top: str) -> tuple[str | None, tuple[str, ...]]:
    from importlib._bootstrap_external import PathFinder, SourceFileLoader

    spec = PathFinder.find_spec(top)
    if spec is None:
        return None, ()
    # The analyser names files without symbolic links.
    folders = tuple(map(os.path.realpath, spec.submodule_search_locations or ()))
    if spec.loader is None or spec.origin is None:
        return "", folders
    return (os.path.realpath(spec.origin) if isinstance(spec.loader, SourceFileLoader) else None), folders


# --- the file ---------------------------------------------------------------------------------------------------------


def cache_file() -> str:
    """Where the verdicts are kept; one file for each environment and version."""
    from .. import __version__

    folder = os.environ.get("EMBER_CACHE_DIR")
    if not folder:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        folder = os.path.join(home, "ember")
    import zlib

    key = repr((FORMAT, __version__, sys.version, sys.prefix))
    return os.path.join(folder, f"lazy-{zlib.crc32(key.encode()):08x}.verdicts")


def table() -> dict[str, Entry]:
    """The verdicts by path."""
    global _table
    if _table is None:
        _table = _read()
    return _table


def _read() -> dict[str, Entry]:
    import marshal

    try:
        with open(cache_file(), "rb") as source:
            form, kept = marshal.loads(source.read())
        return kept if form == FORMAT else {}
    except (OSError, ValueError, EOFError, TypeError):
        return {}


def save() -> str | None:
    """Keep the verdicts, with those that another process kept meanwhile; where, or None if that is not possible."""
    import marshal

    path = cache_file()
    merged = {**_read(), **table()}
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fresh = f"{path}.{os.getpid()}"
        with open(fresh, "wb") as target:
            target.write(marshal.dumps((FORMAT, merged)))
        os.replace(fresh, path)
    except OSError:
        return None
    return path


def is_fresh(path: str, entry: Entry) -> bool:
    """Whether a source is still the one that was analysed."""
    known = _fresh.get(path)
    if known is None:
        try:
            found = os.stat(path)
            known = (found.st_mtime_ns, found.st_size) == entry[:2]
            if not known and digest(path) == entry[2]:
                known = True
                touched(path, (found.st_mtime_ns, found.st_size, *entry[2:]))
        except OSError:
            known = False
        _fresh[path] = known
    return known


def touched(path: str, entry: Entry) -> None:
    """A source has another time and the same text: no need to read it again next time."""
    global _saves
    table()[path] = entry
    if not _saves:
        import atexit

        _saves = True
        atexit.register(save)


_saves = False


def digest(path: str) -> bytes:
    """The hash of a source."""
    from _sha2 import sha256

    with open(path, "rb") as source:
        return sha256(source.read()).digest()


# --- analysing --------------------------------------------------------------------------------------------------------


def analyse(paths: Iterable[str] = (), forced: bool = False) -> bool:
    """Have the analyser look at what is wanted and at everything that imports; whether it did."""
    global _analyses
    wanted = sorted({os.path.realpath(path) for path in (*paths, *_wanted)})
    if not wanted or (_analyses >= ANALYSES and not forced):
        return False
    _analyses += 1
    _wanted.clear()
    for path, entry in verdicts_of(wanted).items():
        table()[path] = entry
    for path in wanted:
        # What the analyser does not report is not asked for again.
        if path not in table() and os.path.isfile(path):
            found = os.stat(path)
            table()[path] = (found.st_mtime_ns, found.st_size, digest(path), "the analyser says nothing of it", ())
    _harmless.clear()
    _against.clear()
    _paths.clear()
    _listings.clear()
    _fresh.clear()
    save()
    return True


def verdicts_of(paths: list[str]) -> dict[str, Entry]:
    """The verdicts of the analyser for sources, folders, and all that they import."""
    import json

    from .. import check

    asked = check.options(check.parser().parse_args(["--no-cache", *paths]))
    asked |= {"include_imported": True, "ignore": [], "per_file_ignores": [], "benign": [*asked["benign"], *UNSEEN]}
    report = json.loads(check.native().strict_check(json.dumps(asked)))
    found = {}
    for module in report["modules"]:
        path = module["path"]
        try:
            stat = os.stat(path)
            entry = (stat.st_mtime_ns, stat.st_size, digest(path), cause(module), with_packages(module["imports"]))
        except OSError:
            continue
        found[path] = entry
    return found


def with_packages(imports: list[str]) -> tuple[str, ...]:
    """The modules that are imported, and the packages around them."""
    return tuple(dict.fromkeys(part for name in imports for part in prefixes(name)))


def cause(module: dict[str, Any]) -> str:
    """Why a module is not executed later, in a few words; empty if nothing is known against it."""
    if module["verdict"] in ("pure", "breaks rules"):
        return ""
    # A module that puts something else in its own place does what importing it is for.
    itself = f"sets sys.modules['{module['name']}']"
    items = [item for item in module["items"] if item["weight"] != "rule" and item["message"] != itself]
    if not items:
        return "" if module["items"] else module["verdict"]
    place = items[0]["chain"][0] if items[0]["chain"] else {"line": 0}
    return f"{items[0]['code']} in line {place['line']}: {items[0]['message']}"
