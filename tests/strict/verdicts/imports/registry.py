"""A table that others fill."""

HANDLERS = {}
ORDER = []


def register(name):
    def decorate(function):
        HANDLERS[name] = function
        ORDER.append(name)
        return function

    return decorate
