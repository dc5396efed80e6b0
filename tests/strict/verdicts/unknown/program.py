from fast_ext import load

exec(load("program"))
