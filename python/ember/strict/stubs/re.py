"""`re`: patterns are made and held; what they match is not computed here.

The cache that `re.compile` fills in the real module is not an effect anybody can see.
"""

import enum

from __ember__ import unknown

__all__ = [
    "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "compile", "purge", "escape", "error",
    "Pattern", "Match", "A", "I", "L", "M", "S", "X", "U", "ASCII", "IGNORECASE", "LOCALE", "MULTILINE", "DOTALL",
    "VERBOSE", "UNICODE", "NOFLAG", "RegexFlag", "PatternError",
]


class PatternError(Exception):
    msg = pattern = pos = lineno = colno = None


error = PatternError


class RegexFlag(enum.IntFlag):
    NOFLAG = 0
    ASCII = A = 256
    IGNORECASE = I = 2
    LOCALE = L = 4
    UNICODE = U = 32
    MULTILINE = M = 8
    DOTALL = S = 16
    VERBOSE = X = 64
    DEBUG = 128
    __str__ = object.__str__
    _numeric_repr_ = hex


NOFLAG = RegexFlag.NOFLAG
ASCII = A = RegexFlag.ASCII
IGNORECASE = I = RegexFlag.IGNORECASE
LOCALE = L = RegexFlag.LOCALE
UNICODE = U = RegexFlag.UNICODE
MULTILINE = M = RegexFlag.MULTILINE
DOTALL = S = RegexFlag.DOTALL
VERBOSE = X = RegexFlag.VERBOSE
DEBUG = RegexFlag.DEBUG


class Match:
    def __class_getitem__(cls, item):
        from _ember_types import GenericAlias

        return GenericAlias(cls, item)


class Pattern:
    def __init__(self, pattern, flags=0):
        self.pattern = pattern
        self.flags = int(flags) | (32 if isinstance(pattern, str) else 0)

    @property
    def groups(self):
        return unknown("Pattern.groups")

    @property
    def groupindex(self):
        return unknown("Pattern.groupindex")

    def match(self, string, *args, **kwargs):
        return unknown("Pattern.match()")

    def fullmatch(self, string, *args, **kwargs):
        return unknown("Pattern.fullmatch()")

    def search(self, string, *args, **kwargs):
        return unknown("Pattern.search()")

    def sub(self, repl, string, *args, **kwargs):
        return unknown("Pattern.sub()")

    def subn(self, repl, string, *args, **kwargs):
        return unknown("Pattern.subn()")

    def split(self, string, *args, **kwargs):
        return unknown("Pattern.split()")

    def findall(self, string, *args, **kwargs):
        return unknown("Pattern.findall()")

    def finditer(self, string, *args, **kwargs):
        return unknown("Pattern.finditer()")

    def scanner(self, string, *args, **kwargs):
        return unknown("Pattern.scanner()")

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __eq__(self, other):
        if not isinstance(other, Pattern):
            return NotImplemented
        return self.pattern == other.pattern and self.flags == other.flags

    def __hash__(self):
        return hash((self.pattern, self.flags))

    def __repr__(self):
        return f"re.compile({self.pattern!r})"

    def __class_getitem__(cls, item):
        from _ember_types import GenericAlias

        return GenericAlias(cls, item)


class Scanner:
    def __init__(self, lexicon, flags=0):
        self.lexicon = lexicon

    def scan(self, string):
        return unknown("Scanner.scan()")


def compile(pattern, flags=0):
    if isinstance(pattern, Pattern):
        if flags:
            raise ValueError("cannot process flags argument with a compiled pattern")
        return pattern
    return Pattern(pattern, flags)


def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)


def fullmatch(pattern, string, flags=0):
    return compile(pattern, flags).fullmatch(string)


def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)


def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).sub(repl, string)


def subn(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string)


def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string)


def findall(pattern, string, flags=0):
    return compile(pattern, flags).findall(string)


def finditer(pattern, string, flags=0):
    return compile(pattern, flags).finditer(string)


def template(pattern, flags=0):
    return compile(pattern, flags)


def purge():
    pass


_special = {ord(char): "\\" + char for char in "()[]{}?*+-|^$\\.&~# \t\n\r\v\f"}


def escape(pattern):
    if isinstance(pattern, str):
        return pattern.translate(_special)
    return pattern.decode("latin1").translate(_special).encode("latin1")
