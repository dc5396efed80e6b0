"""Objects of C and Rust extensions, frozen and used after that, in a child too."""

import gc

from support import freeze, in_child, is_immortal


def check(use, *objects):
    """Freeze, and do the same before and after it, in a child and here."""
    expected = use()
    report = freeze()
    assert report.objects > 1000
    assert use() == expected
    in_child(lambda: [use() for _ in range(20)])
    assert [use() for _ in range(20)] == [expected] * 20
    assert freeze().objects < report.objects
    gc.collect()
    assert use() == expected


def test_numpy():
    import numpy

    a, b = numpy.arange(1000.0), numpy.ones((30, 30))
    record = numpy.zeros(5, dtype=[("x", "i4"), ("y", object)])
    record["y"] = [[1], "a", None, (2,), {}]
    generator = numpy.random.default_rng(5)
    ufunc = numpy.frompyfunc(lambda x, y: (x, y), 2, 1)

    def use():
        c = a * 2 + b.sum() - a.mean()
        c += 1
        c[::2] *= 3
        d = numpy.linalg.inv(b + numpy.eye(30))
        view = a[10:20].reshape(2, 5).T
        pairs = ufunc([1, 2], ["a", "b"])
        text = numpy.array(["a", "bb"]).astype("U5")
        strings = f"{view!r} {record!r} {text} {a.dtype} {record.dtype}"
        return float(c.sum()), float(d.trace()), strings, list(pairs), str(numpy.einsum("ij,jk", b, b)[0, 0])

    check(use)
    generator.normal(size=10)
    try:
        a.resize(2000)
    except ValueError:
        pass  # somebody refers to it, as far as numpy can tell
    a.resize(2000, refcheck=False)
    assert a.shape == (2000,) and is_immortal(a)


def test_lxml():
    from lxml import etree, html, objectify

    document = etree.fromstring("<a x='1'><b>text</b>tail<c><d/></c></a>")
    page = html.fromstring("<p>one<br>two</p>")
    style = etree.XSLT(etree.XML(
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><r><xsl:value-of select="//b"/></r></xsl:template></xsl:stylesheet>'
    ))  # fmt: skip
    find = etree.XPath("//d")
    parser = etree.XMLParser(remove_blank_text=True)

    def use():
        new = etree.SubElement(document, "new", y="2")
        new.text = "more"
        found = [e.tag for e in document.iter()] + [e.tag for e in find(document)]
        result = str(style(document)), etree.tostring(document), html.tostring(page)
        document.remove(new)
        tree = objectify.fromstring("<o><i>5</i></o>")
        return found, result, int(tree.i), etree.fromstring(b"<z> <y/> </z>", parser)[0].tag

    check(use)


def test_pydantic():
    import datetime
    import typing

    import pydantic

    class Inner(pydantic.BaseModel):
        name: str
        when: datetime.datetime | None = None

    class Outer(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(validate_assignment=True)
        number: int
        inner: list[Inner] = []
        choice: typing.Literal["a", "b"] = "a"

        @pydantic.field_validator("number")
        @classmethod
        def positive(cls, value):
            if value < 0:
                raise ValueError("negative")
            return value

    kept = Outer(number=5, inner=[{"name": "n", "when": "2026-01-01T00:00:00Z"}])
    adapter = pydantic.TypeAdapter(dict[str, Outer])

    def use():
        made = Outer.model_validate_json('{"number": 3, "inner": [{"name": "x"}]}')
        made.number = 4
        kept.number = 6
        try:
            Outer(number=-1, choice="c")
        except pydantic.ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False)
        return made.model_dump(), kept.model_dump_json(), wrong, adapter.validate_python({"k": made})["k"] == made, Outer.model_json_schema()

    check(use)


def test_orjson():
    import datetime

    import orjson

    data = {"a": [1, 2.5, None, True, "tëxt"], "d": datetime.datetime(2026, 1, 1), "nested": {str(i): i for i in range(50)}}
    text = orjson.dumps(data)

    def use():
        loaded = orjson.loads(text)
        loaded["a"].append({"x": [1]})
        return orjson.dumps(data), loaded, orjson.dumps(loaded, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)

    check(use)


def test_psycopg():
    import psycopg
    from psycopg import adapt, sql
    from psycopg.types.json import Jsonb

    query = sql.SQL("select {} from {}").format(sql.Identifier("a"), sql.Identifier("t"))
    transformer = adapt.Transformer()

    def use():
        adapted = [bytes(sql.Literal(value).as_bytes(None)) for value in (1, "it's", None, [1, 2], 2.5)]
        try:
            psycopg.connect("host=/nonexistent dbname=x", connect_timeout=1)
        except psycopg.OperationalError as error:
            kind = type(error).__name__
        transformer.get_dumper(5, adapt.PyFormat.AUTO)
        return query.as_string(None), adapted, kind, repr(Jsonb({"a": 1}))

    check(use)


def test_all_at_once():
    import lxml.etree
    import numpy
    import orjson
    import psycopg
    import pydantic

    report = freeze()
    assert report.objects > 100_000

    class Model(pydantic.BaseModel):
        x: int

    def use():
        numpy.arange(10).tolist()
        orjson.loads(b"[1]")
        lxml.etree.fromstring("<a/>")
        Model(x="5")
        psycopg.sql.SQL("a").as_string(None)

    use()
    freeze()
    in_child(use)
