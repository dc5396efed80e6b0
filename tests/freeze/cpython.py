"""Runs one module of CPython's test suite with the heap frozen: after it was loaded, and again before every so many tests.

usage: cpython.py MODULE EVERY

Only crashes count: some tests compare reference counts or wait for an object to die, and differ as they must.
"""

import faulthandler
import gc
import importlib
import os
import sys
import tempfile
import unittest

import ember


class Freezing(unittest.TestResult):
    """Freezes before every so many tests, and says which one runs."""

    def __init__(self, every, names):
        super().__init__()
        self.every, self.names = every, names

    def startTest(self, test):
        super().startTest(test)
        self.names.seek(0)
        self.names.truncate()
        self.names.write(test.id())
        self.names.flush()
        if self.testsRun % self.every == 0:
            ember.freeze(quiet=True)


def main(name, every, place):
    faulthandler.enable()
    os.chdir(tempfile.mkdtemp())
    loader = unittest.TestLoader()
    module = importlib.import_module(f"test.{name}")
    tests = loader.loadTestsFromModule(module)
    ember.freeze(quiet=True)
    with open(place, "w") as names:
        result = Freezing(every, names)
        tests.run(result)
        gc.collect()
        names.seek(0)
        names.truncate()
        names.write("exit")
    print(f"{result.testsRun} run, {len(result.failures)} failed, {len(result.errors)} with errors")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
