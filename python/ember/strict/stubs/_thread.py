"""Locks can be made and taken at import; threads cannot be started without being seen."""

from __ember__ import PROCESS, PROGRAM, effect, pure

TIMEOUT_MAX = 9223372036.0
error = RuntimeError


class lock:
    _held = False

    def acquire(self, blocking=True, timeout=-1):
        if __ember_owned__(self):
            if self._held:
                return False
            self._held = True
        return True

    acquire_lock = acquire

    def release(self):
        if __ember_owned__(self):
            self._held = False

    release_lock = release

    def locked(self):
        return self._held

    locked_lock = locked

    def _at_fork_reinit(self):
        pass

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *args):
        self.release()


LockType = lock
lock.__module__ = "_thread"


class RLock(lock):
    def acquire(self, blocking=True, timeout=-1):
        if __ember_owned__(self):
            self._held += 1
        return True

    def release(self):
        if __ember_owned__(self):
            self._held -= 1

    def __enter__(self):
        return self.acquire()

    def _is_owned(self):
        return bool(self._held)

    def _recursion_count(self):
        return int(self._held)

    def _acquire_restore(self, state):
        self._held = state[0]

    def _release_save(self):
        state = (self._held, 1)
        self._held = 0
        return state


def allocate_lock():
    return lock()


allocate = allocate_lock


class _local:
    pass


class _ThreadHandle:
    ident = 1

    def __init__(self):
        pass

    def join(self, timeout=None):
        pass

    def is_done(self):
        return False

    def _set_done(self):
        pass


class _ExceptHookArgs(tuple):
    pass


def get_ident():
    return 1


def get_native_id():
    return 1


def _get_main_thread_ident():
    return 1


def _make_thread_handle(ident):
    return _ThreadHandle()


def _count():
    return 1


def stack_size(size=0):
    return 0


def _is_main_interpreter():
    return True


def daemon_threads_allowed():
    return True


def set_name(name):
    pass


start_new_thread = start_new = start_joinable_thread = effect("starts a thread")
interrupt_main = exit = exit_thread = effect("interrupts the program", PROCESS)
_excepthook = pure("_excepthook")
_set_sentinel = allocate_lock
_shutdown = effect("waits for threads", PROCESS)
_get_main_thread = effect("looks at the threads", PROGRAM)
