"""Fills an empty database with the same people and posts every time.

All chance comes from one generator with a fixed seed, and all times count back from the site's standing clock. Rows are
made in bulk, in a fixed order, so that keys are the same in every database too.
"""

from __future__ import annotations

import datetime
import random
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from . import clock, words
from .models import Comment, Follow, Like, Media, Notification, Post, Profile, Topic

SEED = 1789
PASSWORD = "by the fire"
POSTS = 700
#: The session of the first person, which requests that are logged in use.
SESSION = "hearthmembersession0000000000000"


def make_people(generator: random.Random) -> list[Profile]:
    """Accounts with profiles, and the keeper, who has the admin."""
    password = make_password(PASSWORD, salt="hearth")
    joined = clock.now() - datetime.timedelta(days=1500)
    accounts = [
        User(username=name.split()[0].lower(), first_name=name.split()[0], last_name=name.split()[1], email=f"{name.split()[0].lower()}@hearth.example", password=password)
        for name in words.PEOPLE
    ]
    for account in accounts:
        account.date_joined = joined
    accounts.append(User(username="keeper", password=password, is_staff=True, is_superuser=True, date_joined=joined))
    User.objects.bulk_create(accounts)
    people = [
        Profile(
            user=account,
            handle=account.username,
            name=account.get_full_name(),
            bio=words.bio(generator) if number % 5 else "",
            place=generator.choice(words.PLACES) if number % 3 else "",
            hue=generator.randrange(360),
            verified=number % 7 == 0,
            joined=(joined + datetime.timedelta(days=generator.randrange(1400))).date(),
        )
        for number, account in enumerate(accounts[:-1])
    ]
    return Profile.objects.bulk_create(people)


def make_follows(generator: random.Random, people: list[Profile]) -> None:
    """Everybody follows some, and rather those at the front of the list."""
    follows = []
    for person in people:
        chosen = {people[min(generator.randrange(len(people)), generator.randrange(len(people)))].pk for _ in range(generator.randrange(8, 26))}
        follows += [
            Follow(follower=person, followed_id=pk, created=clock.now() - datetime.timedelta(days=generator.randrange(1, 400)))
            for pk in sorted(chosen - {person.pk})
        ]
    Follow.objects.bulk_create(follows)


def make_posts(generator: random.Random, people: list[Profile], topics: list[Topic]) -> list[Post]:
    """Posts with their topics and pictures, the newest last."""
    by_slug = {topic.slug: topic for topic in topics}
    hours = sorted((generator.expovariate(1 / 220.0) for _ in range(POSTS)), reverse=True)
    posts, about = [], []
    for age in hours:
        slugs = generator.sample(sorted(by_slug), generator.choice([0, 1, 1, 1, 2, 2, 3]))
        audience = Post.Audience.FOLLOWERS if generator.random() < 0.08 else Post.Audience.PUBLIC
        public = audience == Post.Audience.PUBLIC
        posts.append(
            Post(
                author=people[min(generator.randrange(len(people)), generator.randrange(len(people)))],
                text=words.post(generator, slugs, [person.handle for person in people]),
                place=generator.choice(words.PLACES) if public and generator.random() < 0.4 else "",
                audience=audience,
                created=clock.now() - datetime.timedelta(minutes=5 + int(age * 60)),
            )
        )
        about.append(slugs)
    Post.objects.bulk_create(posts)
    links = [Post.topics.through(post_id=post.pk, topic_id=by_slug[slug].pk) for post, slugs in zip(posts, about) for slug in slugs]
    Post.topics.through.objects.bulk_create(links)
    pictures = []
    for post in posts:
        for position in range(generator.choice([0, 0, 0, 1, 1, 2, 3])):
            kind = generator.choice(Media.Kind.values)
            pictures.append(Media(post=post, position=position, kind=kind, hue=generator.randrange(360), alt=words.alt(generator, kind)))
    Media.objects.bulk_create(pictures)
    return posts


def make_answers(generator: random.Random, people: list[Profile], posts: list[Post]) -> None:
    """Likes and comments, the counters in the posts, and notifications of them for their authors."""
    likes: list[Like] = []
    comments: list[Comment] = []
    told: list[Notification] = []
    for post in posts:
        age = clock.now() - post.created
        fans = generator.sample(people, min(len(people), int(generator.expovariate(1 / 9.0))))
        for person in fans:
            when = post.created + age * generator.random()
            likes.append(Like(post=post, profile=person, created=when))
            told.append(Notification(recipient=post.author, actor=person, verb="liked", post=post, created=when))
        moments = sorted(generator.random() for _ in range(int(generator.expovariate(1 / 2.6))))
        said = [
            Comment(post=post, author=generator.choice(people), text=words.comment(generator), created=post.created + age * moment)
            for moment in moments
        ]
        comments += said
        told += [Notification(recipient=post.author, actor=c.author, verb="commented", post=post, created=c.created) for c in said]
        post.like_count, post.comment_count = len(fans), len(said)
    Like.objects.bulk_create(likes)
    Comment.objects.bulk_create(comments)
    Post.objects.bulk_update(posts, ["like_count", "comment_count"], batch_size=200)
    answers = []
    for before, after in zip(comments, comments[1:]):
        if before.post_id == after.post_id and before.parent_id is None and generator.random() < 0.3:
            after.parent = before
            answers.append(after)
    Comment.objects.bulk_update(answers, ["parent"], batch_size=200)
    week = clock.now() - datetime.timedelta(days=2)
    news = {(n.recipient_id, n.actor_id, n.verb, n.post_id): n for n in told if n.recipient_id != n.actor_id}
    for notification in news.values():
        notification.read = notification.created < week
    Notification.objects.bulk_create(news.values())


def make_session(person: Profile) -> None:
    """A session that never ends, under a key that requests know beforehand."""
    content: dict[str, Any] = {
        SESSION_KEY: str(person.user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: person.user.get_session_auth_hash(),
    }
    never = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
    Session.objects.create(session_key=SESSION, session_data=SessionStore().encode(content), expire_date=never)


@transaction.atomic
def fill() -> None:
    """Fill the tables, which are there and empty."""
    generator = random.Random(SEED)
    people = make_people(generator)
    topics = Topic.objects.bulk_create(Topic(slug=slug, label=label) for slug, label in words.TOPICS.items())
    make_follows(generator, people)
    make_answers(generator, people, make_posts(generator, people, topics))
    make_session(people[0])


def analyse() -> None:
    """Tell the database what is in its tables, so that it plans alike every time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
