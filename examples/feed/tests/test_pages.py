"""The pages: what they show, and to whom."""

from __future__ import annotations

from django.test import AsyncClient, Client
from django.urls import reverse

from feed.models import Comment, Follow, Like, Notification, Post, Profile

from .base import SiteTest


class Pages(SiteTest):
    def test_home_shows_whom_one_follows(self) -> None:
        page = self.member.get("/").context["page"]
        follows = set(self.ada.following.values_list("followed_id", flat=True)) | {self.ada.pk}
        self.assertEqual(len(page), 30)
        self.assertTrue(all(post.author_id in follows for post in page))
        self.assertEqual([post.pk for post in page], [post.pk for post in sorted(page, key=lambda p: (p.created, p.pk), reverse=True)])

    def test_a_page_takes_few_queries(self) -> None:
        self.member.get("/")
        with self.assertNumQueries(10):
            self.member.get("/")

    def test_strangers_see_only_what_is_public(self) -> None:
        hidden = self.post_of(audience="followers")
        self.assertEqual(self.client.get(hidden.get_absolute_url()).status_code, 404)
        for page in range(1, 4):
            shown = self.client.get("/explore/", {"page": page}).context["page"]
            self.assertTrue(all(post.audience == "public" for post in shown))

    def test_followers_see_what_is_for_them(self) -> None:
        hidden = self.post_of(audience="followers")
        reader = Client()
        reader.force_login(hidden.author.user)
        self.assertEqual(reader.get(hidden.get_absolute_url()).status_code, 200)

    def test_pages_follow_each_other(self) -> None:
        first, second = (self.client.get("/explore/", {"page": n}).context["page"] for n in (1, 2))
        self.assertFalse({post.pk for post in first} & {post.pk for post in second})
        self.assertContains(self.client.get("/explore/?page=2"), 'href="?page=3"')

    def test_topic(self) -> None:
        response = self.client.get("/topic/stars/")
        self.assertContains(response, "about the night sky")
        self.assertTrue(all("stars" in {t.slug for t in post.topics.all()} for post in response.context["page"]))
        self.assertEqual(self.client.get("/topic/nothing/").status_code, 404)

    def test_search(self) -> None:
        response = self.client.get("/search/", {"q": "heron midnight"})
        self.assertTrue(response.context["page"].paginator.count)
        self.assertTrue(all("heron" in p.text.lower() and "midnight" in p.text.lower() for p in response.context["page"]))
        self.assertContains(self.client.get("/search/", {"q": "lindq"}), "Cleo Lindqvist")
        self.assertContains(self.client.get("/search/"), "Nothing here yet")

    def test_post_has_its_comments_in_threads(self) -> None:
        answer = Comment.objects.filter(parent__isnull=False, post__audience="public")[0]
        response = self.client.get(answer.post.get_absolute_url())
        self.assertContains(response, f'id="comment-{answer.pk}"')
        threads = response.context["threads"]
        self.assertIn(answer, next(t["answers"] for t in threads if t["comment"].pk == answer.parent_id))

    def test_profile(self) -> None:
        response = self.client.get("/@bram/")
        bram = Profile.objects.get(handle="bram")
        self.assertEqual(response.context["profile"].follower_count, Follow.objects.filter(followed=bram).count())
        self.assertContains(response, "Bram Okafor")

    def test_notifications(self) -> None:
        self.assertRedirects(self.client.get("/notifications/"), "/login/?next=/notifications/")
        self.assertTrue(Notification.objects.filter(recipient=self.ada, read=False).exists())
        self.assertContains(self.member.get("/notifications/"), "as read")
        self.member.post("/notifications/")
        self.assertFalse(Notification.objects.filter(recipient=self.ada, read=False).exists())

    def test_texts_are_escaped(self) -> None:
        post = Post.objects.create(author=self.ada, text="<script>alert(1)</script> #stars & @bram")
        response = self.client.get(post.get_absolute_url())
        self.assertNotContains(response, "<script>")
        self.assertContains(response, '&lt;script&gt;alert(1)&lt;/script&gt; <a class="tag" href="/topic/stars/">#stars</a> &amp; <a class="mention" href="/@bram/">@bram</a>')

    def test_pictures_are_painted(self) -> None:
        media = self.post_of(media__isnull=False).media.all()[0]
        response = self.client.get(media.get_absolute_url())
        self.assertEqual(response["Content-Type"], "image/svg+xml")
        self.assertEqual(response.content, self.client.get(media.get_absolute_url()).content)

    def test_login_and_logout(self) -> None:
        response = self.client.post("/login/", {"username": "ada", "password": "by the fire"})
        self.assertRedirects(response, "/")
        self.client.post("/logout/")
        self.assertIsNone(self.client.get("/").context["viewer"])

    def test_headers_of_the_middleware(self) -> None:
        response = self.client.get("/")
        self.assertRegex(response["Server-Timing"], r"^app;dur=\d+\.\d$")
        self.assertEqual(response["X-Frame-Options"], "DENY")

    def test_admin(self) -> None:
        self.assertEqual(self.member.get("/admin/").status_code, 302)
        self.client.login(username="keeper", password="by the fire")
        for model in ("post", "profile", "topic", "notification"):
            self.assertEqual(self.client.get(reverse(f"admin:feed_{model}_changelist")).status_code, 200)
        post = self.post_of()
        Post.objects.filter(pk=post.pk).update(like_count=1000)
        self.client.post(reverse("admin:feed_post_changelist"), {"action": "recount", "_selected_action": [post.pk]})
        self.assertEqual(Post.objects.get(pk=post.pk).like_count, Like.objects.filter(post=post).count())

    async def test_pulse(self) -> None:
        response = await AsyncClient().get("/pulse/")
        content = response.json()
        self.assertEqual(content["totals"]["people"], 40)
        self.assertEqual(content["greeting"], "Good afternoon, stranger")
        self.assertEqual(sum(topic["posts"] for topic in content["topics"]), await Post.topics.through.objects.acount())
