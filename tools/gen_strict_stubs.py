"""Write stubs for the machine-code modules of the standard library, from the modules as this interpreter has them.

Constants are copied, exceptions and types become classes, functions become functions that are either without effects
(their results are unknown) or with an effect, by the tables below. Modules with a stub written by hand are left alone, and so is what stands by hand at the end of others.

usage: python3.14 tools/gen_strict_stubs.py
"""

import importlib
import math
import pathlib
import sys
import types

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "python" / "ember" / "strict" / "stubs"

#: Modules whose functions have no effects.
PURE = """_ast _asyncio _bz2 _blake2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _contextvars
_crypt _csv _elementtree _hashlib _hmac _imp _lzma _md5 _multibytecodec _opcode _pickle _queue _random _sha1 _sha2 _sha3
_sre _stat _statistics _string _struct _suggestions _symtable _sysconfig _tokenize _uuid _zstd _zoneinfo array binascii
cmath errno pyexpat unicodedata zlib _tracemalloc _interpchannels _interpqueues _interpreters _testcapi _lsprof
_ctypes _dbm _gdbm _remote_debugging _curses_panel audioop _locale _types xxlimited""".split()

#: Modules whose functions act on the world.
ACTING = """_curses _io _multiprocessing _posixshmem _posixsubprocess _signal _socket _sqlite3 _ssl _tkinter _winapi faulthandler
fcntl gc grp marshal mmap msvcrt nis ossaudiodev posix pwd readline resource select spwd syslog termios time _warnings atexit
_scproxy winreg _overlapped""".split()

#: Functions that act although their module does not, or that do not although it does.
WITHOUT = {
    "posix": "fspath fsencode fsdecode WEXITSTATUS WIFEXITED WIFSIGNALED WIFSTOPPED WSTOPSIG WTERMSIG WCOREDUMP WIFCONTINUED "
    "major minor makedev strerror _path_splitroot_ex _path_normpath _path_splitroot register_at_fork_ waitstatus_to_exitcode "
    "_inputhook get_inheritable sysconf_names",
    "_socket": "inet_aton inet_ntoa inet_pton inet_ntop htonl htons ntohl ntohs CMSG_LEN CMSG_SPACE getdefaulttimeout",
    "_ssl": "txt2obj nid2obj RAND_status",
    "_signal": "strsignal valid_signals getsignal",
    "_io": "text_encoding StringIO BytesIO",
    "time": "struct_time",
    "marshal": "dumps loads",
    "gc": "is_tracked is_finalized isenabled get_threshold get_count",
    "resource": "getpagesize",
    "select": "epoll_",
    "termios": "",
    "time_": "",
    "atexit": "unregister _ncallbacks",
    "_sqlite3": "complete_statement adapt",
}
ENVIRONMENT = {
    "time": "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time process_time_ns thread_time "
    "thread_time_ns localtime gmtime ctime asctime strftime mktime strptime get_clock_info clock_gettime clock_gettime_ns clock_getres",
    "posix": "getpid getppid getuid geteuid getgid getegid getcwd getcwdb getlogin uname cpu_count urandom getrandom getenv stat "
    "lstat access listdir scandir confstr sysconf getloadavg times getgroups getpgid getpgrp getsid sched_getaffinity "
    "get_terminal_size isatty ttyname ctermid readlink process_cpu_count",
    "_socket": "gethostname getaddrinfo gethostbyname",
    "pwd": "getpwnam getpwuid getpwall",
    "grp": "getgrnam getgrgid getgrall",
    "_locale": "localeconv getlocale nl_langinfo getencoding",
    "_uuid": "generate_time_safe",
    "gc": "get_objects get_referrers get_referents get_stats",
    "_random": "",
}
PROCESS = {
    "posix": "putenv unsetenv chdir fchdir setuid setgid umask nice register_at_fork",
    "_signal": "signal alarm setitimer set_wakeup_fd siginterrupt pthread_sigmask default_int_handler",
    "gc": "enable disable freeze unfreeze set_threshold set_debug collect",
    "atexit": "register _clear _run_exitfuncs",
    "_warnings": "warn warn_explicit _filters_mutated_lock_held _acquire_lock _release_lock",
    "_codecs": "register register_error unregister _unregister_error",
    "faulthandler": "enable disable register unregister dump_traceback_later",
    "_locale": "setlocale",
    "time": "tzset",
    "readline": "parse_and_bind set_completer",
    "_socket": "setdefaulttimeout sethostname",
    "_pickle": "",
    "_csv": "register_dialect unregister_dialect field_size_limit",
    "_sqlite3": "register_adapter register_converter enable_callback_tracebacks",
    "_tracemalloc": "start stop",
    "errno": "",
}
#: What follows this line in a stub is written by hand: calls whose value is known, and whatever else the tables here cannot say. It stays when the stub is written anew.
BY_HAND = "\n# By hand from here on; `tools/gen_strict_stubs.py` keeps it.\n"
#: Modules that are only faster versions of Python code: as if they were not there.
ABSENT = "_heapq _bisect _json _operator _datetime _decimal _statistics _zoneinfo _elementtree _pickle _suggestions _blake2_".split()
STANDARD = "__name__ __doc__ __package__ __loader__ __spec__ __file__ __builtins__ __cached__ __path__".split()
#: What differs from machine to machine, and so is nothing for a stub.
VARYING = {"posix": "environ", "time": "tzname timezone altzone daylight", "gc": "garbage callbacks",
           "_warnings": "filters _defaultaction _onceregistry", "_locale": "", "faulthandler": "",
           "_ctypes": "_cast_addr _memmove_addr _memoryview_at_addr _memset_addr _string_at_addr _wstring_at_addr"}
HEAD = '"""@generated by tools/gen_strict_stubs.py: the machine-code module `%s`."""\n\nfrom __ember__ import Opaque, effect, pure, unknown\n'


def simple(value):
    """Whether `value` can be written as a literal."""
    if isinstance(value, float):
        return math.isfinite(value)
    if type(value) in (tuple, list, frozenset, set):
        return all(simple(one) for one in value)
    if type(value) is dict:
        return len(value) < 400 and all(simple(k) and simple(v) for k, v in value.items())
    return value is None or type(value) in (int, str, bytes, bool, float)


def literal(value):
    """A value as it is written, the same each time."""
    return f"frozenset({sorted(value)!r})" if type(value) is frozenset else repr(value)


def words(table, module):
    return table.get(module, "").split()


def function(module, name, acting):
    text = f"{module}.{name}()"
    if name in words(WITHOUT, module):
        return f"{name} = pure({module + '.' + name!r})\n"
    if name in words(ENVIRONMENT, module):
        return f"{name} = effect({'calls ' + text!r}, 113, {text!r})\n"
    if name in words(PROCESS, module):
        return f"{name} = effect({'calls ' + text!r}, 114, {text!r})\n"
    if acting:
        return f"{name} = effect({'calls ' + text!r}, 112, {text!r})\n"
    return f"{name} = pure({module + '.' + name!r})\n"


def klass(module, name, value, made, acting):
    bases = []
    for base in value.__bases__:
        if base is object:
            continue
        found = [key for key, other in made.items() if other is base]
        if base.__module__ == "builtins":
            bases.append(base.__name__)
        elif found:
            bases.append(found[0])
        elif issubclass(base, Exception):
            bases.append("Exception")
    if not bases and not issubclass(value, BaseException):
        bases = ["Opaque"]
    lines = [f"class {name}({', '.join(bases)}):\n"]
    lines.append(f"    __module__ = {getattr(value, "__module__", module)!r}\n    __qualname__ = {value.__qualname__!r}\n")
    if not issubclass(value, BaseException):
        if acting and name not in words(WITHOUT, module):
            lines.append(f"\n    def __init__(self, *args, **kwargs):\n        __ember_effect__(112, {'makes a ' + module + '.' + name!r})\n")
        for key, member in sorted(vars(value).items()):
            if key.startswith("__") and key not in ("__enter__", "__exit__", "__iter__", "__next__", "__len__", "__getitem__", "__call__"):
                continue
            if simple(member):
                lines.append(f"    {key} = {member!r}\n")
            elif isinstance(member, (types.MethodDescriptorType, types.WrapperDescriptorType)):
                text = f"{module}.{name}.{key}"
                made_by = f"effect({'calls ' + text + '()'!r}, 112, {text + '()'!r})" if acting else f"pure({text!r})"
                lines.append(f"    {key} = {made_by}\n")
            elif isinstance(member, (types.ClassMethodDescriptorType, staticmethod, classmethod)):
                lines.append(f"    {key} = classmethod(pure({module + '.' + name + '.' + key!r}))\n")
            elif isinstance(member, (types.GetSetDescriptorType, types.MemberDescriptorType)):
                lines.append(f"    {key} = unknown({module + '.' + name + '.' + key!r})\n")
    return "".join(lines)


def order(module):
    """Names of a module, classes after their bases."""
    table = {name: value for name, value in vars(module).items() if name not in STANDARD}
    return sorted(table, key=lambda name: (isinstance(table[name], type) and len(table[name].__mro__), name))


def stub(name):
    module = importlib.import_module(name)
    acting = name in ACTING
    parts, made, seen = [HEAD % name], {}, {}
    for key in order(module):
        value = getattr(module, key)
        if isinstance(value, type):
            if getattr(value, "__module__", "") == "builtins" and hasattr(__import__("builtins"), value.__name__):
                parts.append(f"{key} = {value.__name__}\n")
            elif id(value) in seen:
                parts.append(f"{key} = {seen[id(value)]}\n")
            elif key.isidentifier():
                parts.append("\n\n" + klass(name, key, value, made, acting) + "\n\n")
                made[key] = value
                seen[id(value)] = key
        elif key in words(VARYING, name):
            parts.append(f"{key} = unknown({name + '.' + key!r})\n")
        elif simple(value) and not isinstance(value, (set, list, dict)) or (simple(value) and value):
            parts.append(f"{key} = {literal(value)}\n")
        elif callable(value):
            parts.append(function(name, key, acting))
        else:
            parts.append(f"{key} = unknown({name + '.' + key!r})\n")
    if name in ("_opcode", "unicodedata"):
        parts.append(made_from(module))
    if name.startswith("_codecs_"):
        parts.append(CODEC)
    return "".join(parts)


def made_from(module):
    """Functions whose values are written down: of opcodes, and of the first characters."""
    if module.__name__ == "_opcode":
        text = "\n"
        for name in "is_valid has_arg has_const has_name has_jump has_free has_local has_exc".split():
            ops = [op for op in range(300) if getattr(module, name)(op)]
            text += f"_{name} = frozenset({ops})\n"
        for name in "is_valid has_arg has_const has_name has_jump has_free has_local has_exc".split():
            text += f"\n\ndef {name}(opcode):\n    return opcode in _{name}\n"
        return text
    first = " ".join(module.category(chr(code)) for code in range(256))
    return CATEGORY % (first, module.ucd_3_2_0.unidata_version)


CATEGORY = '''
_categories = %r.split()


def category(chr, /):
    return _categories[ord(chr)] if ord(chr) < 256 else __ember_unknown__("unicodedata.category()")


class _Old(UCD):
    unidata_version = %r


ucd_3_2_0 = _Old()
'''
CODEC = '''

class _Codec:
    encode = pure("MultibyteCodec.encode")
    decode = pure("MultibyteCodec.decode")


def getcodec(name):
    return _Codec()
'''


def by_hand(path):
    """The part of a stub that is not generated."""
    _, mark, text = path.read_text().partition(BY_HAND) if path.exists() else ("", "", "")
    return mark + text


def write(path, text):
    """Write a stub as a whole: an analysis that runs meanwhile sees the old one or the new one, not half of it."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sorted({*PURE, *ACTING, *ABSENT}):
        path = FOLDER / f"{name}.py"
        if path.exists() and "@generated" not in path.read_text()[:200]:
            continue
        if name in ABSENT:
            text = '"""@generated by tools/gen_strict_stubs.py: only a faster version of Python code."""\n\n'
            write(path, text + f'raise ModuleNotFoundError("No module named {name!r}", name={name!r})\n')
            continue
        try:
            write(path, stub(name) + by_hand(path))
        except ImportError:
            path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
