"""What the programs about strict modules share: modules written to a folder of their own, processes, expectations.

A program defines functions ``test_…`` and ends with ``harness.main()``, which runs them and prints one line for each and a count. The suite runs each program plainly
and with everything compiled.
"""

import contextlib
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import traceback

import ember.strict

ember.strict.install()


@contextlib.contextmanager
def project(files=(), **modules):
    """A folder on `sys.path` with these modules (``name="source"``) and files ({path: text}); what was imported from it is forgotten afterwards."""
    before = set(sys.modules)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        write(folder, dict(files) | {f"{name}.py": source for name, source in modules.items()})
        sys.path.insert(0, str(folder))
        importlib.invalidate_caches()
        try:
            yield folder
        finally:
            sys.path.remove(str(folder))
            for module in set(sys.modules) - before:
                if getattr(sys.modules[module], "__file__", None) and str(folder) in str(sys.modules[module].__file__):
                    del sys.modules[module]


def write(folder, files):
    for path, text in dict(files).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text))


@contextlib.contextmanager
def raises(kind, *texts):
    """The block raises `kind` (exactly), and its message has all of `texts` in it."""
    class Caught:
        error = None

    caught = Caught()
    try:
        yield caught
    except BaseException as error:
        if type(error) is not kind:
            raise
        caught.error = error
        for text in texts:
            assert text in str(error), f"{text!r} is not in {error}"
    else:
        raise AssertionError(f"no {kind.__name__}")


def python(*words, folder, strict=True, **variables):
    """Run an interpreter in a folder; (exit code, output, errors)."""
    environment = {k: v for k, v in os.environ.items() if k == "PYTHONPATH" or not k.startswith(("EMBER_STRICT", "PYTHON"))}
    environment |= {"EMBER_STRICT": "1"} if strict else {}
    environment |= variables
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)
    return done.returncode, done.stdout, done.stderr


def main():
    program = sys.modules["__main__"]
    passed = failed = 0
    for name, test in list(vars(program).items()):
        if name.startswith("test_") and (len(sys.argv) < 2 or any(word in name for word in sys.argv[1:])):
            try:
                test()
            except BaseException:
                failed += 1
                print(f"FAIL {name}")
                traceback.print_exc(file=sys.stdout)
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)
