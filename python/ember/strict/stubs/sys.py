"""`sys`, as the interpreter that runs the program has it. Looking at the running program is an effect."""

from __ember__ import ENVIRONMENT, IO, PROCESS, PROGRAM, effect, fact, pure, unknown
from _ember_types import SimpleNamespace


class _Version(tuple):
    major = property(lambda self: self[0])
    minor = property(lambda self: self[1])
    micro = property(lambda self: self[2])
    releaselevel = property(lambda self: self[3])
    serial = property(lambda self: self[4])


class _Record(SimpleNamespace):
    def __iter__(self):
        return iter(self.__dict__.values())

    def __getitem__(self, index):
        return list(self.__dict__.values())[index]


version_info = _Version(eval(fact("version_info", None) or "(3, 14, 0, 'final', 0)"))
version = fact("version", "3.14.0 (main) [GCC]")
hexversion = int(fact("hexversion", "51249392"))
api_version = 1013
platform = fact("platform", "linux")
byteorder = fact("byteorder", "little")
maxsize = int(fact("maxsize", "9223372036854775807"))
maxunicode = 1114111
copyright = ""
platlibdir = "lib"
float_repr_style = "short"
abiflags = ""
builtin_module_names = tuple((fact("builtin_module_names", "") or "posix,sys,builtins").split(","))
stdlib_module_names = frozenset((fact("stdlib_module_names", "") or "sys").split(","))
implementation = SimpleNamespace(
    name="cpython",
    cache_tag=fact("cache_tag", "cpython-314"),
    version=version_info,
    hexversion=hexversion,
    _multiarch=fact("multiarch", "x86_64-linux-gnu"),
)
flags = _Record(
    debug=0, inspect=0, interactive=0, optimize=0, dont_write_bytecode=0, no_user_site=0, no_site=0,
    ignore_environment=0, verbose=0, bytes_warning=0, quiet=0, hash_randomization=1, isolated=0,
    dev_mode=False, utf8_mode=0, warn_default_encoding=0, safe_path=False, int_max_str_digits=4300, gil=1,
    thread_inherit_context=0, context_aware_warnings=0,
)
float_info = _Record(
    max=1.7976931348623157e308, max_exp=1024, max_10_exp=308, min=2.2250738585072014e-308, min_exp=-1021,
    min_10_exp=-307, dig=15, mant_dig=53, epsilon=2.220446049250313e-16, radix=2, rounds=1,
)
int_info = _Record(bits_per_digit=30, sizeof_digit=4, default_max_str_digits=4300, str_digits_check_threshold=640)
hash_info = _Record(
    width=64, modulus=2305843009213693951, inf=314159, nan=0, imag=1000003, algorithm="siphash13", hash_bits=64,
    seed_bits=128, cutoff=0,
)
thread_info = _Record(name="pthread", lock="pymutex", version="")
prefix = base_prefix = exec_prefix = base_exec_prefix = fact("prefix", "/usr")
executable = _base_executable = fact("executable", "/usr/bin/python3")
orig_argv = unknown("sys.orig_argv")


class _Outside(list):
    """A list that the interpreter fills for each program: looking into it and changing it are effects."""

    def __init__(self, name):
        self._name = name

    def _look(self):
        __ember_effect__(ENVIRONMENT, f"looks into {self._name}")

    def _change(self, *args, **kwargs):
        __ember_effect__(PROCESS, f"changes {self._name}")

    append = extend = insert = remove = clear = sort = reverse = __setitem__ = __delitem__ = __iadd__ = _change

    def pop(self, *args):
        self._change()
        return __ember_quiet__(f"{self._name}.pop()")

    def __getitem__(self, index):
        self._look()
        return __ember_quiet__(f"{self._name}[…]")

    copy = index = count = __add__ = __contains__ = __eq__ = lambda self, *args: self[:]

    def __iter__(self):
        self._look()
        return iter(())

    def __len__(self):
        self._look()
        return 1

    def __iadd__(self, other):
        self._change()
        return self

    def __repr__(self):
        self._look()
        return "[]"

    __hash__ = None


argv = _Outside("sys.argv")
path = _Outside("sys.path")
path_hooks = _Outside("sys.path_hooks")
meta_path = _Outside("sys.meta_path")
path_importer_cache = unknown("sys.path_importer_cache")
warnoptions = []
_xoptions = {}
pycache_prefix = None
dont_write_bytecode = False
_git = ("CPython", "", "")
_framework = ""
ps1, ps2 = ">>> ", "... "
tracebacklimit = None
last_exc = last_type = last_value = last_traceback = None
monitoring = SimpleNamespace(
    DEBUGGER_ID=0, COVERAGE_ID=1, PROFILER_ID=2, OPTIMIZER_ID=5, DISABLE=object(), MISSING=object(),
    events=SimpleNamespace(
        PY_START=1, PY_RESUME=2, PY_RETURN=4, PY_YIELD=8, CALL=16, LINE=32, INSTRUCTION=64, JUMP=128, BRANCH_LEFT=256,
        BRANCH_RIGHT=512, STOP_ITERATION=1024, RAISE=2048, EXCEPTION_HANDLED=4096, PY_UNWIND=8192, PY_THROW=16384,
        RERAISE=32768, C_RETURN=65536, C_RAISE=131072, BRANCH=262144, NO_EVENTS=0,
    ),
    **{
        name: effect(f"calls sys.monitoring.{name}()", PROCESS)
        for name in """use_tool_id clear_tool_id free_tool_id get_tool register_callback get_events set_events get_local_events
        set_local_events restart_events _all_events""".split()
    },
)


class _Modules:
    """`sys.modules`: what is loaded can be looked up; what else is there depends on the program."""

    def __getitem__(self, name):
        module = self.get(name)
        if module is None:
            raise KeyError(name)
        return module

    def get(self, name, default=None):
        if name == "__main__":
            return unknown("__main__")
        module = __ember_module__(name)
        return default if module is None else module

    def __contains__(self, name):
        return name == "__main__" or __ember_module__(name) is not None

    def __setitem__(self, name, module):
        __ember_replaced__(name)
        __ember_alias__(name, module)
        __ember_effect__(PROCESS, f"sets sys.modules[{name!r}]")

    def __delitem__(self, name):
        __ember_replaced__(name)
        __ember_effect__(PROCESS, f"deletes sys.modules[{name!r}]")

    def setdefault(self, name, module):
        __ember_replaced__(name)
        __ember_effect__(PROCESS, f"sets sys.modules[{name!r}]")
        return self.get(name, module)

    def pop(self, name, *default):
        __ember_replaced__(name)
        __ember_effect__(PROCESS, f"deletes sys.modules[{name!r}]")
        return self.get(name)

    def update(self, *args, **kwargs):
        __ember_replaced__(None)
        try:
            for name in dict(*args, **kwargs):
                __ember_replaced__(name)
        except (TypeError, ValueError):
            pass
        __ember_effect__(PROCESS, "changes sys.modules")

    def copy(self):
        __ember_effect__(PROGRAM, "looks at all of sys.modules")
        return __ember_quiet__("sys.modules")

    def __iter__(self):
        __ember_effect__(PROGRAM, "looks at all of sys.modules")
        return iter(())

    def items(self):
        return iter(self)

    keys = values = items

    def __len__(self):
        return 1


modules = _Modules()


class _Stream:
    """`sys.stdout` and the like."""

    encoding = "utf-8"
    errors = "strict"
    closed = False

    def __init__(self, name):
        self.name = f"<{name}>"

    def write(self, text):
        __ember_effect__(IO, f"writes to {self.name}")
        return len(text)

    def flush(self):
        __ember_effect__(IO, f"flushes {self.name}")

    def isatty(self):
        __ember_effect__(ENVIRONMENT, f"asks whether {self.name} is a terminal")
        return __ember_quiet__("isatty()")

    def fileno(self):
        # What belongs to the process from its beginning: 0, 1, 2, or an error if it was started without.
        __ember_effect__(ENVIRONMENT, f"asks for the file descriptor of {self.name}")
        return __ember_quiet__("fileno()")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return effect(f"uses {self.name}")


stdin = __stdin__ = _Stream("stdin")
stdout = __stdout__ = _Stream("stdout")
stderr = __stderr__ = _Stream("stderr")


class _Code:
    def __init__(self, name):
        self.co_name = self.co_qualname = name
        self.co_filename = "<unknown>"
        self.co_flags = 0


class _Frame:
    """A frame, as far as class factories look at it."""

    def __init__(self, depth):
        self._depth = depth
        self.f_globals = __ember_caller__(depth + 2)
        self.f_locals = __ember_caller_locals__(depth + 2)
        self.f_code = _Code(__ember_caller_name__(depth + 2))
        self.f_lineno = __ember_caller_line__(depth + 2)
        self.f_builtins = {}
        self.f_trace = None
        if depth < 8 and __ember_caller__(depth + 3) is not None:
            self._back = depth
        else:
            self._back = None

    @property
    def f_back(self):
        return __ember_quiet__("frame.f_back")


def _getframe(depth=0):
    if __ember_caller__(depth + 1) is None:
        __ember_effect__(PROGRAM, "looks at the frame of whoever imports this")
        return __ember_quiet__("sys._getframe()")
    return _Frame(depth)


def _getframemodulename(depth=0):
    names = __ember_caller__(depth + 1)
    return None if names is None else names.get("__name__")


def exc_info():
    raised = __ember_handled__()
    return (None, None, None) if raised is None else (type(raised), raised, raised.__traceback__)


def exception():
    return __ember_handled__()


def exit(status=None, /):
    __ember_effect__(PROCESS, "ends the program")
    raise SystemExit(status)


def intern(string, /):
    return string


def getrecursionlimit():
    return 1000


def getdefaultencoding():
    return "utf-8"


def getfilesystemencoding():
    return "utf-8"


def getfilesystemencodeerrors():
    return "surrogateescape"


def is_finalizing():
    return False


def _get_cpu_count_config():
    return -1


def _is_gil_enabled():
    return True


def _clear_type_descriptors(cls):
    pass


def is_stack_trampoline_active():
    return False


def get_int_max_str_digits():
    return 4300


def getsizeof(object, *default):
    return unknown("sys.getsizeof()")


def getrefcount(object):
    return unknown("sys.getrefcount()")


def gettrace():
    return None


getprofile = gettrace


def get_asyncgen_hooks():
    return unknown("sys.get_asyncgen_hooks()")


def audit(event, *args):
    pass


def __excepthook__(*args):
    pass


excepthook = unraisablehook = __unraisablehook__ = displayhook = __displayhook__ = breakpointhook = __breakpointhook__ = __excepthook__
getallocatedblocks = pure("sys.getallocatedblocks")
_current_frames = effect("looks at the frames of all threads", PROGRAM)
_current_exceptions = effect("looks at the exceptions of all threads", PROGRAM)
call_tracing = effect("starts tracing", PROCESS)
setrecursionlimit = effect("sets the recursion limit", PROCESS)
setswitchinterval = effect("sets the switch interval", PROCESS)
getswitchinterval = pure("sys.getswitchinterval")
settrace = effect("sets a trace function", PROCESS)
setprofile = effect("sets a profile function", PROCESS)
addaudithook = effect("adds an audit hook", PROCESS)
set_int_max_str_digits = effect("sets the limit of digits", PROCESS)
set_asyncgen_hooks = effect("sets hooks of async generators", PROCESS)
set_coroutine_origin_tracking_depth = effect("sets coroutine tracking", PROCESS)
activate_stack_trampoline = deactivate_stack_trampoline = effect("changes the interpreter", PROCESS)
_clear_type_cache = _clear_internal_caches = effect("clears caches", PROCESS)
_debugmallocstats = effect("prints statistics")
_git_version = ""
