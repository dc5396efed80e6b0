"""People follow people, who write posts with pictures; others like them, comment on them, and are told about it.

Counters of likes and comments are kept in the post, as sites of any size do; `Post.recount` is the one place that sets them.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Value
from django.urls import reverse

from . import clock


class ProfileQuerySet(models.QuerySet["Profile"]):
    def with_counts(self) -> ProfileQuerySet:
        """With the numbers that a profile's page shows."""
        return self.annotate(
            post_count=Count("posts", distinct=True),
            follower_count=Count("followers", distinct=True),
            following_count=Count("following", distinct=True),
        )

    def suggested_to(self, viewer: Profile | None) -> ProfileQuerySet:
        """People whom `viewer` does not follow yet, those with many followers first."""
        people = self.annotate(follower_count=Count("followers")).order_by("-follower_count", "pk")
        if viewer is None:
            return people
        return people.exclude(pk=viewer.pk).exclude(followers__follower=viewer)


class Profile(models.Model):
    """Someone on the site."""

    user = models.OneToOneField("auth.User", models.CASCADE, related_name="profile")
    handle = models.SlugField(unique=True, max_length=30)
    name = models.CharField(max_length=60)
    bio = models.TextField(blank=True, max_length=280)
    place = models.CharField(blank=True, max_length=60)
    hue = models.PositiveSmallIntegerField(default=0)
    verified = models.BooleanField(default=False)
    joined = models.DateField()

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["handle"]

    def __str__(self) -> str:
        return f"@{self.handle}"

    def get_absolute_url(self) -> str:
        return reverse("profile", kwargs={"handle": self.handle})

    @property
    def initials(self) -> str:
        """At most two letters, for where there is no picture."""
        return "".join(word[0].upper() for word in self.name.split()[:2])

    def follows(self, other: Profile) -> bool:
        return self.following.filter(followed=other).exists()


class Follow(models.Model):
    """`follower` wants to see what `followed` writes."""

    follower = models.ForeignKey(Profile, models.CASCADE, related_name="following")
    followed = models.ForeignKey(Profile, models.CASCADE, related_name="followers")
    created = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "followed"], name="follow_once")]


class Topic(models.Model):
    """What a post is about."""

    slug = models.SlugField(unique=True)
    label = models.CharField(max_length=40)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return f"#{self.slug}"

    def get_absolute_url(self) -> str:
        return reverse("topic", kwargs={"slug": self.slug})


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: Profile | None) -> PostQuerySet:
        """Public posts, one's own, and those for followers of whom one follows."""
        if viewer is None:
            return self.filter(audience=Post.Audience.PUBLIC)
        mine = Follow.objects.filter(follower=viewer, followed=OuterRef("author"))
        return self.filter(Q(audience=Post.Audience.PUBLIC) | Q(author=viewer) | Exists(mine))

    def followed_by(self, viewer: Profile) -> PostQuerySet:
        """What belongs into somebody's own feed."""
        mine = Follow.objects.filter(follower=viewer, followed=OuterRef("author"))
        return self.filter(Q(author=viewer) | Exists(mine))

    def for_cards(self, viewer: Profile | None, comments: int = 2) -> PostQuerySet:
        """With all that a card of the feed shows, in as few queries as there are tables."""
        newest = Comment.objects.select_related("author").order_by("-created", "-pk")[:comments]
        liked = Value(False, models.BooleanField())
        return (
            self.select_related("author", "author__user")
            .prefetch_related("media", "topics", Prefetch("comments", newest, to_attr="newest_comments"))
            .annotate(liked=Exists(Like.objects.filter(post=OuterRef("pk"), profile=viewer)) if viewer else liked)
            .order_by("-created", "-pk")
        )


class Post(models.Model):
    """Something that somebody wrote."""

    class Audience(models.TextChoices):
        PUBLIC = "public", "Everyone"
        FOLLOWERS = "followers", "My followers"

    author = models.ForeignKey(Profile, models.CASCADE, related_name="posts")
    text = models.TextField(max_length=1000)
    place = models.CharField(blank=True, max_length=60)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PUBLIC)
    created = models.DateTimeField(default=clock.now, db_index=True)
    edited = models.DateTimeField(null=True, blank=True)
    topics = models.ManyToManyField(Topic, related_name="posts", blank=True)
    like_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    #: What the form was sent with, so that sending it twice makes one post.
    key = models.CharField(max_length=32, null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-pk"]
        indexes = [models.Index(fields=["author", "-created"], name="post_by_author")]
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="post_once")]

    def __str__(self) -> str:
        return self.text[:40]

    def get_absolute_url(self) -> str:
        return reverse("post", kwargs={"pk": self.pk})

    @property
    def age(self) -> datetime.timedelta:
        return clock.now() - self.created

    @property
    def is_long(self) -> bool:
        return len(self.text) > 320

    def recount(self) -> None:
        """Make the counters right."""
        self.like_count, self.comment_count = self.likes.count(), self.comments.count()
        self.save(update_fields=["like_count", "comment_count"])


class Media(models.Model):
    """A picture of a post; painted when it is asked for, from a few numbers."""

    class Kind(models.TextChoices):
        HILLS = "hills", "Hills"
        SEA = "sea", "Sea"
        CITY = "city", "City"

    post = models.ForeignKey(Post, models.CASCADE, related_name="media")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.HILLS)
    hue = models.PositiveSmallIntegerField(default=0)
    alt = models.CharField(max_length=120)

    class Meta:
        ordering = ["post", "position"]
        verbose_name_plural = "media"

    def get_absolute_url(self) -> str:
        return reverse("picture", kwargs={"pk": self.pk})


class Comment(models.Model):
    """An answer to a post, or to another comment on it."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    author = models.ForeignKey(Profile, models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answers")
    text = models.TextField(max_length=500)
    created = models.DateTimeField(default=clock.now)
    #: What the form was sent with, so that sending it twice makes one comment.
    key = models.CharField(max_length=32, null=True, blank=True)

    class Meta:
        ordering = ["created", "pk"]
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="comment_once")]

    def __str__(self) -> str:
        return self.text[:40]


class Like(models.Model):
    """`profile` likes `post`."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="likes")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="likes")
    created = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "profile"], name="like_once")]


class Notification(models.Model):
    """Somebody is told that somebody did something."""

    class Verb(models.TextChoices):
        LIKED = "liked", "liked your post"
        COMMENTED = "commented", "commented on your post"
        FOLLOWED = "followed", "follows you now"

    recipient = models.ForeignKey(Profile, models.CASCADE, related_name="notifications")
    actor = models.ForeignKey(Profile, models.CASCADE, related_name="+")
    verb = models.CharField(max_length=10, choices=Verb)
    post = models.ForeignKey(Post, models.CASCADE, null=True, blank=True, related_name="+")
    created = models.DateTimeField(default=clock.now)
    read = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created", "-pk"]
        indexes = [models.Index(fields=["recipient", "read"], name="unread_first")]

    @classmethod
    def tell(cls, recipient: Profile, actor: Profile, verb: Verb, post: Post | None = None) -> None:
        """Tell `recipient`, unless it is about themself or they were told before."""
        if recipient != actor:
            cls.objects.get_or_create(recipient=recipient, actor=actor, verb=verb, post=post)
