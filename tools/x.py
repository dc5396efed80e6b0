"""`./x`: everything one does with this repository.

usage: ./x COMMAND [ARGS]

  demo [--serve]           build, then run a few programs and a web site plain and under Ember, and print what came of it
  test [--full] [SUITE…]   all tests, or some suites; the last line is `N passed, N failed`
  py ARGS…                 CPython 3.14 with this Ember installed (EMBER=1 in front turns it on)
  bench [ARGS]             pyperformance's programs on plain CPython, Ember and the peers that are installed
  bench server [ARGS]      the web site: processor time a request, memory, starts
  bench celery [ARGS]      tasks in Celery's pool: processor time a task, memory
  build                    a wheel, in dist/
  fmt                      format the Rust code
  lint                     formatting, clippy with warnings as errors, layering and file sizes
  help                     this text

The interpreter is $EMBER_PYTHON, `python3.14` on the path, or uv's; failing that one is unpacked from Debian's packages
into .python/. Nothing outside this folder is changed. EMBER_VENV names another environment than .venv,
EMBER_PROFILE=dev builds with assertions, EMBER_BUILD=0 takes what was built last, CARGO_TARGET_DIR is respected.
"""

import os
import signal
import sys

import workshop


def build(arguments):
    print(workshop.build_wheel())


def py(arguments):
    python = str(workshop.ready())
    os.execv(python, [python, *arguments])


def test(arguments):
    import suites

    sys.exit(suites.main(arguments))


def tool(name):
    """A command that is a program of its own for the built interpreter."""

    def command(arguments):
        python = str(workshop.ready())
        os.execv(python, [python, str(workshop.ROOT / "tools" / name), *arguments])

    return command


def fmt(arguments):
    workshop.cargo("fmt", "--all", *arguments)


def lint(arguments):
    import suites

    sys.exit(suites.main(["fmt", "clippy", "xtask"]))


def help_(arguments):
    print(__doc__.strip())


COMMANDS = {
    "build": build,
    "py": py,
    "test": test,
    "bench": tool("bench.py"),
    "demo": tool("demo.py"),
    "fmt": fmt,
    "lint": lint,
    "help": help_,
    "--help": help_,
    "-h": help_,
}


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    name = sys.argv[1] if len(sys.argv) > 1 else "help"
    if name not in COMMANDS:
        sys.exit("x: no command %s; try ./x help" % name)
    try:
        COMMANDS[name](sys.argv[2:])
    except workshop.Failure as failure:
        sys.exit("x: %s" % failure)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
