from fast_ext import LIMIT

BITS = LIMIT.bit_length
