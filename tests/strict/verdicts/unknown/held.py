"""Having unknown values is no use of them."""

from fast_ext import LIMIT, Base, connect, load

TABLE = load("table")
LIMITS = {"soft": LIMIT, "hard": (LIMIT, TABLE)}


class Options:
    limit: Base = LIMIT
    connect = connect

    def __init__(self, limit: Base = LIMIT):
        self.limit = limit


OPTIONS = Options()


def later():
    return connect(LIMIT + 1)
