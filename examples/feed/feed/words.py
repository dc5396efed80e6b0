"""Made-up people and what they say."""

from __future__ import annotations

import random

PEOPLE = [
    *("Ada Thorne", "Bram Okafor", "Cleo Lindqvist", "Dario Mensah", "Elif Navarro", "Finn Adeyemi", "Greta Sato", "Hugo Marsh"),
    *("Ines Kowal", "Jonas Abara", "Kaya Brandt", "Leo Fontaine", "Mira Haddad", "Nils Ortega", "Oona Petrov", "Pavel Quist"),
    *("Quinn Rossi", "Rosa Varga", "Sami Whitlock", "Tess Yilmaz", "Uma Zeller", "Viktor Amsel", "Wanda Birch", "Xavi Castell"),
    *("Yara Dunne", "Zeno Eklund", "Alba Freitas", "Boris Gale", "Carla Hoffer", "Dmitri Ito", "Edda Jansen", "Farid Keller"),
    *("Gaia Laurent", "Hana Moreau", "Ivo Nemec", "Jule Oduya", "Kofi Prins", "Lotte Rahn", "Milo Santos", "Nora Tanaka"),
]
TOPICS = {
    "baking": "bread and cake",
    "bikes": "everything on two wheels",
    "birds": "birds, rare and common",
    "books": "what to read next",
    "film": "films, old and new",
    "garden": "beds, pots and balconies",
    "hiking": "walks that take a day",
    "kitchen": "cooking at home",
    "maps": "maps and how to read them",
    "music": "records and concerts",
    "repair": "mending instead of buying",
    "sea": "the sea and what is in it",
    "stars": "the night sky",
    "trains": "going by rail",
}
PLACES = ["Old harbour", "North quay", "Mill lane", "Upper town", "The allotments", "Lighthouse point", "Station square", "Birch wood", "Tram depot", "River bend"]

SUBJECTS = ["my neighbour", "the baker at the corner", "an old friend", "the woman from the bike shop", "our choir", "the night train", "the ferry", "my grandmother's clock", "the lemon tree", "that little café"]
DEEDS = [
    *("finally found a home for {thing}", "showed me how to mend {thing}", "spent the whole morning with {thing}", "talked about {thing} until midnight"),
    *("made something wonderful out of {thing}", "swears by {thing}", "was worth the wait, and so was {thing}", "reminded me of {thing}"),
]
THINGS = ["a broken radio", "three kilos of plums", "the first frost", "a map from 1911", "a very shy heron", "rye and caraway", "a borrowed telescope", "the long way round", "an out-of-tune piano", "two spare wheels", "a book without a cover", "wild garlic"]
FEELINGS = [
    *("I could do this every week.", "Would go again tomorrow.", "Not what I had planned, but better.", "Nobody believed me.", "It rained, and nobody minded."),
    *("There is still some left.", "Next time I bring more people.", "Who else has tried this?", "Tell me I am not the only one.", "I am keeping the recipe."),
]
REPLIES = [
    *("This made my day.", "Where was this?", "I want to come along next time!", "We did the same last year & loved it.", "You have to show me how."),
    *("Beautiful light.", "Ha, just like @{who}!", "Careful with that, it is addictive.", "Saved for the weekend.", "I have one of those in the attic.", "More of this, please.", "Is it far from the station?"),
]
VIEWS = {"hills": ["Hills in the evening", "Fog between hills", "The path over the ridge"], "sea": ["Waves under a low sun", "The bay before rain", "Calm water"], "city": ["Roofs and lit windows", "The quarter behind the station", "Houses at dusk"]}


def sentence(generator: random.Random) -> str:
    """Somebody did something."""
    deed = generator.choice(DEEDS).format(thing=generator.choice(THINGS))
    said = f"{generator.choice(SUBJECTS)} {deed}."
    return said[0].upper() + said[1:]


def post(generator: random.Random, slugs: list[str], handles: list[str]) -> str:
    """A post about some topics, now and then with somebody else in it."""
    parts = []
    for _ in range(generator.choice([1, 1, 2, 2, 3, 5])):
        parts += [sentence(generator), generator.choice(FEELINGS)]
    if generator.random() < 0.25:
        parts.append(f"Thanks @{generator.choice(handles)}!")
    if generator.random() < 0.12:
        parts.append(f"More at https://hearth.example/notes/{generator.randrange(1000)}")
    return " ".join([*parts, *(f"#{slug}" for slug in slugs[:2])])


def comment(generator: random.Random) -> str:
    """An answer."""
    said = generator.choice(REPLIES).format(who=generator.choice(PEOPLE).split()[0].lower())
    return said if generator.random() < 0.7 else f"{said} {generator.choice(FEELINGS)}"


def bio(generator: random.Random) -> str:
    """What somebody says of themself."""
    first, second = generator.sample(sorted(TOPICS.values()), 2)
    return f"Into {first}, and lately {second}. {generator.choice(FEELINGS)}"


def alt(generator: random.Random, kind: str) -> str:
    """What is on a picture."""
    return generator.choice(VIEWS[kind])
