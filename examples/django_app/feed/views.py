"""Pages, by function and by class, synchronous and not."""
import asyncio
import math
from collections import defaultdict

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import DetailView

from .forms import PostForm
from .models import Author, Comment, Post, Tag


def feed(request, tag=None):
    posts = Post.objects.for_feed()
    if tag is not None:
        posts = posts.filter(tags__slug=tag)
    page = Paginator(posts, 20).get_page(request.GET.get("page"))
    return render(request, "feed/feed.html", {"page": page, "tag": tag, "tags": Tag.objects.order_by("slug")})


class PostDetail(DetailView):
    queryset = Post.objects.for_feed()
    template_name = "feed/post.html"


class AuthorDetail(DetailView):
    model = Author
    template_name = "feed/author.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(posts=self.object.posts.published()[:5], **kwargs)


def plain_json(request):
    authors = {a.pk: {"id": a.pk, "name": a.display_name, "initials": a.initials} for a in Author.objects.all()}
    posts = [
        {"id": p.pk, "title": p.title, "author": authors[p.author_id], "minutes": p.reading_minutes, "created": p.created, "url": p.get_absolute_url()}
        for p in Post.objects.published()[:60]
    ]
    return JsonResponse({"posts": posts, "count": len(posts)})


@csrf_exempt
def new_post(request):
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return JsonResponse({"ok": True, "title": form.cleaned_data["title"], "tags": form.cleaned_data["tag_list"], "weight": str(form.cleaned_data["weight"])})
    return render(request, "feed/new_post.html", {"form": form}, status=200 if request.method == "GET" else 400)


@login_required
def dashboard(request):
    author = request.user.author
    mine = list(author.posts.all())
    by_status = defaultdict(list)
    for post in mine:
        by_status[post.get_status_display()].append(post)
    return render(request, "feed/dashboard.html", {"author": author, "by_status": dict(by_status), "permissions": sorted(request.user.get_all_permissions())[:10]})


async def count(queryset):
    return await queryset.acount()


async def newest(model, n):
    return [str(item) async for item in model.objects.order_by("-pk")[:n]]


async def async_dashboard(request):
    numbers = await asyncio.gather(*(count(model.objects.all()) for model in (Author, Post, Comment, Tag)))
    titles = await newest(Post, 5)
    return JsonResponse({"counts": dict(zip(("authors", "posts", "comments", "tags"), numbers)), "newest": titles})


class Candidate:
    """A post in the ranking: features, and a score that is worked out once."""

    __slots__ = ("pk", "age", "likes", "comments", "length", "_score")

    def __init__(self, pk, age, likes, comments, length):
        self.pk, self.age, self.likes, self.comments, self.length = pk, age, likes, comments, length
        self._score = None

    @property
    def score(self):
        if self._score is None:
            self._score = self.engagement() * self.decay() + self.novelty()
        return self._score

    def engagement(self):
        return math.log1p(self.likes) + 1.5 * math.log1p(self.comments)

    def decay(self):
        return 0.5 ** (self.age / 72.0)

    def novelty(self):
        return 1.0 / (1 + self.age) if self.length > 50 else 0.0


def diversify(candidates, window=3):
    """Greedy re-ranking: what is like its neighbours loses a little."""
    ranked, pool = [], sorted(candidates, key=lambda c: (-c.score, c.pk))
    while pool:
        best, best_value = None, None
        for c in pool[:12]:
            penalty = sum(0.1 for r in ranked[-window:] if r.pk % 5 == c.pk % 5)
            value = c.score - penalty
            if best_value is None or value > best_value:
                best, best_value = c, value
        ranked.append(best)
        pool.remove(best)
    return ranked


def ranking(request):
    n = int(request.GET.get("n", 120))
    candidates = [Candidate(i, (i * 37) % 240, (i * i) % 97, (i * 13) % 41, (i * 7) % 400) for i in range(n)]
    return JsonResponse({"ranking": [[c.pk, round(c.score, 6)] for c in diversify(candidates)]})
