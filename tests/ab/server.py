"""A server to be compared: workers that are forked and answer with pages which take a known amount of work.

usage: server.py PORT [WORKERS]

`EXTRA` makes the work more by that share, `FAULT` makes some answers wrong: `body`, `status`, `hang`, `close`, `exit`.
"""

import hashlib
import http.server
import os
import signal
import socketserver
import sys
import time

#: Turns of a loop for a page of size one.
WORK = 30_000
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

    def work(self, times):
        total = 0
        for i in range(int(times)):
            total = (total * 31 + i) & 0xFFFFFFFF
        return total

    def do_GET(self):
        Handler.answered += 1
        size = int(self.path.rpartition("/")[2] or 1) if self.path.startswith("/work/") else 1
        total = self.work(WORK * size)
        self.work(WORK * size * EXTRA)
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
