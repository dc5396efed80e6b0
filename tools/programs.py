"""The programs that `./x demo` and `./x bench` run, and how one of them is run on one runtime.

They are pyperformance's own, unmodified, taken from its wheel; what they need from PyPI (Django for the template
benchmark) lies beside them in `.cache/`, out of the way of every environment. A *runtime* is a command and variables.
Plain CPython is the base interpreter, in which Ember is not even installed.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
PACKAGES = CACHE / "bench-packages"
PYPERFORMANCE = "1.14.0"
#: What programs import that is not in the standard library.
REQUIREMENTS = ["django==6.0.*"]
TIMEOUT = 300

#: All programs whose time is in Python code, as `program` or `program:argument`.
PROGRAMS = (
    "richards richards_super deltablue fannkuch nbody go chaos float hexiom raytrace spectral_norm nqueens pyflate "
    "comprehensions mdp scimark:fft scimark:lu scimark:monte_carlo scimark:sor scimark:sparse_mat_mult unpack_sequence "
    "deepcopy logging:format logging:silent logging:simple pprint meteor_contest telco "
    "typing_runtime_protocols json_dumps generators coroutines barnes_hut bpe_tokeniser django_template"
).split()

#: The ones that the demo shows.
DEMO = "richards deltablue nbody fannkuch float chaos hexiom nqueens spectral_norm go raytrace django_template".split()


@dataclasses.dataclass
class Runtime:
    """How a runtime is started."""

    name: str
    command: list[str]
    variables: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Outcome:
    """What came of one program on one runtime."""

    #: Best seconds by benchmark; a program may have several.
    seconds: dict[str, float]
    #: What must be the same on every runtime: digests of results, and what was printed.
    output: object
    #: Peak memory in kilobytes.
    rss: int = 0
    #: Ember's own figures.
    stats: dict = dataclasses.field(default_factory=dict)
    #: Why there is nothing, if there is nothing.
    error: str = ""


def fetch():
    """The folder of pyperformance's programs, downloaded if need be."""
    folder = CACHE / f"pyperformance-{PYPERFORMANCE}"
    benchmarks = folder / "pyperformance" / "data-files" / "benchmarks"
    if not benchmarks.exists():
        with tempfile.TemporaryDirectory() as scratch:
            pip("download", "--no-deps", "--dest", scratch, f"pyperformance=={PYPERFORMANCE}")
            with zipfile.ZipFile(next(pathlib.Path(scratch).glob("*.whl"))) as wheel:
                wheel.extractall(folder)
    if not (PACKAGES / "django").exists():
        pip("install", "--target", str(PACKAGES), "--upgrade", *REQUIREMENTS)
    return benchmarks


def pip(*words):
    """Run this environment's pip."""
    subprocess.run([sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *words], check=True)


def base_python():
    """The interpreter below this environment: plain CPython."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def plain():
    """CPython without Ember."""
    return Runtime("plain", [base_python()])


def ember(mode="auto"):
    """CPython with Ember."""
    return Runtime("ember", [sys.executable], {"EMBER": mode})


def peers():
    """The other runtimes that are here: CinderX in an environment of its own, PyPy unpacked or on the path."""
    found = []
    cinderx = os.environ.get("EMBER_BENCH_CINDERX") or CACHE / "cinderx" / "bin" / "python"
    if os.path.exists(cinderx):
        found.append(Runtime("cinderx", [str(cinderx), str(ROOT / "tools" / "stand_in" / "run_cinderx.py")]))
    unpacked = next(CACHE.glob("pypy/usr/bin/pypy3.[0-9]*"), None)
    pypy = os.environ.get("EMBER_BENCH_PYPY") or unpacked or shutil.which("pypy3")
    if pypy:
        found.append(Runtime("pypy", [str(pypy)]))
    return found


def run(program, runtime, warm=2.0, span=2.0, loops=0):
    """Run `program` on `runtime`: for some seconds, or each of its benchmarks `loops` times."""
    name, *arguments = program.split(":")
    folder = fetch() / f"bm_{name}"
    if not folder.exists():
        return Outcome({}, None, error="pyperformance has no such program")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("EMBER", "PYTHON"))}
    clock = os.environ.get("EMBER_BENCH_CLOCK", "")
    path = os.pathsep.join(map(str, [ROOT / "tools" / "stand_in", PACKAGES, folder]))
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out")
        variables |= {"EMBER_BENCH_OUT": out, "EMBER_BENCH_WARM": str(warm), "EMBER_BENCH_SPAN": str(span), "EMBER_BENCH_LOOPS": str(loops), "EMBER_BENCH_CLOCK": clock}
        variables |= {"PYTHONPATH": path, "PYTHONHASHSEED": "0", **runtime.variables}
        command = [*runtime.command, str(folder / "run_benchmark.py"), *arguments]
        try:
            done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return Outcome({}, None, error=f"took more than {TIMEOUT} s")
        try:
            with open(out) as source:
                records = [json.loads(line) for line in source]
        except OSError:
            records = []
    timed = [record for record in records if "seconds" in record]
    if done.returncode or not timed:
        tail = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()
        return Outcome({}, None, error=tail[-1][:200] if done.returncode >= 0 else f"killed by signal {-done.returncode}")
    last = records[-1]
    seconds = {record["name"]: record["seconds"] for record in timed}
    output = ({record["name"]: record["results"] for record in timed}, done.stdout)
    return Outcome(seconds, output, last.get("rss", 0), last.get("stats", {}))


def geometric_mean(ratios):
    """Of some numbers; 0 of none."""
    import math

    ratios = list(ratios)
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else 0.0
