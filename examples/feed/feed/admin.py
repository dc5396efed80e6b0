"""The site behind the site."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from .models import Comment, Follow, Like, Media, Notification, Post, Profile, Topic


class MediaInline(admin.TabularInline):
    model = Media
    extra = 0


class CommentInline(admin.TabularInline):
    model = Comment
    fields = ["author", "text", "created"]
    raw_id_fields = ["author"]
    extra = 0


@admin.register(Profile)
class ProfileAdmin(admin.ModelAdmin):
    list_display = ["handle", "name", "place", "verified", "joined"]
    list_filter = ["verified"]
    search_fields = ["handle", "name"]
    date_hierarchy = "joined"


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["__str__", "author", "audience", "created", "like_count", "comment_count"]
    list_filter = ["audience", "topics"]
    list_select_related = ["author"]
    search_fields = ["text", "author__handle"]
    raw_id_fields = ["author"]
    inlines = [MediaInline, CommentInline]
    actions = ["recount"]

    @admin.action(description="Count likes and comments anew")
    def recount(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        for post in queryset:
            post.recount()
        self.message_user(request, f"Counted {len(queryset)} posts.")


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["slug", "label"]
    prepopulated_fields = {"slug": ["label"]}


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    list_display = ["recipient", "actor", "verb", "created", "read"]
    list_filter = ["verb", "read"]
    list_select_related = ["recipient", "actor"]


admin.site.register([Follow, Like])
admin.site.site_header = "Hearth"
