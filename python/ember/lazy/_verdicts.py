"""What mode *safe* knows: for each module whether executing it has effects, kept in a file between runs.

The analyser (`ember-strict`) says that of each module; its verdicts are kept by path, with the time, size and hash of the source they
are of, so that a start only looks at the times of the files it asks about. A module that changed, or whose imports did, is not put off until it is
analysed again. That happens ahead, by ``python -m ember lazy prepare``, or in the first run that meets a module nobody has analysed. What follows from the
verdicts is for `_ember.LazyPlanner` to say; here is where they come from, and which of the analyser's findings nobody can notice if a module is executed later.

Of the standard library the verdicts are not asked: `EAGER` names what other code could notice. What the others do when they are imported (registering their
own types with `abc` or `copyreg`, resetting their own state after a fork) concerns nobody who has not imported them.
"""

from __future__ import annotations

import os
import sys

from .. import _ember as native
from . import _folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
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
#: Changes of other packages' that concern only who has an object of the module: jinja2 notes which functions its tracebacks leave out.
UNSEEN += ("jinja2.utils:internalcode()",)
#: How often one run analyses at most; what it meets after that is analysed by the next one.
ANALYSES = 3
FORMAT = 3
#: Findings, by code and a part of their message, that say nothing against executing a module later: the answer would be the same.
SAME_LATER = (("EMB113", "asks for the file descriptor of"), ("EMB113", "reads what is installed"))
#: Findings that matter only to what is executed after the module (`SOFT`).
FOR_LATER_ONES = (("EMB114", "of its own class"),)
#: Functions of well-known packages that find out something which does not change (whether there is IPv6, where a file of theirs is), and leave nothing behind that is not
#: their own.
PROBES = frozenset((("urllib3.util.connection", "_has_ipv6"), ("certifi.core", "where")))
#: Traits of a verdict; see `ember_lazy::verdicts`.
SOFT, RAISES, LOOKS = 1, 2, 4

_planner: native.LazyPlanner | None = None
_analyses = 0
_saves = False


# --- the planner ------------------------------------------------------------------------------------------------------


def planner() -> native.LazyPlanner:
    """Who answers by the verdicts."""
    global _planner
    if _planner is None:
        from . import _policy

        # Reading the settings may import modules of the standard library, about which nobody needs a verdict.
        _planner = _new_planner("", [])
        own = _own_stubs()
        _planner = _new_planner(cache_file(own), stub_folders(own))
        _policy.forget_request()
    return _planner


def _new_planner(file: str, stubs: list[str]) -> native.LazyPlanner:
    return native.LazyPlanner(file, set(sys.stdlib_module_names), set(EAGER), stubs, _find_top, digest)


def stub_folders(own: list[str]) -> list[str]:
    """Where the analyser's stubs are: the project's own, then ours."""
    return [*own, os.path.join(os.path.dirname(os.path.dirname(__file__)), "strict", "stubs")]


def _own_stubs() -> list[str]:
    """The folders that ``stubs`` in ``[tool.ember.strict]`` of the project around the working directory names. Settings that cannot be read are for the analyser to complain of: without stubs, less waits."""
    from .._options import project_file

    try:
        path = project_file() or ""
        with open(path, "rb") as source:
            text = source.read()
    except OSError:
        return []
    if b"ember" not in text or b"stubs" not in text:
        return []
    import tomllib

    try:
        names = tomllib.loads(text.decode())["tool"]["ember"]["strict"]["stubs"]
    except (ValueError, KeyError, TypeError):
        return []
    return [os.path.join(os.path.dirname(path), name) for name in names if isinstance(name, str)]


def _find_top(top: str) -> tuple[str | None, list[str]]:
    """Where a top-level module is: its source ("" if it is a package without one, None if it is no source); its folders if it is a package."""
    from importlib._bootstrap_external import PathFinder, SourceFileLoader

    found = _folders.find(top)
    if found and len(found) == 1:
        return None, []
    if found:
        source, folder = found
        return os.path.realpath(source), [os.path.realpath(folder)] if folder else []

    spec = PathFinder.find_spec(top)
    if spec is None:
        return None, []
    # The analyser names files without symbolic links.
    folders = [os.path.realpath(folder) for folder in spec.submodule_search_locations or ()]
    if spec.loader is None or spec.origin is None:
        return "", folders
    return (os.path.realpath(spec.origin) if isinstance(spec.loader, SourceFileLoader) else None), folders


def digest(path: str) -> bytes:
    """The hash of a source; empty if it cannot be read."""
    global _saves
    from _sha2 import sha256

    if not _saves:
        # A source with another time and the same text need not be read again next time.
        import atexit

        _saves = True
        atexit.register(lambda: planner().touched and planner().save())
    try:
        with open(path, "rb") as source:
            return sha256(source.read()).digest()
    except OSError:
        return b""


def cache_file(own: list[str] | None = None) -> str:
    """Where the verdicts are kept; one file for each environment and build of the analyser, and for a project's own stubs (those of now, unless they were read)."""
    folder = os.environ.get("EMBER_CACHE_DIR")
    if not folder:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        folder = os.path.join(home, "ember")
    import zlib

    key = repr((FORMAT, native.strict_build(), sys.version, sys.prefix, _stub_files(_own_stubs() if own is None else own)))
    return os.path.join(folder, f"lazy-{zlib.crc32(key.encode()):08x}.verdicts")


def _stub_files(own: list[str]) -> list[tuple[str, int, int]]:
    """The project's own stubs as they are: what is said with other ones, or with none, is something else."""
    found = []
    for folder in own:
        for around, _, names in os.walk(folder):
            for path in (os.path.join(around, name) for name in names if name.endswith(".py")):
                status = os.stat(path)
                found.append((path, status.st_mtime_ns, status.st_size))
    return sorted(found)


# --- analysing --------------------------------------------------------------------------------------------------------


def analyse_missing(importing: str) -> bool:
    """Have the analyser look at what the module `importing`, and what it imports, turned out to need; whether it did."""
    main = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    known = dict(planner().known())
    # What imports it imports more, and so does the program.
    candidates = (planner().path_of(importing), os.path.abspath(main))
    more = [path for path in candidates if path and path.endswith(".py") and path not in known and os.path.isfile(path)]
    return analyse([*planner().take_wanted(), *more])


def analyse(paths: Iterable[str], forced: bool = False) -> bool:
    """Have the analyser look at these sources and at everything that they import; whether it did."""
    global _analyses
    wanted = sorted({os.path.realpath(path) for path in paths})
    if not wanted or (_analyses >= ANALYSES and not forced):
        return False
    _analyses += 1
    found = verdicts_of(wanted)
    for path in wanted:
        # What the analyser does not report is not asked for again.
        if path not in found and os.path.isfile(path):
            found[path] = ("the analyser says nothing of it", 0, [])
    for path, (reason, traits, imports) in found.items():
        try:
            stat = os.stat(path)
        except OSError:
            continue
        planner().put(path, stat.st_mtime_ns, stat.st_size, digest(path), reason, traits, imports)
    planner().forget()
    planner().save()
    return True


def verdicts_of(paths: list[str]) -> dict[str, tuple[str, int, list[str]]]:
    """What the analyser says of sources, folders, and all that they import, by path: what stands against putting it off, traits, imports."""
    import json

    from .. import check

    asked = check.options(check.parser().parse_args(["--no-cache", *paths]))
    asked |= {"stubs": stub_folders(_own_stubs()), "include_imported": True, "ignore": [], "per_file_ignores": [], "benign": [*asked["benign"], *UNSEEN]}
    report = json.loads(check.native().strict_check(json.dumps(asked)))
    return {module["path"]: (*cause(module), with_packages(module["imports"])) for module in report["modules"]}


def with_packages(imports: list[str]) -> list[str]:
    """The modules that are imported, and the packages around them."""
    found: dict[str, None] = {}
    for name in imports:
        at = name.find(".")
        while at >= 0:
            found[name[:at]] = None
            at = name.find(".", at + 1)
        found[name] = None
    return list(found)


def cause(module: dict[str, Any]) -> tuple[str, int]:
    """Why a module is not executed later, in a few words, or an empty text; and its traits."""
    if module["verdict"] in ("pure", "breaks rules"):
        return "", 0
    # A module that puts something else in its own place does what importing it is for.
    itself = f"sets sys.modules['{module['name']}']"
    traits, against = 0, None
    for item in module["items"]:
        code, message = item["code"], item["message"]
        if item["weight"] == "rule" or message == itself or says(item, SAME_LATER):
            continue
        if any((place["module"], place["function"]) in PROBES for place in item["chain"]):
            continue
        if says(item, FOR_LATER_ONES):
            traits |= SOFT
        elif code == "EMB124":
            traits |= SOFT | LOOKS
        elif code == "EMB125":
            traits |= RAISES
        else:
            against = against or item
    if against is None:
        return ("" if module["items"] else module["verdict"]), traits
    place = against["chain"][0] if against["chain"] else {"line": 0}
    return f"{against['code']} in line {place['line']}: {against['message']}", traits


def says(item: dict[str, Any], findings: tuple[tuple[str, str], ...]) -> bool:
    """Whether a finding is one of these."""
    return any(item["code"] == code and text in item["message"] for code, text in findings)
