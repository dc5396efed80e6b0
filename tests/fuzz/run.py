"""Child of the fuzz runner: runs a batch of generated programs and writes one line for each.

usage: run.py BATCH.json OUTPUT [--from I] [--to J] [--full]

A line is [index, digest of everything observed], or with --full [index, the lines observed]. The index of a program is
written (as [index]) before it starts, so that a crash names its program. A program that hangs is killed by SIGPROF: it is processor
time that counts, as other work on the machine may keep a program waiting for long.
"""
import faulthandler
import gc
import hashlib
import json
import re
import signal
import sys
import warnings
import zlib

USUAL_ROUNDS = 12
SECONDS = 20
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def text(value):
    try:
        if type(value) is int and value.bit_length() > 4000:
            shown = hex(value)
        else:
            shown = repr(value)
    except Exception as error:
        shown = f"<repr: {type(error).__name__}>"
    return ADDRESS.sub("0x..", shown)[:300]


def outcome(f, args):
    try:
        value = f(*args)
        return f"{type(value).__name__} {text(value)}"
    except RecursionError:
        return "!RecursionError"
    except Exception as error:
        where, tb = [], error.__traceback__.tb_next
        while tb is not None:
            where.append(f"{tb.tb_frame.f_code.co_name}:{tb.tb_lineno}")
            tb = tb.tb_next
        context = type(error.__context__).__name__
        return f"!{type(error).__name__}: {ADDRESS.sub('0x..', str(error))[:200]} [{' '.join(where[:8])}] in {context}"


def observe(source):
    """Everything that can be seen of a program, as lines."""
    lines = []
    scope = {"__name__": "fuzzed"}
    try:
        exec(compile(source, "<fuzz>", "exec"), scope)
    except Exception as error:
        return [f"module: {type(error).__name__}: {error}"]
    entries = scope["ENTRIES"]

    def call(name, arguments):
        args = eval(arguments, scope)
        lines.append(f"{name}{arguments} -> {outcome(scope[name], args)} args {text(args)}")

    for round_ in range(USUAL_ROUNDS):
        for name, usual, _ in entries:
            for arguments in usual:
                call(name, arguments)
    for name, _, strange in entries:
        for arguments in strange:
            call(name, arguments)
    for name, usual, _ in entries:
        for arguments in usual:
            call(name, arguments)
    log = [ADDRESS.sub("0x..", str(entry)) for entry in scope.get("LOG", ())]
    lines.append(f"log of {len(log)}: {zlib.crc32(repr(log).encode('utf-8', 'replace'))}")
    for i in range(0, len(log), 200):
        lines.append(f"log {i}: {log[i:i + 3]} {zlib.crc32(repr(log[i:i + 200]).encode('utf-8', 'replace'))}")
    lines.append("globals " + " ".join(f"{g}={text(scope.get(g))}" for g in ("G0", "G1", "G2", "GF", "GL")))
    return lines


def main(argv):
    faulthandler.enable()
    warnings.simplefilter("ignore")
    sys.set_int_max_str_digits(0)
    with open(argv[0]) as source:
        programs = json.load(source)
    low = int(argv[argv.index("--from") + 1]) if "--from" in argv else 0
    high = int(argv[argv.index("--to") + 1]) if "--to" in argv else len(programs)
    full = "--full" in argv
    with open(argv[1], "a", buffering=1) as out:
        for index in range(low, high):
            out.write(json.dumps([index]) + "\n")
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            lines = observe(programs[index])
            out.write(json.dumps([index, lines if full else hashlib.sha1("\n".join(lines).encode("utf-8", "replace")).hexdigest()]) + "\n")
            if index % 40 == 0:
                gc.collect()
        signal.setitimer(signal.ITIMER_PROF, 0)
        out.write(json.dumps(["end"]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
