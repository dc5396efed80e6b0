"""What members are sent by mail."""

from __future__ import annotations

from feed.digest import TOLD, digest
from feed.models import Post, Profile

from .base import SiteTest


class Digest(SiteTest):
    def test_it_tells_of_the_best_posts_in_order(self) -> None:
        text = digest("ada")
        self.assertTrue(text.startswith(f"Good morning, {self.ada.name}!"))
        for number in range(1, TOLD + 1):
            self.assertIn(f"\n{number}. ", text)
        self.assertNotIn(f"\n{TOLD + 1}. ", text)
        self.assertIn("because of", text)
        self.assertEqual(text, digest("ada"))

    def test_it_is_plain_text(self) -> None:
        newest = self.post_of(audience=Post.Audience.PUBLIC)
        Post.objects.filter(pk=newest.pk).update(text='"Salt & pepper" <3', like_count=100_000)
        text = digest("ada")
        self.assertIn('"Salt & pepper" <3', text)
        self.assertNotIn("<a ", text)

    def test_nobody_is_told_of_what_they_may_not_see(self) -> None:
        hidden = Post.objects.filter(audience=Post.Audience.FOLLOWERS).exclude(author=self.ada)
        hidden = hidden.exclude(author__followers__follower=self.ada)
        self.assertTrue(hidden.exists())
        hidden.update(text="For followers only.", like_count=100_000)
        self.assertNotIn("For followers only.", digest("ada"))

    def test_somebody_who_is_not_there(self) -> None:
        with self.assertRaises(Profile.DoesNotExist):
            digest("nobody")
