"""Fills an empty database with the same sample data every time, and says how the example's pages are requested."""
import datetime
import io

WORDS = "the quick brown fox jumps over a lazy dog while seven wizards quietly mix strong black ink beside an old river bank near town".split()
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def words(seed, n):
    return " ".join(WORDS[(seed * 7 + i * i + i * seed) % len(WORDS)] for i in range(n))


def fill(authors=20, posts=160):
    """Make the tables and what is in them; return the session key of a logged-in user."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from feed.models import Author, Comment, Post, Tag

    call_command("migrate", run_syncdb=True, verbosity=0)
    people = []
    for i in range(authors):
        user = User.objects.create_user(f"user{i}", f"user{i}@example.org", "secret")
        people.append(Author.objects.create(user=user, display_name=words(i, 2).title(), bio=words(i + 3, 12) if i % 3 else "", joined=START.date()))
    tags = [Tag.objects.create(slug=f"tag-{i}", label=f"Tag {i}") for i in range(12)]
    for i in range(posts):
        post = Post.objects.create(
            author=people[i % authors], title=words(i, 6).capitalize(), body=words(i + 1, 60 + i % 90), created=START + datetime.timedelta(hours=i), status="d" if i % 11 == 0 else "p"
        )
        post.tags.set([tags[(i + k) % 12] for k in range(i % 4)])
        post.liked_by.set([people[(i + k) % authors] for k in range(i % 9)])
        Comment.objects.bulk_create(
            Comment(post=post, author=people[(i * 3 + k) % authors], text=words(i + k, 10), created=START + datetime.timedelta(hours=i, minutes=k)) for k in range(i % 5)
        )
    first = people[0].user
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(first.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = first.get_session_auth_hash()
    session.save()
    return session.session_key


POST_BODY = b"title=A+quiet+day&body=Nothing+happened&status=p&tag_list=tag-1%2C+tag-2&mood=calm&weight=2.5"
BAD_BODY = b"title=SHOUTING&body=Loud%21&status=x&tag_list=tag-1%2C+nope&mood=calm&weight=11.123"

#: Name → (method, path, query, body, logged in).
REQUESTS = {
    "feed": ("GET", "/", "page=2", b"", False),
    "rest list": ("GET", "/api/posts/", "page=1", b"", False),
    "rest detail": ("GET", "/api/posts/7/", "", b"", False),
    "plain json": ("GET", "/json/", "", b"", False),
    "form post": ("POST", "/post/new/", "", POST_BODY, False),
    "form errors": ("POST", "/post/new/", "", BAD_BODY, False),
    "dashboard": ("GET", "/dashboard/", "", b"", True),
    "async dashboard": ("GET", "/async/", "", b"", False),
    "ranking": ("GET", "/ranking/", "n=120", b"", False),
    "not found": ("GET", "/api/posts/999999/", "", b"", False),
}


def environ(name, session):
    """A fresh WSGI environment for one of the requests."""
    method, path, query, body, member = REQUESTS[name]
    made = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "testserver",
        "HTTP_ACCEPT": "application/json, text/html;q=0.9, */*;q=0.8",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "HTTP_USER_AGENT": "bench",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if body:
        made |= {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}
    if member:
        made["HTTP_COOKIE"] = f"sessionid={session}"
    return made
