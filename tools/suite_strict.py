"""The analyser of strict modules: its interpreter against CPython's, verdicts against real imports, broken sources.

usage: suite_strict.py [--full] [--bless] [--seed=WORD] [--from=NUMBER] [corpus|verdicts|cli|order|sound|fuzz…]

`--from` is the number of the source at which the fuzzing begins.
"""

import concurrent.futures
import contextlib
import io
import itertools
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree

import strict_packages
import workshop
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


# --- the command --------------------------------------------------------------------------------------------------


def command(*words):
    """Run `ember check`; its exit code, what it printed and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = check.main([str(word) for word in words])
        except SystemExit as left:
            code = left.code
    return code, out.getvalue(), err.getvalue()


def cli(full):
    """The command: formats, baseline, explanations, graph, which modules, exit codes, cache, the hook's definition."""
    passed, failed = 0, 0
    tests = [value for name, value in globals().items() if name.startswith("cli_")]
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "shop"
            shutil.copytree(CASES / "verdicts" / "shop", copy, ignore=shutil.ignore_patterns("expected.txt"))
            (copy / "pyproject.toml").write_text("[tool.ember.strict]\n")
            try:
                test(copy)
                passed += 1
            except Exception as wrong:
                failed += 1
                print(f"cli {test.__name__}: line {wrong.__traceback__.tb_next.tb_lineno}: {type(wrong).__name__} {str(wrong)[:600]}")
    return passed, failed


def cli_exit_codes(shop):
    assert command(shop / "models.py", "--no-cache")[0] == 0
    code, text, _ = command(shop / "plugin.py", "--no-cache")
    assert code == 1 and "EMB110" in text, text
    code, _, complaint = command(shop / "nowhere.py")
    assert code == 2 and "there is no such file or folder" in complaint, complaint
    (shop / "pyproject.toml").write_text("[tool.ember.strict]\nnonsense = 1\n")
    code, _, complaint = command(shop)
    assert code == 2 and "no setting 'nonsense'" in complaint, complaint
    (shop / "pyproject.toml").write_text("[tool.ember.strict]\nignore = ['EMB999']\n")
    code, _, complaint = command(shop)
    assert code == 2 and "there is no code 'EMB999'" in complaint, complaint
    assert command("--no-such-option")[0] == 2


def cli_which_modules(shop):
    (shop / "marked.py").write_text("import __strict__\nfrom models import *\n")
    _, every, _ = command(shop, "--no-cache", "--all", "--verdicts")
    _, strict, _ = command(shop, "--no-cache", "--strict-only", "--verdicts")
    assert "plugin: effects" in every and "marked: breaks rules" in every, every
    assert strict.startswith("strict[EMB116]") and "1 module:" in strict and "plugin" not in strict, strict
    assert command(shop, "--all", "--strict-only")[0] == 2


def cli_json(shop):
    report = json.loads(command(shop, "--no-cache", "--format", "json")[1])
    found = {module["name"]: module["verdict"] for module in report["modules"]}
    assert found["models"] == "pure" and found["plugin"] == "effects", found
    item = next(m for m in report["modules"] if m["name"] == "plugin")["items"][0]
    assert item["code"] == "EMB110" and [place["line"] for place in item["chain"]][0] == 4, item


def cli_sarif(shop):
    log = json.loads(command(shop, "--no-cache", "--format", "sarif")[1])
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json"), log
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules)) and all(set(rule) >= {"id", "shortDescription", "fullDescription"} for rule in run["tool"]["driver"]["rules"]), rules
    assert run["results"]
    for result in run["results"]:
        assert result["ruleId"] in rules and result["level"] in {"none", "note", "warning", "error"} and result["message"]["text"], result
        assert rules[result["ruleIndex"]] == result["ruleId"], result
        flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
        for place in [*result["locations"], *(step["location"] for step in flow)]:
            physical = place["physicalLocation"]
            region, uri = physical["region"], physical["artifactLocation"]["uri"]
            assert 1 <= region["startLine"] and 1 <= region["startColumn"] < region["endColumn"], region
            assert " " not in uri and "\\" not in uri and not uri.startswith("/"), uri
            source = pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path))
            assert source.is_file() and region["startLine"] <= source.read_text().count("\n") + 1, uri


def cli_github(shop):
    (shop / "odd%name.py").write_text("print('100%, really')\n")
    lines = command(shop, "--no-cache", "--format", "github")[1].splitlines()
    assert lines
    for line in lines:
        assert re.fullmatch(r"::(error|warning) title=EMB\d+ [^,:]*,file=[^,]+,line=\d+,col=\d+,endColumn=\d+::.+", line), line
    assert any("odd%25name.py" in line for line in lines), lines


def cli_baseline(shop):
    known = shop / "known.json"
    code, text, _ = command(shop, "--no-cache", "--baseline", known)
    assert code == 0 and known.exists(), text
    (shop / "plugin.py").write_text("# moved by a line\n" + (shop / "plugin.py").read_text())
    assert command(shop, "--no-cache", "--baseline", known)[0] == 0
    (shop / "more.py").write_text("print('new')\n")
    code, text, _ = command(shop, "--no-cache", "--baseline", known)
    assert code == 1 and "more.py" in text and "plugin.py" not in text, text
    assert command(shop, "--no-cache", "--baseline", known, "--update-baseline")[0] == 0
    assert command(shop, "--no-cache", "--baseline", known)[0] == 0
    known.write_text("[]")
    assert command(shop, "--no-cache", "--baseline", known)[0] == 2


def cli_explain(shop):
    for code, title, text in _ember.strict_codes():
        for name in (code, code.lower(), code.removeprefix("EMB")):
            status, shown, _ = command("--explain", name)
            assert status == 0 and shown == f"{code}: {title}\n\n{text}\n" and len(text) > 40, shown
    status, shown, _ = command("--explain", "all")
    assert status == 0 and shown.count("\n") == len(_ember.strict_codes()), shown
    assert command("--explain", "EMB999")[0] == 2


def cli_graph(shop):
    for name in ("out.svg", "out.html"):
        command(shop, "--no-cache", "--graph", shop / name)
        text = (shop / name).read_text()
        start = text.index("<svg")
        picture = xml.etree.ElementTree.fromstring(text[start : text.index("</svg>") + 6])
        boxes = picture.findall("{http://www.w3.org/2000/svg}g")
        assert len(boxes) == 8 and ("<table>" in text) == name.endswith("html"), len(boxes)
        assert picture.findall("{http://www.w3.org/2000/svg}path"), "an arrow for each import"
    code, _, complaint = command(shop, "--no-cache", "--graph", shop / "out.png")
    assert code == 2 and ".svg or .html" in complaint, complaint


def cli_blockers(shop):
    for number in range(14):
        (shop / f"base{number:02}.py").write_text("print(1)\n")
        for user in range(number + 1):
            (shop / f"user{number:02}_{user:02}.py").write_text(f"import base{number:02}\n")
    text = command(shop, "--no-cache")[1]
    listed = re.findall(r"^ +(\d+)  (\w+)$", text.split("most others execute:\n")[1], re.M)
    assert listed == [(str(number + 1), f"base{number:02}") for number in range(13, 3, -1)], text[-900:]


def cli_cache(shop):
    first = command(shop)
    assert (shop / ".ember_cache").is_dir() and (shop / ".ember_cache" / ".gitignore").read_text() == "*\n"
    report = json.loads(_ember.strict_check(json.dumps(check.options(check.parser().parse_args([str(shop)])))))
    assert report["from_cache"], report["problems"]
    assert command(shop)[:2] == first[:2]
    (shop / "models.py").write_text("print('changed')\n")
    assert "models.py:1" in command(shop)[1]
    (shop / "extra.py").write_text("print('added')\n")
    assert "extra.py:1" in command(shop)[1]


def cli_pre_commit(shop):
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert "id: ember-check" in hooks and "entry: python -m ember check" in hooks and "types: [python]" in hooks, hooks
    # What pre-commit does: the changed files as arguments, a failure if the exit code is not 0.
    words = [sys.executable, "-m", "ember", "check", "--no-cache"]
    good = subprocess.run([*words, "models.py"], cwd=shop, capture_output=True, text=True, timeout=120)
    bad = subprocess.run([*words, "models.py", "plugin.py"], cwd=shop, capture_output=True, text=True, timeout=120)
    assert good.returncode == 0, good.stderr
    assert bad.returncode == 1 and "EMB110" in bad.stdout, bad.stderr


# --- the threads' order -----------------------------------------------------------------------------------------


def order(full):
    """Nothing that is said depends on which thread is ahead: with any number of threads, and however they are disturbed, it is the same byte by byte."""
    strict_packages.install()
    sys.path.insert(0, str(CASES))
    import tangled_programs

    programs, seeds = (150, range(1, 9)) if full else (10, range(1, 4))
    passed, failed = 0, 0
    for number in range(programs):
        with tempfile.TemporaryDirectory() as folder:
            for name, source in tangled_programs.program(number).items():
                place = pathlib.Path(folder) / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(source)
            same = is_same_in_any_order(f"program {number}", options(include_imported=True, paths=[folder]), seeds)
            passed, failed = passed + same, failed + (not same)
    groups = list(strict_packages.GROUPS) if full else ["networkx", "Django"]
    for group in groups:
        paths = strict_packages.paths(group)
        if not full:
            paths = [os.path.join(paths[0], part) for part in QUICK[group]]
        made = options(include_imported=True, paths=paths)
        made["search"] = [str(strict_packages.PACKAGES), *made["search"]]
        same = is_same_in_any_order(group, made, range(1, 31) if full else range(1, 4))
        passed, failed = passed + same, failed + (not same)
    return passed, failed


#: What is looked at of packages if not all of them is: with all that it imports that is most of them.
QUICK = {"networkx": ["classes"], "Django": ["urls"]}


def is_same_in_any_order(name, made, seeds):
    """Whether the report is that of one thread for each of the seeds, with one, two and eight threads in turns."""
    expected = json.loads(_ember.strict_check(json.dumps(made | {"threads": 1})))
    if not expected["modules"]:
        print(f"order {name}: no modules")
        return False
    for seed in seeds:
        threads = (1, 2, 8)[seed % 3]
        report = json.loads(_ember.strict_check(json.dumps(made | {"threads": threads, "shuffle": seed})))
        if report != expected:
            pairs = itertools.zip_longest(expected["modules"], report["modules"])
            pairs = [(was and was["name"], was and was["verdict"], now and now["verdict"]) for was, now in pairs if was != now]
            print(f"order {name}: seed {seed} with {threads} threads differs: {pairs[:4]}")
            return False
    return True


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


def settings(words):
    """The words ``--name=value`` of a command line."""
    return dict(word[2:].split("=", 1) for word in words if word.startswith("--") and "=" in word)


def fuzz(full):
    """No source crashes the analyser or makes it run on: each batch of them is analysed in a process of its own, for a bounded time."""
    count, batch = (100_000, 1_000) if full else (3_000, 500)
    given = settings(sys.argv)
    seed = given.get("seed", "20")
    passed, failed, slowest = 0, 0, (0.0, 0)
    work = [(at, min(at + batch, count)) for at in range(int(given.get("from", 0)), count, batch)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for start, stop, problem, slow in pool.map(lambda part: fuzz_batch(seed, *part), work):
            passed, failed = passed + (stop - start - bool(problem)), failed + bool(problem)
            slowest = max(slowest, slow)
            if problem:
                print(f"fuzz: {problem}", flush=True)
            elif full:
                print(f"fuzz: {stop} sources", flush=True)
    print(f"fuzz: the slowest of {count} took {slowest[0]:.1f} s (number {slowest[1]}, seed {seed})")
    return passed, failed


def fuzz_batch(seed, start, stop):
    """Analyse the sources of these numbers in a new process; what went wrong, if anything."""
    command = [sys.executable, *FUZZ_CHILD, f"--seed={seed}", f"--from={start}", f"--to={stop}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30 + (stop - start))
    except subprocess.TimeoutExpired as late:
        reached = (late.stdout or b"").decode().split()
        return start, stop, f"sources from {reached[-1] if reached else start} on take too long (seed {seed})", (0.0, start)
    lines = done.stdout.split()
    if done.returncode or not lines or lines[-1] != "done":
        reached = lines[-1] if lines else start
        return start, stop, f"the analyser ended with {done.returncode} at source {reached} (seed {seed}): {done.stderr[-300:]}", (0.0, start)
    return start, stop, None, (float(lines[-3]), int(lines[-2]))


#: What a process for a batch may take of the address space; more is a failure.
FUZZ_MEMORY = 4 << 30
#: How the process for a batch is started.
FUZZ_CHILD = [__file__, "fuzz-child"]


def fuzz_child(arguments):
    """Analyse sources a few at a time, naming the next one before it begins."""
    resource.setrlimit(resource.RLIMIT_AS, (FUZZ_MEMORY, FUZZ_MEMORY))
    given = settings(arguments)
    start, stop = int(given["from"]), int(given["to"])
    sys.path.insert(0, str(CASES))
    import broken_sources

    slowest = (0.0, start)
    step = int(given.get("step", 25))
    made = json.dumps(options())
    texts = broken_sources.sources(given["seed"], start, stop, [source for _, source in programs()])
    for at, some in zip(range(start, stop, step), itertools.batched(texts, step), strict=True):
        print(at, flush=True)
        begun = time.perf_counter()
        outcomes = json.loads(_ember.strict_probe(made, list(some)))
        slowest = max(slowest, (time.perf_counter() - begun, at))
        if len(outcomes) != len(some):
            print(f"{len(outcomes)} outcomes for {len(some)} sources", file=sys.stderr)
            return 1
    print(f"{slowest[0]:.3f} {slowest[1]}\ndone")
    return 0


def main(arguments):
    if "fuzz-child" in arguments:
        return fuzz_child(arguments)
    full = "--full" in arguments
    parts = {"corpus": corpus, "verdicts": verdicts, "cli": cli, "order": order, "sound": sound, "fuzz": fuzz}
    wanted = [name for name in parts if name in arguments] or list(parts)
    passed, failed = 0, 0
    for name in wanted:
        good, bad = parts[name](full)
        print(f"{name}: {good} good, {bad} bad", flush=True)
        passed, failed = passed + good, failed + bad
    return workshop.closing(passed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
