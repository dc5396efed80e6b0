"""The frozen copy of `importlib._bootstrap`."""

import importlib._bootstrap as _module

globals().update({key: value for key, value in vars(_module).items() if key != "__name__"})
