"""`re`: the analyser compiles and matches patterns itself; this is what stands around that.

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


def _known(*values):
    for value in values:
        if __ember_is_unknown__(value):
            return False
    return True


class Match:
    def __init__(self, pattern, string, pos, endpos, found):
        self.re, self.string, self.pos, self.endpos = pattern, string, pos, endpos
        self.regs = tuple(zip(found[1::2], found[2::2]))
        self.lastindex = found[0] or None

    @property
    def lastgroup(self):
        for name, number in self.re.groupindex.items():
            if number == self.lastindex:
                return name
        return None

    def _number(self, group):
        if isinstance(group, (str, bytes)):
            number = self.re.groupindex.get(group)
            if number is None:
                raise IndexError("no such group")
            return number
        if not 0 <= group < len(self.regs):
            raise IndexError("no such group")
        return group

    def _text(self, group, default=None):
        start, end = self.regs[self._number(group)]
        return default if start < 0 else self.string[start:end]

    def group(self, *groups):
        if len(groups) < 2:
            return self._text(groups[0] if groups else 0)
        return tuple(self._text(group) for group in groups)

    def __getitem__(self, group):
        return self._text(group)

    def groups(self, default=None):
        return tuple(self._text(number, default) for number in range(1, len(self.regs)))

    def groupdict(self, default=None):
        return {name: self._text(number, default) for name, number in self.re.groupindex.items()}

    def start(self, group=0):
        return self.regs[self._number(group)][0]

    def end(self, group=0):
        return self.regs[self._number(group)][1]

    def span(self, group=0):
        return self.regs[self._number(group)]

    def expand(self, template):
        return _expand(_template(self.re, template), self)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"<re.Match object; span={self.span()!r}, match={self.group()!r}>"

    def __class_getitem__(cls, item):
        from _ember_types import GenericAlias

        return GenericAlias(cls, item)


_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def _template(pattern, template):
    """The parts of a replacement: texts, and numbers of groups."""
    is_bytes = not isinstance(template, str)
    if is_bytes:
        template = template.decode("latin1")
    parts, text, at = [], "", 0
    while at < len(template):
        char = template[at]
        at += 1
        if char != "\\":
            text += char
            continue
        if at == len(template):
            raise PatternError("bad escape (end of pattern)")
        char = template[at]
        at += 1
        if char == "g":
            if template[at : at + 1] != "<":
                raise PatternError("missing <")
            end = template.find(">", at)
            if end < 0:
                raise PatternError("missing >, unterminated name")
            name = template[at + 1 : end]
            at = end + 1
            number = int(name) if name.isdecimal() else pattern.groupindex.get(name)
            if number is None:
                raise IndexError(f"unknown group name {name!r}")
        elif char in "0123456789":
            digits = char
            while len(digits) < 3 and template[at : at + 1] in tuple("01234567"):
                digits += template[at]
                at += 1
            if digits[0] == "0" or len(digits) == 3 and not set(digits) & set("89"):
                text += chr(int(digits, 8) & 255)
                continue
            if len(digits) == 3:
                digits, at = digits[:2], at - 1
            if len(digits) == 1 and template[at : at + 1] in ("8", "9"):
                digits += template[at]
                at += 1
            number = int(digits)
        elif char in _SIMPLE:
            text += _SIMPLE[char]
            continue
        elif char.isascii() and char.isalpha():
            raise PatternError(f"bad escape \\{char}")
        else:
            text += "\\" + char
            continue
        if number > pattern.groups:
            raise PatternError(f"invalid group reference {number}")
        parts += [text.encode("latin1") if is_bytes else text, number]
        text = ""
    return [*parts, text.encode("latin1") if is_bytes else text]


def _expand(parts, match):
    empty = match.string[:0]
    return empty.join(part if not isinstance(part, int) else match._text(part, empty) for part in parts)


class Pattern:
    def __init__(self, pattern, flags=0):
        self.pattern = pattern
        self.flags = int(flags) | (32 if isinstance(pattern, str) and not flags & 256 else 0)
        self._given, self._known, self.groups, self.groupindex = int(flags), False, unknown("Pattern.groups"), unknown("Pattern.groupindex")
        if not _known(pattern):
            return
        made = __ember_re_compile__(pattern, self._given)
        if made is None:
            return
        if len(made) == 2:
            message, at = made
            error = PatternError(f"{message} at position {at}")
            error.msg, error.pattern, error.pos, error.lineno, error.colno = message, pattern, at, 1, at + 1
            raise error
        self.flags, self.groups, names = made
        self.groupindex, self._known = dict(names), True

    def _find(self, method, string, pos, endpos, mode, most):
        """Matches, or something unknown."""
        if not self._known or not _known(string, pos, endpos):
            return unknown(f"Pattern.{method}()")
        if isinstance(string, str) != isinstance(self.pattern, str):
            if isinstance(string, str):
                raise TypeError("cannot use a bytes pattern on a string-like object")
            if not isinstance(string, (bytes, bytearray)):
                raise TypeError(f"expected string or bytes-like object, got {type(string).__name__!r}")
            raise TypeError("cannot use a string pattern on a bytes-like object")
        found = __ember_re_match__(self.pattern, self._given, string, mode, pos, endpos, most)
        if found is None:
            return unknown(f"Pattern.{method}()")
        size = len(string)
        return [Match(self, string, min(max(pos, 0), size), min(max(endpos, 0), size), one) for one in found]

    def _one(self, method, string, pos, endpos, mode):
        found = self._find(method, string, pos, endpos, mode, 1)
        if __ember_is_unknown__(found):
            return found
        return found[0] if found else None

    def match(self, string, pos=0, endpos=9223372036854775807):
        return self._one("match", string, pos, endpos, 0)

    def fullmatch(self, string, pos=0, endpos=9223372036854775807):
        return self._one("fullmatch", string, pos, endpos, 1)

    def search(self, string, pos=0, endpos=9223372036854775807):
        return self._one("search", string, pos, endpos, 2)

    def finditer(self, string, pos=0, endpos=9223372036854775807):
        found = self._find("finditer", string, pos, endpos, 2, 9223372036854775807)
        return found if __ember_is_unknown__(found) else iter(found)

    def findall(self, string, pos=0, endpos=9223372036854775807):
        found = self._find("findall", string, pos, endpos, 2, 9223372036854775807)
        if __ember_is_unknown__(found):
            return found
        empty = string[:0]
        if self.groups == 0:
            return [match.group() for match in found]
        if self.groups == 1:
            return [match._text(1, empty) for match in found]
        return [match.groups(empty) for match in found]

    def split(self, string, maxsplit=0):
        if maxsplit < 0:
            return [string]
        found = self._find("split", string, 0, 9223372036854775807, 2, maxsplit or 9223372036854775807)
        if __ember_is_unknown__(found):
            return found
        parts, at = [], 0
        for match in found:
            start, end = match.span()
            parts.append(string[at:start])
            parts.extend(match.groups())
            at = end
        return [*parts, string[at:]]

    def subn(self, repl, string, count=0):
        found = [] if count < 0 else self._find("sub", string, 0, 9223372036854775807, 2, count or 9223372036854775807)
        if __ember_is_unknown__(found) or not _known(repl):
            return unknown("Pattern.sub()")
        template = None if callable(repl) else _template(self, repl)
        parts, at = [], 0
        for match in found:
            start, end = match.span()
            parts.append(string[at:start])
            new = repl(match) if template is None else _expand(template, match)
            if __ember_is_unknown__(new):
                return unknown("Pattern.sub()")
            parts.append(new)
            at = end
        parts.append(string[at:])
        return string[:0].join(parts), len(found)

    def sub(self, repl, string, count=0):
        done = self.subn(repl, string, count)
        return done if __ember_is_unknown__(done) else done[0]

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
        flags = self.flags & ~32 if isinstance(self.pattern, str) else self.flags
        names = [f"re.{flag.name}" for flag in (IGNORECASE, LOCALE, MULTILINE, DOTALL, VERBOSE, ASCII, DEBUG) if flags & flag]
        return f"re.compile({', '.join([f'{self.pattern!r:.200}', *filter(None, ['|'.join(names)])])})"

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
    if _known(pattern) and not isinstance(pattern, (str, bytes)):
        raise TypeError("first argument must be string or compiled pattern")
    return Pattern(pattern, flags)


def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)


def fullmatch(pattern, string, flags=0):
    return compile(pattern, flags).fullmatch(string)


def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)


def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).sub(repl, string, count)


def subn(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string, count)


def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string, maxsplit)


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
