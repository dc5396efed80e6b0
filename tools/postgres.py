"""A PostgreSQL server of one's own for a while: Debian's programs, a folder that is thrown away, this machine only."""

import contextlib
import glob
import os
import pwd
import shutil
import socket
import subprocess
import time

#: How long it may take to be there.
READY = 60


def program(name):
    """The path of one of PostgreSQL's programs; SystemExit if there is none."""
    found = [*sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True), shutil.which(name)]
    if not found[0]:
        raise SystemExit(f"postgres: {name} is not here; install Debian's package postgresql")
    return found[0]


def user():
    """Whom to run it as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    name = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


@contextlib.contextmanager
def server(scratch):
    """Run one in a folder under `scratch`; gives a function from a database's name to its URL, which makes the database if need be."""
    folder = os.path.join(scratch, "postgres")
    os.mkdir(folder)
    who = user()
    if who:
        shutil.chown(folder, who["user"], who["group"])
        os.chmod(scratch, 0o755)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **who}
    data = os.path.join(folder, "data")
    subprocess.run([program("initdb"), "-D", data, "-U", "feed", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, **quiet)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "max_connections=100", "fsync=off"]
    words = [program("postgres"), "-D", data, "-p", port, *(word for setting in settings for word in ("-c", setting))]
    process = subprocess.Popen(words, **quiet)
    there = ["-h", "127.0.0.1", "-p", port, "-U", "feed"]
    try:
        deadline = time.monotonic() + READY
        while subprocess.run([program("pg_isready"), *there], **quiet).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("postgres: the server did not start")
            time.sleep(0.1)

        def database(name, template=None):
            subprocess.run([program("createdb"), *there, *(["-T", template] if template else []), name], check=True, **quiet)
            return f"postgresql://feed@127.0.0.1:{port}/{name}"

        yield database
    finally:
        process.terminate()
        process.wait()
