"""The requests of traffic.toml: right, and the same each time, however often they are sent."""

from __future__ import annotations

import sample
from django.test import TransactionTestCase
from hearth.wsgi import application

from feed.models import Comment, Like, Media, Notification, Post


class Traffic(TransactionTestCase):
    # The requests name posts by their keys.
    reset_sequences = True

    def test_answers_do_not_change(self) -> None:
        sample.fill()
        first = {name: sample.answer(application, name) for name in sample.REQUESTS}
        rows = [model.objects.count() for model in (Comment, Like, Media, Notification, Post)]
        for name in reversed(sample.REQUESTS):
            self.assertEqual(sample.answer(application, name), first[name], name)
        self.assertEqual(rows, [model.objects.count() for model in (Comment, Like, Media, Notification, Post)])
        self.assertTrue(all(first[name] for name, request in sample.REQUESTS.items() if request.status != 302))

    def test_weights_are_shares(self) -> None:
        self.assertAlmostEqual(sum(request.weight for request in sample.REQUESTS.values()), 100)

    def test_steady_cuts_what_changes(self) -> None:
        after, until = sample.VOLATILE[0]
        bodies = [b"<" + after + token + until + b">" for token in (b"one", b"another")]
        self.assertEqual(*map(sample.steady, bodies))
        self.assertNotEqual(*map(sample.steady, (b"<one>", b"<another>")))
