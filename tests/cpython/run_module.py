"""Runs one module of CPython's test suite in this process and writes every test's result as it comes.

usage: run_module.py MODULE OUTPUT [--match TEST_ID]…

OUTPUT gets one JSON list a line, flushed at once: ["start", id], [outcome, id, detail], ["end", number of tests]. When the
process dies, the last "start" without an outcome names the test that killed it.
"""
import json
import os
import sys
import tempfile
import traceback
import unittest


class Recorder(unittest.TestResult):
    """Writes outcomes; the worst outcome of a test's parts is for the reader to work out."""

    def __init__(self, sink):
        super().__init__()
        self.sink = sink

    def put(self, outcome, test, detail=""):
        self.sink.write(json.dumps([outcome, test.id(), detail]) + "\n")

    def startTest(self, test):
        super().startTest(test)
        self.sink.write(json.dumps(["start", test.id()]) + "\n")

    def detail(self, err):
        return "".join(traceback.format_exception(*err))[-2500:]

    def addSuccess(self, test):
        self.put("ok", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.put("error", test, self.detail(err))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.put("fail", test, self.detail(err))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.put("skip", test, reason)

    def addExpectedFailure(self, test, err):
        self.put("ok", test)

    def addUnexpectedSuccess(self, test):
        self.put("fail", test, "unexpected success")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.put("fail", test, f"{subtest._subDescription()}\n{self.detail(err)}")


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def main(argv):
    import faulthandler
    name, out = argv[0], argv[1]
    wanted = {argv[i + 1] for i, word in enumerate(argv) if word == "--match"}
    unwanted = {argv[i + 1] for i, word in enumerate(argv) if word == "--skip"}
    faulthandler.enable()
    from test import support
    from test.libregrtest.setup import setup_process
    setup_process()
    support.verbose = 0
    support.use_resources = []
    with open(out, "w", buffering=1) as sink:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            os.chdir(scratch)
            result = Recorder(sink)
            try:
                module = __import__(f"test.{name}", fromlist=["*"])
            except unittest.SkipTest as skip:
                sink.write(json.dumps(["skip", f"test.{name}", str(skip)]) + "\n")
                sink.write(json.dumps(["end", 1]) + "\n")
                return
            suite = unittest.defaultTestLoader.loadTestsFromModule(module)
            if wanted:
                suite = unittest.TestSuite(t for t in flatten(suite) if t.id() in wanted)
            if unwanted:
                suite = unittest.TestSuite(t for t in flatten(suite) if t.id() not in unwanted)
            suite.run(result)
            sink.write(json.dumps(["end", result.testsRun]) + "\n")
            os.chdir("/")


if __name__ == "__main__":
    # Tests look at __main__; they should find the regrtest they expect no more than an ordinary script.
    main(sys.argv[1:])
