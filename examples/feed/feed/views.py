"""Pages, by function and by class, synchronous and not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST
from django.views.generic import CreateView, DetailView

from . import pulse as pulse_helpers
from .forms import CommentForm, PostForm
from .models import Comment, Follow, Like, Media, Notification, Post, Profile, Topic
from .painter import paint


def viewer_of(request: HttpRequest) -> Profile | None:
    """The profile of who is looking; None for strangers."""
    viewer: Profile | None = request.get_viewer()  # type: ignore[attr-defined]
    return viewer


def member_of(request: HttpRequest) -> Profile:
    """The profile of who is looking, where strangers have no business."""
    viewer = viewer_of(request)
    if viewer is None:
        raise Http404("this account has no profile")
    return viewer


def page_of(request: HttpRequest, posts: QuerySet[Post]) -> Any:
    """The page of `posts` that was asked for."""
    return Paginator(posts, settings.FEED_PAGE).get_page(request.GET.get("page"))


def home(request: HttpRequest) -> HttpResponse:
    """What those wrote whom one follows; for strangers, what everybody wrote."""
    viewer = viewer_of(request)
    if viewer is None:
        return explore(request)
    posts = Post.objects.followed_by(viewer).for_cards(viewer)
    return render(request, "feed/home.html", {"page": page_of(request, posts), "title": "Home"})


def explore(request: HttpRequest) -> HttpResponse:
    """The newest of all."""
    viewer = viewer_of(request)
    posts = Post.objects.visible_to(viewer).for_cards(viewer)
    return render(request, "feed/home.html", {"page": page_of(request, posts), "title": "Explore"})


def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Posts about something."""
    found = get_object_or_404(Topic, slug=slug)
    viewer = viewer_of(request)
    posts = Post.objects.visible_to(viewer).filter(topics=found).for_cards(viewer)
    return render(request, "feed/home.html", {"page": page_of(request, posts), "title": f"#{found.slug}", "topic": found})


def search(request: HttpRequest) -> HttpResponse:
    """People and posts with all the given words."""
    words = request.GET.get("q", "").split()[:6]
    viewer = viewer_of(request)
    posts, people = Post.objects.none(), Profile.objects.none()
    if words:
        in_text, in_name = Q(), Q()
        for word in words:
            in_text &= Q(text__icontains=word)
            in_name &= Q(name__icontains=word) | Q(handle__icontains=word)
        posts = Post.objects.visible_to(viewer).filter(in_text)
        people = Profile.objects.filter(in_name)[:6]
    context = {"page": page_of(request, posts.for_cards(viewer)), "people": people, "query": " ".join(words), "title": "Search"}
    return render(request, "feed/search.html", context)


class PostDetail(DetailView):
    """A post with all its comments."""

    template_name = "feed/post.html"

    def get_queryset(self) -> QuerySet[Post]:
        viewer = viewer_of(self.request)
        return Post.objects.visible_to(viewer).for_cards(viewer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        comments = list(self.object.comments.select_related("author"))
        answers: dict[int | None, list[Comment]] = {}
        for comment in comments:
            answers.setdefault(comment.parent_id, []).append(comment)
        threads = [{"comment": comment, "answers": answers.get(comment.pk, [])} for comment in answers.get(None, [])]
        form = kwargs.pop("form", None) or CommentForm(post=self.object)
        likers = Profile.objects.filter(likes__post=self.object).order_by("likes__created", "pk")[:12]
        return super().get_context_data(threads=threads, form=form, likers=likers, **kwargs)


class ProfileDetail(DetailView):
    """Somebody, and what they wrote."""

    template_name = "feed/profile.html"
    slug_field = slug_url_kwarg = "handle"

    def get_queryset(self) -> QuerySet[Profile]:
        return Profile.objects.with_counts()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer = viewer_of(self.request)
        posts = Post.objects.visible_to(viewer).filter(author=self.object).for_cards(viewer)
        following = viewer is not None and viewer != self.object and viewer.follows(self.object)
        about: Counter[str] = Counter()
        page = page_of(self.request, posts)
        for post in page:
            about.update(topic.slug for topic in post.topics.all())
        topics = sorted(about.items(), key=lambda item: (-item[1], item[0]))[:6]
        return super().get_context_data(page=page, following=following, topics=topics, **kwargs)


class Compose(LoginRequiredMixin, CreateView):
    """Writing a post. What is wrong is said with status 422."""

    form_class = PostForm
    template_name = "feed/compose.html"

    def form_valid(self, form: ModelForm) -> HttpResponse:
        assert isinstance(form, PostForm)
        author, cleaned = member_of(self.request), form.cleaned_data
        with transaction.atomic():
            made = {name: cleaned[name] for name in ("text", "place", "audience")}
            if cleaned["key"]:
                post, new = Post.objects.get_or_create(key=cleaned["key"], author=author, defaults=made)
            else:
                post, new = Post.objects.create(author=author, **made), True
            if new:
                post.topics.set(Topic.objects.filter(slug__in=form.slugs(post.text)))
                if cleaned["picture"]:
                    Media.objects.create(post=post, kind=cleaned["picture"], hue=cleaned["hue"] or 0, alt=cleaned["alt"])
        if new:
            cache.delete("trends")
            messages.success(self.request, "Your post is out.")
        return redirect(post)

    def form_invalid(self, form: ModelForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@login_required
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer a post. What is wrong is said on the post's page with status 422."""
    viewer = member_of(request)
    post = get_object_or_404(Post.objects.visible_to(viewer).for_cards(viewer), pk=pk)
    form = CommentForm(request.POST, post=post)
    if not form.is_valid():
        view = PostDetail()
        view.setup(request, pk=pk)
        view.object = post
        return view.render_to_response(view.get_context_data(form=form), status=422)
    with transaction.atomic():
        made = {"post": post, "author": viewer, "text": form.cleaned_data["text"], "parent": form.cleaned_data["parent"]}
        if key := form.cleaned_data["key"]:
            answer, new = Comment.objects.get_or_create(key=key, author=viewer, defaults=made)
        else:
            answer, new = Comment.objects.create(**made), True
        if new:
            post.recount()
            Notification.tell(post.author, viewer, Notification.Verb.COMMENTED, post)
    return redirect(f"{post.get_absolute_url()}#comment-{answer.pk}")


@login_required
@require_POST
def like(request: HttpRequest, pk: int) -> HttpResponse:
    """Like a post, or with `undo` no longer. Doing it twice does nothing more."""
    viewer = member_of(request)
    post = get_object_or_404(Post.objects.visible_to(viewer), pk=pk)
    with transaction.atomic():
        if "undo" in request.POST:
            Like.objects.filter(post=post, profile=viewer).delete()
        else:
            Like.objects.get_or_create(post=post, profile=viewer)
            Notification.tell(post.author, viewer, Notification.Verb.LIKED, post)
        post.recount()
    if request.accepts("text/html"):
        return redirect(post)
    return JsonResponse({"likes": post.like_count, "liked": "undo" not in request.POST})


@login_required
@require_POST
def follow(request: HttpRequest, handle: str) -> HttpResponse:
    """Follow somebody, or with `undo` no longer."""
    viewer, other = member_of(request), get_object_or_404(Profile, handle=handle)
    if "undo" in request.POST:
        Follow.objects.filter(follower=viewer, followed=other).delete()
    elif viewer != other:
        Follow.objects.get_or_create(follower=viewer, followed=other)
        Notification.tell(other, viewer, Notification.Verb.FOLLOWED)
    return redirect(other)


@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """What happened, by day; POST marks it read."""
    viewer = member_of(request)
    mine = Notification.objects.filter(recipient=viewer)
    if request.method == "POST":
        mine.filter(read=False).update(read=True)
        return redirect(reverse("notifications"))
    newest = mine.select_related("actor", "post")[:40]
    return render(request, "feed/notifications.html", {"notifications": newest, "title": "Notifications"})


async def pulse(request: HttpRequest) -> JsonResponse:
    """How the site is doing."""
    viewer = await sync_to_async(viewer_of)(request)
    return JsonResponse(await pulse_helpers.pulse(viewer.name if viewer else "stranger"))


@cache_control(max_age=86400, public=True)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A post's picture, painted."""
    media = get_object_or_404(Media, pk=pk)
    return HttpResponse(paint(media.kind, media.hue, media.pk, media.alt), content_type="image/svg+xml")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for what is not there."""
    return render(request, "404.html", status=404)
