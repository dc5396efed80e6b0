"""Write stubs for the machine-code modules of the standard library, from the modules as this interpreter has them.

Constants are copied, exceptions and types become classes, functions become functions that are either without effects
(their results are unknown) or with an effect, by the tables below. Modules with a stub written by hand are left alone.

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
#: Calls whose value is known, and other text that goes into a stub.
EXTRA = {
    "posix": '''
class _Environ:
    """`os.environ` is made of this; what is in it is not known."""

    def __getitem__(self, key):
        key = key.decode() if isinstance(key, bytes) else key
        __ember_effect__(113, f"reads the environment variable {key!r}")
        return __ember_quiet__(f"environ[{key!r}]")

    def __setitem__(self, key, value):
        __ember_effect__(114, f"sets the environment variable {key!r}")

    def __delitem__(self, key):
        __ember_effect__(114, f"deletes the environment variable {key!r}")

    def __iter__(self):
        __ember_effect__(113, "reads all environment variables")
        return iter(())

    def __len__(self):
        __ember_effect__(113, "reads all environment variables")
        return 0

    def items(self):
        return iter(self)


environ = _Environ()


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    method = getattr(type(path), "__fspath__", None)
    if method is None:
        raise TypeError("expected str, bytes or os.PathLike object, not " + type(path).__name__)
    return method(path)


def _path_normpath(path):
    slash, dot = ("/", ".") if isinstance(path, str) else (b"/", b".")
    if not path:
        return dot
    lead = slash * 2 if path.startswith(slash * 2) and not path.startswith(slash * 3) else slash if path.startswith(slash) else path[:0]
    parts = []
    for part in path.split(slash):
        if not part or part == dot:
            continue
        if part != dot + dot or (not lead and not parts) or (parts and parts[-1] == dot + dot):
            parts.append(part)
        elif parts:
            parts.pop()
    return lead + slash.join(parts) or dot


def _path_splitroot_ex(path):
    empty = path[:0]
    slash = "/" if isinstance(path, str) else b"/"
    if not path.startswith(slash):
        return empty, empty, path
    if path.startswith(slash * 2) and not path.startswith(slash * 3):
        return empty, path[:2], path[2:]
    return empty, path[:1], path[1:]


def _path_isdir(path):
    __ember_effect__(113, f"looks at the file {path!r}")
    return __ember_quiet__("isdir()")


_path_isfile = _path_islink = _path_exists = _path_lexists = _path_isjunction = _path_isdir


def getcwd():
    __ember_effect__(113, "asks for the current folder")
    return __ember_quiet__("os.getcwd()")


def lstat(path, **kwargs):
    __ember_effect__(113, f"looks at the file {path!r}")
    return __ember_quiet__("os.stat()")


stat = lstat
''',
    "_codecs": '''
def lookup(encoding):
    from encodings.aliases import aliases

    name = "".join(char if char.isalnum() or char == "." else "_" for char in encoding.lower())
    try:
        codec = __ember_import__("encodings." + aliases.get(name, name))
    except ImportError:
        raise LookupError("unknown encoding: " + encoding) from None
    return codec.getregentry()


def lookup_error(name):
    return pure(name)


def encode(obj, encoding="utf-8", errors="strict"):
    return obj.encode(encoding) if isinstance(obj, str) else __ember_unknown__("codecs.encode()")


def decode(obj, encoding="utf-8", errors="strict"):
    return obj.decode(encoding) if isinstance(obj, (bytes, bytearray)) else __ember_unknown__("codecs.decode()")


def charmap_build(table):
    return {ord(c): i for i, c in enumerate(table)}
''',
    "_opcode": "TABLES",
    "_ssl": '''
_objects = {
    "1.3.6.1.5.5.7.3.1": (129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    "1.3.6.1.5.5.7.3.2": (130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
}


def txt2obj(txt, name=False):
    return _objects.get(txt) or __ember_unknown__("_ssl.txt2obj()")
''',
    "_imp": '''
def extension_suffixes():
    return [".so"]


def is_builtin(name):
    return 0


def is_frozen(name):
    return False


def _fix_co_filename(code, path):
    pass


def acquire_lock():
    pass


release_lock = acquire_lock


def lock_held():
    return False
''',
    "_locale": '''
def setlocale(category, locale=None):
    if locale is None:
        __ember_effect__(113, "asks which locale is set")
    else:
        __ember_effect__(114, "sets the locale of the process")
    return __ember_quiet__("_locale.setlocale()")
''',
    "_string": '''
def formatter_parser(text):
    """(literal, field, spec, conversion) for each field of a format, and for what is left."""
    at, literal = 0, ""
    while at < len(text):
        char = text[at]
        if char in "{}":
            if text[at : at + 2] == char * 2:
                yield literal + char, None, None, None
                at, literal = at + 2, ""
                continue
            if char == "}":
                raise ValueError("Single '}' encountered in format string")
            field, at = _field(text, at + 1)
            yield literal, *field
            literal = ""
            continue
        literal += char
        at += 1
    if literal:
        yield literal, None, None, None


def _field(text, start):
    """((name, spec, conversion), end) of the field that begins there."""
    if start == len(text):
        raise ValueError("Single '{' encountered in format string")
    at, depth, bracket = start, 0, False
    name = conversion = None
    while at < len(text):
        char = text[at]
        if name is None and char == "[":
            bracket = True
        elif name is None and char == "]":
            bracket = False
        elif name is None and not bracket and char in ":!":
            name = text[start:at]
            if char == "!":
                if text[at + 1 : at + 2] in ("", "}"):
                    raise ValueError("unmatched '{' in format spec")
                conversion = text[at + 1]
                at += 2
                if text[at : at + 1] not in (":", "}"):
                    raise ValueError("expected ':' after conversion specifier")
                if text[at] == "}":
                    return (name, "", conversion), at + 1
            start = at + 1
        elif char == "{":
            depth += 1
        elif char == "}":
            if not depth and not bracket:
                rest = text[start:at]
                return ((rest, "", None) if name is None else (name, rest, conversion)), at + 1
            depth -= 1
        at += 1
    raise ValueError("expected '}' before end of string")


def formatter_field_name_split(text):
    """The first part of a field's name, and (is it an attribute, its name) for those behind it."""
    end = next((at for at, char in enumerate(text) if char in ".["), len(text))
    first = text[:end]
    return int(first) if first.isdecimal() else first, _rest_of_name(text, end)


def _rest_of_name(text, at):
    while at < len(text):
        if text[at] == ".":
            end = next((i for i in range(at + 1, len(text)) if text[i] in ".["), len(text))
            name, at = text[at + 1 : end], end
            if not name:
                raise ValueError("Empty attribute in format string")
            yield True, name
        elif text[at] == "[":
            end = text.find("]", at)
            if end < 0:
                raise ValueError("Missing ']' in format string")
            key, at = text[at + 1 : end], end + 1
            if not key:
                raise ValueError("Empty attribute in format string")
            yield False, int(key) if key.isdecimal() else key
        else:
            raise ValueError("Only '.' or '[' may follow ']' in format field specifier")
''',
    "_contextvars": '''
class ContextVar:
    def __init__(self, name, *, default=None):
        self.name = name
        self._default = default

    def get(self, *default):
        return default[0] if default else self._default

    def set(self, value):
        __ember_effect__(114, f"sets the context variable {self.name!r}")
        return __ember_quiet__("token")

    def reset(self, token):
        __ember_effect__(114, f"resets the context variable {self.name!r}")

    def __class_getitem__(cls, item):
        from _ember_types import GenericAlias

        return GenericAlias(cls, item)
''',
    "_struct": '''
class Struct:
    def __init__(self, format):
        self.format = format

    @property
    def size(self):
        return calcsize(self.format)

    def pack(self, *values):
        return pack(self.format, *values)

    def unpack(self, buffer):
        return unpack(self.format, buffer)

    def unpack_from(self, *args, **kwargs):
        return __ember_unknown__("Struct.unpack_from()")

    iter_unpack = pack_into = unpack_from


_sizes = {"x": 1, "c": 1, "b": 1, "B": 1, "?": 1, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "q": 8, "Q": 8, "n": 8, "N": 8, "e": 2, "f": 4, "d": 8, "s": 1, "p": 1, "P": 8, "F": 8, "D": 16}


def calcsize(format):
    if isinstance(format, bytes):
        format = format.decode()
    standard = format[:1] in "<>=!" and format[:1] != ""
    size, count = 0, ""
    for char in format.lstrip("@=<>!"):
        if char.isdigit():
            count += char
        elif not char.isspace():
            one = _sizes[char] if not standard or char not in "lLnN" else 4
            if not standard and one and size % one and char not in "sp":
                size += one - size % one
            size += one * (int(count) if count else 1)
            count = ""
    return size


def _integers(format):
    """The order of bytes and the sizes and signs of a format of whole numbers; nothing for others."""
    if isinstance(format, bytes):
        format = format.decode()
    if format[:1] not in ("<", ">", "=", "!"):
        return None
    order, items, count = "big" if format[0] in ">!" else "little", [], ""
    for char in format[1:]:
        if char.isdigit():
            count += char
        elif char in "bBhHiIlLqQ":
            size = 4 if char in "lL" else _sizes[char]
            items += [(size, char.islower())] * (int(count) if count else 1)
            count = ""
        else:
            return None
    return order, items


def pack(format, *values):
    known = _integers(format)
    if known is None or any(__ember_is_unknown__(value) or not isinstance(value, int) for value in values):
        return __ember_unknown__("struct.pack()")
    order, items = known
    if len(items) != len(values):
        raise error(f"pack expected {len(items)} items for packing (got {len(values)})")
    return b"".join(value.to_bytes(size, order, signed=signed) for value, (size, signed) in zip(values, items))


def unpack(format, buffer):
    known = _integers(format)
    if known is None or __ember_is_unknown__(buffer) or not isinstance(buffer, (bytes, bytearray)):
        return __ember_unknown__("struct.unpack()")
    order, items = known
    if sum(size for size, _ in items) != len(buffer):
        raise error(f"unpack requires a buffer of {sum(size for size, _ in items)} bytes")
    values, at = [], 0
    for size, signed in items:
        values.append(int.from_bytes(buffer[at : at + size], order, signed=signed))
        at += size
    return tuple(values)
''',
    "_warnings": '''
_defaultaction = "default"
_onceregistry = {}
_warnings_context = None


def _lock_held():
    pass


_acquire_lock = _release_lock = _filters_mutated_lock_held = _lock_held


def _tell(item):
    """What a filter changes: how the warnings of a class are shown, which is nobody's business who does not have the class."""
    category = item[2]
    if getattr(category, "__module__", "builtins") == "builtins":
        __ember_effect__(114, f"changes which warnings of the class '{getattr(category, '__name__', '?')}' are shown")
    else:
        __ember_effect__(114, f"changes which warnings of its own class '{category.__name__}' are shown")


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    """What a warning does: it is shown, unless a filter says otherwise."""
    if isinstance(message, Warning):
        category = type(message)
    if category is None or getattr(category, "__module__", "builtins") == "builtins":
        __ember_effect__(114, "issues a warning")
    else:
        __ember_effect__(114, f"issues a warning of its own class '{category.__name__}'")


class _Filters(list):
    """The list of filters; what is in it is not known."""

    def remove(self, item):
        raise ValueError("list.remove(x): x not in list")

    def insert(self, at, item):
        _tell(item)

    def append(self, item):
        _tell(item)

    def __delitem__(self, at):
        __ember_effect__(114, "removes filters of warnings")

    def __setitem__(self, at, value):
        __ember_effect__(114, "replaces filters of warnings")


filters = _Filters()
''',
    "_random": '''
class Random:
    def __init__(self, seed=None):
        pass

    def seed(self, *args):
        __ember_effect__(113, "seeds a random generator")

    def random(self, *args):
        __ember_effect__(113, "asks for a random number")
        return __ember_quiet__("random()")

    getrandbits = random
    getstate = setstate = random
''',
    "_ctypes": '''
_sizes = {"b": 1, "B": 1, "c": 1, "?": 1, "h": 2, "H": 2, "i": 4, "I": 4, "f": 4, "u": 4, "g": 16, "D": 16, "G": 32}


def sizeof(kind):
    return _sizes.get(getattr(kind, "_type_", None), 8)


def alignment(kind):
    return sizeof(kind)


def POINTER(kind):
    return type("LP_" + getattr(kind, "__name__", "void"), (_Pointer,), {"_type_": kind})


class _Data:
    """Types of C: they can be multiplied to arrays and made."""

    def __init__(self, *args, **kwargs):
        self.value = args[0] if args else 0

    @classmethod
    def from_param(cls, value):
        return value

    def __init_subclass__(cls, **kwargs):
        pass


class _Meta(type):
    def __mul__(cls, count):
        return _Meta(f"{cls.__name__}_Array_{count}", (Array,), {"_type_": cls, "_length_": count})

    __rmul__ = __mul__

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        cls.__ctype_be__ = cls.__ctype_le__ = cls

    def from_param(cls, value):
        return value

    def in_dll(cls, *args):
        return unknown("in_dll()")

    from_address = from_buffer = from_buffer_copy = in_dll


class _SimpleCData(_Data, metaclass=_Meta):
    pass


class Structure(_Data, metaclass=_Meta):
    pass


class Union(_Data, metaclass=_Meta):
    pass


class Array(_Data, metaclass=_Meta):
    pass


class _Pointer(_Data, metaclass=_Meta):
    pass


class CFuncPtr(_Data, metaclass=_Meta):
    def __call__(self, *args):
        __ember_effect__(112, "calls a function of a shared library")
        return __ember_quiet__("a function of a shared library")


def dlopen(name, *args):
    __ember_effect__(112, f"loads the shared library {name!r}")
    return __ember_quiet__("a shared library")


def set_conversion_mode(*args):
    return ("ascii", "strict")


_pointer_type_cache = {}
_memmove_addr = _memset_addr = _string_at_addr = _cast_addr = _wstring_at_addr = _memoryview_at_addr = 0
''',
    "_locale": "",
    "errno": "",
    "_sre": '',
    "unicodedata": "CATEGORIES",
    "_io": '''
class StringIO(_TextIOBase):
    def __init__(self, initial_value="", newline="\\n"):
        self._text = initial_value or ""

    def write(self, text):
        self._text += text
        return len(text)

    def getvalue(self):
        return self._text

    def read(self, size=-1):
        return self._text

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


class BytesIO(_BufferedIOBase):
    def __init__(self, initial_bytes=b""):
        self._bytes = bytes(initial_bytes)

    def write(self, data):
        self._bytes += data
        return len(data)

    def getvalue(self):
        return self._bytes

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


def text_encoding(encoding, stacklevel=2):
    return "locale" if encoding is None else encoding


open = open_code = __import__("builtins").open
''',
}
#: Modules that are only faster versions of Python code: as if they were not there.
ABSENT = "_heapq _bisect _json _operator _datetime _decimal _statistics _zoneinfo _elementtree _pickle _suggestions _blake2_".split()
STANDARD = "__name__ __doc__ __package__ __loader__ __spec__ __file__ __builtins__ __cached__ __path__".split()
#: What differs from machine to machine, and so is nothing for a stub.
VARYING = {"posix": "environ", "time": "tzname timezone altzone daylight", "gc": "garbage callbacks",
           "_warnings": "filters _defaultaction _onceregistry", "_locale": "", "faulthandler": ""}
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
            parts.append(f"{key} = {value!r}\n")
        elif callable(value):
            parts.append(function(name, key, acting))
        else:
            parts.append(f"{key} = unknown({name + '.' + key!r})\n")
    parts.append(made_from(module) if EXTRA.get(name) in ("TABLES", "CATEGORIES") else EXTRA.get(name, ""))
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


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sorted({*PURE, *ACTING, *ABSENT}):
        path = FOLDER / f"{name}.py"
        if path.exists() and "@generated" not in path.read_text()[:200]:
            continue
        if name in ABSENT:
            text = '"""@generated by tools/gen_strict_stubs.py: only a faster version of Python code."""\n\n'
            path.write_text(text + f'raise ModuleNotFoundError("No module named {name!r}", name={name!r})\n')
            continue
        try:
            path.write_text(stub(name))
        except ImportError:
            path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
