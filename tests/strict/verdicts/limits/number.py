from fast_ext import load

NAMES = ["a", "b"]
NAME = NAMES[load("index")]
