import pathlib

VERSION = pathlib.Path("VERSION").read_text()
CONFIG = open("config.ini").read()
print(VERSION)
