"""The chain leads through a function of this module, a decorator of another one, and a method there."""

from chain import plugin


def install(name):
    return plugin(name)


@install("through")
def work():
    pass
