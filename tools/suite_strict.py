"""The analyser of strict modules: its interpreter against CPython's, verdicts against real imports, broken sources.

usage: suite_strict.py [--full] [corpus|verdicts|sound|fuzz…]
"""

import concurrent.futures
import contextlib
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys

import strict_packages
from ember import _ember, check

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "strict"


def options(**more):
    """What the analyser is asked, with the settings of nobody."""
    arguments = check.parser().parse_args(["--no-cache"])
    made = check.options(arguments)
    made.update(ignore=[], benign=[], per_file_ignores=[], strict_packages=[], **more)
    return made


# --- the corpus ---------------------------------------------------------------------------------------------------


def programs():
    """[(file:number, source)] of all small programs."""
    found = []
    for path in sorted((CASES / "corpus").glob("*.py")):
        parts = path.read_text("utf-8").split("\n# ----\n")
        found += [(f"{path.stem}:{number}", part + "\n") for number, part in enumerate(parts[1:], 1)]
    return found


def shown(value):
    """The `repr` of a value if it is the same in every process."""
    try:
        text = repr(value)
    except Exception:
        return None
    if " at 0x" in text or text.startswith(("<module", "<built-in", "<bound")):
        return None
    return text


def really(source, name):
    """What a program's names are in CPython, and how it ended."""
    module = type(sys)(name)
    module.__dict__["__builtins__"] = __builtins__
    sys.modules[name] = module
    error = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    except BaseException as raised:
        line = next((t.tb_lineno for t in frames(raised.__traceback__) if t.tb_frame.f_code.co_filename == f"<{name}>"), 0)
        if isinstance(raised, SyntaxError) and not line:
            line = raised.lineno
        error = (type(raised).__name__, line)
    finally:
        del sys.modules[name]
    names = {key: shown(value) for key, value in module.__dict__.items() if not key.startswith("_")}
    return {key: text for key, text in names.items() if text is not None}, error


def frames(traceback):
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def corpus(full):
    """Each program ends in the analyser as it does in CPython."""
    cases = programs()
    outcomes = json.loads(_ember.strict_probe(json.dumps(options()), [source for _, source in cases]))
    passed, failed = 0, 0
    for number, ((name, source), outcome) in enumerate(zip(cases, outcomes, strict=True)):
        names, error = really(source, f"corpus_{number}")
        ours = outcome["error"] and (outcome["error"][0].split(":")[0], outcome["error"][1])
        problems = []
        if (ours and tuple(ours)) != error:
            problems.append(f"ends with {error}, here with {outcome['error']}")
        for key in sorted(names.keys() | outcome["names"].keys()):
            if names.get(key) != outcome["names"].get(key):
                problems.append(f"{key} is {names.get(key)}, here {outcome['names'].get(key)}")
        findings = [one for one in outcome["findings"] if one[0] != "EMB116"]
        if not error and findings:
            problems.append(f"findings: {findings[:2]}")
        passed, failed = passed + (not problems), failed + bool(problems)
        for problem in problems[:4]:
            print(f"corpus {name}: {problem[:400]}")
    return passed, failed


# --- verdicts -----------------------------------------------------------------------------------------------------


def verdicts(full):
    """Small packages get the verdicts and diagnostics that stand beside them; together they show every code."""
    passed, failed, shown = 0, 0, set()
    for folder in sorted((CASES / "verdicts").iterdir()):
        if not folder.is_dir():
            continue
        made = options(include_imported=False, paths=[str(folder)])
        if (folder / "pyproject.toml").exists():
            made = check.options(check.parser().parse_args(["--no-cache", str(folder)]))
        report = json.loads(_ember.strict_check(json.dumps(made)))
        text = _ember.strict_render(json.dumps(report), "text", False, True).replace(str(folder) + "/", "")
        expected = folder / "expected.txt"
        if "--bless" in sys.argv:
            expected.write_text(text)
        same = expected.exists() and expected.read_text() == text
        passed, failed = passed + same, failed + (not same)
        if not same:
            print(f"verdicts {folder.name}: differs (--bless writes it anew):\n{text}")
        shown |= set(re.findall(r"\[(EMB\d+)\]: ", text))
    for code, title, _ in _ember.strict_codes():
        passed, failed = passed + (code in shown), failed + (code not in shown)
        if code not in shown:
            print(f"verdicts: no package shows {code} ({title})")
    return passed, failed


# --- soundness ----------------------------------------------------------------------------------------------------


def sound(full):
    """Modules that get *pure* change nothing and do nothing when they are really imported; those that raise do so there, too."""
    strict_packages.install()
    passed, failed, unseen, broken = 0, 0, 0, 0
    chance = random.Random(3)
    for group in strict_packages.GROUPS:
        modules = strict_packages.report(group)
        counts, definite = strict_packages.share(modules)
        enough = definite >= DEFINITE
        passed, failed = passed + enough, failed + (not enough)
        if not enough:
            print(f"sound {group}: only {definite:.1%} of the verdicts are definite: {counts}")
        names = [module["name"] for module in modules if module["verdict"] == "pure" and not WILD & set(module["name"].split("."))]
        errors = {module["name"]: stated(module) for module in modules if stated(module)}
        if not full:
            names = chance.sample(names, min(20, len(names)))
            errors = dict(chance.sample(sorted(errors.items()), min(5, len(errors))))
        problems = {name: problem for name, problem in watch(names).items() if problem != ""}
        for name, problem in problems.items():
            # What a module imports can fail here; that is told of the module that fails.
            if problem and problem.startswith("elsewhere"):
                problems[name], broken = None, broken + 1
        unseen += sum(problem is None for problem in problems.values())
        problems = {name: problem for name, problem in problems.items() if problem} | wrong_errors(errors)
        passed, failed = passed + len(names) + len(errors) - len(problems), failed + len(problems)
        for name, problem in problems.items():
            print(f"sound {name}: {problem}", flush=True)
        print(f"sound {group}: {len(names)} pure modules imported, {len(errors)} that raise", flush=True)
    print(f"sound: {unseen} of them cannot be watched: {broken} because something that they import cannot be imported here,")
    print("sound: the others because the interpreter loads them before anything can be watched")
    return passed, failed


#: The least part of verdicts that must be definite, in each package.
DEFINITE = 0.85
#: How many modules are imported into a fresh interpreter one after another.
BATCH = 60
#: Modules that open a window or end the process, whatever they are given.
WILD = {"antigravity", "this", "idlelib", "turtledemo"}


def stated(module):
    """The class of the exception that the analyser says an import raises, if it does."""
    for item in module["items"]:
        if item["code"] == "EMB125":
            found = re.match(r"importing the module raises (\w+)", item["message"])
            return found.group(1) if found else "any"
    return None


def helper(words, names):
    """What the watching process says of some modules."""
    command = [sys.executable, "-I", CASES / "import_watched.py", *words, str(strict_packages.PACKAGES)]
    try:
        done = subprocess.run(command, input="\n".join(names), capture_output=True, text=True, timeout=1200)
    except subprocess.TimeoutExpired:
        return dict.fromkeys(names, "takes too long")
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return dict.fromkeys(names, "no answer: " + done.stderr[-300:])


def watch(names):
    """What the import of each module did besides making it; nothing if that cannot be seen."""
    found = {}
    batches = [names[at : at + BATCH] for at in range(0, len(names), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for batch, results in zip(batches, pool.map(lambda batch: helper((), batch), batches), strict=True):
            for name in batch:
                problem = results.get(name, "no answer")
                if problem and len(batch) > 1:
                    # Perhaps another of the batch is to blame: once more, alone.
                    problem = helper((), [name]).get(name, "no answer")
                found[name] = problem
    return found


def wrong_errors(errors):
    """Modules that do not raise what the analyser says."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda name: helper(("--raises",), [name]), errors)
        told = [(name, result.get(name)) for name, result in zip(errors, results, strict=True)]
    wrong = {}
    for name, error in told:
        if error is None or errors[name] not in ("any", error):
            wrong[name] = f"raises {error}, here {errors[name]}"
    return wrong


# --- broken sources -----------------------------------------------------------------------------------------------


def fuzz(full):
    """Mutated programs neither crash the analyser nor hang it."""
    chance = random.Random(20)
    sources = [source for _, source in programs()]
    words = [word for source in sources[::7] for word in source.split()]
    count = 100_000 if full else 3_000
    broken = [mutate(chance, sources, words) for _ in range(count)]
    broken += ["(" * 100_000, "[" * 5_000 + "]" * 5_000, "-" * 50_000 + "1", "not " * 30_000 + "x", "x = " + "1+" * 50_000 + "1",
               "a" + ".b" * 50_000, "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 500)), "lambda: " * 5_000 + "0",
               "while True: pass", "x = [0]\nfor i in x: x.append(i)", "x = 'a' * 10**12", "x = 10 ** 10 ** 10", "def f(): f()\nf()",
               "class A:\n    def __getattr__(s, n): return getattr(s, n + 'x')\nA().y", "x = [x for x in iter(int, 1)]", "'%999999999999d' % 1",
               "x = []\nx.append(x)\nrepr(x)\nx == x", "d = {}\nd['d'] = d\nstr(d)"]
    for at in range(0, len(broken), 500):
        batch = broken[at : at + 500]
        outcomes = json.loads(_ember.strict_probe(json.dumps(options()), batch))
        if len(outcomes) != len(batch):
            print(f"fuzz: the analyser stopped in sources {at} to {at + len(batch)}")
            return at, 1
    return len(broken), 0


def mutate(chance, sources, words):
    """A program with a few words, lines or characters changed."""
    text = chance.choice(sources)
    for _ in range(chance.randint(1, 5)):
        kind = chance.randrange(5)
        at = chance.randrange(len(text) + 1)
        if kind == 0:
            text = text[:at] + chance.choice(words) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + chance.randint(1, 6) :]
        elif kind == 2:
            lines = text.split("\n")
            chance.shuffle(lines)
            text = "\n".join(lines)
        elif kind == 3:
            text = text[:at] + chance.choice("()[]{}:=,.*@#'\"\\\n\t0aé\0") + text[at:]
        else:
            other = chance.choice(sources)
            text = text[:at] + other[chance.randrange(len(other) + 1) :]
        if len(text) > 20_000:
            break
    return text


def main(arguments):
    full = "--full" in arguments
    parts = {"corpus": corpus, "verdicts": verdicts, "sound": sound, "fuzz": fuzz}
    wanted = [name for name in parts if name in arguments] or list(parts)
    passed, failed = 0, 0
    for name in wanted:
        good, bad = parts[name](full)
        print(f"{name}: {good} good, {bad} bad", flush=True)
        passed, failed = passed + good, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
