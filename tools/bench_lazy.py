"""Start-ups of three real programs with their imports put off: time, instructions, modules; and their own tests.

usage: bench_lazy.py [--runs N] [--instructions] [--tests] [PROGRAM…]

`django` is a management command on examples/feed (REST framework, admin and their kind installed), `cookiecutter` a command line on click, requests, rich and
jinja2, `alembic` one on SQLAlchemy. All run in turns: plain, in mode safe, in mode all. What they need comes from PyPI into `.cache/lazy-packages`.
`--instructions` counts them with valgrind; `--tests` runs the programs' own tests plain and in mode safe.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import programs
import workshop

PACKAGES = workshop.CACHE / "lazy-packages"
SOURCES = workshop.CACHE / "lazy-sources"
REQUIREMENTS = ["django==6.1.*", "djangorestframework==3.18.*", "cookiecutter==2.7.1", "alembic==1.20.1", "sqlalchemy==2.1.*", "pytest==9.*", "pytest-mock", "freezegun"]
MODES = ("off", "safe", "all")


def need():
    """Install what the programs need, once."""
    stamp = PACKAGES / ".installed"
    wanted = "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        programs.pip("install", "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
        stamp.write_text(wanted)


def prepare(scratch):
    """{name: (folder, command)}"""
    run = 'import sys; sys.argv[0] = "{0}"; from {1} import main; main()'
    site = workshop.ROOT / "examples" / "feed"
    migrations = pathlib.Path(scratch, "alembic")
    migrations.mkdir()
    for name, module in ("cookiecutter", "cookiecutter.__main__"), ("alembic", "alembic.config"):
        pathlib.Path(scratch, name + ".py").write_text(run.format(name, module).replace("; ", "\n") + "\n")
    # A script must not be found under the name of the package it starts.
    for name in ("cookiecutter", "alembic"):
        os.rename(os.path.join(scratch, name + ".py"), os.path.join(scratch, "run_" + name + ".py"))
    alembic = [sys.executable, os.path.join(scratch, "run_alembic.py")]
    subprocess.run([*alembic, "init", "versions"], cwd=migrations, env=environment("off"), check=True, stdout=subprocess.DEVNULL)
    settings = migrations / "alembic.ini"
    settings.write_text(settings.read_text().replace("driver://user:pass@localhost/dbname", "sqlite:///x.db"))
    return {
        "django": (site, [sys.executable, "manage.py", "check"]),
        "cookiecutter": (scratch, [sys.executable, os.path.join(scratch, "run_cookiecutter.py"), "--version"]),
        "alembic": (migrations, [*alembic, "heads"]),
    }


def environment(mode):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMBER", "PYTHON"))}
    cache = {"EMBER_CACHE_DIR": str(workshop.CACHE / "lazy-verdicts")}
    return kept | cache | {"PYTHONPATH": str(PACKAGES), "EMBER_LAZY_IMPORTS": mode, "PYTHONHASHSEED": "0"}


def cost(folder, command, mode):
    """Seconds of processor time of one start."""
    child = subprocess.Popen(command, cwd=folder, env=environment(mode), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise workshop.Failure(f"{' '.join(command)} ends with {child.returncode} in mode {mode}: {error.decode()[-800:]}")
    return usage.ru_utime + usage.ru_stime


def instructions(folder, command, mode):
    """Instructions of one start, in millions, by valgrind."""
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--log-file=/dev/null"]
        subprocess.run([*valgrind, *command], cwd=folder, env=environment(mode), stdout=subprocess.DEVNULL, check=True)
        for line in open(out):
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1]) / 1e6
    raise workshop.Failure("valgrind counted nothing")


def modules(folder, command, mode):
    """How many modules a start imports."""
    with tempfile.TemporaryDirectory() as scratch:
        seen = os.path.join(scratch, "seen.json")
        variables = environment(mode) | {"EMBER_LAZY_WATCH": seen}
        subprocess.run(command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return len(json.loads(pathlib.Path(seen).read_text())["modules"])


def measure(name, folder, command, runs, counting):
    """Print the figures of one program."""
    words = [sys.executable, "-m", "ember", "lazy", "prepare", "--run", *command[1:]]
    subprocess.run(words, cwd=folder, env=environment("off"), check=True, stdout=subprocess.DEVNULL)
    working = []
    for mode in MODES:
        try:
            cost(folder, command, mode)
            working.append(mode)
        except workshop.Failure as failure:
            print(f"{name}: {failure}")
    times = {mode: [] for mode in working}
    for _ in range(runs):
        for mode in working:
            times[mode].append(cost(folder, command, mode))
    medians = {mode: statistics.median(found) for mode, found in times.items()}
    for mode in working:
        count = modules(folder, command, mode)
        text = f"{name:14} {mode:5} {medians[mode] * 1000:8.1f} ms CPU, {medians[mode] / medians['off']:.2f}; {count} modules"
        if counting:
            text += f"; {instructions(folder, command, mode):.0f} M instructions"
        print(text, flush=True)


def own_tests(names):
    """Run the tests of cookiecutter, alembic and examples/feed plain and in mode safe."""
    SOURCES.mkdir(parents=True, exist_ok=True)
    failed = False
    for name, version in ("cookiecutter", "2.7.1"), ("alembic", "1.20.1"):
        if names and name not in names:
            continue
        folder = SOURCES / f"{name}-{version}"
        if not folder.exists():
            programs.pip("download", "--no-binary", ":all:", "--no-deps", "-d", str(SOURCES), f"{name}=={version}")
            subprocess.run(["tar", "xf", f"{name}-{version}.tar.gz"], cwd=SOURCES, check=True)
        results = {mode: test_run([sys.executable, "-m", "pytest", "-q", "-x", "--maxfail=1000", "-p", "no:cacheprovider", "-o", "addopts=", "tests"], folder, mode) for mode in ("off", "safe")}
        failed |= compare(name, results)
    if not names or "django" in names:
        site = workshop.ROOT / "examples" / "feed"
        results = {mode: test_run([sys.executable, "manage.py", "test", "-v", "0"], site, mode) for mode in ("off", "safe")}
        failed |= compare("django", results)
    return failed


def test_run(command, folder, mode):
    began = time.time()
    done = subprocess.run(command, cwd=folder, env=environment(mode), capture_output=True, text=True)
    lines = (done.stdout + done.stderr).strip().splitlines()
    failures = sorted(line.split(" - ")[0] for line in lines if line.startswith(("FAILED", "ERROR")))
    return done.returncode, failures, [line for line in lines if " in " in line or "Ran " in line or line == "OK"][-2:], time.time() - began


def compare(name, results):
    """Whether mode safe fails where plain does not."""
    more = sorted(set(results["safe"][1]) - set(results["off"][1]))
    for mode, (code, failures, tail, seconds) in results.items():
        print(f"{name:14} {mode:5} tests: exit code {code}, {len(failures)} failed; {' '.join(tail)}", flush=True)
    for one in more:
        print(f"  only in mode safe: {one}")
    return bool(more) or (results["safe"][0] != 0 and results["off"][0] == 0)


def main(arguments):
    runs = int(arguments[arguments.index("--runs") + 1]) if "--runs" in arguments else 15
    names = [word for word in arguments if word in ("django", "cookiecutter", "alembic")]
    need()
    if "--tests" in arguments:
        return int(own_tests(names))
    with tempfile.TemporaryDirectory(prefix="ember-lazy-bench-") as scratch:
        for name, (folder, command) in prepare(scratch).items():
            if not names or name in names:
                measure(name, folder, command, runs, "--instructions" in arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
