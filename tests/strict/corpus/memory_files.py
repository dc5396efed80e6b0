# StringIO and BytesIO, as code uses them when it is imported; what stands on them.
# ----
import io

text = io.StringIO("one\ntwo\nthree")
read = text.read(2), text.tell(), text.read(0), text.readline(), text.readline(2), text.read(), text.read(), text.tell()
places = text.seek(1), text.readline(), text.seek(0, 2), text.seek(0, 1), text.seek(4), text.readlines()
text.seek(0)
lines = list(text), list(text)
kinds = text.readable(), text.writable(), text.seekable(), text.isatty(), text.closed, text.encoding, text.errors, text.line_buffering, text.newlines
whole = text.getvalue(), text.flush()
# ----
import io

text = io.StringIO("abcdef")
wrote = text.write("XY"), text.getvalue(), text.tell()
text.seek(8)
wrote2 = text.write("z"), text.getvalue(), text.write(""), text.tell()
cut = text.truncate(3), text.getvalue(), text.tell(), text.truncate(), text.getvalue()
text.seek(0, 2)
text.writelines(["1", "2\n", "3"])
end = text.getvalue()
empty = io.StringIO(), io.StringIO(None).getvalue(), io.StringIO("").readline(), io.StringIO().readlines()
empty = empty[1:]
# ----
import io

made = {}
for newline in (None, "", "\n", "\r", "\r\n"):
    text = io.StringIO("a\r\nb\rc\nd", newline=newline)
    made[newline] = text.getvalue(), text.readlines(), text.newlines, text.write("e\nf\r\n"), text.getvalue()
    text.seek(0)
    made[newline, 3] = text.readline(3), text.readline(1), text.readlines(3)
# ----
import io

told = []
def attempt(function, *args):
    try:
        told.append(function(*args))
    except Exception as error:
        told.append((type(error).__name__, str(error)))

text = io.StringIO("x")
for args in ((1,), ("", 3), ("", "x")):
    attempt(io.StringIO, *args)
attempt(text.write, 1)
attempt(text.seek, -1)
attempt(text.seek, 1, 1)
attempt(text.seek, 0, 3)
attempt(text.truncate, -1)
attempt(text.fileno)
attempt(text.detach)
attempt(text.read, None)
with text as same:
    attempt(lambda: same is text)
for name in ("read", "readline", "readlines", "getvalue", "tell", "isatty", "readable", "flush", "__iter__", "__enter__", "close"):
    attempt(getattr(text, name))
attempt(text.write, "x")
attempt(lambda: text.closed)
# ----
import io

data = io.BytesIO(b"one\ntwo\nthree")
read = data.read(2), data.tell(), data.read(0), data.readline(), data.readline(2), data.read(), data.read(), data.tell()
places = data.seek(1), data.readline(), data.seek(-2, 2), data.read1(), data.seek(-3, 1), data.seek(4), data.readlines(), data.seek(0), data.readlines(4), data.readlines(None)
buffer = bytearray(b'......')
into = data.seek(1), data.readinto(buffer), buffer
data.seek(0)
lines = list(data), list(data)
data.seek(2)
wrote = data.write(b"XY"), data.getvalue(), data.tell(), data.write(bytearray(b"!")), data.getvalue()
data.seek(20)
wrote2 = data.write(b"z"), data.getvalue()
cut = data.truncate(3), data.getvalue(), data.tell()
kinds = data.readable(), data.writable(), data.seekable(), data.isatty(), data.closed
# ----
import io

told = []
def attempt(function, *args):
    try:
        told.append(function(*args))
    except Exception as error:
        told.append((type(error).__name__, str(error)))

data = io.BytesIO(b"x")
attempt(lambda: io.BytesIO(None).getvalue())
attempt(io.BytesIO, "text")
attempt(data.write, "text")
attempt(data.seek, -1)
attempt(data.seek, 0, 3)
attempt(data.truncate, -1)
attempt(data.fileno)
attempt(data.detach)
with data as same:
    attempt(lambda: same is data)
for name in ("read", "readline", "readlines", "getvalue", "tell", "isatty", "readable", "flush", "__enter__", "close"):
    attempt(getattr(data, name))
attempt(lambda: iter(data) is data)
attempt(data.write, b"x")
attempt(lambda: data.closed)
# ----
import shlex

words = shlex.split("run --name='a b' \"c d\" e\\ f # no"), shlex.split("a # b", comments=True), shlex.join(["a b", "c"])
lexer = shlex.shlex("x=1; y", punctuation_chars=True)
tokens = list(lexer)
# ----
import io

class Loud(io.StringIO):
    def write(self, text):
        return super().write(text.upper())
loud = Loud("quiet ")
loud.seek(0, 2)
count = loud.write("word"), loud.getvalue()
