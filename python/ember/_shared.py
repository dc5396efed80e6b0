"""What a process must not share with its children: threads, connections. `find` names it, `tidy` closes what is known.

A forked child has only the thread that forked, and the same open sockets as its parent: a lock that another thread
held stays locked for ever, a pool whose threads are gone waits for them, and two processes that use one connection to a
database read each other's answers.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What usually listens on a port, to say more than a number.
SERVICES = {
    3306: "MySQL", 5432: "PostgreSQL", 5672: "AMQP", 6379: "Redis", 9092: "Kafka", 11211: "memcached", 27017: "MongoDB",
    1521: "Oracle", 1433: "SQL Server", 9200: "Elasticsearch", 4222: "NATS",
}  # fmt: skip


#: Names of Django's databases whose connections `tidy` closed.
_closed: set[str] = set()


def tidy() -> list[str]:
    """Close what Django and asgiref leave open after requests, and can open again; what was closed."""
    done = []
    database = sys.modules.get("django.db")
    connections = getattr(database, "connections", None)
    asgiref = sys.modules.get("asgiref.sync")
    executor = getattr(getattr(asgiref, "SyncToAsync", None), "single_thread_executor", None)
    if executor is not None and getattr(executor, "_threads", None):
        # Connections belong to threads; this thread has its own.
        if connections is not None:
            executor.submit(connections.close_all).result(timeout=10)
        executor.shutdown(wait=True)
        asgiref.SyncToAsync.single_thread_executor = type(executor)(max_workers=1)  # type: ignore[union-attr]
        done.append("asgiref's thread")
    if connections is not None and sys.modules["django.conf"].settings.configured:
        opened = {connection.alias for connection in connections.all(initialized_only=True) if connection.connection is not None}
        if opened:
            _closed.update(opened)
            done.append("Django's database connections")
        connections.close_all()
        caches = getattr(sys.modules.get("django.core.cache"), "close_caches", None)
        if caches is not None:
            caches()
    return done


def reopen() -> None:
    """In a child that is about to serve in this thread: open the databases that `tidy` closed, those that Django keeps open from request to request.

    The first request need not do it then. If a database cannot be reached nothing is said: the request that needs it will say it, or find that it can.
    """
    connections = getattr(sys.modules.get("django.db"), "connections", None)
    for alias in _closed if connections is not None else ():
        connection = connections[alias]
        if connection.settings_dict.get("CONN_MAX_AGE", 0) == 0:
            continue
        try:
            connection.ensure_connection()
            if connection.vendor == "sqlite":
                # Reads the schema, which SQLite does at the first statement that needs it.
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except Exception:
            connection.close()


def _threads() -> list[str]:
    """Python threads other than this one, and where they are."""
    threading = sys.modules.get("threading")
    if threading is None:
        return []
    frames = sys._current_frames()
    found = []
    for thread in threading.enumerate():
        if thread is threading.current_thread() or not thread.is_alive():
            continue
        frame = frames.get(thread.ident)
        if frame is None:
            continue
        target = getattr(thread, "_target", None)
        name = getattr(target, "__qualname__", None) or type(thread).__name__
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        found.append(f"thread {thread.name!r} ({name}) is running, in {place}")
    return found


def _peer(address: Any) -> str:
    if isinstance(address, tuple):
        service = SERVICES.get(address[1])
        return f"{address[0]}:{address[1]}" + (f" ({service}?)" if service else "")
    return os.fsdecode(address)


def _owners() -> dict[int, str]:
    """Descriptor → the Python object whose it is, for sockets."""
    socket = sys.modules.get("socket")
    if socket is None:
        return {}
    import gc

    owners = {}
    # Not isinstance: that asks objects for their class, and lazy ones then begin to work.
    for obj in gc.get_objects():
        if issubclass(type(obj), socket.socket) and obj.fileno() >= 0:
            owners[obj.fileno()] = f"{type(obj).__module__}.{type(obj).__qualname__}"
    return owners


def _connections() -> list[str]:
    """Connected sockets, those of C libraries too; not the standard streams, and no socket that listens."""
    try:
        descriptors = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    except OSError:
        return []
    import socket

    found = []
    owners = None
    for descriptor in descriptors:
        if descriptor <= 2:
            continue
        try:
            if not os.readlink(f"/proc/self/fd/{descriptor}").startswith("socket:"):
                continue
            view = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        with view:
            try:
                if view.type & 0xF != socket.SOCK_STREAM or view.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    continue
                peer = view.getpeername()
            except OSError:
                continue
        # Both ends of a pair of sockets in one process have no address.
        if not peer:
            continue
        owners = _owners() if owners is None else owners
        owner = owners.get(descriptor, "a C library")
        found.append(f"a connection to {_peer(peer)} is open (descriptor {descriptor}, of {owner})")
    return found


def _databases() -> list[str]:
    """Open SQLite databases that are files."""
    sqlite3 = sys.modules.get("sqlite3")
    if sqlite3 is None:
        return []
    import gc

    found = []
    for obj in gc.get_objects():
        if not issubclass(type(obj), sqlite3.Connection):
            continue
        try:
            files = [row[2] for row in obj.execute("pragma database_list") if row[2]]
        except sqlite3.Error as error:
            # A closed one says so; one of another thread cannot be asked.
            if "thread" not in str(error):
                continue
            files = ["a database of another thread"]
        found += [f"SQLite has {file} open" for file in files]
    return found


#: Seconds that threads have to end whose work is done: an executor that is dropped only tells its threads to end.
PATIENCE = 1.0


def _lasting_threads() -> list[str]:
    """Threads that are still running after a while."""
    found = _threads()
    if found:
        import gc
        import time

        # An executor may be part of a cycle.
        gc.collect()
        deadline = time.monotonic() + PATIENCE
        while found and time.monotonic() < deadline:
            time.sleep(0.01)
            found = _threads()
    return found


def find() -> list[str]:
    """What a child must not share with this process, a sentence each."""
    return _lasting_threads() + _connections() + _databases()
