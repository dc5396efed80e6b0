"""A server to be compared: workers that are forked and answer with pages which take a known amount of work.

usage: server.py PORT [WORKERS]

`EXTRA` makes the work more by that share, `FAULT` makes some answers wrong: `body`, `status`, `hang`, `close`, `exit`.
"""

import hashlib
import http.server
import json
import os
import signal
import socketserver
import sys
import time
import zlib

#: Rows of a page of size one.
WORK = 300
EXTRA = float(os.environ.get("EXTRA", "0"))
FAULT = os.environ.get("FAULT", "")
#: The first answers are right, so that faults come while it is measured.
RIGHT = int(os.environ.get("RIGHT", "0"))


class Handler(http.server.BaseHTTPRequestHandler):
    # An answer is written at once, and ends its connection, so that no connection waits for a worker that is busy with another.
    wbufsize = -1
    answered = 0

    def answer(self, status, body, location=None):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def work(self, rows):
        """What servers do: objects, texts, dicts, JSON. No loop so small that its place in memory decides how fast it is."""
        kept = {}
        for number in range(int(rows)):
            row = {"id": number, "name": f"row {number}", "tags": [str(tag) for tag in range(number % 5)]}
            text = json.dumps(row)
            kept[text] = len(json.loads(text)["tags"])
        return zlib.crc32("".join(sorted(kept)).encode())

    def do_GET(self):
        Handler.answered += 1
        size = int(self.path.rpartition("/")[2] or 1) if self.path.startswith("/work/") else 1
        total = self.work(WORK * size)
        self.work(round(WORK * size * EXTRA))
        faulty = FAULT and Handler.answered > RIGHT
        if faulty and FAULT == "exit":
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(1)
        if faulty and FAULT == "hang":
            time.sleep(60)
        if faulty and FAULT == "close":
            return
        body = f"page {self.path} {total} nonce={time.time_ns()};\n".encode()
        self.answer(500 if faulty and FAULT == "status" else 200, body + (b"wrong" if faulty and FAULT == "body" else b""))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(302, b"", "/done/" + hashlib.sha256(body + self.headers["Content-Type"].encode()).hexdigest())

    def log_message(self, *words):
        pass


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 256


def main(port, workers=2):
    server = Server(("127.0.0.1", int(port)), Handler)
    pids = []
    for _ in range(int(workers)):
        pid = os.fork()
        if pid == 0:
            server.serve_forever()
        pids.append(pid)
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(pid, signal.SIGKILL) for pid in pids] and sys.exit(0))
    os.waitpid(pids[0], 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
