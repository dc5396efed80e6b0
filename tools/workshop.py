"""The workshop: interpreter, virtual environments and built extension, made when first needed.

Everything is kept inside the repository (``.python/``, ``.python-debug/``, ``.venv/``, ``.cache/``, ``dist/``) and each part is made again
only when what it was made from has changed, so that ``./x py`` costs a moment. Python 3.8 and the standard library
suffice here, because this runs on whatever ``python3`` the machine has.

The development environment is not an installed wheel: its ``site-packages/ember`` is a folder of links into
``python/ember`` plus a copy of the extension, so an edit of a Python file needs no build. `build_wheel` makes the real
thing, and the ``wheel`` suite of ``./x test`` proves it.
"""

import contextlib
import fcntl
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys

import get_python

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
DIST = ROOT / "dist"
SOURCES = ROOT / "python"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()
VENV = pathlib.Path(os.environ.get("EMBER_VENV") or ROOT / ".venv").absolute()
MATURIN = "maturin>=1.16,<2"

#: Ember knows this Python's insides and no other's.
VERSION = get_python.VERSION
PROBE = (
    "import sys, sysconfig; assert sys.implementation.name == 'cpython' and sys.version_info[:2] == (3, 14)"
    " and not sysconfig.get_config_var('Py_GIL_DISABLED'); print(sys.base_prefix); print(sys.executable)"
)


class Failure(Exception):
    """Something that ends the command with one line for the user."""


def say(text):
    """A line about what is being done, apart from what the command itself prints."""
    print("x: " + text, file=sys.stderr, flush=True)


def run(command, **options):
    """Run `command` in the repository, without Ember; raise `Failure` if it fails."""
    words = [str(word) for word in command]
    options.setdefault("env", dict(os.environ, EMBER="off"))
    try:
        code = subprocess.run(words, cwd=str(options.pop("cwd", ROOT)), **options).returncode
    except OSError as error:
        raise Failure("cannot run %s: %s" % (words[0], error))
    if code:
        raise Failure("%s failed with code %d" % (" ".join(words[:4]), code))


def closing(passed, failed):
    """Print the line by which a suite's result is known; its exit code. Where nothing ran, nothing was shown."""
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


@contextlib.contextmanager
def locked():
    """Only one `./x` at a time makes or changes the shared parts."""
    CACHE.mkdir(exist_ok=True)
    with open(str(CACHE / "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def probe(python):
    """The real path of `python` when it is an interpreter that Ember is made for, else None."""
    try:
        done = subprocess.run([str(python), "-I", "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    return pathlib.Path(done.stdout.decode().splitlines()[1]) if done.returncode == 0 else None


def found_python():
    """A CPython 3.14 that the machine already has, or None."""
    named = os.environ.get("EMBER_PYTHON")
    if named:
        path = probe(shutil.which(named) or named)
        if not path:
            raise Failure("EMBER_PYTHON=%s is not a CPython %s with a GIL" % (named, VERSION))
        return path
    path = probe("python" + VERSION)
    if not path and shutil.which("uv"):
        query = ["uv", "python", "find", "--no-python-downloads", VERSION]
        done = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/")
        path = probe(done.stdout.decode().strip()) if done.returncode == 0 else None
    return path


def base_python(tests=False):
    """The interpreter that everything stands on, unpacked into ``.python/`` if need be; with CPython's tests on request."""
    path = found_python()
    if path and not (tests and not get_python.works(path, "import test.test_builtin, test.support")):
        return path
    try:
        return get_python.get_python(ROOT / ".python", [get_python.TESTSUITE] if tests else [])
    except get_python.GetPythonError as error:
        raise Failure(str(error))


def debug_python():
    """CPython with assertions, and its tests, unpacked into ``.python-debug/`` if need be."""
    folder = ROOT / ".python-debug"
    with locked():
        try:
            exe = get_python.get_python(folder, [get_python.DEBUG, get_python.TESTSUITE])
        except get_python.GetPythonError as error:
            raise Failure(str(error))
        # It takes its time to compile what it imports, and nobody who uses it writes that down.
        if not (folder / ".compiled").exists():
            run([exe, "-m", "compileall", "-q", "-j0", "-x", "/(test|site-packages)/", folder / "usr" / "lib" / ("python" + VERSION)])
            (folder / ".compiled").touch()
    return exe.with_name(get_python.debug_name(exe))


def make_venv(folder, base):
    """A virtual environment with pip in `folder`, made anew unless it stands on `base` already; its interpreter."""
    python, stamp = folder / "bin" / "python", folder / ".base"
    if stamp.exists() and stamp.read_text() == str(base) and probe(python):
        return python
    say("making %s on %s" % (folder, base))
    shutil.rmtree(str(folder), ignore_errors=True)
    run([base, "-m", "venv", "--without-pip", folder])
    bootstrap_pip(python, base)
    stamp.write_text(str(base))
    return python


def bootstrap_pip(python, base):
    """Put pip into a fresh environment: from Debian's wheel (its `ensurepip` wants it in /usr/share), else `ensurepip`."""
    wheels = sorted((base.parent.parent / "share" / "python-wheels").glob("pip-*.whl"))
    if wheels:
        run([python, wheels[-1] / "pip", "install", "-q", "--disable-pip-version-check", "--no-index", wheels[-1]])
    elif subprocess.run([str(python), "-m", "ensurepip", "-U"], stdout=subprocess.DEVNULL).returncode:
        run([sys.executable, "-m", "pip", "--python", python, "install", "-q", "pip"])


def pip_install(python, *requirements):
    """`pip install` into the environment of `python`."""
    run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements])


def need(python, module, *requirements):
    """Install `requirements` unless `module` can already be imported."""
    if subprocess.run([str(python), "-c", "import " + module], stderr=subprocess.DEVNULL).returncode:
        pip_install(python, *requirements)


def maturin():
    """The path of maturin, in an environment of its own."""
    folder = CACHE / "tools"
    python = make_venv(folder, base_python())
    need(python, "maturin", MATURIN)
    return folder / "bin" / "maturin"


def cargo(*words, **options):
    """Run cargo in the workspace."""
    if not shutil.which("cargo"):
        raise Failure("cargo is not here; install a Rust toolchain from https://rustup.rs")
    run(["cargo", *words], **options)


def build_extension():
    """Compile the extension; the path of the shared library. `EMBER_PROFILE=dev` builds with assertions."""
    profile = os.environ.get("EMBER_PROFILE", "release")
    cargo("build", "--quiet", "--package", "ember-py", "--profile", profile)
    return TARGET / ("debug" if profile == "dev" else profile) / "lib_ember.so"


def link(source, place):
    """Make `place` a symbolic link to `source`."""
    if not place.is_symlink() or os.readlink(str(place)) != str(source):
        if place.is_symlink() or place.exists():
            shutil.rmtree(str(place)) if place.is_dir() and not place.is_symlink() else place.unlink()
        place.symlink_to(source)


def install_development(python, library):
    """Link the Python package into the environment and put the extension beside it."""
    site = next((python.parent.parent / "lib").glob("python3*")) / "site-packages"
    package = site / "ember"
    if package.is_symlink():
        package.unlink()
    package.mkdir(exist_ok=True)
    wanted = {"_ember.so"}
    for source in (SOURCES / "ember").iterdir():
        if source.suffix != ".so" and source.name != "__pycache__":
            wanted.add(source.name)
            link(source, package / source.name)
    for place in package.iterdir():
        if place.name not in wanted and place.is_symlink():
            place.unlink()
    for source in SOURCES.iterdir():
        if source.name.startswith("__") and source.is_dir() and source.name != "__pycache__":
            link(source, site / source.name)
    for source in (SOURCES / "ember.data" / "purelib").glob("*.pth"):
        copy_if_changed(source, site / source.name)
    copy_if_changed(library, package / "_ember.so")


def copy_if_changed(source, place):
    """Copy by renaming over: a running process keeps the old file mapped."""
    if not place.exists() or not filecmp.cmp(str(source), str(place), shallow=False):
        fresh = place.with_name("." + place.name + ".new")
        shutil.copyfile(str(source), str(fresh))
        os.replace(str(fresh), str(place))


def ready(tests=False):
    """The development environment with an up-to-date Ember; its interpreter. `EMBER_BUILD=0` takes what is there."""
    python = VENV / "bin" / "python"
    if os.environ.get("EMBER_BUILD") == "0" and python.exists():
        return python
    with locked():
        # Looking for an interpreter takes longer than everything else when nothing has changed.
        settled = (VENV / ".base").exists() and not tests and not os.environ.get("EMBER_PYTHON") and probe(python)
        python = python if settled else make_venv(VENV, base_python(tests))
        install_development(python, build_extension())
    return python


def build_wheel():
    """Build the wheel into ``dist/``; its path."""
    with locked():
        tool, python = maturin(), make_venv(VENV, base_python())
        for old in DIST.glob("*.whl"):
            old.unlink()
        run([tool, "build", "--release", "--quiet", "--interpreter", python, "--out", DIST], stdout=sys.stderr)
    return next(DIST.glob("*.whl"))
