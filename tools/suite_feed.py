"""The example site: its own tests, interpreted and with everything compiled, and that every answer is the same under both.

usage: suite_feed.py [--full]     --full runs its tests in the mode `auto` as well
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import web

SITE = web.EXAMPLES / "feed"
TIMEOUT = 600
#: How often the requests are sent under each mode: the first answers come from functions before, the last after they were compiled.
TURNS = 3

ANSWERS = """
import hashlib, json, sys
import sample
sample.fill()
from hearth.wsgi import application
digests = [{name: hashlib.sha256(sample.answer(application, name)).hexdigest() for name in sample.REQUESTS} for turn in range(int(sys.argv[1]))]
compiled = sys.modules["ember"].jit.stats().get("compiled", 0) if "ember" in sys.modules else 0
print(json.dumps({"digests": digests, "compiled": compiled}))
"""


def run(mode, scratch, *words):
    """Run Python in the site's folder in a mode of Ember."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("EMBER", "PYTHON", "FEED"))}
    variables |= web.variables(os.path.join(scratch, f"{mode}.sqlite3")) | {"EMBER": mode, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *words], cwd=SITE, env=variables, capture_output=True, text=True, timeout=TIMEOUT)


def tests(mode, scratch):
    """The site's own tests. → (passed, failed)"""
    done = run(mode, scratch, "manage.py", "test")
    ran = re.search(r"^Ran (\d+) tests?", done.stderr, re.M)
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", done.stderr))
    if done.returncode:
        print(f"-- site's tests under EMBER={mode} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return (int(ran[1]) - bad if ran else 0), bad or int(done.returncode != 0 or not ran)


def answers(mode, scratch):
    """What the site answers, and how many functions were compiled for it; None if it failed."""
    done = run(mode, scratch, "-c", ANSWERS, str(TURNS))
    if done.returncode:
        print(f"-- requests under EMBER={mode} ended with {done.returncode}\n{done.stderr}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments):
    web.install("feed")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for mode in ["off", "all", *(["auto"] if "--full" in arguments else [])]:
            good, bad = tests(mode, scratch)
            passed, failed = passed + good, failed + bad
        plain, ember = answers("off", scratch), answers("all", scratch)
    if plain is None or ember is None or not ember["compiled"]:
        failed += 1
    else:
        for name, digest in plain["digests"][0].items():
            same = all(turn[name] == digest for turn in plain["digests"] + ember["digests"])
            passed, failed = passed + same, failed + (not same)
            if not same:
                print(f"-- {name}: the body differs")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
