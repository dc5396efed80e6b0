"""Which posts somebody should see first, in plain Python.

A `Ranker` has features, each a class with a weight that looks at a candidate in the light of a viewer. Candidates are
scored, then put in an order in which neighbours are not all alike. Nothing here knows the database: `candidates` of
`feed.api` makes the objects.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the viewer."""

    viewer: int | None
    follows: frozenset[int]
    #: Topic → how much of what they liked was about it, from 0 to 1.
    tastes: dict[int, float]


@dataclass(slots=True, eq=False)
class Candidate:
    """A post, as far as ranking cares."""

    pk: int
    author: int
    hours: float
    likes: int
    comments: int
    length: int
    pictures: int
    topics: tuple[int, ...]
    score: float = 0.0
    reasons: list[tuple[str, float]] = field(default_factory=list)


class Feature(ABC):
    """One thing that speaks for or against a post."""

    name = "feature"

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    @abstractmethod
    def value(self, candidate: Candidate, context: Context) -> float:
        """Between -1 and 1."""

    def weighted(self, candidate: Candidate, context: Context) -> float:
        return self.weight * self.value(candidate, context)


class Decay(Feature):
    """A feature that halves in so many hours."""

    def __init__(self, weight: float = 1.0, half_life: float = 24.0) -> None:
        super().__init__(weight)
        self.half_life = half_life

    def fade(self, candidate: Candidate) -> float:
        return 0.5 ** (candidate.hours / self.half_life)


class Recency(Decay):
    name = "new"

    def value(self, candidate: Candidate, context: Context) -> float:
        return self.fade(candidate)


class Engagement(Decay):
    name = "talked about"

    @property
    def scale(self) -> float:
        return 1.0 / math.log1p(250)

    def value(self, candidate: Candidate, context: Context) -> float:
        loud = math.log1p(candidate.likes + 3 * candidate.comments)
        return min(1.0, loud * self.scale) * (0.3 + 0.7 * self.fade(candidate))


class Affinity(Feature):
    name = "you follow them"

    def value(self, candidate: Candidate, context: Context) -> float:
        if candidate.author == context.viewer:
            return -0.5
        return 1.0 if candidate.author in context.follows else 0.0


class Taste(Feature):
    name = "what you like"

    def value(self, candidate: Candidate, context: Context) -> float:
        if not candidate.topics:
            return 0.0
        return sum(context.tastes.get(topic, 0.0) for topic in candidate.topics) / math.sqrt(len(candidate.topics))


class Pictures(Feature):
    name = "pictures"

    def value(self, candidate: Candidate, context: Context) -> float:
        return min(candidate.pictures, 3) / 3


class Substance(Feature):
    """Neither a word nor a novel."""

    name = "worth reading"

    def __init__(self, weight: float = 1.0, ideal: int = 240) -> None:
        super().__init__(weight)
        self.ideal = ideal

    def value(self, candidate: Candidate, context: Context) -> float:
        off = math.log((candidate.length + 20) / self.ideal)
        return 1.0 / (1.0 + off * off)


class Controversy(Feature):
    """Many comments and few likes: people argue."""

    name = "arguments"

    def value(self, candidate: Candidate, context: Context) -> float:
        if candidate.comments < 4:
            return 0.0
        return -min(1.0, candidate.comments / (candidate.likes + 1) / 2)


class Ranker:
    """Scores candidates by its features and orders them."""

    #: How many of those before it a post is compared with, and what likeness costs.
    window, same_author, same_topic = 4, 0.6, 0.15
    #: From how many of the best ones the next is taken.
    reach = 12

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)

    @classmethod
    def standard(cls) -> Ranker:
        """The site's features and their weights."""
        return cls([Recency(1.6), Engagement(1.2, 48.0), Affinity(0.9), Taste(0.8), Pictures(0.3), Substance(0.4), Controversy(0.5)])

    def score(self, candidate: Candidate, context: Context) -> float:
        """Set and give the candidate's score; remember what it is made of."""
        total = 0.0
        reasons = []
        for feature in self.features:
            part = feature.weighted(candidate, context)
            if part:
                reasons.append((feature.name, part))
                total += part
        candidate.reasons = reasons
        candidate.score = total
        return total

    def penalty(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        """What it costs to stand behind `before`."""
        cost = 0.0
        for other in before:
            if other.author == candidate.author:
                cost += self.same_author
            for topic in candidate.topics:
                if topic in other.topics:
                    cost += self.same_topic
        return cost

    def arrange(self, scored: Iterable[Candidate], wanted: int) -> list[Candidate]:
        """The best `wanted` in an order in which neighbours differ: greedily, the next is the best of the next few."""
        pool = sorted(scored, key=lambda candidate: (-candidate.score, candidate.pk))
        arranged: list[Candidate] = []
        while pool and len(arranged) < wanted:
            before = arranged[-self.window :]
            best, best_value = 0, -math.inf
            for index, candidate in enumerate(pool[: self.reach]):
                value = candidate.score - self.penalty(candidate, before)
                if value > best_value:
                    best, best_value = index, value
            arranged.append(pool.pop(best))
        return arranged

    def rank(self, candidates: Iterable[Candidate], context: Context, wanted: int = 30) -> list[Candidate]:
        """Score all of them and give the best, arranged."""
        found = list(candidates)
        for candidate in found:
            self.score(candidate, context)
        return self.arrange(found, wanted)


def because(candidate: Candidate, reasons: int = 2) -> list[str]:
    """What speaks most for a candidate, in words."""
    strongest = sorted(candidate.reasons, key=lambda reason: (-reason[1], reason[0]))
    return [name for name, part in strongest[:reasons] if part > 0]
