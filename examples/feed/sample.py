"""Requests to the site from within a process: the application, a seeded database, and what the answers must be.

    import sample
    session = sample.fill()                     # in the database that FEED_DATABASE names
    response = application(sample.environ("home", session), start_response)

`REQUESTS` comes from traffic.toml, one entry for each path: "home", "home 2" … The module needs neither a server nor Django's test client,
so what is measured with it is the site. `answer` sends one request and checks it; `steady` leaves out of a body what is different each time.
"""

from __future__ import annotations

import dataclasses
import io
import os
import pathlib
import tomllib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hearth.settings")
TRAFFIC = pathlib.Path(__file__).resolve().parent / "traffic.toml"
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclasses.dataclass(frozen=True)
class Request:
    """A request and what is right for an answer."""

    view: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    contains: str
    #: Of a hundred requests so many are to this path.
    weight: float


def _read() -> tuple[dict[str, Request], list[tuple[bytes, bytes]]]:
    """The requests by name, and what surrounds the parts of bodies that change."""
    with TRAFFIC.open("rb") as source:
        traffic = tomllib.load(source)
    total = sum(entry["weight"] for entry in traffic["request"])
    requests = {}
    for entry in traffic["request"]:
        headers = traffic["headers"] | traffic["as"].get(entry.get("as", ""), {}) | entry.get("headers", {})
        body = urlencode(entry.get("form", {})).encode()
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for number, target in enumerate(entry["paths"], 1):
            path, _, query = target.partition("?")
            requests[entry["name"] if number == 1 else f"{entry['name']} {number}"] = Request(
                view=entry["name"],
                method=entry.get("method", "GET"),
                path=path,
                query=query,
                headers=tuple(headers.items()),
                body=body,
                status=entry.get("status", 200),
                contains=entry.get("contains", ""),
                weight=100 * entry["weight"] / total / len(entry["paths"]),
            )
    return requests, [(part["after"].encode(), part["until"].encode()) for part in traffic["volatile"]]


REQUESTS, VOLATILE = _read()


def fill() -> str:
    """Make the tables and what is in them; the session key of somebody who is logged in.

    What the requests write is written here once, so that after that they find the database as they leave it.
    """
    import django
    from django.core.management import call_command

    django.setup()
    from feed import seeding

    call_command("migrate", verbosity=0)
    seeding.fill()
    from hearth.wsgi import application

    for name, request in REQUESTS.items():
        if request.method == "POST":
            answer(application, name)
    seeding.analyse()
    return seeding.SESSION


def warm() -> None:
    """Send every request once: what a master does before it forks its workers."""
    from hearth.wsgi import application

    for name in REQUESTS:
        answer(application, name)


def environ(name: str, session: str = "") -> dict[str, Any]:
    """A fresh WSGI environment for one of the requests. The session is in the request already."""
    request = REQUESTS[name]
    made: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": request.path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": request.query,
        "SERVER_NAME": "hearth.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "hearth.example",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for header, value in request.headers:
        key = header.upper().replace("-", "_")
        made[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    if request.body:
        made["CONTENT_LENGTH"] = str(len(request.body))
    return made


def steady(body: bytes) -> bytes:
    """A body without the parts that are different in each answer."""
    for after, until in VOLATILE:
        pieces = body.split(after)
        body = after.join([pieces[0], *(piece[piece.find(until) :] for piece in pieces[1:])])
    return body


def answer(application: Application, name: str) -> bytes:
    """Send a request; the steady part of the body. An answer that is not right raises ValueError."""
    request, statuses = REQUESTS[name], []
    response = application(environ(name), lambda status, headers, error=None: statuses.append(status))
    try:
        body = b"".join(response)
    finally:
        if hasattr(response, "close"):
            response.close()
    if not statuses[0].startswith(f"{request.status} "):
        raise ValueError(f"{name}: {statuses[0]} instead of {request.status}: {body[:400]!r}")
    if request.contains.encode() not in body:
        raise ValueError(f"{name}: {request.contains!r} is not in the body")
    return steady(body)
