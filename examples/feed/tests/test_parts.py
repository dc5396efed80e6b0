"""Parts that need no database."""

from __future__ import annotations

import datetime

from django.test import SimpleTestCase

from feed import clock, middleware, painter
from feed.ranking import Candidate, Context, Ranker, because
from feed.templatetags import hearth


def candidate(pk: int, **changes: object) -> Candidate:
    values: dict[str, object] = {"author": pk, "hours": 5.0, "likes": 3, "comments": 1, "length": 200, "pictures": 0, "topics": ()}
    return Candidate(pk=pk, **(values | changes))  # type: ignore[arg-type]


class Ranking(SimpleTestCase):
    context = Context(viewer=1, follows=frozenset({7}), tastes={3: 1.0})

    def first(self, *candidates: Candidate) -> int:
        return Ranker.standard().rank(candidates, self.context)[0].pk

    def test_what_speaks_for_a_post(self) -> None:
        self.assertEqual(self.first(candidate(2), candidate(3, hours=1.0)), 3)
        self.assertEqual(self.first(candidate(2), candidate(3, likes=90)), 3)
        self.assertEqual(self.first(candidate(2), candidate(7)), 7)
        self.assertEqual(self.first(candidate(2, topics=(4,)), candidate(3, topics=(3,))), 3)
        self.assertEqual(self.first(candidate(1), candidate(2)), 2)
        self.assertEqual(self.first(candidate(2, comments=9, likes=0), candidate(3, comments=9, likes=9)), 3)

    def test_neighbours_differ(self) -> None:
        same = [candidate(pk, author=5, likes=40 - pk) for pk in range(10, 14)]
        ranked = Ranker.standard().rank([*same, candidate(20, author=6, likes=4)], self.context)
        self.assertEqual([c.pk for c in ranked[:2]], [10, 20])

    def test_it_gives_what_was_wanted(self) -> None:
        many = [candidate(pk) for pk in range(50)]
        self.assertEqual(len(Ranker.standard().rank(many, self.context, 30)), 30)
        self.assertEqual(Ranker.standard().rank([], self.context), [])

    def test_reasons_are_the_strongest(self) -> None:
        best = candidate(7, hours=500.0, likes=0, comments=0)
        Ranker.standard().score(best, self.context)
        self.assertEqual(because(best)[0], "you follow them")
        self.assertAlmostEqual(best.score, sum(part for _, part in best.reasons))


class Tags(SimpleTestCase):
    def test_ago(self) -> None:
        for seconds, said in [(0, "now"), (61, "1 min"), (7200, "2 h"), (90000, "1 d"), (8 * 86400, "1 w"), (800 * 86400, "2 y")]:
            self.assertEqual(hearth.ago(clock.now() - datetime.timedelta(seconds=seconds)), said)

    def test_compact(self) -> None:
        for number, said in [(7, "7"), (999, "999"), (1000, "1k"), (1234, "1.2k"), (45_600, "45k"), (3_400_000, "3.4M")]:
            self.assertEqual(hearth.compact(number), said)

    def test_links(self) -> None:
        self.assertEqual(hearth.linked("a < b"), "a &lt; b")
        self.assertIn('<a href="https://x.example/a" rel="nofollow">x.example/a</a>', hearth.linked("see https://x.example/a"))


class Other(SimpleTestCase):
    def test_arms_stay_and_shares_hold(self) -> None:
        arms = [middleware.arm("reply-preview", str(n)) for n in range(2000)]
        self.assertEqual(arms, [middleware.arm("reply-preview", str(n)) for n in range(2000)])
        self.assertTrue(100 < arms.count("three") < 300)

    def test_every_kind_is_painted(self) -> None:
        for kind in painter.PAINTERS:
            self.assertIn("<title>A &amp; B</title>", painter.paint(kind, 10, 1, "A & B"))
            self.assertNotEqual(painter.paint(kind, 10, 1, ""), painter.paint(kind, 10, 2, ""))
