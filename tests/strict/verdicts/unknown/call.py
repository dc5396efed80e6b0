from fast_ext import connect

CONNECTION = connect("localhost")
