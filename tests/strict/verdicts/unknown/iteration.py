from fast_ext import load

NAMES = [name.upper() for name in load("names")]
