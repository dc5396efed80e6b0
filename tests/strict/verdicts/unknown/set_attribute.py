from fast_ext import LIMIT

LIMIT.soft = 3
