"""Takes what it raises."""

try:
    import torn
except SyntaxError:
    torn = None
else:
    print(torn)
