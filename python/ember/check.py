"""``python -m ember check``: what does importing these modules do?

For each module *pure*, *effects* (which, where, through whom) or *gave up* (why). The analysis is in Rust
(`ember-strict`); here are the command line, the settings and what is done with the report.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import sysconfig
import tomllib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

FORMATS = ("text", "json", "sarif", "github")
STUBS = pathlib.Path(__file__).with_name("strict") / "stubs"
#: What can stand in ``[tool.ember.strict]``.
SETTINGS = {"ignore", "per-file-ignores", "benign", "stubs", "packages", "src"}


class CheckError(Exception):
    """The check cannot be made; the message says why."""


def native() -> Any:
    """The extension module; it is loaded on any interpreter, since the analysis needs nothing of it."""
    from . import _ember

    return _ember


def find_settings(start: pathlib.Path) -> tuple[pathlib.Path, dict[str, Any]]:
    """The folder of the nearest ``pyproject.toml``, and what it says of strict modules."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            try:
                table = tomllib.loads(path.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise CheckError(f"{path}: {error}") from None
            settings = table.get("tool", {}).get("ember", {}).get("strict", {})
            unknown = set(settings) - SETTINGS
            if unknown:
                known = ", ".join(sorted(SETTINGS))
                raise CheckError(f"{path}: [tool.ember.strict] has no setting {min(unknown)!r}; there are {known}")
            return folder, settings
    return start, {}


def facts() -> list[tuple[str, str]]:
    """What the analyser must know of the interpreter that will run the program."""
    return [
        ("version_info", repr(tuple(sys.version_info))),
        ("version", sys.version),
        ("hexversion", str(sys.hexversion)),
        ("platform", sys.platform),
        ("byteorder", sys.byteorder),
        ("maxsize", str(sys.maxsize)),
        ("cache_tag", sys.implementation.cache_tag or ""),
        ("multiarch", getattr(sys.implementation, "_multiarch", "")),
        ("prefix", sys.prefix),
        ("executable", sys.executable),
        ("builtin_module_names", ",".join(sys.builtin_module_names)),
        ("stdlib_module_names", ",".join(sorted(sys.stdlib_module_names))),
    ]


def options(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the analyser is asked, from the command line and the settings."""
    paths = [str(path) for path in arguments.paths] or ["."]
    folder, settings = find_settings(pathlib.Path(paths[0]).resolve())
    own = [str(folder / name) for name in settings.get("src", ())]
    per_file = settings.get("per-file-ignores", {})
    stubs = [str(folder / name) for name in settings.get("stubs", ())]
    search = [entry for entry in sys.path if entry and os.path.isdir(entry) and entry != str(STUBS)]
    check_codes(arguments.ignore, "--ignore")
    for name, codes in [("ignore", settings.get("ignore", ())), *per_file.items()]:
        check_codes(codes, f"{folder / 'pyproject.toml'}: {name}")
    return {
        "paths": paths,
        "search": [*own, *search],
        "stubs": [*stubs, str(STUBS)],
        "stdlib": sysconfig.get_path("stdlib"),
        "facts": facts(),
        "strict_only": arguments.strict_only,
        "strict_packages": list(settings.get("packages", ())),
        "ignore": [*settings.get("ignore", ()), *arguments.ignore],
        "per_file_ignores": [[pattern, list(codes)] for pattern, codes in per_file.items()],
        "benign": list(settings.get("benign", ())),
        "threads": arguments.jobs,
        "cache": None if arguments.no_cache else str(folder / ".ember_cache"),
        "include_imported": arguments.imported,
    }


def check_codes(codes: Iterable[str], where: str) -> None:
    """Refuse codes that do not exist: they would silence nothing, and nobody would notice."""
    known = {code for code, _, _ in native().strict_codes()}
    for code in codes:
        if f"EMB{str(code).upper().removeprefix('EMB')}" not in known:
            raise CheckError(f"{where}: there is no code {code!r}; `--explain all` lists them")


def fingerprint(item: dict[str, Any]) -> str:
    """What identifies a finding in a baseline: not its line, which moves."""
    place = item["chain"][0] if item["chain"] else {"module": "", "text": ""}
    return "|".join((item["code"], place["module"], place["text"].strip(), item["message"]))


def apply_baseline(report: dict[str, Any], path: pathlib.Path, update: bool) -> None:
    """Take out of `report` what the baseline knows, or write the baseline anew."""
    if update or not path.exists():
        found = sorted({fingerprint(item) for module in report["modules"] for item in module["items"]})
        path.write_text(json.dumps({"version": 1, "findings": found}, indent=1) + "\n", "utf-8")
    try:
        known = set(json.loads(path.read_text("utf-8"))["findings"])
    except (ValueError, KeyError, TypeError) as error:
        raise CheckError(f"{path}: is not a baseline ({error})") from None
    for module in report["modules"]:
        module["items"] = [item for item in module["items"] if fingerprint(item) not in known]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m ember check", description="Tell what importing modules does.")
    made.add_argument("paths", nargs="*", type=pathlib.Path, metavar="PATH", help="files and folders (default: .)")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--strict-only", action="store_true", help="only modules that say `import __strict__`")
    which.add_argument("--all", action="store_true", help="all modules (the default)")
    made.add_argument("--format", choices=FORMATS, default="text")
    made.add_argument("--baseline", type=pathlib.Path, metavar="FILE", help="do not report what FILE knows; made if missing")
    made.add_argument("--update-baseline", action="store_true", help="write what is found now to the baseline")
    made.add_argument("--ignore", action="append", default=[], metavar="CODE", help="do not report this code")
    made.add_argument("--explain", metavar="CODE", help="explain a code, or list them all with `all`, and stop")
    made.add_argument("--graph", type=pathlib.Path, metavar="OUT", help="draw the modules to a .svg or .html file")
    made.add_argument("--imported", action="store_true", help="report the modules that are imported, too")
    made.add_argument("--verdicts", action="store_true", help="print a line for each module")
    made.add_argument("--no-cache", action="store_true", help="do not use results of earlier runs")
    made.add_argument("--jobs", type=int, default=0, metavar="N", help="threads (default: one a processor)")
    return made


def explain(code: str) -> int:
    """The option ``--explain``: one code at length, or all of them in a line each."""
    if code.lower() == "all":
        for known, title, _ in native().strict_codes():
            print(f"{known}  {title}")
        return 0
    for known, title, text in native().strict_codes():
        if code.upper() in (known, known.removeprefix("EMB")):
            print(f"{known}: {title}\n\n{text}")
            return 0
    raise CheckError(f"there is no code {code!r}; `--explain all` lists them")


def run(arguments: argparse.Namespace) -> int:
    """Check and print; 1 if there is something to say."""
    if arguments.explain:
        return explain(arguments.explain)
    if arguments.graph and arguments.graph.suffix not in (".svg", ".html", ".htm"):
        raise CheckError(f"{arguments.graph}: a graph is written as .svg or .html")
    for path in arguments.paths:
        if not path.exists():
            raise CheckError(f"{path}: there is no such file or folder")
    report = json.loads(native().strict_check(json.dumps(options(arguments))))
    if arguments.baseline:
        apply_baseline(report, arguments.baseline, arguments.update_baseline)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    text = native().strict_render(json.dumps(report), arguments.format, colour, arguments.verdicts)
    sys.stdout.write(text)
    if arguments.graph:
        from .strict import graph

        graph.write(report, arguments.graph)
    return 1 if any(module["items"] for module in report["modules"]) else 0


def main(words: list[str]) -> int:
    """The command; the exit code: 0 nothing found, 1 something found, 2 not possible."""
    try:
        return run(parser().parse_args(words))
    except (CheckError, OSError, ImportError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 2
