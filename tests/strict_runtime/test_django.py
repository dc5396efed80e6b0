"""Django models in strict modules: marked as mutable they work as ever."""

import harness
from harness import project, python

MODELS = """
import __strict__
from __strict__ import allow_side_effects, mutable
from django.db import models

@mutable
class Author(models.Model):
    name = models.CharField(max_length=20)
    class Meta:
        app_label = "shop"

@mutable
class Book(models.Model):
    title = models.CharField(max_length=20)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    class Meta:
        app_label = "shop"

class Helper:
    @staticmethod
    def count():
        return Book.objects.count()
"""

MAIN = """
import django, pickle, copy
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}, INSTALLED_APPS=["shop"], USE_TZ=True)
django.setup()
from django.db import connection
import shop.models
from shop.models import Author, Book, Helper
with connection.schema_editor() as editor:
    editor.create_model(Author)
    editor.create_model(Book)
author = Author.objects.create(name="a")
book = Book.objects.create(title="t", author=author)
assert author.books.get() == book and Book.objects.filter(author__name="a").select_related("author")[0].author == author
assert Book.objects.defer("title").get().title == "t" and Helper.count() == 1
assert pickle.loads(pickle.dumps(book)) == book and copy.deepcopy(book) == book
Book.extra = 1
try:
    Helper.extra = 1
except TypeError as error:
    print(error)
try:
    shop.models.Book = None
except AttributeError as error:
    print(error)
book.delete()
print(Book.objects.exists(), Book.DoesNotExist.__module__)
"""


def test_models():
    files = {"shop/__init__.py": "", "shop/models.py": MODELS, "main.py": MAIN}
    with project(files) as folder:
        code, out, err = python("main.py", folder=folder)
        assert (code, err) == (0, ""), err
        assert out.splitlines() == [
            "cannot set 'extra' attribute of immutable type 'Helper'",
            "cannot modify attribute 'Book' of strict module shop.models",
            "False shop.models",
        ], out


harness.main()
