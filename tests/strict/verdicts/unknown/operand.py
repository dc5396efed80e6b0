from fast_ext import LIMIT

HALF = LIMIT // 2
