"""Pictures that are painted instead of stored: an SVG from a kind, a hue and a number."""

from __future__ import annotations

import random

from django.utils.html import escape

WIDTH, HEIGHT = 640, 360


def ridge(generator: random.Random, level: float, rough: float, step: int = 40) -> str:
    """A line of hills from left to right, closed at the bottom."""
    points = [f"0,{HEIGHT}"]
    for x in range(0, WIDTH + step, step):
        points.append(f"{x},{level + generator.uniform(-rough, rough):.0f}")
    return " ".join([*points, f"{WIDTH},{HEIGHT}"])


def hills(generator: random.Random, hue: int) -> list[str]:
    return [
        f'<polygon points="{ridge(generator, 170 + 55 * layer, 34 - 6 * layer)}" fill="hsl({(hue + 12 * layer) % 360} 32% {62 - 13 * layer}%)"/>'
        for layer in range(4)
    ]


def sea(generator: random.Random, hue: int) -> list[str]:
    waves = []
    for layer in range(6):
        y = 200 + 28 * layer
        swell = generator.uniform(5, 14)
        waves.append(
            f'<path d="M0 {y} q 40 {-swell:.0f} 80 0 t 80 0 t 80 0 t 80 0 t 80 0 t 80 0 t 80 0 t 80 0 V{HEIGHT} H0 Z"'
            f' fill="hsl({(hue + 170 + 4 * layer) % 360} 45% {60 - 7 * layer}%)"/>'
        )
    return waves


def city(generator: random.Random, hue: int) -> list[str]:
    houses, x = [], 0
    while x < WIDTH:
        width, height = generator.randrange(36, 80), generator.randrange(70, 220)
        houses.append(f'<rect x="{x}" y="{HEIGHT - height}" width="{width}" height="{height}" fill="hsl({hue} 24% {generator.randrange(18, 36)}%)"/>')
        for window in range(generator.randrange(2, 7)):
            wx, wy = x + 8 + (window % 2) * 18, HEIGHT - height + 14 + (window // 2) * 26
            houses.append(f'<rect x="{wx}" y="{wy}" width="9" height="13" fill="hsl(45 90% 72%)"/>')
        x += width + generator.randrange(0, 8)
    return houses


PAINTERS = {"hills": hills, "sea": sea, "city": city}


def paint(kind: str, hue: int, number: int, alt: str) -> str:
    """The picture as SVG; the same for the same arguments."""
    generator = random.Random(number * 1000 + hue)
    sun = f'<circle cx="{generator.randrange(80, 560)}" cy="{generator.randrange(60, 130)}" r="{generator.randrange(22, 44)}" fill="hsl({(hue + 40) % 360} 95% 82%)"/>'
    parts = "".join(PAINTERS[kind](generator, hue))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(alt)}</title><defs><linearGradient id="sky" x2="0" y2="1">'
        f'<stop stop-color="hsl({hue} 70% 74%)"/><stop offset="1" stop-color="hsl({(hue + 50) % 360} 80% 90%)"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#sky)"/>{sun}{parts}</svg>'
    )
