"""What every request passes: how long it took, who is looking, and which experiments they are in."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from .models import Profile

Handler = Callable[[HttpRequest], HttpResponse]


def viewer_of(request: HttpRequest) -> Profile | None:
    """The profile of whoever is logged in."""
    if not request.user.is_authenticated:
        return None
    return Profile.objects.filter(user=request.user).first()


class ServerTiming:
    """Says in a header how long the answer took."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        response["Server-Timing"] = f"app;dur={(time.perf_counter() - began) * 1e3:.1f}"
        return response


class Viewer:
    """Puts `request.get_viewer` there: a call that gives the profile of who is logged in, or None."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.get_viewer = CachedViewer(request)  # type: ignore[attr-defined]
        return self.get_response(request)


class CachedViewer:
    """Calling it gives the viewer; it asks the database once."""

    __slots__ = ("request", "known", "profile")

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.known = False
        self.profile: Profile | None = None

    def __call__(self) -> Profile | None:
        if not self.known:
            self.profile = viewer_of(self.request)
            self.known = True
        return self.profile


#: Experiment → the shares of its arms, which add up to a hundred.
EXPERIMENTS = {"denser-cards": {"control": 100}, "reply-preview": {"two": 90, "three": 10}, "sidebar": {"trends": 100}}


def arm(experiment: str, subject: str) -> str:
    """The arm of `experiment` that `subject` is in, always the same."""
    point = int(hashlib.blake2b(f"{experiment}/{subject}".encode(), digest_size=4).hexdigest(), 16) % 100
    for name, share in EXPERIMENTS[experiment].items():
        if point < share:
            return name
        point -= share
    raise ValueError(f"the shares of {experiment} do not add up to a hundred")


class Experiments:
    """Puts `request.arms` there: experiment → arm."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def assign() -> dict[str, str]:
            subject = str(request.user.pk) if request.user.is_authenticated else "anonymous"
            return {experiment: arm(experiment, subject) for experiment in EXPERIMENTS}

        request.arms = SimpleLazyObject(assign)  # type: ignore[attr-defined]
        return self.get_response(request)
