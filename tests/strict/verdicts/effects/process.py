import atexit
import builtins
import locale
import os
import signal
import sys


def bye(*args):
    pass


atexit.register(bye)
signal.signal(signal.SIGTERM, bye)
sys.setrecursionlimit(5000)
sys.modules["alias"] = sys
sys.path.insert(0, "lib")
sys.path = ["lib"]
sys.excepthook = bye
builtins._ = str
os.umask(0o22)
locale.setlocale(locale.LC_ALL, "")
# This only asks.
locale.setlocale(locale.LC_ALL)
locale.setlocale(locale.LC_TIME, None)
