"""Celery's application: what the site does outside of requests.

    celery -A hearth.celery worker --pool prefork

`FEED_BROKER` is the broker's URL, or a folder: then messages and results are files in it. Celery is not among the site's requirements: nothing else
needs it. With Ember installed, the pool's processes come from a prepared main process.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery  # type: ignore[import-not-found, import-untyped]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hearth.settings")


def made(broker: str) -> Any:
    """The application on a broker."""
    if "://" in broker:
        return Celery("hearth", broker=broker, backend=broker)
    folders = {name: Path(broker, name) for name in ("queue", "control", "results")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    app = Celery("hearth", broker="filesystem://", backend=folders["results"].absolute().as_uri())
    queue = str(folders["queue"])
    app.conf.broker_transport_options = {"data_folder_in": queue, "data_folder_out": queue, "control_folder": str(folders["control"])}
    return app


app = made(os.environ.get("FEED_BROKER", "redis://localhost/0"))


@app.task(name="digest")  # type: ignore[untyped-decorator]
def digest(handle: str) -> str:
    """The text that a member is sent."""
    # The models can be imported once Django is set up, which Celery does before tasks run.
    from feed.digest import digest

    return digest(handle)


def warm() -> None:
    """Write to some members, and send nothing: what the main process does before it makes its pool."""
    from feed.models import Profile

    for handle in Profile.objects.values_list("handle", flat=True)[:12]:
        digest.run(handle)


try:
    import ember.celery
except ImportError:
    pass
else:
    ember.celery.install(warmup="hearth.celery:warm")
