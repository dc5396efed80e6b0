"""Only holds it."""

from settings import DEBUG as debug
