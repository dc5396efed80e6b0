"""What the analyser of imports takes for projects of a hundred thousand to a million lines.

`python tools/strict_lines.py [lines …]` (in the environment that has Ember) makes projects of copies of Django: each copy is a
package of its own whose modules import each other under its new name, and imports the copy before it. It prints, for each size, the processor's seconds without a
cache and with one, and those for 100,000 lines: the table in docs/check.md. Running it in one thread makes seconds of the
processor and of the clock the same.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import strict_packages

SIZES = [100_000, 200_000, 350_000, 500_000, 1_000_000]
#: What is copied: Django as far as it does not depend on what is installed beside it.
MODEL = strict_packages.PACKAGES / "django"
SKIPPED = {"contrib", "locale", "__pycache__"}
#: Runs a check in a process of its own, and prints how long it took and what it found.
CHILD = """
import json, resource, sys, time
from ember import _ember
options = json.loads(sys.stdin.read())
begun = time.perf_counter()
report = json.loads(_ember.strict_check(json.dumps(options)))
used = resource.getrusage(resource.RUSAGE_SELF)
verdicts = [module["verdict"] for module in report["modules"]]
print(json.dumps([used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss, len(verdicts), verdicts.count("gave up")]))
"""


def model():
    """{path in the package: text} of what is copied."""
    found = {}
    for path in sorted(MODEL.rglob("*.py")):
        place = path.relative_to(MODEL)
        if not SKIPPED & set(place.parts):
            found[place] = path.read_text("utf-8")
    return found


def make(folder, texts, lines):
    """Fill a folder with copies of the package until there are so many lines; how many there are."""
    made, number = 0, 0
    while made < lines:
        number += 1
        name = f"copy{number:02}"
        for place, text in texts.items():
            target = folder / name / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(re.sub(r"\bdjango\b", name, text), "utf-8")
            made += text.count("\n")
        if number > 1:
            with open(folder / name / "__init__.py", "a", encoding="utf-8") as file:
                file.write(f"\nimport copy{number - 1:02}.shortcuts\n")
    return made


def check(folder):
    """Seconds of the processor and of the clock, the most memory in MB, modules, and how many were given up."""
    from ember import check as command

    made = command.options(command.parser().parse_args([str(folder)]))
    stdlib = str(strict_packages.STDLIB)
    search = [str(folder), str(strict_packages.PACKAGES), *(e for e in made["search"] if e.startswith(stdlib) and "-packages" not in e)]
    made.update(paths=[str(folder)], search=search, include_imported=False, ignore=[], benign=[], per_file_ignores=[], strict_packages=[])
    done = subprocess.run([sys.executable, "-c", CHILD], input=json.dumps(made), capture_output=True, text=True, cwd=folder, check=True)
    cpu, wall, memory, modules, lost = json.loads(done.stdout)
    return cpu, wall, memory / 1024, modules, lost


def main(arguments):
    strict_packages.install()
    texts = model()
    print("| lines | modules | cold (s) | warm (s) | cold, for 100,000 lines (s) | memory (MB) |\n|---|---|---|---|---|---|")
    for lines in [int(word) for word in arguments] or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            made = make(folder, texts, lines)
            cold, _, memory, modules, lost = check(folder)
            warm = check(folder)[0]
        given_up = f" ({lost} given up)" if lost else ""
        print(f"| {made:,} | {modules:,}{given_up} | {cold:.1f} | {warm:.2f} | {cold / made * 100_000:.2f} | {memory:,.0f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
