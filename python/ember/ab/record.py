"""Recording what is asked of a running site, for the comparison to ask again.

    from ember.ab.record import Recorder
    application = Recorder(application, "traffic.jsonl")       # any WSGI application; ASGI ones by `AsgiRecorder`

Each request is a line: method, path, headers, body and the status that it was answered with. Cookies are recorded too,
so the file is as secret as they are.
"""

from __future__ import annotations

import io
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

#: Requests with larger bodies are not recorded.
LARGEST = 1 << 20


class Writer:
    """A file to which several processes add lines."""

    def __init__(self, path: str, most: int) -> None:
        self.path = path
        self.left = most

    def write(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes, status: int) -> None:
        """Add a request. One write of a line to a file opened for appending is not torn by others."""
        if self.left <= 0:
            return
        self.left -= 1
        line = json.dumps({"method": method, "path": path, "headers": headers, "body": body.hex(), "status": status})
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line.encode() + b"\n")
        finally:
            os.close(handle)


class Recorder:
    """A WSGI application that records the requests to another one."""

    def __init__(self, application: Callable[..., Iterable[bytes]], path: str, most: int = 10_000) -> None:
        self.application = application
        self.writer = Writer(path, most)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > LARGEST:
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(body)
        query = environ.get("QUERY_STRING", "")
        raw = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "/")).encode("latin-1")
        headers = [(name[5:].replace("_", "-").title(), str(value)) for name, value in environ.items() if name.startswith("HTTP_")]
        if environ.get("CONTENT_TYPE"):
            headers.append(("Content-Type", environ["CONTENT_TYPE"]))
        method = environ["REQUEST_METHOD"]

        def started(status: str, *rest: Any) -> Any:
            self.writer.write(method, quoted(raw, query), headers, body, int(status.split()[0]))
            return start_response(status, *rest)

        return self.application(environ, started)


class AsgiRecorder:
    """An ASGI application that records the HTTP requests to another one."""

    def __init__(self, application: Callable[..., Any], path: str, most: int = 10_000) -> None:
        self.application = application
        self.writer = Writer(path, most)

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        body = bytearray()

        async def received() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start" and len(body) <= LARGEST:
                headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
                path = quoted(scope["path"].encode(), scope["query_string"].decode("latin-1"))
                self.writer.write(scope["method"], path, headers, bytes(body), message["status"])
            await send(message)

        await self.application(scope, received, sent)


def quoted(path: bytes, query: str) -> str:
    """A path as it stands in a request."""
    from urllib.parse import quote

    return quote(path, safe="/@:!$&'()*+,;=~") + (f"?{query}" if query else "")
