"""A client that sends requests to a WSGI or ASGI application in this process, to warm it up.

No socket, no server: the application is called as a server would call it, and its answer is read to the end.
"""

from __future__ import annotations

import io
import sys
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any

#: The host that requests are sent to; applications that check hosts must allow it.
HOST = "localhost"


class Request:
    """One request; `parse` makes it from what people write."""

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.method = method
        path, _, self.query = target.partition("?")
        self.path = urllib.parse.unquote(path)
        self.body = body
        self.headers = {"Host": HOST, "User-Agent": "ember-warmup", "Accept": "*/*"} | (headers or {})
        if body and "Content-Type" not in self.headers:
            self.headers["Content-Type"] = "application/x-www-form-urlencoded"
        if body:
            self.headers["Content-Length"] = str(len(body))

    @classmethod
    def parse(cls, given: Any) -> Request:
        """From ``"/path?query"``, ``"POST /path"``, or a dict with ``path`` and maybe ``method``, ``body``, ``headers``."""
        if isinstance(given, Request):
            return given
        if isinstance(given, str):
            method, space, target = given.strip().rpartition(" ")
            if not target.startswith("/"):
                raise ValueError(f"no request {given!r}: its path must begin with /")
            return cls(method.strip().upper() if space else "GET", target)
        if isinstance(given, dict) and "path" in given:
            body = given.get("body", b"")
            body = body.encode() if isinstance(body, str) else body
            return cls(given.get("method", "GET").upper(), given["path"], body, given.get("headers"))
        raise ValueError(f"no request {given!r}: write '/path', 'POST /path' or a dict with 'path'")

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")


def is_asgi(app: Any) -> bool:
    """Whether `app` is called as ASGI has it."""
    import inspect

    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004


def _environ(request: Request) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    return environ


def _send_wsgi(app: Callable[..., Iterable[bytes]], request: Request) -> int:
    status = []

    def start_response(line: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        status.append(line)
        return lambda data: None

    answer = app(_environ(request), start_response)
    try:
        for _ in answer:
            pass
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return int(status[-1].split()[0]) if status else 0


async def _send_asgi(app: Callable[..., Awaitable[None]], request: Request) -> int:
    status = []
    messages = [{"type": "http.request", "body": request.body, "more_body": False}]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.items()],
        "client": ("127.0.0.1", 1),
        "server": (HOST, 80),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        import asyncio

        # A client that stays until it has its answer; whoever waits for its leaving is cancelled at the end.
        await asyncio.get_running_loop().create_future()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    await app(scope, receive, send)
    return status[-1] if status else 0


class _Lifespan:
    """An ASGI application's startup and shutdown, around what is sent to it; for one without them nothing happens."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __aenter__(self) -> None:
        import asyncio

        self.queue: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run())
        await self.queue.put({"type": "lifespan.startup"})
        await asyncio.wait([self.task, self.answer], return_when=asyncio.FIRST_COMPLETED)

    async def _run(self) -> None:
        async def send(message: dict[str, Any]) -> None:
            if not self.answer.done():
                self.answer.set_result(message["type"])

        try:
            scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
            await self.app(scope, self.queue.get, send)
        except Exception:
            # Applications without a lifespan refuse the scope.
            if self.answer.done():
                raise

    async def __aexit__(self, *error: object) -> None:
        if not self.task.done():
            await self.queue.put({"type": "lifespan.shutdown"})
        await self.task


def send_all(app: Any, requests: list[Request], rounds: int, expired: Callable[[], bool]) -> dict[str, int]:
    """Send all requests so many times, one after another, until `expired`; the status that each got last."""
    statuses: dict[str, int] = {}
    if not is_asgi(app):
        for _ in range(rounds):
            for request in requests:
                statuses[str(request)] = _send_wsgi(app, request)
            if expired():
                break
        return statuses

    async def send() -> None:
        async with _Lifespan(app):
            for _ in range(rounds):
                for request in requests:
                    statuses[str(request)] = await _send_asgi(app, request)
                if expired():
                    break

    import asyncio

    asyncio.run(send())
    return statuses
