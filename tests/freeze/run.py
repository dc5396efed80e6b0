"""Runs one test of a file in this folder in this process, from import to exit.

usage: run.py FILE TEST

A test is a function `test_…`. It fails by an exception, by a crash, by an exit code other than 0, or by anything that the
interpreter prints about errors it ignored, also while it shuts down. A test whose docstring has a line `prints: TEXT` must
have printed exactly TEXT when the process is gone: that is how tests see what happens at exit. A line
`not in debug builds: REASON`, or `only in debug builds`, says which interpreter a test is for.
"""

import importlib.util
import sys


def load(path):
    spec = importlib.util.spec_from_file_location("__main__", path)
    module = importlib.util.module_from_spec(spec)
    # Classes of the tests are found by pickle where they say they are.
    sys.modules["__main__"] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    getattr(load(sys.argv[1]), sys.argv[2])()
