"""Writes a Django project with as many modules as wanted into a folder."""

import pathlib
import textwrap

SETTINGS = """
import pathlib
BASE_DIR = pathlib.Path(__file__).parent.parent
SECRET_KEY = "x"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_{name}.urls"
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", {apps}]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
              "django.contrib.messages.middleware.MessageMiddleware", "site_{name}.middleware.stamp"]
TEMPLATES = [{{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE_DIR / "templates"], "APP_DIRS": True,
              "OPTIONS": {{"context_processors": ["django.contrib.auth.context_processors.auth", "django.template.context_processors.request",
                           "django.contrib.messages.context_processors.messages"]}}}}]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PAGE = 10
USE_TZ = True
"""

MIDDLEWARE = """
import os
def stamp(get_response):
    def middleware(request):
        response = get_response(request)
        response["X-Pid"] = str(os.getpid())
        return response
    return middleware
"""

MODELS = """
from django.db import models
class Item{n}(models.Model):
    name = models.CharField(max_length=20)
    price = models.IntegerField(default=0)
    def label(self):
        return f"item {{self.name}}"
    class Meta:
        ordering = ["name"]
"""

VIEWS = """
import os
from django.http import HttpResponse
from django.shortcuts import render
from django.views import View
from django.views.decorators.http import require_GET
from django.dispatch import receiver
from django.core.signals import request_started
from .models import Item{n}
from .logic import total, GREETING
from . import signals
SEEN = {{"count": 0}}
@require_GET
def index(request):
    SEEN["count"] += 1
    return HttpResponse(f"{{GREETING}} {{total([1, 2, {n}])}} {{SEEN['count']}} {{os.getpid()}} {{signals.CALLS['n']}}")
def page(request):
    return render(request, "page.html", {{"item": Item{n}(name="x")}})
class Detail(View):
    word = "detail"
    def get(self, request, pk):
        return HttpResponse(f"{{self.word}} {{pk}}")
"""

SIGNALS = """
from django.core.signals import request_started
from django.dispatch import receiver
CALLS = {"n": 0}
@receiver(request_started)
def started(sender, **kwargs):
    CALLS["n"] += 1
"""

LOGIC = """
from .helpers import add, STEP
GREETING = "hello"
TABLE = {{name: len(name) for name in ("a", "bb")}}
def total(numbers):
    result = STEP
    for number in numbers:
        result = add(result, number)
    return result
"""

URLS = """
from django.urls import path
from . import views
app_name = "app{n}"
urlpatterns = [
    path("", views.index, name="index"),
    path("page/", views.page, name="page"),
    path("detail/<int:pk>/", views.Detail.as_view(), name="detail"),
]
"""

ADMIN = """
from django.contrib import admin
from .models import Item{n}
@admin.register(Item{n})
class Item{n}Admin(admin.ModelAdmin):
    list_display = ["name"]
"""

FORMS = """
from django import forms
class ItemForm(forms.Form):
    name = forms.CharField(max_length=20)
    def clean_name(self):
        return self.cleaned_data["name"].strip()
"""


def write_project(folder, apps=1, extra=0):
    """A project with `apps` applications of ten modules each, and `extra` more modules; how many modules."""
    folder = pathlib.Path(folder)
    name = "demo"
    files = {
        f"site_{name}/__init__.py": "",
        f"site_{name}/settings.py": SETTINGS.format(name=name, apps=", ".join(f'"app{n}"' for n in range(apps))),
        f"site_{name}/middleware.py": MIDDLEWARE,
        f"site_{name}/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        f"site_{name}/urls.py": "from django.contrib import admin\nfrom django.urls import include, path\nurlpatterns = [\n"
        '    path("admin/", admin.site.urls),\n' + "".join(f'    path("app{n}/", include("app{n}.urls")),\n' for n in range(apps)) + "]\n",
        "manage.py": f'import os, sys\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_{name}.settings")\n'
        'if __name__ == "__main__":\n    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\n',
        "templates/page.html": "page {{ item.label }}\n",
    }
    for n in range(apps):
        app = f"app{n}"
        files |= {
            f"{app}/__init__.py": "", f"{app}/models.py": MODELS.format(n=n), f"{app}/views.py": VIEWS.format(n=n),
            f"{app}/logic.py": LOGIC.format(n=n), f"{app}/urls.py": URLS.format(n=n), f"{app}/admin.py": ADMIN.format(n=n),
            f"{app}/forms.py": FORMS, f"{app}/signals.py": SIGNALS, f"{app}/helpers.py": "STEP = 0\ndef add(a, b):\n    return a + b\n",
            f"{app}/apps.py": f'from django.apps import AppConfig\nclass Config(AppConfig):\n    name = "{app}"\n',
        }  # fmt: skip
    for n in range(extra):
        # Modules as they are in real projects: some functions, some classes, some tables; imported by the applications.
        body = "".join(f"def function_{k}(x, y={k}):\n    '''Does {k}.'''\n    return helper_{n}(x) + y\n" for k in range(12))
        body += "".join(f"class Thing{k}:\n    size = {k}\n    def area(self):\n        return self.size * {k}\n" for k in range(4))
        files[f"library/part{n}.py"] = f"import re\nPATTERN = re.compile('a{n}')\ndef helper_{n}(x):\n    return x + {n}\n{body}TABLE = [helper_{n}(i) for i in range(5)]\n"
    if extra:
        files["library/__init__.py"] = "".join(f"from . import part{n}\n" for n in range(extra))
        files["app0/helpers.py"] = "import library\n" + files["app0/helpers.py"]
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text).lstrip("\n"))
    return sum(path.endswith(".py") for path in files)
