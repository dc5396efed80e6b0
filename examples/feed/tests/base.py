"""What the tests stand on: a seeded site, clients that are logged in or not."""

from __future__ import annotations

from django.test import Client, TestCase

from feed import seeding
from feed.models import Post, Profile


class SiteTest(TestCase):
    """A test of the seeded site."""

    ada: Profile

    @classmethod
    def setUpTestData(cls) -> None:
        seeding.fill()
        cls.ada = Profile.objects.get(handle="ada")

    def setUp(self) -> None:
        self.member = Client()
        self.member.force_login(self.ada.user)

    def post_of(self, **conditions: object) -> Post:
        """The newest post of which that is true."""
        return Post.objects.filter(**conditions).order_by("-created", "-pk")[0]
