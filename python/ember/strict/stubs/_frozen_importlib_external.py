"""The frozen copy of `importlib._bootstrap_external`."""

import importlib._bootstrap_external as _module

globals().update({key: value for key, value in vars(_module).items() if key != "__name__"})
