"""Options of the server kit: `[tool.ember]` in ``pyproject.toml``, and the environment, which wins.

| ``pyproject.toml`` | environment | what |
|---|---|---|
| ``mode`` | ``EMBER`` | the JIT's mode; ``off`` if neither says anything |
| ``jit-list`` | ``EMBER_JIT_LIST`` | file with a JIT list to compile from |
| ``profile`` | ``EMBER_JIT_PROFILE`` | profile to compile from (see `ember.profile`): a file, a folder, or a pattern |
| ``profile-save`` | ``EMBER_JIT_PROFILE_SAVE`` | where workers save theirs when they end; ``{pid}`` and ``{host}`` are filled in |
| ``profile-signal`` | ``EMBER_JIT_PROFILE_SIGNAL`` | the signal at which workers save it as well |
| ``warmup`` | ``EMBER_WARMUP`` | requests (``/path``, ``POST /path``), or one ``module:function`` |
| ``warmup-rounds`` | ``EMBER_WARMUP_ROUNDS`` | how often each request is sent before anything is compiled |
| ``warmup-seconds`` | ``EMBER_WARMUP_SECONDS`` | how long warming up may take at most |
| ``precompile-workers`` | ``EMBER_PRECOMPILE_WORKERS`` | threads that compile; as many as there are processors |
| ``serve-early`` | ``EMBER_SERVE_EARLY`` | whether gunicorn serves from unprepared workers until the master is prepared; if not said, where there is a profile |
| ``freeze`` | ``EMBER_FREEZE`` | whether the heap is frozen |
| ``prefault`` | ``EMBER_PREFAULT`` | whether workers copy when they are forked what their first requests write to, as one child shows that runs the warm-up once |
| ``memory-map`` | ``EMBER_MEMORY_MAP`` | file for the map that ``python -m ember memory`` reads |
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class OptionError(ValueError):
    """An option makes no sense; the message says which and where."""


def _number(text: object) -> float:
    value = float(str(text))
    if value < 0:
        raise ValueError("it must not be negative")
    return value


def _whole(text: object) -> int:
    return int(_number(text))


def _truth(value: object) -> bool:
    known = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}
    text = str(value).strip().lower()
    if text not in known:
        raise ValueError("it must be true or false")
    return known[text]


def _requests(value: object) -> list[str] | str:
    """Requests, or the name of a function. In the environment requests are separated by commas."""
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("it must be a list of requests, or module:function")
    words = [word.strip() for word in words if word.strip()]
    if len(words) == 1 and ":" in words[0] and "/" not in words[0]:
        return words[0]
    return words


def _signal(value: object) -> str:
    from .profile import signal_number

    signal_number(str(value))
    return str(value)


#: Name in `pyproject.toml` → (variable, how its value is read).
KNOWN: dict[str, tuple[str, Any]] = {
    "mode": ("EMBER", str),
    "jit-list": ("EMBER_JIT_LIST", str),
    "profile": ("EMBER_JIT_PROFILE", str),
    "profile-save": ("EMBER_JIT_PROFILE_SAVE", str),
    "profile-signal": ("EMBER_JIT_PROFILE_SIGNAL", _signal),
    "warmup": ("EMBER_WARMUP", _requests),
    "warmup-rounds": ("EMBER_WARMUP_ROUNDS", _whole),
    "warmup-seconds": ("EMBER_WARMUP_SECONDS", _number),
    "precompile-workers": ("EMBER_PRECOMPILE_WORKERS", _whole),
    "serve-early": ("EMBER_SERVE_EARLY", _truth),
    "freeze": ("EMBER_FREEZE", _truth),
    "prefault": ("EMBER_PREFAULT", _truth),
    "memory-map": ("EMBER_MEMORY_MAP", str),
}


def project_file(start: str | None = None) -> str | None:
    """The ``pyproject.toml`` of the folder `start`, or of the nearest one above it that has any."""
    folder = os.path.abspath(start or os.getcwd())
    while True:
        path = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _parse(name: str, value: object, where: str) -> Any:
    try:
        return KNOWN[name][1](value)
    except ValueError as error:
        raise OptionError(f"{where}: {name} = {value!r}: {error}") from None


def load(start: str | None = None) -> dict[str, Any]:
    """The options that are given, under their names in ``pyproject.toml`` with ``_`` for ``-``."""
    options: dict[str, Any] = {}
    path = project_file(start)
    if path is not None:
        import tomllib

        with open(path, "rb") as source:
            try:
                table = tomllib.load(source).get("tool", {}).get("ember", {})
            except tomllib.TOMLDecodeError as error:
                raise OptionError(f"{path}: {error}") from None
        for name, value in table.items():
            if name not in KNOWN:
                raise OptionError(f"{path}: [tool.ember] has no option {name}; there are {', '.join(KNOWN)}")
            options[name] = _parse(name, value, path)
    for name, (variable, _) in KNOWN.items():
        if variable in os.environ:
            options[name] = _parse(name, os.environ[variable], f"${variable}")
    return {name.replace("-", "_"): value for name, value in options.items()}


def serve_early(options: dict[str, Any]) -> bool:
    """Whether to serve from unprepared workers first: as the options say; if they do not, where there is a profile, since whoever keeps one wants to be there soon."""
    said: bool | None = options.get("serve_early")
    if said is not None or not options.get("profile"):
        return bool(said)
    from . import profile

    return any(map(os.path.isfile, profile.files(options["profile"])))
