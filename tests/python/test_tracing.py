"""settrace, setprofile and sys.monitoring: events must be what the interpreter gives, also when they start in mid-run."""
import sys

from check import compiled, fresh, matrix, once, outcome, run, say, show, TRAIN


def leaf(x): return x * 2
def branchy(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += leaf(i)
        else:
            total -= 1
    return total
def raising(n):
    try:
        return {}[n]
    except KeyError:
        return leaf(n)
def generator(n):
    for i in range(n):
        yield leaf(i)
def consumer(n): return sum(generator(n)) + len([x for x in range(n)])
def recursion(n): return 0 if n == 0 else recursion(n - 1) + 1
class K:
    def __init__(self, v): self.v = v
    @property
    def p(self): return self.v
    def m(self): return self.p + 1
def objects(n): return sum(K(i).m() for i in range(n))
def with_c(n): return len(sorted([n, 1], key=leaf)) + abs(-n)

FUNCTIONS = [(leaf, 3), (branchy, 4), (raising, 1), (consumer, 3), (recursion, 3), (objects, 2), (with_c, 2)]


def warm():
    for f, a in FUNCTIONS:
        for _ in range(TRAIN):
            f(a)
        compiled(f)


def mine(frame): return frame.f_code.co_filename == __file__


def trace_events(f, *args, opcodes=False):
    events = []
    def tracer(frame, event, arg):
        if not mine(frame):
            return None
        frame.f_trace_opcodes = opcodes
        shown = type(arg[1]).__name__ if event == "exception" else arg if event == "return" else None
        events.append((frame.f_code.co_name, event, frame.f_lineno, shown, frame.f_lasti if opcodes else None))
        return tracer
    old = sys.gettrace()
    sys.settrace(tracer)
    try:
        f(*args)
    finally:
        sys.settrace(old)
    return events


def profile_events(f, *args):
    events = []
    def profiler(frame, event, arg):
        if mine(frame) and frame.f_code is not profile_events.__code__:
            events.append((frame.f_code.co_name, event, getattr(arg, "__name__", None) if event.startswith("c_") else arg if isinstance(arg, int) else None))
    sys.setprofile(profiler)
    try:
        f(*args)
    finally:
        sys.setprofile(None)
    return events


def test_trace_after_warm():
    warm()
    for f, a in FUNCTIONS:
        say(trace_events(f, a))
        say(trace_events(f, a, opcodes=True))
        say(f(a))
        say(profile_events(f, a))
        say(f(a))
    warm()


class Switch:
    """Starts tracing from inside a call that compiled code makes."""
    def __init__(self): self.events = []
    def on(self, kind):
        if kind == "trace":
            sys.settrace(self.trace)
        elif kind == "profile":
            sys.setprofile(self.profile)
        elif kind == "frame":
            sys.settrace(self.trace)
            sys._getframe(1).f_trace = self.trace
    def off(self):
        sys.settrace(None)
        sys.setprofile(None)
    def trace(self, frame, event, arg):
        if mine(frame):
            self.events.append((frame.f_code.co_name, event, frame.f_lineno))
        return self.trace
    def profile(self, frame, event, arg):
        if mine(frame) and not event.startswith("c_"):
            self.events.append((frame.f_code.co_name, event))


def midway(n, at, kind, switch):
    out = []
    for i in range(n):
        if i == at:
            switch.on(kind)
        out.append(leaf(i))
    switch.off()
    return out


def test_started_midway():
    for kind in ("trace", "profile", "frame"):
        for _ in range(TRAIN):
            midway(4, -1, kind, Switch())
        s = Switch()
        show(midway(5, 2, kind, s))
        # Native code honours the change from its next call or back edge on; what lies before is not compared.
        first = next(i for i, e in enumerate(s.events) if e[:2] == ("leaf", "call"))
        say(s.events[first:])
    compiled(midway)


def test_stopped_midway():
    def stopper(n):
        out = []
        for i in range(n):
            if i == 2:
                sys.settrace(None)
            out.append(leaf(i))
        return out
    for _ in range(TRAIN):
        stopper(4)
    show(trace_events(stopper, 4))


def jump_target(n):
    a = 1
    b = 2
    c = a + b
    d = n
    return a, b, c, d


def test_jump():
    """A debugger that moves the line pointer."""
    for _ in range(TRAIN):
        jump_target(1)
    first = jump_target.__code__.co_firstlineno
    def tracer(frame, event, arg):
        if frame.f_code is jump_target.__code__:
            if event == "line" and frame.f_lineno == first + 2:
                frame.f_lineno = first + 4
            return tracer
        return None
    sys.settrace(tracer)
    try:
        r = outcome(jump_target, 5)
    finally:
        sys.settrace(None)
    say(r)


def monitor(f, args, events, local=False, tool=3):
    seen = []
    m = sys.monitoring
    E = m.events
    m.use_tool_id(tool, "suite")
    def callback(name):
        def cb(code, *rest):
            if code.co_filename == __file__ and code is not monitor.__code__:
                seen.append((name, code.co_name, *[r if isinstance(r, int) else type(r).__name__ for r in rest]))
        return cb
    mask = 0
    for name in events:
        bit = getattr(E, name)
        mask |= bit
        m.register_callback(tool, bit, callback(name))
    try:
        if local:
            m.set_local_events(tool, f.__code__, mask)
        else:
            m.set_events(tool, mask)
        try:
            f(*args)
        except Exception as e:
            seen.append(type(e).__name__)
    finally:
        m.set_events(tool, 0)
        if local:
            m.set_local_events(tool, f.__code__, 0)
        for name in events:
            m.register_callback(tool, getattr(E, name), None)
        m.free_tool_id(tool)
    return seen


def test_monitoring():
    warm()
    for f, a in FUNCTIONS:
        say(monitor(f, (a,), ["PY_START", "PY_RETURN", "PY_UNWIND", "PY_YIELD", "PY_RESUME"]))
        say(monitor(f, (a,), ["LINE"]))
        say(monitor(f, (a,), ["CALL", "C_RETURN", "C_RAISE"]))
        say(monitor(f, (a,), ["BRANCH_LEFT", "BRANCH_RIGHT", "JUMP"]))
        say(monitor(f, (a,), ["RAISE", "EXCEPTION_HANDLED", "RERAISE", "STOP_ITERATION"]))
        say(monitor(f, (a,), ["INSTRUCTION"], local=True))
        say(monitor(f, (a,), ["LINE", "PY_START"], local=True))
        say(f(a))
    warm()


def test_monitoring_disable():
    def cb(code, line):
        if code is branchy.__code__:
            seen.append(line)
        return sys.monitoring.DISABLE
    seen = []
    m = sys.monitoring
    m.use_tool_id(4, "suite2")
    m.register_callback(4, m.events.LINE, cb)
    m.set_events(4, m.events.LINE)
    try:
        branchy(3)
        branchy(5)
        first = list(seen)
        m.restart_events()
        branchy(2)
    finally:
        m.set_events(4, 0)
        m.register_callback(4, m.events.LINE, None)
        m.free_tool_id(4)
    show(first, seen)


def test_callback_raises():
    """An exception from a callback comes out of the monitored function, at that line."""
    warm()
    def cb(code, *a):
        if code is leaf.__code__:
            raise RuntimeError("from callback")
    m = sys.monitoring
    m.use_tool_id(4, "suite3")
    m.register_callback(4, m.events.PY_START, cb)
    m.set_events(4, m.events.PY_START)
    try:
        r = outcome(branchy, 4)
    finally:
        m.set_events(4, 0)
        m.register_callback(4, m.events.PY_START, None)
        m.free_tool_id(4)
    say(r.split(" tb=")[0])
    run(branchy, 4)


def test_cprofile():
    import cProfile
    import pstats
    warm()
    p = cProfile.Profile()
    p.enable()
    branchy(4)
    recursion(3)
    objects(2)
    p.disable()
    st = pstats.Stats(p)
    say(sorted((k[2], v[0], v[1]) for k, v in st.stats.items() if k[0] == __file__))


def test_trace_module():
    """Line counting, as coverage does."""
    warm()
    import threading
    counts = {}
    def tracer(frame, event, arg):
        if mine(frame):
            if event == "line":
                k = frame.f_code.co_name, frame.f_lineno
                counts[k] = counts.get(k, 0) + 1
            return tracer
        return None
    def work():
        branchy(5)
        raising(3)
        consumer(2)
    threading.settrace(tracer)
    t = threading.Thread(target=work)
    t.start()
    t.join()
    threading.settrace(None)
    say(sorted(counts.items()))
