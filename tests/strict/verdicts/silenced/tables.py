HANDLERS = {}
OTHERS = {}
LAST = []


def register(name, function):
    """Accepted by the settings: benign = ["tables:register()"]."""
    OTHERS[name] = function
    LAST.append(name)
