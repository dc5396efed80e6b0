import __strict__


class Tools:
    import json


def load():
    import decimal

    return decimal


def later():
    import fractions

    return fractions


try:
    import tomllib
except ImportError:
    tomllib = None
DECIMAL = load()
