"""Signals in hot loops, threads switching in loops, locals to threads, exceptions set from outside."""
import _thread
import ctypes
import os
import signal
import sys
import threading
import time

from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN


class Alarm(Exception):
    pass


def hot_for(n):
    t = 0
    for i in range(n):
        t = (t + i) & 0xFFFF
    return t


def hot_while(n):
    i = 0
    while i < n:
        i += 1
    return i


def hot_float(n):
    x = 0.0
    for _ in range(n):
        x += 1.0
    return x


def hot_calls(n):
    t = 0
    for i in range(n):
        t += small(i)
    return t


def small(x): return x & 1


def hot_list(n):
    out = []
    k = 0
    while k < n:
        out = [k]
        k += 1
    return len(out)


def hot_infinite(n):
    while True:
        pass


def hot_recursive(n):
    while True:
        deep(20)


def deep(n): return 0 if n == 0 else deep(n - 1) + 1


def hot_try(n):
    t = 0
    while True:
        try:
            t += 1
            if t & 1:
                raise KeyError
        except KeyError:
            pass


def interrupted(f, trained):
    """Interrupt `f` by a timer whose handler raises; the traceback must end in f (or its callee)."""
    for _ in range(TRAIN if trained else 0):
        f(10)
    def handler(signo, frame):
        raise Alarm("ring")
    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        f(1 << 60)
    except Alarm as e:
        names = []
        tb = e.__traceback__
        while tb:
            names.append(tb.tb_frame.f_code.co_name)
            tb = tb.tb_next
        return f.__name__ in names, names[-1], str(e)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_interrupts():
    for f in (hot_for, hot_while, hot_float, hot_calls, hot_list):
        show(f.__name__, interrupted(f, True))
        compiled(f)
    for f in (hot_infinite, hot_recursive, hot_try):
        show(f.__name__, interrupted(f, False))
    # Again, now that the functions have been interrupted once.
    for f in (hot_for, hot_calls, hot_infinite):
        show(f.__name__, interrupted(f, f is not hot_infinite))


def test_handler_continues():
    """A handler that returns: the loop goes on, and the handler sees the interrupted frame's locals."""
    seen = []
    def handler(signo, frame):
        while frame and frame.f_code.co_name != "counted":
            frame = frame.f_back
        if frame and "t" in frame.f_locals:
            seen.append((sorted(frame.f_locals), type(frame.f_locals["t"]).__name__))
    def counted(n):
        t = 0
        stop = time.monotonic() + 0.15
        i = 0
        while len(seen) < n and time.monotonic() < stop + 5:
            for i in range(2000):
                t += i
            t = t & 0xFF
        return t >= 0
    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        show(counted(4))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    show(len(seen) >= 4, seen[0][1])


def test_raise_signal():
    log = []
    def handler(signo, frame): log.append((signo == signal.SIGUSR1, frame.f_code.co_name))
    old = signal.signal(signal.SIGUSR1, handler)
    def f(n):
        for i in range(n):
            os.kill(os.getpid(), signal.SIGUSR1)
            i + 1
        return len(log)
    try:
        for _ in range(30):
            log.clear()
            f(3)
        show(len(log), log[0][0])
    finally:
        signal.signal(signal.SIGUSR1, old)


def test_threads_take_turns():
    """Two compiled loops must both advance: native loops give up the lock at back edges."""
    flag = [False]
    def spin(k):
        n = 0
        while not flag[0]:
            n += 1
            turns[k] = n
    for _ in range(3):
        flag[0] = False
        turns = [0, 0]
        threads = [threading.Thread(target=spin, args=(k,)) for k in range(2)]
        for t in threads:
            t.start()
        # A busy machine may let them wait; in native loops the lock is given up as often as in others.
        until = time.monotonic() + 30
        while not all(turns) and time.monotonic() < until:
            hot_for(30000)
        flag[0] = True
        for t in threads:
            t.join(10)
        show([t.is_alive() for t in threads], all(turns))


def test_same_function_in_threads():
    results = [None] * 4
    def work(k):
        results[k] = (hot_for(20000 + k), hot_calls(5000), fib(14), sum(hot_float(100) for _ in range(20)))
    for _ in range(3):
        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        old = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        finally:
            sys.setswitchinterval(old)
        show(results)


def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)


def test_shared_state():
    """Attribute changes by one thread seen by another's compiled loop."""
    class Box:
        pass
    box = Box()
    box.go = True
    box.value = 0
    def watcher():
        n = 0
        while box.go:
            n += 1
        result.append(box.value)
    result = []
    for _ in range(3):
        box.go = True
        t = threading.Thread(target=watcher)
        t.start()
        time.sleep(0.02)
        box.value = "set"
        box.go = False
        t.join(10)
        show(t.is_alive())
    show(result)


GLOBAL_FLAG = True


def test_global_flag():
    global GLOBAL_FLAG
    def watcher():
        while GLOBAL_FLAG:
            pass
        out.append("saw it")
    out = []
    for _ in range(3):
        GLOBAL_FLAG = True
        t = threading.Thread(target=watcher)
        t.start()
        time.sleep(0.02)
        GLOBAL_FLAG = False
        t.join(10)
        show(t.is_alive())
    show(out)


def test_async_exception():
    """PyThreadState_SetAsyncExc reaches a spinning compiled loop."""
    caught = []
    def victim():
        try:
            started.set()
            while True:
                pass
        except Alarm:
            caught.append("alarm")
    for _ in range(3):
        started = threading.Event()
        t = threading.Thread(target=victim)
        t.start()
        started.wait()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(t.ident), ctypes.py_object(Alarm))
        t.join(10)
        show(t.is_alive())
    show(caught)


def test_thread_locals():
    local = threading.local()
    def work(k):
        local.v = k
        for _ in range(100):
            local.v += 1
        out[k] = local.v
    out = {}
    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    show(sorted(out.items()))


def test_exception_in_thread():
    errors = []
    old = threading.excepthook
    threading.excepthook = lambda a: errors.append((a.exc_type.__name__, str(a.exc_value)))
    def bad(n): return hot_for(n) // 0
    try:
        for _ in range(3):
            t = threading.Thread(target=bad, args=(10,))
            t.start()
            t.join()
    finally:
        threading.excepthook = old
    show(errors)


def test_small_stack():
    """Deep recursion on a thread with a small stack raises RecursionError and does not crash."""
    old = threading.stack_size(256 * 1024)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100000)
    out = []
    def down(n): return down(n + 1) + 1
    def through_c(n): return sorted([n], key=through_c)
    def body(f):
        try:
            f(0)
        except RecursionError:
            out.append("RecursionError")
    try:
        for f in (through_c, through_c):
            t = threading.Thread(target=body, args=(f,))
            t.start()
            t.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(old)
    show(out)


def test_interrupt_main():
    def f(n):
        _thread.interrupt_main()
        for i in range(n):
            pass
        return "not reached"
    for _ in range(3):
        try:
            show(f(100000))
        except KeyboardInterrupt:
            show("interrupted")


def interrupted_in_with():
    class Manager:
        def __enter__(self):
            return self
        def __exit__(self, kind, value, tb):
            self.kind = kind and kind.__name__
            return kind is KeyboardInterrupt
    with Manager() as manager:
        _thread.interrupt_main()
    return manager.kind


def interrupted_in_try(call):
    before = 1
    try:
        call()
        before = 2
    except KeyboardInterrupt as error:
        return before, error.__traceback__.tb_lineno - interrupted_in_try.__code__.co_firstlineno
    finally:
        before = 3
    return before


def interrupted_with_keywords(call):
    try:
        call(**{})
    except KeyboardInterrupt:
        return "caught"


def test_a_signal_is_due_right_after_the_call():
    run(interrupted_in_with)
    run(interrupted_in_try, _thread.interrupt_main)
    run(interrupted_with_keywords, _thread.interrupt_main)
    run(interrupted_in_try, lambda: signal.raise_signal(signal.SIGINT))
    for f in (interrupted_in_with, interrupted_in_try, interrupted_with_keywords):
        compiled(f)
