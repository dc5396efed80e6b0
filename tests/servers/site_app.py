"""The site that the tests of servers serve, as WSGI (`application`) and as ASGI (`asgi`).

/version  what the module `content` says, to see a reload
/work?N   something computed, the same for ever
/pid      the worker's process
/frozen   whether the objects of the master are immortal here, and where one lies
/raise    raises
/hang     never answers, and says in the file "hanging" who hangs
/die?SIG  ends the worker by a signal in the middle of the request
"""

import asyncio
import json
import os
import signal
import sys
import time

from content import VERSION
from site_work import DATA, work

def answer(path, query):
    if path == "/version":
        return VERSION
    if path == "/work":
        return work(int(query))
    if path == "/pid":
        return str(os.getpid())
    if path == "/frozen":
        return json.dumps([sys.getrefcount(DATA["key 7"]) >= 1 << 31, id(DATA["key 7"])])
    if path == "/die":
        # To this very thread, so that it does not go on.
        signal.raise_signal(int(query))
    if path == "/hang":
        with open("hanging", "w") as out:
            out.write(str(os.getpid()))
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGQUIT])
        while True:
            time.sleep(60)
    if path == "/raise":
        raise RuntimeError("the warm-up ran into this")
    return "nothing here"


def application(environ, start_response):
    body = answer(environ["PATH_INFO"], environ["QUERY_STRING"]).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await asyncio.sleep(0)
    body = answer(scope["path"], scope["query_string"].decode()).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
