"""What members are sent by mail of what they may have missed: the posts that rank highest for them, as plain text."""

from __future__ import annotations

from django.template.loader import render_to_string

from . import api
from .models import Post, Profile
from .ranking import Candidate, Ranker, because

#: How many posts are looked at, and how many of them are told of.
CANDIDATES, TOLD = 150, 12


def digest(handle: str) -> str:
    """The text for the member with that handle."""
    viewer = Profile.objects.select_related("user").get(handle=handle)
    best = Ranker.standard().rank(api.candidates(viewer, CANDIDATES), api.context_of(viewer), TOLD)
    posts = Post.objects.filter(pk__in=[candidate.pk for candidate in best]).for_cards(viewer).in_bulk()

    def item(candidate: Candidate) -> dict[str, object]:
        return {"post": posts[candidate.pk], "because": because(candidate)}

    return render_to_string("feed/digest.txt", {"viewer": viewer, "items": [item(candidate) for candidate in best]})
