from fast_ext import LIMIT

LOWEST = -LIMIT
