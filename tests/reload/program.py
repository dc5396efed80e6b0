"""A program in the working directory that is changed while it runs, and compared with a fresh start."""

import importlib
import os
import pathlib
import subprocess
import sys
import textwrap

import ember

FOLDER = pathlib.Path("app").absolute()


class Program:
    """Modules that were written to a folder and imported; what is asked of them; the reloader."""

    def __init__(self, *, probe="None", main=None, **files):
        FOLDER.mkdir(exist_ok=True)
        self.write(**files)
        sys.path.insert(0, str(FOLDER))
        self.restarts = []
        self.reloader = ember.reload.enable([str(FOLDER)], restart=self.restarts.append, verbose=False, watch=False)
        self.probe = probe
        self.main = main or list(files)
        self.modules = {name: importlib.import_module(name.replace("__", ".")) for name in self.main}
        self.reloader.project.stop_listening()

    def __getattr__(self, name):
        return sys.modules[name]

    @staticmethod
    def path(name):
        parts = name.split("__")
        return FOLDER.joinpath(*parts[:-1], parts[-1] + ".py")

    def write(self, **files):
        for name, text in files.items():
            path = self.path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"))

    def save(self, **files):
        """Save files and hand them to the reloader; what came of it."""
        self.write(**files)
        return self.reloader.handle([str(self.path(name)) for name in files])

    def edit(self, name, old, new):
        """Replace a part of a module's source and save it."""
        text = self.path(name).read_text()
        assert text.count(old) == 1, (old, text)
        return self.save(**{name: text.replace(old, new)})

    def value(self):
        """What the probe says in this process."""
        return repr(eval(f"({self.probe})", {name: sys.modules[name] for name in self.main}))

    def fresh(self):
        """What the probe says after a fresh start."""
        source = f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n"
        source += "".join(f"import {name}\n" for name in self.main) + f"print(repr(({self.probe})))"
        variables = {k: v for k, v in os.environ.items() if k != "EMBER"}
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, env=variables, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def same(self, reload=None):
        """The process is what a fresh start would be, and was not restarted."""
        if reload is not None:
            assert reload.outcome == "reloaded", reload
        assert not self.restarts, self.restarts
        here, fresh = self.value(), self.fresh()
        assert here == fresh, f"\n   here {here}\n  fresh {fresh}"


def refused(reload, text, line=None):
    """The reload wants a restart because of `text`."""
    assert reload.outcome == "restart" and text in reload.message, reload
    assert line is None or reload.line == line, reload
