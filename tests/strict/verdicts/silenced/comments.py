import os
import tables

A = open("a").read()  # ember: ignore
B = open("b").read()  # ember: ignore[EMB112]
C = open("c").read()  # why not  # ember: ignore[EMB110, EMB112]
D = open("d").read()  # ember: ignore[EMB110]
tables.LAST.append("e")  # ember: ignore[emb110]
F = open(
    "f",
).read()  # ember: ignore[EMB112]
TEXT = "# ember: ignore"; G = open("g")
