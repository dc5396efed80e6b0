"""``python -m ember``: run a program under Ember, or explain a function.

A program is run by starting the interpreter anew with ``EMBER`` set and the interpreter options that were given here.
So the program sees exactly what it would see without ``-m ember``: its own ``__main__``, its own frames in
tracebacks, its own arguments. Processes that it starts inherit the mode.
"""

from __future__ import annotations

import os
import sys

from . import _control, jit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

USAGE = """\
usage: python -m ember [--mode MODE] SCRIPT.py [ARGS...]
       python -m ember [--mode MODE] -m MODULE [ARGS...]
       python -m ember [--mode MODE] -c COMMAND [ARGS...]
       python -m ember explain MODULE:QUALNAME [SCRIPT.py [ARGS...]] [--hir] [--clif] [--asm]
       python -m ember memory PID | --tree PID [OPTIONS]
       python -m ember profile show | merge | load | save [OPTIONS]
       python -m ember ab --a SERVER --b SERVER --traffic FILE [OPTIONS]
       python -m ember dev -- COMMAND           run it; bring what is saved into the running process; see dev --help
       python -m ember check [PATH...]          what importing these modules does; see check --help
       python -m ember lazy prepare|report ...  imports put off until they are used; see lazy --help

MODE is auto (the default: hot functions), all (every function at its first call), list:FILE or off.
explain imports the module, or runs the script, and tells what became of the function.
memory tells what processes have for themselves, and why; `memory --help` says how.
profile shows and merges what processes have learnt of their functions; `profile --help` says how.
ab compares two servers under load; `ab --help` says how."""


class UsageError(Exception):
    """The command line makes no sense; the message says where."""


def interpreter_options() -> list[str]:
    """The interpreter's own options of this process: what stands before ``-m ember``."""
    words = sys.orig_argv
    for index, word in enumerate(words):
        if word == "-m" and words[index + 1 : index + 2] == ["ember"]:
            return words[1:index]
    return []


def hook_is_installed() -> bool:
    """Whether an interpreter started like this one reads ``ember.pth``."""
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "ember.pth")
    return not sys.flags.no_site and os.path.exists(beside)


def run(mode: str, words: list[str]) -> int:
    """Run the program `words` under `mode`; returns only if that cannot be done."""
    if sys.flags.ignore_environment or not hook_is_installed():
        sys.stderr.write("ember: stays off: this interpreter does not read EMBER (-E, -I, -S or no ember.pth)\n")
    elif not _control.environment_says_off():
        os.environ["EMBER"] = mode
    command = [sys.executable, *interpreter_options(), *words]
    sys.stdout.flush()
    os.execv(sys.executable, command)


def find(module: str, qualname: str) -> Any:
    """The object that is called `qualname` in `module`, as it stands in its class."""
    import importlib

    found: Any = sys.modules["__main__"] if module == "__main__" else importlib.import_module(module)
    for name in qualname.split("."):
        holder = vars(found) if hasattr(found, "__dict__") else {}
        found = holder[name] if name in holder else getattr(found, name)
    if isinstance(found, property):
        found = found.fget
    while hasattr(found, "__wrapped__") and not hasattr(found, "__code__"):
        found = found.__wrapped__
    return found


def run_script(words: list[str]) -> None:
    """Run a script in this process as ``__main__``, and leave its module there."""
    path = words[0]
    main = type(sys)("__main__")
    main.__file__ = path
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    sys.argv = words
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec")
    try:
        exec(code, main.__dict__)
    except SystemExit:
        pass


def print_report(report: dict[str, Any] | list[Any], indent: int = 0) -> None:
    """Print nested dicts and lists for people to read."""
    margin = "  " * indent
    items: Any = report.items() if isinstance(report, dict) else ((None, item) for item in report)
    for key, value in items:
        label = f"{key}: " if key is not None else "- "
        if isinstance(value, dict) and key is None:
            print(margin + label + ", ".join(f"{k} {v}" for k, v in value.items()))
        elif isinstance(value, (dict, list)) and value:
            print(margin + label.rstrip())
            print_report(value, indent + 1)
        elif not isinstance(value, (dict, list)):
            print(f"{margin}{label}{value:.3f}" if isinstance(value, float) else f"{margin}{label}{value}")


def explain(words: list[str]) -> int:
    """The command ``explain``."""
    stages: list[Any] = [word[2:] for word in words if word in ("--hir", "--clif", "--asm")]
    words = [word for word in words if word not in ("--hir", "--clif", "--asm")]
    if not words or ":" not in words[0]:
        raise UsageError("explain needs MODULE:QUALNAME")
    module, qualname = words[0].split(":", 1)
    enabled = _control.enable("auto")
    if len(words) > 1:
        run_script(words[1:])
    try:
        function = find(module, qualname)
    except (ImportError, AttributeError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 1
    if enabled:
        jit.wait()
        if not jit.is_compiled(function):
            try:
                jit.compile(function)
            except jit.CompileError:
                pass  # the reason is part of what is printed
    print_report(jit.explain(function))
    for stage in stages:
        print(f"\n--- {stage} ---")
        print(jit.dump(function, stage))
    return 0


def main(words: list[str]) -> int:
    """The command line; the exit code."""
    mode = "auto"
    try:
        while words and words[0].startswith("--"):
            word = words.pop(0)
            if word == "--help":
                print(USAGE)
                return 0
            name, equals, value = word.partition("=")
            if name != "--mode" or not (equals or words):
                raise UsageError(f"no option {word}")
            mode = value if equals else words.pop(0)
            _control.parse_mode(mode)
        if not words or words == ["-h"]:
            print(USAGE, file=sys.stdout if words else sys.stderr)
            return 0 if words else 2
        if words[0] == "explain" and not os.path.exists("explain"):
            return explain(words[1:])
        if words[0] == "memory" and not os.path.exists("memory"):
            from . import _memory

            return _memory.main(words[1:])
        if words[0] == "profile" and not os.path.exists("profile"):
            from . import _profile_cli

            return _profile_cli.main(words[1:])
        if words[0] == "ab" and not os.path.exists("ab"):
            from .ab import cli

            return cli.main(words[1:])
        if words[0] == "dev" and not os.path.isfile("dev"):
            from .reload import supervisor

            return supervisor.main(words[1:])
        if words[0] == "check" and not os.path.isfile("check"):
            from . import check

            return check.main(words[1:])
        if words[0] == "lazy" and not os.path.isfile("lazy"):
            from .lazy import _cli

            return _cli.main(words[1:])
        return run(mode, words)
    except (UsageError, ValueError, TypeError) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 2
    except (jit.CompileError, jit.Unsupported) as error:
        print(f"ember: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
