"""Authors write posts with tags; readers comment and like."""
from django.db import models
from django.db.models import Count
from django.urls import reverse


class Author(models.Model):
    user = models.OneToOneField("auth.User", models.CASCADE, related_name="author")
    display_name = models.CharField(max_length=80)
    bio = models.TextField(blank=True)
    joined = models.DateField()
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers", blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.display_name

    def get_absolute_url(self):
        return reverse("author", kwargs={"pk": self.pk})

    @property
    def initials(self):
        return "".join(word[0].upper() for word in self.display_name.split() if word)


class Tag(models.Model):
    slug = models.SlugField(unique=True)
    label = models.CharField(max_length=40)

    def __str__(self):
        return self.label


class PostQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=Post.Status.PUBLISHED)

    def for_feed(self):
        return (
            self.published()
            .select_related("author", "author__user")
            .prefetch_related("tags", "comments__author")
            .annotate(likes=Count("liked_by", distinct=True))
            .order_by("-created", "pk")
        )


class Post(models.Model):
    class Status(models.TextChoices):
        DRAFT = "d", "Draft"
        PUBLISHED = "p", "Published"

    author = models.ForeignKey(Author, models.CASCADE, related_name="posts")
    title = models.CharField(max_length=120)
    body = models.TextField()
    status = models.CharField(max_length=1, choices=Status, default=Status.DRAFT)
    created = models.DateTimeField(db_index=True)
    tags = models.ManyToManyField(Tag, related_name="posts", blank=True)
    liked_by = models.ManyToManyField(Author, related_name="liked", blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("post", kwargs={"pk": self.pk})

    @property
    def reading_minutes(self):
        return max(1, len(self.body.split()) // 200)


class Comment(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    author = models.ForeignKey(Author, models.CASCADE, related_name="comments")
    text = models.TextField()
    created = models.DateTimeField()

    class Meta:
        ordering = ["created", "pk"]
