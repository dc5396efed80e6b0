"""The example site: its own tests, interpreted and with everything compiled, and that every answer is the same under both.

usage: suite_feed.py [--full]     --full runs its tests in the mode `auto`, and on PostgreSQL if that is here, as well

Then it is served for real, plainly and by Ember, and both answer the same.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import postgres
import site_load
import web
import workshop

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


def run(mode, database, *words):
    """Run Python in the site's folder in a mode of Ember."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("EMBER", "PYTHON", "FEED"))}
    variables |= web.variables(database) | {"EMBER": mode, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *words], cwd=SITE, env=variables, capture_output=True, text=True, timeout=TIMEOUT)


def tests(mode, scratch, database=None):
    """The site's own tests. → (passed, failed)"""
    done = run(mode, database or os.path.join(scratch, "tests.sqlite3"), "manage.py", "test")
    ran = re.search(r"^Ran (\d+) tests?", done.stderr, re.M)
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", done.stderr))
    if done.returncode:
        print(f"-- site's tests under EMBER={mode} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return (int(ran[1]) - bad if ran else 0), bad or int(done.returncode != 0 or not ran)


def answers(mode, scratch):
    """What the site answers, and how many functions were compiled for it; None if it failed."""
    done = run(mode, os.path.join(scratch, f"{mode}.sqlite3"), "-c", ANSWERS, str(TURNS))
    if done.returncode:
        print(f"-- requests under EMBER={mode} ended with {done.returncode}\n{done.stderr}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def served(scratch):
    """Both ways of serving it that the demo shows, for a moment. → (passed, failed)"""
    from ember import ab
    from ember.ab import report

    with site_load.databases(("plain", "ember"), scratch) as known:
        specs = [site_load.served(name, database, scratch, workers=2) for name, database in known.items()]
        specs[1].variables["EMBER_WARMUP_ROUNDS"] = "3"
        plan = ab.Plan(*specs, ab.load(str(SITE / "traffic.toml")), max_rounds=4, starts=1, warmup=60, slice_seconds=0.5, latency_seconds=0.5, timeout=120.0)
        try:
            result = ab.compare(plan)
        except ab.ServerError as error:
            print(f"-- {error}")
            return 0, 1
    if result.a.problems or result.b.problems:
        print("--", "\n".join(report.problems(result)))
        return 0, 1
    return 1, 0


def on_postgres(scratch):
    """The site's own tests on PostgreSQL. → (passed, failed)"""
    try:
        postgres.program("initdb")
    except SystemExit as missing:
        print(f"not on PostgreSQL: {missing}")
        return 0, 0
    with postgres.server(scratch) as database:
        return tests("off", scratch, database("feed"))


def main(arguments):
    web.install("feed")
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for mode in ["off", "all", *(["auto"] if "--full" in arguments else [])]:
            good, bad = tests(mode, scratch)
            passed, failed = passed + good, failed + bad
        for good, bad in [served(scratch), *([on_postgres(scratch)] if "--full" in arguments else [])]:
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
    return workshop.closing(passed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
