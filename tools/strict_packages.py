"""The code by others that the analyser of imports is measured with: the standard library and packages from PyPI.

`python tools/strict_packages.py` (in the environment that has Ember) prints how many modules of each are pure, have effects or
are given up: the table in docs/check.md. Packages are installed into `.cache/strict-packages`.
"""

import json
import pathlib
import sys
import sysconfig

import workshop
from ember import _ember, check

PACKAGES = workshop.CACHE / "strict-packages"
STDLIB = pathlib.Path(sysconfig.get_path("stdlib"))
REQUIREMENTS = ["django==6.1.*", "flask==3.1.*", "requests==2.*", "attrs==26.*", "rich==15.*", "sqlalchemy==2.1.*", "networkx==3.*", "pytest==9.*"]
#: Name in the table → what is checked: the package with what it is built of.
GROUPS = {
    "standard library": [],
    "Django": ["django", "asgiref", "sqlparse"],
    "Flask": ["flask", "werkzeug", "jinja2", "click", "itsdangerous", "blinker", "markupsafe"],
    "requests": ["requests", "urllib3", "idna", "certifi", "charset_normalizer"],
    "attrs": ["attr", "attrs"],
    "rich": ["rich", "markdown_it", "mdurl", "pygments"],
    "SQLAlchemy": ["sqlalchemy"],
    "networkx": ["networkx"],
}
#: Folders in the standard library's that are not it: its own tests, what is installed, machine code.
FOREIGN = {"test", "tests", "idle_test", "site-packages", "dist-packages", "lib-dynload", "__pycache__"}


def install():
    """Install the packages, unless the same list was installed before."""
    stamp = PACKAGES / ".installed"
    wanted = "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        import programs

        programs.pip("install", "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
        stamp.write_text(wanted)


def paths(group):
    """The files and folders of a group."""
    if GROUPS[group]:
        return [str(PACKAGES / name) for name in GROUPS[group]]
    entries = (entry for entry in STDLIB.iterdir() if entry.name not in FOREIGN)
    return sorted(str(entry) for entry in entries if entry.suffix == ".py" or entry.is_dir() and not entry.name.startswith("config-"))


def report(group):
    """What the analyser says of a group's modules, with the settings of nobody."""
    made = check.options(check.parser().parse_args(["--no-cache"]))
    search = [str(PACKAGES), *(entry for entry in made["search"] if entry.startswith(str(STDLIB)) and "-packages" not in entry)]
    made.update(paths=paths(group), search=search, include_imported=False, ignore=[], benign=[], per_file_ignores=[], strict_packages=[])
    modules = json.loads(_ember.strict_check(json.dumps(made)))["modules"]
    if not GROUPS[group]:
        modules = [module for module in modules if not FOREIGN & set(module["name"].split("."))]
    return modules


def share(modules):
    """How many modules have which verdict, and which part of them has a definite one."""
    counts = {verdict: sum(module["verdict"] == verdict for module in modules) for verdict in ("pure", "effects", "gave up")}
    return counts, 1 - counts["gave up"] / max(1, len(modules))


def main():
    install()
    lines, everything = [], []
    for group in GROUPS:
        modules = report(group)
        everything += modules
        lines.append((group, modules))
    print("| | modules | pure | effects | gave up | definite |\n|---|---|---|---|---|---|")
    for group, modules in [*lines, ("all", everything)]:
        counts, definite = share(modules)
        print(f"| {group} | {len(modules):,} | {counts['pure']:,} | {counts['effects']:,} | {counts['gave up']:,} | {definite:.1%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
