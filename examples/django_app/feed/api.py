"""The REST side."""
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from .models import Author, Comment, Post, Tag


class AuthorSerializer(serializers.ModelSerializer):
    username = serializers.CharField(source="user.username", read_only=True)
    initials = serializers.ReadOnlyField()

    class Meta:
        model = Author
        fields = ["id", "username", "display_name", "initials", "joined"]


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["slug", "label"]


class CommentSerializer(serializers.ModelSerializer):
    author = serializers.StringRelatedField()

    class Meta:
        model = Comment
        fields = ["id", "author", "text", "created"]


class PostSerializer(serializers.ModelSerializer):
    author = AuthorSerializer(read_only=True)
    tags = TagSerializer(many=True, read_only=True)
    comments = CommentSerializer(many=True, read_only=True)
    likes = serializers.IntegerField(read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    excerpt = serializers.SerializerMethodField()

    class Meta:
        model = Post
        fields = ["id", "author", "title", "excerpt", "status", "status_label", "created", "reading_minutes", "tags", "comments", "likes"]

    def get_excerpt(self, post):
        return " ".join(post.body.split()[:20])

    def validate_title(self, value):
        if not value.strip():
            raise serializers.ValidationError("A title has letters")
        return value


class PostViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Post.objects.for_feed()
    serializer_class = PostSerializer

    @action(detail=True)
    def comments(self, request, pk=None):
        return Response(CommentSerializer(self.get_object().comments.all(), many=True, context={"request": request}).data)


class AuthorViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Author.objects.select_related("user")
    serializer_class = AuthorSerializer
