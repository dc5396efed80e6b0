# datetime, decimal, pathlib, uuid, json, re, logging, os.path as code uses them when it is imported.
# ----
from datetime import date, datetime, time, timedelta, timezone
d = date(2024, 2, 29)
r = d, d.isoformat(), d.year, d.weekday(), d.isoweekday(), d.toordinal(), d.replace(year=2023, day=1), date.fromisoformat('2020-01-05'), date.fromordinal(730000), tuple(d.isocalendar()), str(d), d < date(2025, 1, 1), date.min, date.max, d.timetuple()[:3], d.ctime()
try: date(2023, 2, 29)
except ValueError as e: err = str(e)
# ----
from datetime import timedelta
t = timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5)
r = t, str(t), t.total_seconds(), t.days, t.seconds, t.microseconds, t * 2, t / 2, -t, t + t, abs(timedelta(-1)), t // timedelta(hours=1), timedelta(hours=25), timedelta(weeks=1) == timedelta(days=7), divmod(timedelta(minutes=61), timedelta(hours=1)), timedelta.max > t, bool(timedelta(0)), timedelta(1) % timedelta(hours=7), repr(timedelta(seconds=90)), hash(timedelta(1)) == hash(timedelta(hours=24))
# ----
from datetime import datetime, timedelta, timezone, date
n = datetime(2024, 5, 17, 13, 45, 30, 123)
r = n, n.isoformat(), str(n), n.date(), n.time(), n + timedelta(days=30), n - datetime(2024, 1, 1), n.replace(hour=0), datetime.fromisoformat('2024-01-02T03:04:05'), datetime.combine(date(2020, 1, 1), n.time()), n.isoformat(timespec='minutes'), n > datetime(2020, 1, 1)
u = datetime(2024, 1, 1, tzinfo=timezone.utc)
s = u, u.isoformat(), u.tzinfo, u.astimezone(timezone(timedelta(hours=2))).isoformat(), u.utcoffset(), timezone(timedelta(hours=-3, minutes=-30)), u.timestamp(), u.tzname()
try: u < n
except TypeError as e: err = type(e).__name__
# ----
from datetime import time, timezone
t = time(1, 2, 3)
r = t, t.isoformat(), str(t), time.min, time.max, t.replace(minute=0), time.fromisoformat('04:05'), t < time(2), t.hour, time(1, tzinfo=timezone.utc).isoformat(), bool(time(0))
try: time(25)
except ValueError as e: err = str(e)
# ----
EPOCH = __import__('datetime').datetime(1970, 1, 1)
from datetime import tzinfo, timedelta, datetime
class Fixed(tzinfo):
    def utcoffset(self, dt): return timedelta(hours=1)
    def dst(self, dt): return timedelta(0)
    def tzname(self, dt): return 'FX'
f = Fixed()
d = datetime(2024, 1, 1, 12, tzinfo=f)
r = d.utcoffset(), d.tzname(), d.isoformat(), (d - timedelta(hours=1)).hour, EPOCH.year
class MyDate(datetime):
    def label(self): return self.year * 100 + self.month
s = MyDate(2024, 3, 1).label(), isinstance(MyDate(2024, 1, 1), datetime), MyDate(2024, 1, 1) + timedelta(1)
# ----
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
p = PurePosixPath('/usr/lib/python3/x.tar.gz')
r = p.name, p.stem, p.suffix, p.suffixes, p.parent, p.parts, p.parent.parent, str(p), p.is_absolute(), p.with_suffix('.zip'), p.with_name('y'), p / 'z', p.parents[1], p.relative_to('/usr'), p.as_posix(), p.root, p.anchor
s = PurePosixPath('a') / 'b' / '../c', PurePosixPath('a', 'b', '/c'), PurePosixPath('a/./b//c/'), PurePosixPath(''), repr(PurePosixPath('a/b')), PurePosixPath('a') == PurePosixPath('a/'), PurePosixPath('a') < PurePosixPath('b'), PurePosixPath('x.py').match('*.py') if False else None, PurePosixPath('a/b').joinpath('c', 'd'), PurePosixPath('b') in {PurePosixPath('b')}, PurePosixPath('a/b.txt').with_stem('c'), PurePosixPath('/a/b').is_relative_to('/a')
w = PureWindowsPath('C:\\dir\\f.txt')
t = w.drive, w.root, w.parts, w.as_posix(), w.name, str(w.parent), PureWindowsPath('c:/A') == PureWindowsPath('C:\\a')
try: p.relative_to('/etc')
except ValueError as e: err = str(e)[:40]
# ----
from pathlib import Path
BASE = Path('/srv/app/settings/base.py').parent.parent
TEMPLATES = BASE / 'templates'
LOCALE = [BASE / 'locale', BASE.joinpath('other', 'locale')]
r = str(BASE), TEMPLATES, [str(p) for p in LOCALE], type(BASE).__name__, f'{BASE}/db.sqlite3', BASE.name, TEMPLATES.relative_to(BASE), isinstance(BASE, Path), Path('a/../b').parts, '/x' / Path('y')
# ----
import os, os.path
r = os.path.join('a', 'b', 'c.txt'), os.path.basename('/x/y.z'), os.path.dirname('/x/y.z'), os.path.splitext('a/b.tar.gz'), os.path.normpath('a/./b/../c'), os.path.isabs('/a'), os.path.split('/a/b'), os.path.join('a', '/b'), os.path.commonprefix(['/usr/lib', '/usr/local']), os.path.relpath('/a/b/c', '/a'), os.sep, os.linesep, os.curdir, os.pardir, os.extsep, os.path.commonpath(['/a/b', '/a/c']), os.path.normcase('A'), os.pathsep, os.devnull, os.name, os.path.splitdrive('/x'), os.fspath('p')
here = os.path.dirname(os.path.join('/pkg', 'mod.py'))
class F:
    def __fspath__(self): return '/from/fspath'
s = os.fspath(F()), os.path.join(F(), 'x')
# ----
import uuid
u = uuid.UUID('12345678-1234-5678-1234-567812345678')
r = str(u), u.hex, u.int, u.version, u.bytes[:2], repr(u), u == uuid.UUID(int=u.int), uuid.UUID(hex='0' * 32), u.urn, u.fields, uuid.NAMESPACE_DNS, u < uuid.UUID(int=0), u.variant, {u: 1}[uuid.UUID(str(u))], uuid.UUID(bytes=b'\x01' * 16)
try: uuid.UUID('xyz')
except ValueError as e: err = str(e)
# ----
import json
r = json.dumps({'a': [1, 2.5, None, True], 'b': 'x"y'}), json.dumps([1, 2], indent=2), json.dumps({'b': 1, 'a': 2}, sort_keys=True), json.dumps('é'), json.dumps('é', ensure_ascii=False), json.dumps({1: 'a', None: 2}), json.dumps([], separators=(',', ':')), json.dumps({'k': {'n': []}}, indent=1)
class E(json.JSONEncoder):
    def default(self, o): return sorted(o) if isinstance(o, set) else super().default(o)
s = json.dumps({'s': {2, 1}}, cls=E), json.dumps([1], default=str), json.dumps({'o': object}, default=lambda o: o.__name__)
try: json.dumps(object)
except TypeError as e: err = str(e)
# ----
import logging
log = logging.getLogger('my.app')
log2 = logging.getLogger('my.app')
child = log.getChild('sub')
r = log.name, log is log2, child.name, logging.INFO, logging.getLevelName(30), logging.WARNING > logging.DEBUG, logging.Formatter('%(message)s')._fmt, logging.getLogger(__name__).name == __name__, isinstance(log, logging.Logger)
class H(logging.Handler):
    def emit(self, record): pass
class F(logging.Filter):
    def filter(self, record): return True
class A(logging.LoggerAdapter): pass
s = H.__mro__[1].__name__, F('x').name, A(log, {'k': 1}).extra
# ----
import re
WORD = re.compile(r'\w+')
FLAGS = re.compile('a', re.I | re.M)
r = WORD.pattern, FLAGS.flags & re.I == re.I, re.escape('a.b*c'), isinstance(WORD, re.Pattern), re.IGNORECASE is re.I, WORD.groups, re.compile(r'(?P<x>a)(b)').groupindex['x'], re.compile(r'(a)(b)').groups
# ----
import decimal
from decimal import Decimal, ROUND_HALF_UP, getcontext, localcontext
ZERO = Decimal('0'); PRICE = Decimal('19.99'); ONE = Decimal(1)
r = isinstance(ZERO, Decimal), ROUND_HALF_UP, issubclass(decimal.InvalidOperation, ArithmeticError), decimal.ROUND_DOWN
class Money(Decimal): pass
FIELDS = {'max': Decimal('100.00'), 'min': Decimal(0)}
n = len(FIELDS)
# ----
import logging.config, logging.handlers
LOGGING = {'version': 1, 'handlers': {'console': {'class': 'logging.StreamHandler'}}, 'root': {'handlers': ['console'], 'level': 'INFO'}}
logger = logging.getLogger('x.y.z')
r = logger.name, logging.handlers.RotatingFileHandler.__name__, sorted(LOGGING), logging.NOTSET, logging.Logger.manager is logger.manager, logger.parent is not None
# ----
import sys
r = sys.version_info >= (3, 14), sys.version_info[:2], sys.maxsize > 2**32, sys.byteorder, sys.platform, sys.implementation.name, sys.version_info.major, sys.hexversion > 0x030e0000, sys.float_info.max, sys.maxunicode, isinstance(sys.version, str), sys.flags.optimize, sys.int_info.bits_per_digit
if sys.version_info < (3, 9): raise ImportError('too old')
PY2 = sys.version_info[0] == 2
# ----
import warnings
def deprecated(f):
    def inner(*a):
        warnings.warn('gone', DeprecationWarning, stacklevel=2)
        return f(*a)
    return inner
@deprecated
def old(): return 1
@warnings.deprecated('use new')
class Old: pass
r = old.__name__, Old.__deprecated__, issubclass(DeprecationWarning, Warning)
# ----
import threading, queue, contextvars, asyncio
lock = threading.Lock(); rl = threading.RLock(); ev = threading.Event(); loc = threading.local(); cond = threading.Condition()
var = contextvars.ContextVar('var', default=None)
class Worker(threading.Thread):
    def run(self): pass
async def main(): await asyncio.sleep(1)
q = queue.Queue(maxsize=3)
r = var.name, Worker.__mro__[1].__name__, main.__name__, asyncio.Queue.__name__, q.maxsize
del lock, rl, ev, loc, cond, q
# ----
import io, csv, tempfile, shutil, glob, fnmatch, subprocess, socket, http, urllib.request, email.message, zipfile, hashlib, secrets, random, time, traceback, unittest
r = io.StringIO.__name__, csv.QUOTE_MINIMAL, http.HTTPStatus.OK, http.HTTPStatus(404).phrase, subprocess.PIPE, socket.AF_INET == 2, http.HTTPMethod.GET.value, issubclass(socket.timeout, OSError), unittest.TestCase.__name__, issubclass(subprocess.CalledProcessError, Exception), csv.Dialect.__name__
class T(unittest.TestCase):
    def test_x(self): self.assertEqual(1, 1)
    @unittest.skip('why')
    def test_y(self): pass
s = T.test_y.__unittest_skip__, T('test_x').id().endswith('T.test_x')
# ----
from http.cookies import SimpleCookie, Morsel
from email.mime.text import MIMEText
from urllib.parse import ParseResult
from wsgiref.headers import Headers
r = Morsel._reserved['path'], Headers([('A', 'b')])['a'], ParseResult('http', 'h', '/', '', '', '').geturl()
# ----
import types, sys
class LazyModule(types.ModuleType):
    def __getattr__(self, name):
        if name == 'answer': return 42
        raise AttributeError(name)
m = LazyModule('lazy')
r = m.answer, hasattr(m, 'nope'), m.__name__
def __getattr__(name):
    if name == 'dynamic': return 'made'
    raise AttributeError(name)
s = sys.modules[__name__].dynamic
# ----
import itertools, operator, functools
PRIMES = tuple(n for n in range(2, 60) if all(n % d for d in range(2, int(n ** .5) + 1)))
TABLE = {chr(65 + i): i for i in range(5)}
INVERSE = dict(zip(TABLE.values(), TABLE))
COMPOSED = functools.reduce(lambda f, g: lambda x: g(f(x)), [operator.neg, abs, lambda x: x + 1])
r = PRIMES, TABLE, INVERSE, COMPOSED(-4), sorted(TABLE, key=TABLE.get, reverse=True), list(itertools.accumulate(PRIMES[:4], operator.mul))
