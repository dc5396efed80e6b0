"""What is asked of the servers: a weighted list of requests, from a file or as recorded.

A file is TOML::

    volatile = [{ after = 'name="token" value="', until = '"' }]     # parts of bodies that are different each time
    [headers]                                                        # of every request
    Accept-Language = "en"
    [as.member]                                                      # headers that some requests share
    Cookie = "session=…"
    [[request]]
    name = "home"
    weight = 20
    as = "member"
    paths = ["/", "/?page=2"]          # taken in turn; or path = "/"
    status = 200                       # the default
    contains = "Welcome"               # a rule
    compare = false                    # do not compare bodies
    method = "POST"
    form = { name = "value" }          # or json = …, or body = "…"

or JSON lines as `ember.ab.record` writes them, or a HAR file as browsers save it.
"""

from __future__ import annotations

import dataclasses
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

#: Headers of recorded requests that belong to the connection or the recording, not to the request.
NOT_REPLAYED = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade", "keep-alive"}


class TrafficError(ValueError):
    """A file of requests makes no sense; the argument says where."""


@dataclasses.dataclass(frozen=True)
class Request:
    """One request, and what is right for an answer."""

    view: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    weight: float = 1.0
    status: int = 200
    contains: str = ""
    compare: bool = True

    def __str__(self) -> str:
        return f"{self.view} ({self.method} {self.path})"


@dataclasses.dataclass(frozen=True)
class Traffic:
    """All requests, and the parts of bodies that may differ."""

    requests: tuple[Request, ...]
    volatile: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def views(self) -> list[str]:
        """The names of views, in the order in which they first come."""
        return list(dict.fromkeys(request.view for request in self.requests))

    def described(self) -> list[dict[str, Any]]:
        """As the load generator wants it."""
        views = self.views
        return [
            {
                "method": request.method,
                "path": request.path,
                "headers": list(request.headers),
                "body": request.body,
                "view": views.index(request.view),
                "status": request.status,
                "contains": request.contains.encode(),
                "compare": request.compare,
                "volatile": list(self.volatile),
            }
            for request in self.requests
        ]


def load(path: str) -> Traffic:
    """Read a file of requests; its ending says of which kind it is."""
    ending = os.path.splitext(path)[1].lower()
    with open(path, "rb") as source:
        content = source.read()
    try:
        if ending == ".har":
            return from_har(json.loads(content))
        if ending in (".jsonl", ".ndjson"):
            return from_lines(content.decode().splitlines())
        import tomllib

        return from_toml(tomllib.loads(content.decode()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise TrafficError(f"{path}: {what}") from None


def from_toml(content: dict[str, Any]) -> Traffic:
    """From the content of a TOML file."""
    requests: list[Request] = []
    for number, entry in enumerate(content["request"], 1):
        where = f"request {number} ({entry.get('name', 'without a name')})"
        known = {"name", "weight", "as", "path", "paths", "status", "contains", "compare", "method", "form", "json", "body", "headers"}
        if unknown := set(entry) - known:
            raise ValueError(f"{where}: no entry can be called {', '.join(sorted(unknown))}")
        if "as" in entry and entry["as"] not in content.get("as", {}):
            raise ValueError(f"{where}: there is no table as.{entry['as']}")
        headers = {**content.get("headers", {}), **content.get("as", {}).get(entry.get("as"), {}), **entry.get("headers", {})}
        body, kind = body_of(entry)
        if kind:
            headers.setdefault("Content-Type", kind)
        paths = entry["paths"] if "paths" in entry else [entry["path"]]
        weight = float(entry.get("weight", 1))
        if weight <= 0 or not paths:
            raise ValueError(f"{where}: it has no weight or no path")
        requests += [
            Request(
                view=entry.get("name", path),
                method=entry.get("method", "POST" if body else "GET"),
                path=path,
                headers=tuple(headers.items()),
                body=body,
                weight=weight / len(paths),
                status=entry.get("status", 200),
                contains=entry.get("contains", ""),
                compare=entry.get("compare", True),
            )
            for path in paths
        ]
    volatile = tuple((part["after"].encode(), part["until"].encode()) for part in content.get("volatile", ()))
    return checked(requests, volatile)


def body_of(entry: dict[str, Any]) -> tuple[bytes, str]:
    """A request's body and its kind."""
    from urllib.parse import urlencode

    if "form" in entry:
        return urlencode(entry["form"]).encode(), "application/x-www-form-urlencoded"
    if "json" in entry:
        return json.dumps(entry["json"]).encode(), "application/json"
    return entry.get("body", "").encode(), ""


def from_har(content: dict[str, Any]) -> Traffic:
    """From what a browser saved: each request as often as it was made, with the status that it had then."""
    from urllib.parse import urlsplit

    requests = []
    for entry in content["log"]["entries"]:
        asked, url = entry["request"], urlsplit(entry["request"]["url"])
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = [(header["name"], header["value"]) for header in asked["headers"]]
        body = asked.get("postData", {}).get("text", "").encode()
        requests.append(replayed(asked["method"], path, headers, body, entry["response"]["status"]))
    return checked(together(requests), ())


def from_lines(lines: Iterable[str]) -> Traffic:
    """From JSON, a request a line, as the recorder writes it."""
    requests, volatile = [], []
    for line in lines:
        if not line.strip():
            continue
        entry = json.loads(line)
        if "volatile" in entry:
            volatile += [(part["after"].encode(), part["until"].encode()) for part in entry["volatile"]]
        else:
            body = bytes.fromhex(entry.get("body", ""))
            requests.append(replayed(entry["method"], entry["path"], [tuple(h) for h in entry["headers"]], body, entry["status"]))
    return checked(together(requests), tuple(volatile))


def replayed(method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes, status: int) -> Request:
    """A recorded request, as it is to be sent again."""
    kept = tuple((name, value) for name, value in headers if name.lower() not in NOT_REPLAYED and not name.startswith(":"))
    return Request(f"{method} {path.partition('?')[0]}", method, path, kept, body, 1.0, status)


def together(requests: Iterable[Request]) -> list[Request]:
    """Each different request once, with the sum of the weights."""
    weights: dict[Request, float] = {}
    for request in requests:
        weights[request] = weights.get(request, 0.0) + request.weight
    return [dataclasses.replace(request, weight=weight) for request, weight in weights.items()]


def checked(requests: Sequence[Request], volatile: tuple[tuple[bytes, bytes], ...]) -> Traffic:
    """The traffic, if there is any."""
    if not requests:
        raise ValueError("there is no request in it")
    return Traffic(tuple(requests), volatile)


class Deck:
    """Requests in the shares that their weights say, as an order for a slice.

    Shares are exact in the long run and as exact as whole numbers can be in each order: what one order lacks of a
    request the next has more. The same seed gives the same orders.
    """

    def __init__(self, traffic: Traffic, seed: int = 1) -> None:
        import random

        total = sum(request.weight for request in traffic.requests)
        self.shares = [request.weight / total for request in traffic.requests]
        self.owed = [0.0] * len(self.shares)
        self.random = random.Random(seed)

    def draw(self, size: int) -> list[int]:
        """The numbers of `size` requests."""
        self.owed = [owed + share * size for owed, share in zip(self.owed, self.shares)]
        counts = [max(0, int(owed)) for owed in self.owed]
        rest = sorted(range(len(counts)), key=lambda index: counts[index] - self.owed[index])
        for index in rest[: max(0, size - sum(counts))]:
            counts[index] += 1
        self.owed = [owed - count for owed, count in zip(self.owed, counts)]
        order = [index for index, count in enumerate(counts) for _ in range(count)]
        self.random.shuffle(order)
        return order[:size]
