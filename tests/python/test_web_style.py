"""Wide, flat code as web frameworks have it: keyword arguments passed on, lazy proxies, contexts, templates, models, signals, middleware."""
import functools
import html
import operator
import re

from check import compiled, fresh, matrix, once, outcome, run, say, show


class Options:
    def __init__(self, fields): self.fields = fields
    @functools.cached_property
    def by_name(self): return {f.name: f for f in self.fields}
    def get_field(self, name):
        try:
            return self.by_name[name]
        except KeyError:
            raise LookupError(f"no field {name!r}")


class Field:
    creation = 0
    def __init__(self, default=None, null=False, choices=(), **extra):
        self.default, self.null, self.choices, self.extra = default, null, choices, extra
        self.order = Field.creation
        Field.creation += 1
    def contribute(self, cls, name):
        self.name = self.attname = name
        setattr(cls, name, Deferred(self))
    def get_default(self): return self.default() if callable(self.default) else self.default
    def clean(self, value):
        if value is None and not self.null:
            raise ValueError(f"{self.name} may not be null")
        for validator in self.validators:
            validator(value)
        return self.to_python(value)
    @property
    def validators(self): return self.extra.get("validators", ())
    def to_python(self, value): return value


class IntField(Field):
    def to_python(self, value):
        if value is None:
            return value
        try:
            return int(value)
        except (TypeError, ValueError) as e:
            raise ValueError(f"{self.name}: not a number: {value!r}") from e


class Deferred:
    def __init__(self, field): self.field = field
    def __get__(self, instance, cls=None):
        if instance is None:
            return self
        data = instance.__dict__
        name = self.field.attname
        if name not in data:
            data[name] = self.field.get_default()
        return data[name]


class ModelBase(type):
    def __new__(mcls, name, bases, attrs, **kwargs):
        fields = {k: v for k, v in attrs.items() if isinstance(v, Field)}
        cls = super().__new__(mcls, name, bases, {k: v for k, v in attrs.items() if k not in fields}, **kwargs)
        for k, f in fields.items():
            f.contribute(cls, k)
        cls._meta = Options(sorted([f for b in bases for f in getattr(b, "_meta", Options([])).fields] + list(fields.values()), key=operator.attrgetter("order")))
        return cls


class Model(metaclass=ModelBase):
    def __init__(self, *args, **kwargs):
        fields_iter = iter(self._meta.fields)
        for val, field in zip(args, fields_iter):
            setattr(self, field.attname, val)
        for field in fields_iter:
            if kwargs:
                try:
                    val = kwargs.pop(field.attname)
                except KeyError:
                    val = field.get_default()
            else:
                val = field.get_default()
            setattr(self, field.attname, val)
        if kwargs:
            for prop in tuple(kwargs):
                raise TypeError(f"{type(self).__name__}() got unexpected keyword arguments: {prop}")
        super().__init__()
    @classmethod
    def from_db(cls, names, values):
        if len(values) != len(cls._meta.fields):
            it = iter(values)
            values = [next(it) if f.attname in names else None for f in cls._meta.fields]
        new = cls(*values)
        new._state = "loaded"
        return new
    def full_clean(self):
        errors = {}
        for f in self._meta.fields:
            raw = getattr(self, f.attname)
            try:
                setattr(self, f.attname, f.clean(raw))
            except ValueError as e:
                errors.setdefault(f.name, []).append(str(e))
        if errors:
            raise RuntimeError(errors)
    def __repr__(self): return f"<{self.__class__.__name__}: {self}>"
    def __str__(self): return f"{self.__class__.__name__} object ({getattr(self, 'pk', None)})"
    def __eq__(self, other):
        if not isinstance(other, Model):
            return NotImplemented
        return vars(self) == vars(other)
    __hash__ = None


def positive(v):
    if v is not None and v < 0:
        raise ValueError("must be positive")


class Person(Model):
    pk = IntField(null=True)
    name = Field(default=lambda: "anon")
    age = IntField(default=1, validators=(positive,))


class Employee(Person):
    salary = IntField(default=10)
    def __str__(self): return f"{self.name} ({self.age})"


def make(cls, args, kwargs):
    o = cls(*args, **kwargs)
    o.full_clean()
    return repr(o), vars(o), o == cls(*args, **kwargs), o._meta.get_field("age").default


def load(cls, names, rows): return [cls.from_db(names, r) for r in rows]


def test_models():
    matrix(make, [(Person, (), {}), (Person, (1, "x"), {}), (Employee, (), {"name": "N", "age": 5}), (Employee, (1, "a", "7", 9), {}), (Person, (), {"age": "bad"}),
                  (Person, (), {"age": -1}), (Person, (), {"nope": 1}), (Person, (1, 2, 3, 4, 5), {}), (Employee, (None,), {"salary": None})])
    matrix(load, [(Person, ("pk", "name", "age"), [(1, "a", 2), (2, "b", 3)]), (Person, ("pk",), [(1,)]), (Employee, ("pk",), []), (Person, (), [5])])
    for _ in range(30):
        make(Person, (), {})
    for f in (Model.__init__, Model.full_clean, Field.clean, Field.get_default, make):
        compiled(f)


class LazyProxy:
    __slots__ = ("_func", "_wrapped")
    def __init__(self, func):
        object.__setattr__(self, "_func", func)
        object.__setattr__(self, "_wrapped", None)
    def _setup(self):
        w = object.__getattribute__(self, "_wrapped")
        if w is None:
            w = object.__getattribute__(self, "_func")()
            object.__setattr__(self, "_wrapped", w)
        return w
    def __getattr__(self, name): return getattr(self._setup(), name)
    def __setattr__(self, name, value): setattr(self._setup(), name, value)
    def __delattr__(self, name): delattr(self._setup(), name)
    def __getitem__(self, k): return self._setup()[k]
    def __str__(self): return str(self._setup())
    def __bool__(self): return bool(self._setup())
    def __eq__(self, o): return self._setup() == o
    def __hash__(self): return hash(self._setup())
    def __add__(self, o): return self._setup() + o
    def __iter__(self): return iter(self._setup())
    def __len__(self): return len(self._setup())
    def __contains__(self, k): return k in self._setup()
    __class__ = property(lambda self: type(self._setup()))


def proxied(v):
    p = LazyProxy(lambda: v)
    return [outcome(f).split(" tb=")[0] for f in (lambda: str(p), lambda: bool(p), lambda: p == v, lambda: p + p._wrapped, lambda: list(p), lambda: len(p), lambda: p[0], lambda: p.upper(),
                                                  lambda: isinstance(p, type(v)), lambda: 1 in p, lambda: hash(p) == hash(v), lambda: setattr(p, "q", 1), lambda: p.nope)]


def test_lazy(): matrix(proxied, [("text",), (5,), ([1, 2],), (None,), (Person(),), ({0: 1},)])


class Context:
    def __init__(self, d=None): self.dicts = [{"True": True, "None": None}, d or {}]
    def push(self, **kw):
        self.dicts.append(kw)
        return ContextPop(self)
    def pop(self):
        if len(self.dicts) == 1:
            raise IndexError("too many pops")
        return self.dicts.pop()
    def __getitem__(self, key):
        for d in reversed(self.dicts):
            if key in d:
                return d[key]
        raise KeyError(key)
    def __setitem__(self, k, v): self.dicts[-1][k] = v
    def __contains__(self, k): return any(k in d for d in self.dicts)
    def get(self, key, otherwise=None):
        for d in reversed(self.dicts):
            try:
                return d[key]
            except KeyError:
                continue
        return otherwise


class ContextPop:
    def __init__(self, c): self.c = c
    def __enter__(self): return self.c
    def __exit__(self, *a): self.c.pop()


class Variable:
    def __init__(self, var):
        self.var = var
        self.literal = None
        self.lookups = None
        try:
            self.literal = float(var) if "." in var or "e" in var.lower() else int(var)
        except ValueError:
            if var[0] in "\"'" and var[0] == var[-1]:
                self.literal = var[1:-1]
            else:
                self.lookups = tuple(var.split("."))
    def resolve(self, context):
        if self.lookups is not None:
            return self._resolve_lookup(context)
        return self.literal
    def _resolve_lookup(self, context):
        current = context
        try:
            for bit in self.lookups:
                try:
                    current = current[bit]
                except (TypeError, AttributeError, KeyError, ValueError, IndexError):
                    try:
                        if isinstance(current, Context) and getattr(type(current), bit):
                            raise AttributeError
                        current = getattr(current, bit)
                    except (TypeError, AttributeError):
                        try:
                            current = current[int(bit)]
                        except (IndexError, ValueError, KeyError, TypeError):
                            raise LookupError(f"Failed lookup for key [{bit}] in {type(current).__name__}")
                if callable(current):
                    if getattr(current, "alters_data", False):
                        current = ""
                    else:
                        current = current()
        except Exception as e:
            if getattr(e, "silent", False):
                current = ""
            else:
                raise
        return current


FILTERS = {"upper": lambda v: str(v).upper(), "default": lambda v, a="": v or a, "add": lambda v, a: v + a, "join": lambda v, a: a.join(map(str, v)), "length": len,
           "escape": lambda v: html.escape(str(v))}


class Text:
    def __init__(self, s): self.s = s
    def render(self, context): return self.s


class Output:
    def __init__(self, source):
        name, *filters = source.split("|")
        self.var = Variable(name.strip())
        self.filters = []
        for f in filters:
            n, _, arg = f.partition(":")
            self.filters.append((FILTERS[n.strip()], Variable(arg) if arg else None))
    def render(self, context):
        try:
            obj = self.var.resolve(context)
        except LookupError:
            obj = None
        for func, arg in self.filters:
            args = (arg.resolve(context),) if arg is not None else ()
            obj = func(obj, *args)
        return "" if obj is None else str(obj)


class For:
    def __init__(self, name, source, body): self.name, self.source, self.body = name, Variable(source), body
    def render(self, context):
        try:
            values = self.source.resolve(context)
        except LookupError:
            values = []
        values = list(values)
        out = []
        n = len(values)
        with context.push(forloop={}):
            for i, item in enumerate(values):
                loop = context["forloop"]
                loop["counter"] = i + 1
                loop["last"] = i == n - 1
                context[self.name] = item
                for node in self.body:
                    out.append(node.render(context))
        return "".join(out)


class If:
    def __init__(self, cond, yes, no): self.cond, self.yes, self.no = Variable(cond), yes, no
    def render(self, context):
        try:
            match = self.cond.resolve(context)
        except LookupError:
            match = None
        return "".join([n.render(context) for n in (self.yes if match else self.no)])


def parse(tokens, until=()):
    out = []
    while tokens:
        t = tokens.pop(0)
        if t.startswith("{{"):
            out.append(Output(t[2:-2]))
        elif t.startswith("{%"):
            words = t[2:-2].split()
            if words[0] in until:
                tokens.insert(0, t)
                return out
            if words[0] == "for":
                out.append(For(words[1], words[3], parse(tokens, ("endfor",))))
                tokens.pop(0)
            elif words[0] == "if":
                yes = parse(tokens, ("else", "endif"))
                no = []
                if "else" in tokens.pop(0):
                    no = parse(tokens, ("endif",))
                    tokens.pop(0)
                out.append(If(words[1], yes, no))
            else:
                raise SyntaxError(words[0])
        elif t:
            out.append(Text(t))
    return out


def render(source, data):
    nodes = parse(re.split(r"({{.*?}}|{%.*?%})", source))
    context = Context(dict(data))
    return "".join([n.render(context) for n in nodes])


TEMPLATE = "<h1>{{ title|upper }}</h1>{% for p in people %}<li>{{ forloop.counter }}: {{ p.name|escape }} {% if p.age %}({{ p.age|add:1 }}){% else %}?{% endif %}{{ missing.thing|default:'-' }}</li>{% endfor %}{{ items.0 }}{{ items|length }}{{ d.k.j }}"


def test_template():
    people = [Person(1, "A<b>", 5), Employee(2, "B", 0), {"name": "dict", "age": 3}, LazyProxy(lambda: Person(3, "lazy", 1))]
    for data in ({"title": "t", "people": people, "items": [9, 8], "d": {"k": {"j": 5}}}, {"title": 5, "people": [], "items": "xy"}, {"people": 5}, {}, {"people": [1], "items": []}):
        run(render, TEMPLATE, data)
    run(render, "{% bad %}", {})
    for f in (render, parse, Variable._resolve_lookup, Output.render, For.render, Context.__getitem__):
        if f is not parse:
            compiled(f)


class Request:
    def __init__(self, path, method="GET", **extra):
        self.path, self.method = path, method
        self.__dict__.update(extra)
    @property
    def is_post(self): return self.method == "POST"


class Response(dict):
    def __init__(self, body="", status=200, **headers):
        super().__init__(**headers)
        self.body, self.status = body, status


def middleware(tag):
    def factory(get_response):
        @functools.wraps(get_response)
        def inner(request, *args, **kwargs):
            request.trail = getattr(request, "trail", ()) + (tag,)
            response = get_response(request, *args, **kwargs)
            response[tag] = len(request.trail)
            return response
        return inner
    return factory


def catch(get_response):
    def inner(request):
        try:
            response = get_response(request)
        except PermissionError as e:
            response = Response(str(e), 403)
        except Exception as e:
            response = Response(f"{type(e).__name__}: {e}", 500)
        else:
            response.setdefault("ok", True)
        finally:
            request.done = True
        return response
    return inner


def require(method=None, **checks):
    def deco(view):
        @functools.wraps(view)
        def wrapped(request, *args, **kwargs):
            if method and request.method != method:
                return Response(status=405)
            for k, v in checks.items():
                if getattr(request, k, None) != v:
                    raise PermissionError(k)
            return view(request, *args, **kwargs)
        return wrapped
    return deco


@require("GET")
def index(request): return Response("index", a=1)
@require(method="POST", user="admin")
def post(request, pk, *, slug="none"): return Response(f"{pk}/{slug}/{request.is_post}")
@require()
def broken(request, **kwargs): return Response(kwargs["missing"])
class View:
    names = ("get", "post")
    def __init__(self, **kw):
        for k, v in kw.items():
            setattr(self, k, v)
    @classmethod
    def as_view(cls, **initkwargs):
        def view(request, *args, **kwargs):
            self = cls(**initkwargs)
            self.setup(request, *args, **kwargs)
            return self.dispatch(request, *args, **kwargs)
        view.view_class = cls
        return view
    def setup(self, request, *args, **kwargs): self.request, self.args, self.kwargs = request, args, kwargs
    def dispatch(self, request, *args, **kwargs):
        name = request.method.lower()
        handler = getattr(self, name, self.not_allowed) if name in self.names else self.not_allowed
        return handler(request, *args, **kwargs)
    def not_allowed(self, request, *a, **k): return Response(status=405)
class Detail(View):
    extra = None
    def get(self, request, pk): return Response(f"detail {pk} {self.extra} {self.kwargs}")


ROUTES = [(re.compile(r"^/$"), index), (re.compile(r"^/post/(?P<pk>\d+)(?:/(?P<slug>\w+))?$"), post), (re.compile(r"^/broken"), broken), (re.compile(r"^/d/(?P<pk>\d+)$"), Detail.as_view(extra="E"))]


def dispatch(request):
    for pattern, view in ROUTES:
        m = pattern.match(request.path)
        if m:
            return view(request, **{k: v for k, v in m.groupdict().items() if v is not None})
    raise LookupError(request.path)


HANDLER = catch(middleware("outer")(middleware("inner")(dispatch)))


def handle(path, method="GET", **kw):
    request = Request(path, method, **kw)
    r = HANDLER(request)
    return r.status, r.body, dict(r), request.trail, request.done


def test_dispatch():
    for args, kw in ((("/",), {}), (("/", "POST"), {}), (("/post/5", "POST"), {"user": "admin"}), (("/post/5/abc", "POST"), {"user": "admin"}), (("/post/5", "POST"), {}), (("/broken",), {}),
                     (("/nowhere",), {}), (("/d/7",), {}), (("/d/7", "PUT"), {}), (("/d/7", "POST"), {})):
        run(handle, *args, **kw)
    for f in (dispatch, handle, View.dispatch, View.setup):
        compiled(f)


class Signal:
    def __init__(self): self.receivers = []
    def connect(self, r, sender=None): self.receivers.append((sender, r))
    def send(self, sender, **named): return [(r.__name__, r(signal=self, sender=sender, **named)) for s, r in self.receivers if s is None or s is sender]


def test_signals():
    sig = Signal()
    def any_(sender, **kw): return sorted(kw)
    def only_int(signal, sender, value=0, **kw): return value + 1
    sig.connect(any_)
    sig.connect(only_int, int)
    def f(s, **k): return sig.send(s, **k)
    run(f, int)
    run(f, int, value=5)
    run(f, str, value=5, extra=1)
    run(f, int, value="bad")
    compiled(f)


class Serializer:
    def __init__(self, instance=None, data=None, many=False, **kw): self.instance, self.initial, self.many, self.context = instance, data, many, kw.pop("context", {})
    fields = {"id": "pk", "name": "name", "age": "age", "shout": lambda o: str(o.name).upper()}
    def attribute(self, o, source):
        if callable(source):
            return source(o)
        for part in source.split("."):
            try:
                o = o[part] if isinstance(o, dict) else getattr(o, part)
            except (AttributeError, KeyError) as e:
                raise type(e)(f"no {part} on {type(o).__name__}") from None
        return o
    @property
    def data(self):
        if self.many:
            return [self.represent(o) for o in self.instance]
        return self.represent(self.instance)
    def represent(self, o):
        ret = {}
        for name, source in self.fields.items():
            try:
                value = self.attribute(o, source)
            except AttributeError:
                continue
            ret[name] = value if value is None or isinstance(value, (int, str)) else str(value)
        return ret
    def is_valid(self):
        self.errors = {k: ["unknown"] for k in self.initial if k not in self.fields}
        return not self.errors


def serialize(o, many): return Serializer(o, many=many).data


def test_serializer():
    class NS:
        pk, name, age = 1, "ns", 2.5
    matrix(serialize, [(Person(1, "a", 3), False), ([Person(), Employee()], True), (NS(), False), ([], True), ({"pk": 1, "name": 2, "age": 3}, False), ({"pk": 1}, False), (None, False), (5, True)])
    run(lambda d: (s := Serializer(data=d), s.is_valid(), s.errors)[1:], {"name": 1, "zzz": 2})
    compiled(Serializer.represent)
