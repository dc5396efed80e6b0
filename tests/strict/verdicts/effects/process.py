import atexit
import signal
import sys


def bye(*args):
    pass


atexit.register(bye)
signal.signal(signal.SIGTERM, bye)
sys.setrecursionlimit(5000)
sys.modules["alias"] = sys
