import frozen
from frozen import Cache, Point

Point.y = 1
frozen.EXTRA = 2
Cache.entries = 3
