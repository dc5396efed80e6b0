"""How the site is doing: a page that awaits a dozen helpers.

Most of them have their answer at once, as in any service that keeps flags, limits and caches in the process; a few ask
the database. That is how asynchronous code mostly is: awaits that do not wait.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from django.core.cache import cache
from django.db.models import Max, QuerySet

from . import clock
from .models import Comment, Follow, Like, Media, Post, Profile, Topic

FLAGS = {"stories": False, "polls": False, "dark-mode": True, "painted-pictures": True, "ranked-feed": True}
LIMITS = {"compose": (30, 3600), "comment": (120, 3600), "follow": (200, 86400)}
MODELS: dict[str, Any] = {"people": Profile, "posts": Post, "comments": Comment, "likes": Like, "follows": Follow, "pictures": Media}


async def flag(name: str) -> bool:
    """Whether a feature is on."""
    return FLAGS[name]


async def flags() -> dict[str, bool]:
    return {name: await flag(name) for name in FLAGS}


async def limit(action: str) -> dict[str, int]:
    """How often something may be done."""
    times, seconds = LIMITS[action]
    return {"times": times, "seconds": seconds}


async def limits() -> dict[str, dict[str, int]]:
    return {action: await limit(action) for action in LIMITS}


async def region() -> str:
    return "eu-north"


async def greeting(name: str) -> str:
    """A greeting that fits the hour."""
    hour = clock.now().hour
    part = "night" if hour < 6 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {name}"


async def total(name: str, query: QuerySet[Any]) -> int:
    """How many there are; from the cache if it was asked before."""
    known: int | None = cache.get(f"total-{name}")
    if known is None:
        known = await query.acount()
        cache.set(f"total-{name}", known, 3600)
    return known


async def totals() -> dict[str, int]:
    counts = await asyncio.gather(*(total(name, model.objects.all()) for name, model in MODELS.items()))
    return dict(zip(MODELS, counts))


async def newest_post() -> dict[str, Any]:
    """The one query that is made every time."""
    newest = await Post.objects.filter(audience=Post.Audience.PUBLIC).select_related("author").order_by("-created", "-pk").afirst()
    return {} if newest is None else {"by": newest.author.name, "at": newest.created.isoformat(), "url": newest.get_absolute_url()}


async def topic_labels() -> dict[int, str]:
    known: dict[int, str] | None = cache.get("topic-labels")
    if known is None:
        known = {pk: label async for pk, label in Topic.objects.order_by("pk").values_list("pk", "label")}
        cache.set("topic-labels", known, 3600)
    return known


async def histogram() -> list[dict[str, Any]]:
    """Posts by topic."""
    labels = await topic_labels()
    known: Counter[int] | None = cache.get("posts-by-topic")
    if known is None:
        links = Post.topics.through.objects.values_list("topic_id", flat=True)
        known = Counter([pk async for pk in links])
        cache.set("posts-by-topic", known, 3600)
    return [{"topic": labels[pk], "posts": known[pk]} for pk in sorted(labels)]


async def freshness() -> dict[str, Any]:
    """When the last thing happened."""
    newest = await Comment.objects.aaggregate(newest=Max("created"))
    return {"last_comment": newest["newest"].isoformat() if newest["newest"] else None}


async def health() -> dict[str, str]:
    """What a load balancer asks."""

    async def check(name: str) -> tuple[str, str]:
        return name, "ok"

    return dict([await check(name) for name in ("cache", "database", "painter", "ranker", "sessions")])


async def pulse(name: str) -> dict[str, Any]:
    """Everything that the page shows."""
    return {
        "greeting": await greeting(name),
        "region": await region(),
        "flags": await flags(),
        "limits": await limits(),
        "health": await health(),
        "totals": await totals(),
        "newest": await newest_post(),
        "topics": await histogram(),
        "freshness": await freshness(),
    }
