"""The site's clock, which settings can make stand still."""

import datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime.datetime:
    """What time it is on this site."""
    return settings.FEED_NOW or timezone.now()
