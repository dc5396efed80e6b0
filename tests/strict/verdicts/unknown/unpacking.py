from fast_ext import load

WIDTH, HEIGHT = load("size")
