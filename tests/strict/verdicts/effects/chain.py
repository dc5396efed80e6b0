from owner import TABLE


class Registry:
    def add(self, name, function):
        TABLE[name] = function


REGISTRY = Registry()


def plugin(name):
    def decorate(function):
        REGISTRY.add(name, function)
        return function

    return decorate
