"""The API: REST framework's view sets, and two views by hand."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET
from rest_framework import decorators, mixins, permissions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from . import clock
from .forms import shouts
from .models import Comment, Like, Media, Notification, Post, Profile, Topic
from .ranking import Candidate, Context, Ranker, because

#: How many of the newest posts are ranked, and how many of those are given.
CANDIDATES, RANKED = 300, 30


class ProfileSerializer(serializers.ModelSerializer):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Profile
        fields = ["id", "handle", "name", "bio", "place", "verified", "joined", "initials", "url"]


class BriefProfileSerializer(serializers.ModelSerializer):
    class Meta:
        model = Profile
        fields = ["handle", "name", "verified", "initials"]


class MediaSerializer(serializers.ModelSerializer):
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Media
        fields = ["kind", "alt", "url"]


class CommentSerializer(serializers.ModelSerializer):
    author = BriefProfileSerializer(read_only=True)

    class Meta:
        model = Comment
        fields = ["id", "author", "parent", "text", "created"]

    def validate_text(self, text: str) -> str:
        if shouts(text):
            raise serializers.ValidationError("No need to shout.")
        return text


class PostSerializer(serializers.ModelSerializer):
    author = BriefProfileSerializer(read_only=True)
    topics = serializers.SlugRelatedField(slug_field="slug", many=True, queryset=Topic.objects.all(), required=False)
    media = MediaSerializer(many=True, read_only=True)
    newest_comments = CommentSerializer(many=True, read_only=True)
    liked = serializers.BooleanField(read_only=True)
    age_hours = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Post
        fields = [
            *("id", "url", "author", "text", "place", "audience", "created", "age_hours", "topics", "media"),
            *("like_count", "comment_count", "liked", "newest_comments"),
        ]
        read_only_fields = ["created", "like_count", "comment_count"]

    def get_age_hours(self, post: Post) -> float:
        return round(post.age.total_seconds() / 3600, 1)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if attributes.get("audience") == Post.Audience.FOLLOWERS and attributes.get("place"):
            raise serializers.ValidationError({"place": "A post for followers only has no place."})
        return attributes


def viewer_of(request: Request | HttpRequest) -> Profile | None:
    """Who is looking."""
    viewer: Profile | None = request.get_viewer()  # type: ignore[union-attr]
    return viewer


class PostViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet):
    """Posts that the caller may see; `?topic=` and `?author=` filter."""

    serializer_class = PostSerializer

    def get_queryset(self) -> QuerySet[Post]:
        viewer = viewer_of(self.request)
        posts = Post.objects.visible_to(viewer).for_cards(viewer)
        if topic := self.request.query_params.get("topic"):
            posts = posts.filter(topics__slug=topic)
        if author := self.request.query_params.get("author"):
            posts = posts.filter(author__handle=author)
        return posts

    def perform_create(self, serializer: serializers.BaseSerializer) -> None:
        serializer.save(author=viewer_of(self.request))

    @decorators.action(detail=True, methods=["get"])
    def comments(self, request: Request, pk: str) -> Response:
        """All comments of a post, oldest first."""
        found = self.get_object().comments.select_related("author")
        return Response(CommentSerializer(found, many=True).data)


class ProfileViewSet(viewsets.ReadOnlyModelViewSet):
    """People, by their handles."""

    queryset = Profile.objects.order_by("handle")
    serializer_class = ProfileSerializer
    lookup_field = "handle"


class NotificationSerializer(serializers.ModelSerializer):
    actor = BriefProfileSerializer(read_only=True)
    text = serializers.CharField(source="get_verb_display", read_only=True)

    class Meta:
        model = Notification
        fields = ["id", "actor", "verb", "text", "post", "created", "read"]


class NotificationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What the caller was told."""

    serializer_class = NotificationSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> QuerySet[Notification]:
        return Notification.objects.filter(recipient=viewer_of(self.request)).select_related("actor")


def context_of(viewer: Profile | None) -> Context:
    """What ranking knows of a viewer."""
    if viewer is None:
        return Context(None, frozenset(), {})
    follows = frozenset(viewer.following.values_list("followed_id", flat=True))
    liked = Like.objects.filter(profile=viewer, post__topics__isnull=False)
    counts = dict(liked.values_list("post__topics").annotate(n=Count("pk")).order_by("post__topics"))
    most = max(counts.values(), default=1)
    return Context(viewer.pk, follows, {topic: n / most for topic, n in counts.items()})


def candidates(viewer: Profile | None, wanted: int) -> list[Candidate]:
    """The newest posts that `viewer` may see, as candidates."""
    now = clock.now()
    newest = Post.objects.visible_to(viewer).order_by("-created", "-pk")
    rows = newest.values_list("pk", "author_id", "created", "like_count", "comment_count", "text")[:wanted]
    keys = [row[0] for row in rows]
    topics: dict[int, list[int]] = {}
    for post, topic in Post.topics.through.objects.filter(post__in=keys).order_by("pk").values_list("post_id", "topic_id"):
        topics.setdefault(post, []).append(topic)
    pictures = dict(Media.objects.filter(post__in=keys).values_list("post").annotate(n=Count("pk")).order_by("post"))
    return [
        Candidate(
            pk=pk,
            author=author,
            hours=(now - created).total_seconds() / 3600,
            likes=likes,
            comments=comments,
            length=len(text),
            pictures=pictures.get(pk, 0),
            topics=tuple(topics.get(pk, ())),
        )
        for pk, author, created, likes, comments, text in rows
    ]


@require_GET
def ranked(request: HttpRequest) -> JsonResponse:
    """The posts that the caller should see first, with their scores and the reasons."""
    viewer = viewer_of(request)
    best = Ranker.standard().rank(candidates(viewer, CANDIDATES), context_of(viewer), RANKED)
    return JsonResponse({"ranked": [{"post": c.pk, "score": round(c.score, 9), "because": because(c)} for c in best]})


def brief(post: Post) -> dict[str, Any]:
    """A post in the timeline."""
    return {
        "id": post.pk,
        "url": post.get_absolute_url(),
        "author": {"handle": post.author.handle, "name": post.author.name, "initials": post.author.initials},
        "text": post.text if not post.is_long else post.text[:320] + "…",
        "topics": [topic.slug for topic in post.topics.all()],
        "pictures": [{"url": media.get_absolute_url(), "alt": media.alt} for media in post.media.all()],
        "likes": post.like_count,
        "comments": [{"by": c.author.handle, "text": c.text} for c in reversed(post.newest_comments)],  # type: ignore[attr-defined]
    }


@require_GET
def timeline(request: HttpRequest) -> JsonResponse:
    """The newest posts as plain JSON, without the framework."""
    viewer = viewer_of(request)
    posts = Post.objects.visible_to(viewer).for_cards(viewer)[:RANKED]
    return JsonResponse({"posts": [brief(post) for post in posts]})
