"""Random programs, interpreted against compiled: every result, exception, line number and global must agree.

usage: suite_fuzz.py [--count N] [--seed S] [--jobs N] [--modes M,M…] [--full] [--keep DIR] | --show SEED | --one SEED

Programs come from tests/fuzz/gen.py, many to a process. A mismatch or crash is brought down to one program and reduced by
deleting statements; printed are its seed, the differing lines and the reduced program. A program that takes too long without Ember
proves nothing and does not count; more than one in a hundred is a failure. --full runs 20,000 programs, all of
them in the mode `warm` and in one of the others.
"""
import ast
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings

import workshop

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FUZZ = os.path.join(ROOT, "tests", "fuzz")
MODES = {
    "interpreted": {"EMBER": "off"},
    "first": {"EMBER": "all"},
    "warm": {"EMBER": "all", "EMBER_COMPILE_AFTER": "9"},
    "deopt": {"EMBER": "all", "EMBER_COMPILE_AFTER": "9", "EMBER_STRESS_DEOPT": "3"},
}
BATCH = 100
QUICK, FULL = 300, 20000
REDUCE_SECONDS = 40
MOST_REPORTS = 5
#: How a program ends that takes longer than tests/fuzz/run.py allows.
SLOW = "SIGPROF"


def environment(mode):
    env = {k: v for k, v in os.environ.items() if not k.startswith("EMBER")}
    return {**env, **MODES[mode], "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def execute(batch, out, mode, low, high, full=False):
    """Run programs low…high of a batch file. → ({index: outcome}, index of the program that killed the process or None, how)"""
    if os.path.exists(out):
        os.unlink(out)
    command = [sys.executable, "-W", "ignore", os.path.join(FUZZ, "run.py"), batch, out, "--from", str(low), "--to", str(high)]
    try:
        done = subprocess.run(command + ["--full"] * full, env=environment(mode), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=1200, stdin=subprocess.DEVNULL)
        code, stderr = done.returncode, done.stderr.decode(errors="replace")[-1500:]
    except subprocess.TimeoutExpired:
        code, stderr = -signal.SIGKILL, ""
    outcomes, running, ended = {}, None, False
    if os.path.exists(out):
        with open(out) as source:
            for line in source:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if record == ["end"]:
                    ended = True
                elif len(record) == 1:
                    running = record[0]
                else:
                    outcomes[record[0]] = record[1]
    if ended and code == 0:
        return outcomes, None, ""
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return outcomes, running if running is not None else low, f"{how} {stderr.strip()[-400:]}".strip()


def all_outcomes(batch, out, mode, n):
    """Outcomes of a whole batch, going on after each program that kills the process. → (outcomes, {index: how})"""
    outcomes, crashes, low = {}, {}, 0
    while low < n:
        got, dead, how = execute(batch, out, mode, low, n)
        outcomes.update(got)
        if dead is None:
            break
        crashes[dead] = how
        low = dead + 1
    return outcomes, crashes


class Single:
    """One program run by itself in two modes."""

    def __init__(self, scratch, mode):
        self.batch, self.out, self.mode = os.path.join(scratch, "one.json"), os.path.join(scratch, "one.out"), mode

    def differs(self, source):
        """None when both modes agree, else a few lines that say how they do not."""
        with open(self.batch, "w") as sink:
            json.dump([source], sink)
        want, dead, how = execute(self.batch, self.out, "interpreted", 0, 1, full=True)
        if dead is not None:
            return None
        got, dead, how = execute(self.batch, self.out, self.mode, 0, 1, full=True)
        if dead is not None:
            return how
        if want.get(0) == got.get(0):
            return None
        for a, b in zip(want[0], got[0]):
            if a != b:
                return f"interpreted: {a[:500]}\n{self.mode:>11}: {b[:500]}"
        return "a different number of lines"


def statement_lists(tree):
    """Every list of statements of a tree, innermost last."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            statements = getattr(node, field, None)
            if isinstance(statements, list) and statements:
                yield node, field, statements
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ENTRIES":
            for part in ast.walk(node.value):
                if isinstance(part, ast.List) and part.elts:
                    yield part, "elts", part.elts


def unparsed(tree):
    """Source of a tree with emptied bodies filled up, or None if it is no program any more."""
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list) and not node.body and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]
        if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
            node.finalbody = [ast.Pass()]
            node.orelse = []
    try:
        source = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        compile(source, "<fuzz>", "exec")
        return source
    except (SyntaxError, ValueError):
        return None


def reduce(source, single):
    """Delete statements, then whole halves of lists, as long as the difference stays."""
    stop = time.monotonic() + REDUCE_SECONDS
    best = unparsed(ast.parse(source))
    if best is None or not single.differs(best):
        return source
    progress = True
    while progress and time.monotonic() < stop:
        progress = False
        size = 8
        while size:
            position = 0
            while time.monotonic() < stop:
                tree = ast.parse(best)
                lists = [s for _, _, s in statement_lists(tree)]
                spots = [(k, i) for k, s in enumerate(lists) for i in range(0, len(s), size) if size == 1 or len(s) >= size]
                if position >= len(spots):
                    break
                k, i = spots[position]
                del lists[k][i : i + size]
                smaller = unparsed(tree)
                if smaller and len(smaller) < len(best) and single.differs(smaller):
                    best, progress = smaller, True
                else:
                    position += 1
            size //= 2
    return best


def generate(seed, count):
    command = [sys.executable, "-W", "ignore", os.path.join(FUZZ, "gen.py"), str(seed), str(count)]
    return json.loads(subprocess.run(command, env=environment("interpreted"), stdout=subprocess.PIPE, check=True).stdout)


def run_batch(seed, count, modes):
    """Generate and run one batch. → [(seed, mode, how or "")]"""
    with tempfile.TemporaryDirectory() as scratch:
        programs = generate(seed, count)
        batch, out = os.path.join(scratch, "batch.json"), os.path.join(scratch, "out")
        with open(batch, "w") as sink:
            json.dump(programs, sink)
        want, hung = all_outcomes(batch, out, "interpreted", count)
        suspects = [(seed + i, "generator", how) for i, how in hung.items()]
        for mode in modes:
            got, crashes = all_outcomes(batch, out, mode, count)
            for i in range(count):
                if i in crashes and i not in hung:
                    suspects.append((seed + i, mode, crashes[i]))
                elif i in want and want[i] != got.get(i) and i not in hung:
                    suspects.append((seed + i, mode, ""))
        return suspects


def report(seed, mode, how, batch_start, keep):
    """Confirm, reduce and print one suspect."""
    if mode == "generator":
        print(f"FAIL seed {seed} does not run interpreted: {how}", flush=True)
        return
    source = generate(seed, 1)[0]
    with tempfile.TemporaryDirectory() as scratch:
        single = Single(scratch, mode)
        said = single.differs(source)
        if said is None:
            print(f"FAIL seed {seed} [{mode}] only after the programs from seed {batch_start} on in the same process: {how or 'different outcome'}", flush=True)
            return
        smaller = reduce(source, single)
        said = single.differs(smaller) or said
    if keep:
        os.makedirs(keep, exist_ok=True)
        with open(os.path.join(keep, f"{mode}-{seed}.py"), "w") as sink:
            sink.write(smaller)
    print(f"FAIL seed {seed} [{mode}]\n{indent(said)}\n  reduced program:\n{indent(smaller)}", flush=True)


def indent(text):
    return "\n".join("    " + l for l in text.splitlines())


def main(argv):
    argv = list(argv)
    warnings.simplefilter("ignore")
    rotate = "--full" in argv
    count, seed, jobs, modes, keep = QUICK, 1, os.cpu_count() or 2, [m for m in MODES if m != "interpreted"], None
    while argv:
        word = argv.pop(0)
        if word == "--count":
            count = int(argv.pop(0))
        elif word == "--full":
            count = FULL
        elif word == "--seed":
            seed = int(argv.pop(0))
        elif word == "--jobs":
            jobs = int(argv.pop(0))
        elif word == "--modes":
            modes, rotate = argv.pop(0).split(","), False
        elif word == "--keep":
            keep = argv.pop(0)
        elif word == "--show":
            print(generate(int(argv.pop(0)), 1)[0])
            return 0
        elif word == "--one":
            seed, count = int(argv.pop(0)), 1
        else:
            print(__doc__.strip())
            return 2
    began = time.monotonic()
    starts = range(seed, seed + count, BATCH)

    def modes_of(start):
        return ["warm", ("first", "deopt")[(start - seed) // BATCH % 2]] if rotate else modes

    failed = reported = unfit = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        jobs_done = pool.map(lambda s: (s, run_batch(s, min(BATCH, seed + count - s), modes_of(s))), starts)
        for start, suspects in jobs_done:
            for suspect in suspects:
                if suspect[1:] == ("generator", SLOW):
                    unfit += 1
                    print(f"seed {suspect[0]} takes too long without Ember", flush=True)
                    continue
                failed += 1
                if reported < MOST_REPORTS:
                    report(*suspect, start, keep)
                else:
                    print(f"FAIL seed {suspect[0]} [{suspect[1]}] {suspect[2][:100]}", flush=True)
                reported += 1
    each = 2 if rotate else len(modes)
    if unfit * 100 > count and count >= BATCH:
        failed += 1
        print(f"FAIL {unfit} programs take too long without Ember", flush=True)
    print(f"fuzz: {count} programs from seed {seed}, {each} modes each, {time.monotonic() - began:.0f} s")
    return workshop.closing((count - unfit) * each - failed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
