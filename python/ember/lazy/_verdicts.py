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
UNSEEN = ("re:*", "typing:_overload_registry", "typing:_caches", "typing:_cleanups", "struct:*", "logging:_handlerList", "logging:_handlers")
UNSEEN += ("logging:_register_at_fork_reinit_lock()", "logging:_addHandlerRef()")
#: How often one run analyses at most; what it meets after that is analysed by the next one.
ANALYSES = 3
FORMAT = 1

#: A verdict: (time, size, hash of the source; what stands against putting it off, or ""; names of the modules it imports).
Entry = tuple[int, int, bytes, str, tuple[str, ...]]

_table: dict[str, Entry] | None = None
_wanted: set[str] = set()
_analyses = 0
#: Modules of which it is known that all that executing them executes has no effects.
_harmless: set[str] = set()
#: By path, whether the source is the one that was analysed.
_fresh: dict[str, bool] = {}
#: By name of a top-level module: where it is (its file; its folders if it is a package), or None for what is no source.
_tops: dict[str, tuple[str | None, tuple[str, ...]]] = {}


# --- the answer -------------------------------------------------------------------------------------------------------


def objection(importing: str, module: str, fromlist: tuple[str, ...] | None) -> str | None:
    """What stands against putting off this import in the module `importing`; None if nothing does."""
    asked = list(prefixes(module))
    asked += [name for name in (f"{module}.{part}" for part in fromlist or ()) if is_module(name)]
    for name in asked:
        found = against(name)
        if found == MISSING and analyse(sources_of_program(importing)):
            found = against(name)
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
    stack, seen = [name], {name}
    missing = False
    while stack:
        at = stack.pop()
        if at in _harmless or at in sys.modules:
            continue
        imports = imported_by(at)
        if isinstance(imports, str):
            if imports != MISSING:
                return imports
            missing = True
            continue
        for other in imports:
            for part in prefixes(other):
                if part not in seen:
                    seen.add(part)
                    stack.append(part)
    if missing:
        return MISSING
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
    top, _, rest = name.partition(".")
    if top not in _tops:
        _tops[top] = _find_top(top)
    origin, folders = _tops[top]
    if not rest:
        return origin
    inner = rest.replace(".", os.sep)
    for folder in folders:
        base = os.path.join(folder, inner)
        for path in (base + ".py", os.path.join(base, "__init__.py")):
            if path in table() or os.path.isfile(path):
                return path
    return "" if any(os.path.isdir(os.path.join(folder, inner)) and not _has_machine_code(folder, inner) for folder in folders) else None


def _has_machine_code(folder: str, inner: str) -> bool:
    where, leaf = os.path.split(os.path.join(folder, inner))
    return any(entry.startswith(leaf + ".") and entry.endswith(".so") for entry in os.listdir(where))


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


def is_module(name: str) -> bool:
    """Whether a name taken from a package is a module of it (its machine code counts)."""
    if name in sys.modules:
        return False
    package, _, leaf = name.rpartition(".")
    path = path_of(name)
    if path:
        return True
    loaded = sys.modules.get(package)
    folders = getattr(loaded, "__path__", ()) if loaded is not None else _folders_of(package)
    return any(os.path.isdir(folder) and _has_machine_code(folder, leaf) for folder in folders)


def _folders_of(package: str) -> tuple[str, ...]:
    path = path_of(package)
    if path and path.endswith("__init__.py"):
        return (os.path.dirname(path),)
    return ()


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
            entry = (stat.st_mtime_ns, stat.st_size, digest(path), cause(module), tuple(module["imports"]))
        except OSError:
            continue
        found[path] = entry
    return found


def cause(module: dict[str, Any]) -> str:
    """Why a module is not executed later, in a few words; empty if nothing is known against it."""
    if module["verdict"] in ("pure", "breaks rules"):
        return ""
    items = [item for item in module["items"] if item["weight"] != "rule"]
    if not items:
        return module["verdict"]
    place = items[0]["chain"][0] if items[0]["chain"] else {"line": 0}
    return f"{items[0]['code']} in line {place['line']}: {items[0]['message']}"
