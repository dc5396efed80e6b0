"""Random edits in a row: after each one the process is what a fresh start would be."""

import json
import os
import pathlib
import subprocess
import sys

import edits
from program import FOLDER, Program

COUNT = 1000 if os.environ.get("RELOAD_FULL") else 200
#: The least share of edits that must be made in place, so that the test does not pass by restarting each time.
IN_PLACE = 0.85
CHILD = """
import importlib, json, os, pathlib, sys
folder = sys.argv[1]
sys.path[:0] = [folder, sys.argv[2]]
import edits
scope = {}
exec(edits.PROBE, scope)
for line in sys.stdin:
    # Each answer is of a process of its own: forked before anything of the program was imported.
    pid = os.fork()
    if pid == 0:
        try:
            modules = [importlib.import_module(name) for name in edits.MODULES]
            print(json.dumps(scope["probe"](modules), sort_keys=True), flush=True)
        except BaseException as error:
            print(repr(error), flush=True)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
"""


class Fresh:
    """Fresh starts of the program, on demand."""

    def __init__(self):
        variables = {key: value for key, value in os.environ.items() if key != "EMBER"}
        command = [sys.executable, "-c", CHILD, str(FOLDER), str(pathlib.Path(__file__).parent)]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables)

    def ask(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline().strip()
        assert answer.startswith("{"), answer
        return answer

    def close(self):
        self.child.stdin.close()
        assert self.child.wait(30) == 0


def differing(here, fresh):
    """The first few places where two answers differ."""
    here, fresh = json.loads(here), json.loads(fresh)
    found = []
    for module in fresh:
        mine, other = here.get(module), fresh[module]
        if isinstance(other, dict):
            found += [f"{module}.{n}: {mine.get(n)} instead of {other.get(n)}" for n in {*mine, *other} if mine.get(n) != other.get(n)]
        elif mine != other:
            found.append(f"{module}: {mine} instead of {other}")
    return "\n  ".join(found[:5])


def run(seed, count):
    import gc
    import importlib

    model = edits.Model(seed)
    program = Program(**{name: model.source(name) for name in edits.MODULES})
    scope, fresh, restarted = {}, Fresh(), []
    exec(edits.PROBE, scope)
    modules = list(program.modules.values())

    def value():
        return json.dumps(scope["probe"](modules), sort_keys=True)

    assert value() == fresh.ask()
    for number in range(count):
        module, what = model.edit()
        before = value()
        reload = program.save(**{module: model.source(module)})
        expected = fresh.ask()
        if reload.outcome in ("restart", "nothing"):
            restarted.append(f"{number} {what}: {reload}")
            if reload.outcome != "nothing":
                assert value() == before, (seed, number, what, "a refused batch has changed something: " + differing(value(), before))
            if reload.outcome == "restart":
                # What a restart does: everything is made anew.
                for name in edits.MODULES:
                    sys.modules.pop(name)
                modules = [importlib.import_module(name) for name in edits.MODULES]
                program.reloader.project.stop_listening()
                program.reloader.dirty.clear()
                gc.collect()
        else:
            assert reload.outcome == "reloaded", (seed, number, what, reload)
        here = value()
        assert here == expected, f"seed {seed}, edit {number} of {module} ({what}; {reload}):\n  {differing(here, expected)}"
    fresh.close()
    refused = [line for line in restarted if "Reload restart" in line]
    print(f"seed {seed}: {count} edits, {len(refused)} restarts")
    for line in refused:
        print("  ", line)
    assert len(refused) <= count * (1 - IN_PLACE), "\n".join(refused)


def test_random_edits():
    run(1, COUNT)


def test_random_edits_again():
    run(2, COUNT)
