from fast_ext import load

TABLE = load("table")
FIRST = TABLE["first"]
