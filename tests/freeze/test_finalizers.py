"""What runs when something dies, runs: in the middle of the program, and at exit for what frozen objects hold."""

import asyncio
import atexit
import gc
import io
import os
import sys
import tempfile
import weakref

from support import freeze, in_child, is_immortal


class Holder:
    pass


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        os.write(1, f"{self.name} dies\n".encode())


def test_finalizers_run_when_their_objects_are_dropped():
    """prints: first dies|second dies|end|"""
    loud, listed = Loud("first"), [Loud("second")]
    freeze()
    assert not is_immortal(loud) and is_immortal(listed)
    del loud
    listed.clear()
    gc.collect()
    os.write(1, b"end\n")


def test_finalizers_run_once():
    """prints: once dies|end|"""
    holder = Holder()
    holder.loud = Loud("once")
    holder.loud.holder = holder
    freeze()
    del holder.loud
    gc.collect()
    os.write(1, b"end\n")


def test_what_frozen_objects_hold_is_finalized_at_exit():
    """prints: end|held dies|"""
    global HOLDER
    HOLDER = Holder()
    HOLDER.inner = [{"deep": (Loud("held"),)}]
    freeze()
    os.write(1, b"end\n")


def test_what_was_made_after_the_freeze_is_finalized_at_exit():
    """prints: end|late dies|"""
    global HOLDER
    HOLDER = Holder()
    freeze()
    HOLDER.late = Loud("late")
    os.write(1, b"end\n")


def test_finalizers_at_exit_see_whole_modules():
    """prints: 3.0|"""

    class Uses:
        def __del__(self):
            import math

            os.write(1, f"{math.sqrt(9)}\n".encode())

    global HOLDER
    HOLDER = Holder()
    HOLDER.uses = Uses()
    freeze()


def test_files_are_flushed_at_exit():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "file")

    def child():
        HOLDER.file.write("buffered text")

    global HOLDER
    HOLDER = Holder()
    HOLDER.file = open(path, "w")
    freeze()
    in_child(child)
    with open(path) as written:
        assert written.read() == "buffered text"
    os.unlink(path)

    def late():
        HOLDER.late = io.TextIOWrapper(io.BufferedWriter(io.FileIO(path, "w")))
        HOLDER.late.write("late text")

    in_child(late)
    with open(path) as written:
        assert written.read() == "late text"
    os.unlink(path)
    os.rmdir(folder)


def test_a_finalizer_may_write_to_a_frozen_file():
    path = tempfile.mktemp()

    class Logs:
        def __init__(self, file):
            self.file = file

        def __del__(self):
            self.file.write("last words")

    def child():
        global HOLDER
        HOLDER = Holder()
        HOLDER.file = open(path, "w")
        HOLDER.logs = Logs(HOLDER.file)
        freeze()

    in_child(child)
    with open(path) as written:
        assert written.read() == "last words"
    os.unlink(path)


def test_standard_streams_work_to_the_end():
    """prints: by print|by atexit|by finalizer|"""

    class Prints:
        def __del__(self):
            print("by finalizer")

    global HOLDER
    HOLDER = Holder()
    HOLDER.prints = Prints()
    atexit.register(print, "by atexit")
    freeze()
    print("by print")


def test_generators_are_closed_at_exit():
    """prints: end|closed|"""

    def generator():
        try:
            yield 1
        finally:
            os.write(1, b"closed\n")

    global HOLDER
    HOLDER = Holder()
    HOLDER.generator = generator()
    next(HOLDER.generator)
    freeze()
    os.write(1, b"end\n")


def test_weak_finalizers_run_at_exit():
    """prints: end|finalized|"""
    thing = Holder()
    weakref.finalize(thing, os.write, 1, b"finalized\n")
    freeze()
    os.write(1, b"end\n")


def test_exit_codes_and_errors_at_exit():
    """prints: end|"""

    class Fails:
        def __del__(self):
            raise ValueError("expected")

    sys.unraisablehook = lambda unraisable: None
    global HOLDER
    HOLDER = Holder()
    HOLDER.fails = Fails()
    freeze()
    os.write(1, b"end\n")


def test_a_loop_that_was_not_closed():
    global HOLDER
    HOLDER = Holder()
    HOLDER.loop = asyncio.new_event_loop()
    HOLDER.loop.run_until_complete(asyncio.sleep(0))
    freeze()
    HOLDER.loop.run_until_complete(asyncio.sleep(0))
    HOLDER.loop.close()


def test_modules_taken_out_of_sys_modules():
    """prints: end|"""
    freeze()
    for name in [name for name in sys.modules if name.startswith(("ember", "email", "json"))]:
        del sys.modules[name]
    gc.collect()
    os.write(1, b"end\n")
