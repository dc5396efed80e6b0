"""A configuration of gunicorn that switches off what Ember needs."""

from ember.gunicorn import *  # noqa: F403

preload_app = False
