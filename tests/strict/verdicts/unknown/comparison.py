from fast_ext import LIMIT


def small(limit):
    return limit < 10


SMALL = small(LIMIT)
