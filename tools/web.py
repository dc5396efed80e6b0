"""The web sites in `examples/`: what they need, and how they are loaded into a process.

A site is a folder with `requirements.txt`, a module `sample` (a seeded database, requests) and a WSGI application. What
sites need from PyPI lies in `.cache/web-packages`, beside every environment, so that the same packages serve plain
CPython and Ember.
"""

import importlib
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
PACKAGES = ROOT / ".cache" / "web-packages"
#: Site → module of its application.
APPLICATIONS = {"django_app": "wsgi", "feed": "hearth.wsgi"}
SETTINGS = {"django_app": "settings", "feed": "hearth.settings"}


def install(app):
    """Install what the site needs, unless it was installed from the same list before; the folder of packages."""
    import programs

    wanted = (EXAMPLES / app / "requirements.txt").read_text()
    stamp = PACKAGES / f".installed-{app}"
    if not stamp.exists() or stamp.read_text() != wanted:
        programs.pip("install", "--target", str(PACKAGES), "--upgrade", "-r", str(EXAMPLES / app / "requirements.txt"))
        stamp.write_text(wanted)
    return PACKAGES


def variables(database):
    """The environment in which a site finds its packages and its database."""
    return {"PYTHONPATH": str(PACKAGES), "PYTHONHASHSEED": "0", "EXAMPLE_DB": database, "FEED_DATABASE": database}


def sample(app):
    """The site's module `sample`."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS[app]
    sys.path.insert(0, str(EXAMPLES / app))
    return importlib.import_module("sample")


def application(app):
    """The site's WSGI application; to be loaded between `sample` and its `fill`."""
    return importlib.import_module(APPLICATIONS[app]).application
