"""The API."""

from __future__ import annotations

from feed.models import Post

from .base import SiteTest


class Api(SiteTest):
    def test_posts(self) -> None:
        content = self.client.get("/api/posts/").json()
        self.assertEqual(content["count"], Post.objects.filter(audience="public").count())
        self.assertEqual(len(content["results"]), 30)
        first = content["results"][0]
        self.assertEqual(set(first["author"]), {"handle", "name", "verified", "initials"})
        self.assertIsInstance(first["age_hours"], float)

    def test_filters(self) -> None:
        for post in self.client.get("/api/posts/?topic=stars&author=bram").json()["results"]:
            self.assertIn("stars", post["topics"])
            self.assertEqual(post["author"]["handle"], "bram")

    def test_one_post_and_its_comments(self) -> None:
        post = self.post_of(audience="public", comment_count__gt=2)
        self.assertEqual(self.client.get(f"/api/posts/{post.pk}/").json()["comment_count"], post.comment_count)
        comments = self.client.get(f"/api/posts/{post.pk}/comments/").json()
        self.assertEqual(len(comments), post.comment_count)
        self.assertEqual(comments, sorted(comments, key=lambda comment: comment["created"]))

    def test_writing(self) -> None:
        new = {"text": "By the API", "audience": "public", "topics": ["stars"]}
        self.assertEqual(self.client.post("/api/posts/", new).status_code, 403)
        response = self.member.post("/api/posts/", new)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(Post.objects.get(pk=response.json()["id"]).author, self.ada)
        wrong = self.member.post("/api/posts/", new | {"audience": "followers", "place": "Home", "topics": ["nothing"]})
        self.assertEqual(wrong.status_code, 400)
        self.assertIn("topics", wrong.json())

    def test_people(self) -> None:
        self.assertEqual(self.client.get("/api/people/ada/").json()["name"], "Ada Thorne")
        self.assertEqual(self.client.get("/api/people/nobody/").status_code, 404)

    def test_notifications_are_private(self) -> None:
        self.assertEqual(self.client.get("/api/notifications/").status_code, 403)
        self.assertEqual(len(self.member.get("/api/notifications/").json()["results"]), 30)

    def test_timeline(self) -> None:
        posts = self.client.get("/api/timeline/").json()["posts"]
        self.assertEqual([post["id"] for post in posts], [post["id"] for post in self.client.get("/api/posts/").json()["results"]])

    def test_ranked(self) -> None:
        ranked = self.member.get("/api/ranked/").json()["ranked"]
        self.assertEqual(len(ranked), 30)
        self.assertEqual(len({entry["post"] for entry in ranked}), 30)
        self.assertTrue(any("you follow them" in entry["because"] for entry in ranked))
        strangers = self.client.get("/api/ranked/").json()["ranked"]
        self.assertFalse(any("you follow them" in entry["because"] for entry in strangers))
