"""What templates need beyond Django's own: ages, short numbers, links in texts, faces, and query strings."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .. import clock
from ..models import Profile

register = template.Library()
LINK = re.compile(r"(?P<sign>[#@])(?P<name>[a-z][a-z0-9-]{1,30})|(?P<url>https://[^\s<]+)")
STEPS = [("y", 365 * 86400), ("w", 7 * 86400), ("d", 86400), ("h", 3600), ("min", 60)]


@register.filter
def ago(moment: datetime.datetime) -> str:
    """How long ago, in one unit."""
    seconds = int((clock.now() - moment).total_seconds())
    for unit, length in STEPS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"


@register.filter
def compact(number: int) -> str:
    """A number in at most four characters."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if number >= size:
            short = f"{number / size:.1f}".removesuffix(".0") if number < 10 * size else str(number // size)
            return short + unit
    return str(number)


def link(match: re.Match[str]) -> str:
    """One thing in a text that leads somewhere."""
    if url := match["url"]:
        return format_html('<a href="{}" rel="nofollow">{}</a>', url, url.removeprefix("https://"))
    if match["sign"] == "#":
        return format_html('<a class="tag" href="{}">{}</a>', reverse("topic", kwargs={"slug": match["name"]}), match[0])
    return format_html('<a class="mention" href="{}">{}</a>', reverse("profile", kwargs={"handle": match["name"]}), match[0])


@register.filter
def linked(text: str) -> SafeString:
    """A text of people, escaped, with links for topics, people and addresses."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        parts += [conditional_escape(text[end : match.start()]), link(match)]
        end = match.end()
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))


@register.inclusion_tag("feed/_face.html")
def face(profile: Profile, size: str = "m") -> dict[str, Any]:
    """Somebody's picture: their initials on their colour."""
    return {"profile": profile, "size": size}


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The query string of this page with something changed."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters[name] = value
    return "?" + parameters.urlencode()


@register.simple_tag(takes_context=True)
def current(context: template.Context, name: str) -> SafeString:
    """Marks the place of the navigation where one is."""
    match = getattr(context.get("request"), "resolver_match", None)
    return mark_safe(' aria-current="page"' if match is not None and match.url_name == name else "")
