# Regular expressions as code uses them when it is imported.
# ----
import re
r = re.match(r'(\d+)-(\d+)', '12-34 x').groups(), re.search('b+', 'aabbb').span(), re.findall(r'\w+', 'a bc, d'), re.sub(r'\s+', ' ', 'a  b \n c'), re.split(r'[,;]', 'a,b;c'), re.fullmatch('a.c', 'abc') is not None, re.match('x', 'y')
# ----
import re
m = re.match(r'(?P<year>\d{4})-(?P<month>\d\d)', '2024-05-01')
r = m['year'], m.group('month', 'year'), m.groupdict(), m.start('month'), m.end(), m.string, m.re.pattern, m.lastgroup, m.pos, m[0], m.expand(r'\g<month>/\1')
# ----
import re
r = re.sub(r'(a)(b)?', lambda m: f'<{m[1]}{m[2]}>', 'ab a'), re.subn('x', 'y', 'xxz'), re.sub('(?i)A', '-', 'aAb'), re.sub('a', 'b', 'aaa', count=2), re.split('(-)', 'a-b-c', maxsplit=1), re.findall('(a)(b)', 'abab'), [m.start() for m in re.finditer('a', 'banana')]
# ----
import re
P = re.compile(r'''
    (?P<key>\w+) \s* = \s*   # the key
    (?P<value>"[^"]*"|\d+)
''', re.VERBOSE)
r = {m['key']: m['value'] for m in P.finditer('a = 1, b="x y", c =22')}, P.flags & re.X == re.X
# ----
import re
r = [bool(re.match(p, s)) for p, s in [('a*?b', 'aab'), ('(?=a)a', 'a'), ('(?!a)b', 'b'), ('(?<=a)b', 'ab'), (r'\bfoo\b', 'foo'), ('[^abc]', 'd'), ('a{2,3}$', 'aaa'), ('(a|b)+c', 'abac'), (r'\Aab\Z', 'ab'), ('(?s).', '\n'), ('.', '\n'), ('(a)\\1', 'aa'), ('a++b', 'aab'), ('(?>a+)b', 'aab'), ('(?m)^b', 'a\nb')]]
s = re.search('(?<=x)y', 'xy').group(), re.search('(?m)^b', 'a\nb').start(), re.search('(?<!x)y', 'xyy').start()
# ----
import re
CAMEL = re.compile(r'(?<!^)(?=[A-Z])')
def snake(n): return CAMEL.sub('_', n).lower()
r = snake('CamelCaseName'), snake('HTML'), re.sub(r'[^a-z0-9]+', '-', 'Hello, World!'.lower()).strip('-')
# ----
import re
tokens = re.compile(r'(?P<num>\d+)|(?P<op>[-+*/])|(?P<ws>\s+)')
r = [(m.lastgroup, m.group()) for m in tokens.finditer('1 + 23*4') if m.lastgroup != 'ws']
errs = []
for p in ('(', '[a', '*a', '(?P<1>a)', 'a{3,1}', '\\'):
    try: re.compile(p)
    except re.error as e: errs.append(type(e).__name__)
# ----
import re
r = re.compile(b'a+').match(b'aaab').group(), re.sub(b'x', b'y', b'xx'), re.escape('a+b (c)'), (re.I | re.M) & re.I == re.I, (re.I | re.S).value, re.NOFLAG == 0
s = repr(re.compile('a', re.I)), re.compile('a') == re.compile('a'), re.compile(re.compile('z')).pattern
# ----
import re
m = re.match('(a)?(b)', 'b')
r = m.groups(), m.groups('none'), m.span(1), m.regs, m.group(1, 2), bool(m), m.lastindex
try: m.group(5)
except IndexError as e: err = str(e)
# ----
import re
EMAIL = re.compile(r'^[^@\s]+@([^@\s]+\.)+[a-z]{2,}$', re.IGNORECASE)
URL = re.compile(r'^(?:http|ftp)s?://(?:[A-Z0-9-]+\.)+[A-Z]{2,6}(?::\d+)?(?:/?|[/?]\S+)$', re.I)
r = [bool(EMAIL.match(s)) for s in ('a@b.co', 'a@b', 'a b@c.de')], [bool(URL.match(s)) for s in ('http://ex.com', 'https://a.b.org:80/x?y', 'x')]
# ----
import re
route = '/users/<int:id>/posts/<slug>'
pattern = re.sub(r'<(?:(?P<conv>\w+):)?(?P<name>\w+)>', lambda m: f'(?P<{m["name"]}>' + {'int': r'\d+', None: r'[^/]+'}[m['conv']] + ')', route)
r = pattern, re.fullmatch(pattern, '/users/12/posts/x-y').groupdict()
# ----
import re, string
r = re.findall(r'[\w.]+|"[^"]*"', 'a.b "c d" e'), re.split(r'(?<=[.!?])\s+', 'One. Two! Three?'), string.Template.pattern.flags & re.VERBOSE == re.VERBOSE, re.sub(r'(?P<w>\w)(?P=w)', r'[\g<w>]', 'aabbc')
t = [tuple(map(int, v)) for v in re.findall(r'(\d+)\.(\d+)', 'v1.2 and 3.14')]
