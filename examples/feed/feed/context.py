"""What every page has around its content: navigation, unread count, what is talked about, whom to follow."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Notification, Profile, Topic

#: Places of the navigation: name of the URL, label, symbol.
PLACES = [
    ("home", "Home", "⌂"),
    ("explore", "Explore", "◎"),
    ("notifications", "Notifications", "♪"),
    ("compose", "Write", "✎"),
]


def trends() -> list[dict[str, Any]]:
    """The topics of most posts; asked for once a process."""
    found: list[dict[str, Any]] | None = cache.get("trends")
    if found is None:
        topics = Topic.objects.annotate(post_count=Count("posts")).order_by("-post_count", "slug")[:8]
        found = [{"slug": topic.slug, "label": topic.label, "posts": topic.post_count} for topic in topics]
        cache.set("trends", found)
    return found


def suggestions(viewer: Profile | None) -> list[Profile]:
    """Whom to follow."""
    return list(Profile.objects.suggested_to(viewer)[:4])


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page."""
    get_viewer = getattr(request, "get_viewer", None)
    viewer = get_viewer() if get_viewer is not None else None
    return {
        "viewer": viewer,
        "places": PLACES,
        "trends": SimpleLazyObject(trends),
        "suggestions": SimpleLazyObject(lambda: suggestions(viewer)),
        "unread": Notification.objects.filter(recipient=viewer, read=False).count() if viewer else 0,
    }
