"""`manage.py seed`: make the tables and the people of Hearth."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

import sample
from feed.models import Profile


class Command(BaseCommand):
    help = "Makes the tables and fills them with the same people and posts every time."

    def handle(self, *args: Any, **options: Any) -> None:
        from django.db import connection

        if Profile._meta.db_table in connection.introspection.table_names() and Profile.objects.exists():
            raise CommandError("there are people already; name an empty database in FEED_DATABASE")
        sample.fill()
        self.stdout.write(self.style.SUCCESS("Hearth is seeded."))
