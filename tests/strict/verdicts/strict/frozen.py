import __strict__
from __strict__ import mutable


class Point:
    x = 0


@mutable
class Cache:
    entries = 0
