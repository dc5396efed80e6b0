from fast_ext import LIMIT

if LIMIT:
    MODE = "limited"
else:
    MODE = "free"
