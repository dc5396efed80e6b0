from fast_ext import LIMIT

TITLE = f"at most {LIMIT}"
