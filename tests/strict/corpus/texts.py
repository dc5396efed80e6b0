# Texts and bytes: the format mini-language, methods in their corner cases, codecs, bytes and bytearray, templates.
# ----
values = (0, 5, -5, 1234567)
r = [format(v, s) for v in values for s in ('>8', '<8', '^8', '=8', '*^9', '+', '-', ' ', '08', '+08,', '_', ',', 'b', '#b', 'o', '#o', 'x', '#X', '#010x', 'c' if 0 < v < 200 else 'd', 'n', 'e', '.1f', '%', 'g', ',.2f', '_b', '#_x', '^+9')]
errs = []
for v, s in ((1, 's'), (1.5, 'd'), ('a', 'd'), ('a', '='), ('a', '+'), (1, '.2'), (1, ',b'), (1, '_c'), (1, 'q'), (1.0, 'x'), (1, '>>'), ('a', ','), (None, '5'), ([], 'd'), (1, '5.'), ('a', '05'), (1j, '5d'), (b'x', '5'), (True, 'd'), (True, ''), (True, '5'), (None, ''), (object, ''), (1, '#c'), (300, 'c'), (-1, 'c')):
    try: errs.append(format(v, s))
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
r = [format(f, s) for f in (0.0, -0.0, 1.5, -2.675, 1e10, 1.23456789e-7, 123456.789, float('inf'), float('nan')) for s in ('', '.0f', '.3f', '.2e', '.3g', 'g', 'G', '.10', '8.2f', '<8.1f', '^+10.2f', '08.2f', ',', ',.1f', '_.2f', '.1%', '#.3g', 'E', 'F', '+', ' ', 'z.0f', 'n', '010')]
s = [format(c, f) for c in (1 + 2j, -0.5j) for f in ('', '.2f', '+.1f', '>12', 'g', '.3')]
t = [f'{s:{f}}' for s in ('', 'a', 'héllo') for f in ('', '5', '<5', '>5', '^5', '*^7', '.2', '>5.1', 's', '<4s', '05', 'é>6')]
# ----
class P:
    x = {'k': [10, 20]}; name = 'n'
    def __getitem__(self, k): return ('item', k)
r = '{} {} {}'.format(1, 'a', None), '{1} {0} {1}'.format('a', 'b'), '{a} {b}'.format(a=1, b=2), '{0.name} {0.x[k][1]}'.format(P()), '{0[a b]} {0[0]} {0[-1]}'.format(P()), '{:{}}'.format('x', 5), '{:{w}.{p}f}'.format(3.14159, w=8, p=2), '{!r:>6} {!s} {!a}'.format('é', 'é', 'é'), '{{}} {{{}}}'.format(1), '{0:{1}{2}}'.format(5, '>', 4), '{:>{w}}'.format('a', w=3), '{a[0]}{a[1]}'.format(a='xy'), '{:%Y}'.format(type('D', (), {'__format__': lambda s, f: 'spec ' + f})()), '{:,} {:_}'.format(10**6, 10**6), '{0.__class__.__name__}'.format(5), ''.format(1, 2), '{x}'.format_map({'x': 'm'}), '{}'.format(*'a'), '{:}'.format(5), '{0!r}'.format([1])
errs = []
for f, a in (('{}', ()), ('{0}{}', (1,)), ('{}{0}', (1,)), ('{a}', ()), ('{', ()), ('}', ()), ('{!x}', (1,)), ('{0.nope}', (1,)), ('{0[z]}', ({},)), ('{0[1]}', ('a',)), ('{:d}', ('x',)), ('{0.}', (1,)), ('{!}', (1,)), ('{0[}', (1,)), ('{:{:{}}}', (1, 2, 3)), ('{0!rx}', (1,)), ('{-1}', (1,)), ('{ 0}', (1,)), ('{2}', (1,))):
    try: errs.append(f.format(*a))
    except Exception as e: errs.append((f, type(e).__name__, str(e)))
# ----
n, s, d = 42, 'text', {'key': 'v', "it's": 1}
r = f'{n!r}', f'{s!r:>8}', f'{d["key"]}', f"{d['key']!a}", f'{n:{"0" + ">"}{6}}', f'{n:>{n // 10}}', f'{ {1: 2}[1] }', f'{n if n else s}', f'{(lambda x: x + 1)(n)}', f'{s[1:3]}', f'{s.upper()!r}', f'{n=}', f'{n = }', f'{ n  =  }', f'{n=!s}', f'{n=:>5}', f'{n+1=:#x}', f'{s=}', f'{s=!s}', f'{"a" "b"}', f'{n}' f'{s}' 'plain' rf'\{n}', f'{{{n}}}', f'{{}}', f'{n:{{}}}' if False else '', f'{n!r:{"^"}{10}}', f'{3.14159:.{n // 14}}', f'''{
    n  # a comment
    + 1
}''', f'{'same quotes'}', f'{f'{f'{n}'}'}', f'{"\n"}', f'{s:\u00e9>6}', f'{n:,}', f'{None}', f'{[*range(3)]}', f'{n, s}', f'{(yield_ := 5)}', f'{yield_}', f'{*range(2),}'
# ----
s = 'The Quick brown fox'
r = s.split(), s.split(' ', 1), s.rsplit(None, 1), s.partition(' '), s.rpartition('x'), s.partition('zz'), s.rpartition('zz'), s.find('q'), s.find('o', 13), s.rfind('o'), s.index('k'), s.count('o'), s.count(''), s.replace('o', '0', 1), s.replace('', '-', 3), s.startswith(('a', 'The')), s.startswith('Quick', 4), s.endswith('fox', 0, -1), s.title(), s.swapcase(), s.casefold(), s.center(25, '.'), s.ljust(22) + '|', s.zfill(22), s.expandtabs(), s.isascii(), s.istitle(), s.isupper(), s.islower(), 'tHIS iS'.capitalize(), "they're bill's".title(), 'x'.join('abc'), 'a-b_c'.translate(str.maketrans('-_', '  ')), 'abc'.translate(str.maketrans({'a': 'AA', 'b': None, 99: 67})), str.maketrans('ab', 'cd', 'e'), '\t a\tb'.expandtabs(4), 'ab\tc'.expandtabs(3), '-5'.zfill(4), '+5'.zfill(4), ''.zfill(2), 'aXbXc'.split('X', -1), 'aXbXc'.rsplit('X', 1), ' a b '.split(' '), ''.split(), ''.split(','), 'a\r\nb\x0bc\x1cd\u2028e'.splitlines(), 'a\n\n'.splitlines(), 'a\nb'.splitlines(keepends=True), 'xxhixx'.strip('x'), '  x '.lstrip(), 'abcab'.strip('ab'), 'prefix'.removeprefix('pre'), 'prefix'.removesuffix('pre')
# ----
checks = ('', 'abc', 'ABC', 'Abc', '123', 'a1', '½', '²', 'é', 'ß', ' ', '\n', 'a b', '٣', 'Ⅷ', '_x', '1x', 'class', '日本', '\x00', 'ǅ')
r = [[m for m in ('isalpha', 'isdigit', 'isdecimal', 'isnumeric', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle', 'isidentifier', 'isprintable', 'isascii') if getattr(c, m)()] for c in checks]
s = [(c.upper(), c.lower(), c.title(), c.casefold(), c.capitalize(), c.swapcase()) for c in ('ß', 'ﬁ', 'ǆ', 'İ', 'ΑΣ', 'éÉ', 'ﬃx')]
t = [repr(c) for c in ('\x00', '\x7f', '\x80', '\xa0', '\xad', '\u200b', '\ue000', '\U0001f600', '\u0378', '\t\r\n\\', "'", '"', '\'"')], ascii('日本\U0001f600é'), '日本'[::-1], len('\U0001f600'), 'é' == 'e\u0301', ord('\U0010ffff'), chr(0x1f600), 'a' < 'é' < '日', sorted('zéaä'), 'ab' 'cd'[1], max('aé')
# ----
b = b'Hello \x00\xff'
r = b, b[0], b[1:3], b[::-1], len(b), b + b'!', b * 2, b.upper(), b.hex(), b.hex(' '), b.hex(':', 2), bytes.fromhex('00 ff 1a'), b.find(b'l'), b.find(108), b.count(b'l'), b.split(b' '), b.replace(b'l', b'L'), b.startswith(b'He'), b.decode('latin-1'), 72 in b, b'ell' in b, list(b[:3]), bytes([1, 2]), bytes(3), bytes('é', 'utf-8'), bytes(b'copy'), b'%s=%d %x' % (b'a', 5, 255), b'%b|%5d|%-5s|' % (b'x', 42, b'q'), b'a,b'.partition(b','), b'  x '.strip(), b'ab'.join([b'1', b'2']), b'abc'.translate(bytes.maketrans(b'a', b'z')), b'abc'.translate(None, b'b'), b'a' < b'b', b'1' .isdigit(), b'aB'.swapcase(), b'x'.center(5, b'*'), b'5'.zfill(3), b'a\nb'.splitlines(), b'\x41'.isalpha(), hash(b'a') == hash(b'a'), b'' or 'empty', repr(b"it's"), repr(b'"\''), b'tab\t', b'a' == 'a', max(b'ab'), b'abc'.removeprefix(b'a'), tuple(b'ab'), b'ab'.endswith((b'x', b'b')), b'one two'.title(), b'a\tb'.expandtabs(4), b.isascii()
errs = []
for f in (lambda: bytes([256]), lambda: bytes('a'), lambda: b'a' + 'b', lambda: b'a'[5], lambda: bytes.fromhex('0g'), lambda: b'a'.index(b'z'), lambda: bytes(-1), lambda: b'a'.replace('a', 'b'), lambda: 'a' in b'a', lambda: b'abc'.split(''), lambda: b'abc'.split(b''), lambda: bytes([1.5]), lambda: int(b'12'), lambda: b'ab' < 'ab'):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
a = bytearray(b'abc')
a.append(100); a.extend(b'ef'); a[0] = 90; a[1:3] = b'YX!'; a += b'g'; del a[-1]; a.insert(0, 33); p = a.pop(); q = a.pop(0); a.reverse(); a.remove(100)
r = a, p, q, bytes(a), a.decode(), a[0], a[1:], len(a), a == bytes(a), a.find(b'!'), a * 2, a + b'x', type(a + b'x').__name__, b'x' + a, type(b'x' + a).__name__, a.copy(), bytearray(2), bytearray('é', 'utf-8'), bytearray([1, 2]), repr(a), a.upper(), 33 in a, list(a), bytearray.fromhex('ff'), a.hex()
a.clear()
s = a, bool(a)
a[:] = range(3); del a[::2]; a *= 3
errs = []
for f in (lambda: a.append(256), lambda: a.append('x'), lambda: hash(a), lambda: a.remove(99), lambda: bytearray().pop(), lambda: a.__setitem__(0, -1), lambda: a.__setitem__(9, 1), lambda: a.extend('x')):
    try: errs.append(f())
    except Exception as e: errs.append((type(e).__name__, str(e)))
# ----
r = ['%s' % x for x in (1, None, (1,), [1], {'a': 1})] if False else ['%s' % (x,) for x in (1, None, (1,), [1], 'é')], '%r %a' % ('é', 'é'), '%5s|%-5s|%.2s|%5.1s|' % ('a', 'b', 'cde', 'fgh'), '%d %i %u' % (1.9, -2, True), '%5d|%-5d|%05d|%+d|% d|%.3d' % (42, 42, 42, 42, 42, 5), '%x %X %#x %#o %o' % (255, 255, 255, 8, 8), '%e %E %.2e %g %G %.3g %f %.0f %10.3f %-10.1f|' % (1234.5, 1234.5, 0.00012, 1e-5, 1e20, 123456, 1.5, 2.5, 3.14159, 2.25), '%c%c%%' % ('a', 98), '%(a)s %(b)05.1f %(a)r' % {'a': 'x', 'b': 2.345}, '%*d|%-*d|%.*f' % (5, 42, 5, 42, 2, 3.14159), '%s %s' % ('a', ['b']), '%s' % {'k': 1}, '%(k)s' % {'k': (1, 2)}, '%%' % (), '%5%|' % () if False else '', '%#.3g' % 1.0, '%+.1e' % 12345.678, '%s' % b'x', '%d' % 10**20, '%x' % -255, '%r' % 'a\nb', '%.3r' % 'abcdef', '%ld' % 5
errs = []
for f, a in (('%d', '1'), ('%d', 'a'), ('%d', None), ('%s %s', 'a'), ('%s', (1, 2)), ('%x', 1.5), ('%c', 'ab'), ('%c', -1), ('%(a)s', 1), ('%(a)s', {}), ('%z', 1), ('%', 1), ('%s%', 'a'), ('%*d', ('a', 1)), ('%f', 'a'), ('%(a', {'a': 1}), ('x', 1), ('x', {}), ('x', ()), ('x', [1]), ('%s', ()), ('%i', 2j), ('%.1d', 'x'), ('%c', 1.5)):
    try: errs.append(f % a)
    except Exception as e: errs.append((f, type(e).__name__, str(e)))
# ----
import string
class Slashed(string.Template): delimiter = '/'; idpattern = '[a-z]+(?:[.][a-z]+)*'
class Loud(string.Formatter):
    def get_value(self, key, args, kw): return kw.get(key, f'<{key}>') if isinstance(key, str) else args[key]
    def format_field(self, value, spec): return super().format_field(value, spec).upper()
    def convert_field(self, value, conversion): return str(value) * 2 if conversion == 'x' else super().convert_field(value, conversion)
r = Slashed('/a.b and //').substitute({'a.b': 'dotted'}), Loud().format('{} {missing} {a:>4} {a!x}', 'x', a='k'), string.Formatter().vformat('{0}-{b}', ('z',), {'b': 'y'}), list(string.Formatter().parse('a{b!r:>5}c{}')), string.Template('$a ${b}c $$').get_identifiers(), string.Template('$a $').is_valid(), string.Template('$x').safe_substitute(), string.Template('$a').substitute(a=1) , string.capwords('hello  big world'), string.capwords('a-b', '-'), string.punctuation[:3], string.whitespace, string.hexdigits, string.printable[:5]
errs = []
for t in ('$', '$1', '${a', '$missing'):
    try: string.Template(t).substitute()
    except (ValueError, KeyError) as e: errs.append((type(e).__name__, str(e)))
# ----
import textwrap
text = '  The quick  brown fox\n  jumped over the lazy dog, with a verylongwordthatdoesnotfit.'
r = textwrap.wrap(text, 20), textwrap.fill(text, 30, initial_indent='* ', subsequent_indent='  '), textwrap.shorten(text, 30, placeholder=' …'), textwrap.dedent('\n    a\n      b\n\n    c\n'), textwrap.indent('a\n\nb', '> '), textwrap.indent('a\n\nb', '> ', lambda l: True), textwrap.wrap('a-b c-d', 3), textwrap.wrap('xxxxxxxx', 3), textwrap.wrap('xxxxxxxx yy', 3, break_long_words=False), textwrap.TextWrapper(width=10, max_lines=2, placeholder='..').wrap('one two three four five'), textwrap.wrap(''), textwrap.dedent('  a\n\tb')
# ----
class Html(str):
    def __html__(self): return self
    def __add__(self, o): return Html(super().__add__(escape(o)))
    def __radd__(self, o): return escape(o).__add__(self)
    def __mod__(self, a): return Html(super().__mod__(tuple(map(escape, a)) if isinstance(a, tuple) else escape(a)))
    def join(self, it): return Html(super().join(map(escape, it)))
    def format(self, *a, **k): return Html(super().format(*map(escape, a), **{n: escape(v) for n, v in k.items()}))
    for name in ('upper', 'lower', 'strip', 'replace'):
        def wrap(name):
            original = getattr(str, name)
            def method(self, *a): return Html(original(self, *a))
            method.__name__ = name
            return method
        locals()[name] = wrap(name)
    del wrap, name
def escape(v): return v if hasattr(v, '__html__') else Html(str(v).replace('&', '&amp;').replace('<', '&lt;'))
h = Html('<b>')
r = h + '<i>', '<i>' + h, h % 5, Html('%s-%s') % ('<', h), Html(',').join(['<', h]), Html('{} {x}').format('<', x=h), type(h.upper()).__name__, h.upper(), Html.strip.__name__, type(h[0]).__name__
# ----
import re, functools
def camel(s): return ''.join(w.capitalize() if i else w for i, w in enumerate(s.split('_')))
def snake(s): return re.sub(r'(?<!^)(?=[A-Z])', '_', s).lower()
def slug(s): return re.sub(r'[\s_-]+', '-', re.sub(r'[^\w\s-]', '', s.lower())).strip('-')
def caesar(s, k): return ''.join(chr((ord(c) - 97 + k) % 26 + 97) if c.islower() else c for c in s)
def roman(n): return ''.join(s * (n // v) for (v, s), n in zip(pairs := [(1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')], functools.reduce(lambda acc, p: acc + [acc[-1] % p[0]], pairs, [n])))
def human(n):
    for unit in ('B', 'kB', 'MB'):
        if n < 1024: return f'{n:.1f}{unit}'
        n /= 1024
    return f'{n:.1f}GB'
def table(rows):
    widths = [max(map(len, map(str, c))) for c in zip(*rows)]
    return '\n'.join(' | '.join(f'{c!s:<{w}}' if isinstance(c, str) else f'{c:>{w}}' for c, w in zip(row, widths)) for row in rows)
r = camel('make_it_so'), snake('HTTPServerName'), slug('  Hello, World_now! '), caesar('xyz, ok', 3), roman(1994), [human(n) for n in (5, 5000, 5 * 10**6, 5 * 10**9)], table([('name', 'n'), ('ab', 5), ('c', 1234)])
# ----
import codecs, base64, binascii, html, quopri, unicodedata
r = codecs.lookup('utf8').name, codecs.BOM_UTF8, 'abc'.encode('utf-8-sig') if False else None, html.escape('<"\'&>'), html.escape('"', quote=False), html.unescape('&lt;&#x27;&amp;lt;&nosuch;&copy'), 'x'.encode('utf-16-be'), 'é'.encode('utf-32-le'), 'a\u0301'.encode(), 'ab'.encode('ascii').decode('utf-8')
# ----
lines = '''name = value  # comment
[section]
key: other
   continued

; full line
flag'''.splitlines()
def parse(lines):
    section, out, last = None, {}, None
    for n, line in enumerate(lines, 1):
        line = line.split('#')[0].split(';')[0]
        if not line.strip(): continue
        if line[0].isspace() and last: out[last] += ' ' + line.strip(); continue
        line = line.strip()
        match line[0], line[-1]:
            case '[', ']': section = line[1:-1]; continue
        for sep in '=:':
            key, found, value = line.partition(sep)
            if found: break
        last = (section, key.strip()); out[last] = value.strip() if found else None
    return out
r = parse(lines)
def tokenize(text):
    pos = 0
    while pos < len(text):
        c = text[pos]
        if c.isspace(): pos += 1; continue
        end = pos + 1
        if c.isdigit():
            while end < len(text) and text[end].isdigit(): end += 1
        yield ('num', int(text[pos:end])) if c.isdigit() else ('op', c)
        pos = end
def evaluate(text):
    tokens = [*tokenize(text), ('end', None)]; at = 0
    def atom():
        nonlocal at
        kind, value = tokens[at]; at += 1
        if kind == 'num': return value
        if value == '-': return -atom()
        v = expr(0); at += 1; return v
    def expr(level):
        nonlocal at
        left = atom()
        while (op := tokens[at][1]) in prec and prec[op] >= level:
            at += 1; right = expr(prec[op] + 1)
            left = {'+': left.__add__, '-': left.__sub__, '*': left.__mul__, '/': left.__floordiv__}[op](right)
        return left
    prec = {'+': 1, '-': 1, '*': 2, '/': 2}
    return expr(0)
s = [evaluate(t) for t in ('1 + 2 * 3', '(1 + 2) * 3', '10 - 4 - 3', '2 * (3 + 4) / 5', '-(2 + 3) * 2')]
# ----
l, d, s = [3, 'a', None], {'k': (1,), 2: {3}}, {1}
r = str(l), repr(d), str(s), repr(set()), repr(frozenset()), repr(()), repr((1,)), repr({}), repr([[]]), str({'a': {'b': []}}), repr('a\\b'), repr(1e300 * 10), repr(-1e-300), repr(1e16), repr(123456789.0), repr(0.1 + 0.2), repr(1 / 3), str(True), repr(...), repr(NotImplemented), repr(int), repr(type), repr(type(None)), repr(slice(1, None)), repr(range(3)), repr(range(1, 5, 2)), repr(1j), repr(-1 - 0j), repr(complex(0.0, -2.5)), repr(b'\n'), repr(bytearray(b'')), repr(Exception), repr(ValueError('a', 1)), repr(KeyError()), repr([...]), str([None, True]), repr(memoryview) , repr(list[int]), repr(int | None), repr(property) , repr((x for x in ()))[:17], repr(lambda: 0)[:18], repr(dict.fromkeys('ab')), repr(enumerate) , repr(zip), repr({True: 1}), repr([1.0, 1e100, 1e-7]), repr({1: [], 'a': ()}), repr(object)
