"""Sending things: what is accepted, what is refused, and that sending twice does nothing more."""

from __future__ import annotations

from django.test import Client

from feed.models import Comment, Follow, Like, Media, Notification, Post, Profile

from .base import SiteTest

KEY = "00112233445566778899aabbccddeeff"


class Forms(SiteTest):
    def compose(self, **changes: str) -> dict[str, str]:
        return {"text": "A heron! #birds", "audience": "public", "picture": "sea", "hue": "200", "alt": "A heron"} | changes

    def test_compose(self) -> None:
        response = self.member.post("/compose/", self.compose())
        post = self.post_of(author=self.ada)
        self.assertRedirects(response, post.get_absolute_url())
        self.assertEqual([topic.slug for topic in post.topics.all()], ["birds"])
        self.assertEqual(Media.objects.get(post=post).hue, 200)
        self.assertContains(self.member.get("/"), "A heron!")

    def test_compose_twice_makes_one_post(self) -> None:
        before = Post.objects.count()
        first, second = (self.member.post("/compose/", self.compose(key=KEY)) for _ in range(2))
        self.assertEqual(first["Location"], second["Location"])
        self.assertEqual(Post.objects.count(), before + 1)
        self.assertEqual(Media.objects.filter(post__key=KEY).count(), 1)

    def test_two_people_may_have_the_same_key(self) -> None:
        other = Client()
        other.force_login(Profile.objects.get(handle="bram").user)
        for client in (self.member, other):
            client.post("/compose/", self.compose(key=KEY))
        self.assertEqual(Post.objects.filter(key=KEY).count(), 2)

    def test_what_is_wrong_is_said(self) -> None:
        for changes, said in [
            ({"text": "LOOK AT ALL THESE"}, "No need to shout."),
            ({"text": "About #nothing and #herons"}, "There is no topic herons, nothing."),
            ({"text": ""}, "This field is required."),
            ({"text": "x" * 1001}, "at most 1000 characters"),
            ({"audience": "nobody"}, "Select a valid choice."),
            ({"hue": "900"}, "less than or equal to 359"),
            ({"alt": ""}, "Say what is on the picture"),
            ({"key": "; drop table"}, "This form was not made here."),
        ]:
            with self.subTest(changes):
                before = Post.objects.count()
                response = self.member.post("/compose/", self.compose(**changes))
                self.assertContains(response, said, status_code=422)
                self.assertEqual(Post.objects.count(), before)

    def test_strangers_cannot_write(self) -> None:
        post = self.post_of(audience="public")
        for path in ("/compose/", f"/p/{post.pk}/comment/", f"/p/{post.pk}/like/", "/@bram/follow/"):
            self.assertRedirects(self.client.post(path), f"/login/?next={path}")

    def test_forms_need_their_token(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.ada.user)
        post = self.post_of(audience="public")
        self.assertEqual(strict.post(f"/p/{post.pk}/like/").status_code, 403)
        token = strict.get(post.get_absolute_url()).context["csrf_token"]
        self.assertEqual(strict.post(f"/p/{post.pk}/like/", {"csrfmiddlewaretoken": str(token)}).status_code, 302)

    def test_comment(self) -> None:
        post = self.post_of(audience="public", author__handle="bram")
        count = post.comment_count
        for _ in range(2):
            response = self.member.post(f"/p/{post.pk}/comment/", {"text": " Where  was this? ", "key": KEY})
        comment = Comment.objects.get(key=KEY)
        self.assertRedirects(response, f"/p/{post.pk}/#comment-{comment.pk}")
        self.assertEqual(comment.text, "Where was this?")
        post.refresh_from_db()
        self.assertEqual(post.comment_count, count + 1)
        self.assertTrue(Notification.objects.filter(recipient=post.author, actor=self.ada, verb="commented", post=post).exists())

    def test_wrong_comment(self) -> None:
        post = self.post_of(audience="public")
        elsewhere = Comment.objects.exclude(post=post)[0]
        response = self.member.post(f"/p/{post.pk}/comment/", {"text": "WHAT IS THIS SUPPOSED TO BE"})
        self.assertContains(response, "No need to shout.", status_code=422)
        response = self.member.post(f"/p/{post.pk}/comment/", {"text": "Hm", "parent": elsewhere.pk})
        self.assertEqual(response.status_code, 422)

    def test_like(self) -> None:
        post = self.post_of(audience="public", author__handle="bram")
        Like.objects.filter(post=post, profile=self.ada).delete()
        for _ in range(2):
            self.member.post(f"/p/{post.pk}/like/", headers={"Accept": "text/html"})
        self.assertEqual(Like.objects.filter(post=post, profile=self.ada).count(), 1)
        response = self.member.post(f"/p/{post.pk}/like/", {"undo": "1"}, headers={"Accept": "application/json"})
        self.assertEqual(response.json(), {"likes": post.likes.count(), "liked": False})
        self.assertEqual(Post.objects.get(pk=post.pk).like_count, post.likes.count())

    def test_follow(self) -> None:
        stranger = Profile.objects.exclude(followers__follower=self.ada).exclude(pk=self.ada.pk)[0]
        self.assertRedirects(self.member.post(f"/@{stranger.handle}/follow/"), stranger.get_absolute_url())
        self.assertTrue(self.ada.follows(stranger))
        self.member.post(f"/@{stranger.handle}/follow/", {"undo": "1"})
        self.assertFalse(Follow.objects.filter(follower=self.ada, followed=stranger).exists())
        self.member.post("/@ada/follow/")
        self.assertFalse(self.ada.follows(self.ada))
