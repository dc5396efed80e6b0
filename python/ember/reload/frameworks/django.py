"""Django: ``runserver``'s reloader, addresses, templates, models, settings."""

from __future__ import annotations

import gc
import os
import pathlib
import sys

from .. import _classes, _restart
from .base import Adapter, module_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from collections.abc import Callable
    from typing import Any

    from .._classes import Patch
    from .._plan import Plan
    from .._transaction import Transaction

#: Modules whose functions and classes only make something.
HARMLESS = (
    "django.urls.conf", "django.urls.base", "django.urls.resolvers", "django.views", "django.forms", "django.utils.decorators",
    "django.utils.functional", "django.utils.translation", "django.utils.safestring", "django.contrib.auth.decorators",
    "django.contrib.auth.mixins", "django.dispatch", "django.db.models.query_utils", "django.db.models.expressions",
    "django.db.models.aggregates", "django.core.validators", "django.template.library", "django.conf.urls", "django.http",
)  # fmt: skip
#: Decorators that wrap a function, or note where it is, and call it later with whatever they get.
TRANSPARENT = (
    "django.views.decorators", "django.contrib.auth.decorators", "django.utils.decorators", "django.dispatch.dispatcher",
    "django.db.transaction",
)  # fmt: skip
#: Attributes of a resolver that it computes from a module's `urlpatterns`.
RESOLVED = ("url_patterns", "urlconf_module")


def starts_with(name: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a module is one of these or lies in one."""
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


class Folders:
    """What Django asks its reloader to watch."""

    def __init__(self) -> None:
        self.watched: list[tuple[pathlib.Path, str]] = []

    def watch_dir(self, path: pathlib.Path | str, glob: str) -> None:
        """A folder, and which files in it."""
        self.watched.append((pathlib.Path(path).absolute(), glob))


class Django(Adapter):
    """Knows Django."""

    trigger = "django.utils.autoreload"

    def __init__(self) -> None:
        self.module: Any = None
        self.collector: Folders | None = None

    def start(self, module: types.ModuleType) -> None:
        """The server runs in the main thread of the process that was started, as with ``--noreload``."""
        self.module = module
        _restart.FORGET.add("RUN_MAIN")

        def run_with_reloader(main_func: Callable[..., None], *arguments: Any, **options: Any) -> None:
            # Applications ask for this variable to do things once, in the process that serves.
            os.environ["RUN_MAIN"] = "true"
            sys.stderr.write("Watching for file changes with Ember\n")
            main_func(*arguments, **options)

        module.run_with_reloader = run_with_reloader  # type: ignore[attr-defined]

    # --- what is harmless -----------------------------------------------------------------------------------------

    def harmless(self, thing: Any) -> bool:
        """Addresses, forms, lazy translations, decorators of views."""
        if self.module is None:
            return False
        home = module_of(getattr(thing, "__func__", thing))
        if starts_with(home, ("django.db.models.fields",)):
            return isinstance(thing, type)
        return starts_with(home, HARMLESS)

    def transparent(self, decorator: Any) -> bool:
        """Decorators of views, and `receiver`."""
        return self.module is not None and starts_with(module_of(decorator), TRANSPARENT)

    def readable(self, holder: Any, attribute: str) -> bool:
        """``admin.site.urls`` makes a list of addresses."""
        sites = sys.modules.get("django.contrib.admin.sites")
        return attribute == "urls" and sites is not None and isinstance(holder, sites.AdminSite)

    # --- what cannot be changed -----------------------------------------------------------------------------------

    def class_change(self, patch: Patch) -> None:
        """Models are more than their attributes: tables, relations, the registry."""
        base = sys.modules.get("django.db.models.base")
        if base is None:
            return
        if not _classes.METHOD_NEUTRAL:
            from django.forms.widgets import MediaDefiningClass

            _classes.METHOD_NEUTRAL.extend([base.ModelBase, MediaDefiningClass])
        if isinstance(patch.cls, base.ModelBase) and not patch.only_methods():
            part = next((s for s in (*patch.again, *patch.difference.removed)), None)
            line = part.first if part is not None and part in patch.again else patch.first
            raise _classes.Refused(line, f"the model {patch.cls.__name__} changes, and Django makes models when it starts")
        apps = sys.modules.get("django.apps.config")
        if apps is not None and issubclass(patch.cls, apps.AppConfig):
            raise _classes.Refused(patch.first, "Django reads the configuration of applications when it starts")

    def check(self, plan: Plan) -> None:
        """Settings are copied when Django starts."""
        settings = os.environ.get("DJANGO_SETTINGS_MODULE")
        work = plan.works.get(settings or "")
        for module, name in plan.values:
            if module == settings and work is not None and name.isupper():
                statement = next((s for s in work.new.statements if name in s.binds), None)
                line = statement.first if statement is not None else 1
                raise work.refuse(line, f"the setting {name} changes, and Django reads settings when it starts")

    # --- afterwards -----------------------------------------------------------------------------------------------

    def after(self, plan: Plan, work: Transaction) -> None:
        """Addresses are resolved anew if anything but the bodies of functions changed."""
        resolvers = sys.modules.get("django.urls.resolvers")
        if resolvers is None or not (plan.values or plan.attributes):
            return
        urls = sys.modules["django.urls.base"]
        urls.clear_url_caches()
        for thing in gc.get_objects():
            if type(thing) is resolvers.URLResolver:
                for name in RESOLVED:
                    thing.__dict__.pop(name, None)
                thing._reverse_dict, thing._namespace_dict, thing._app_dict = {}, {}, {}
                thing._callback_strs, thing._populated = set(), False

    # --- templates and translations -------------------------------------------------------------------------------

    def folders(self) -> list[str]:
        """Folders with templates and translations, with all that are in them."""
        apps = sys.modules.get("django.apps")
        if self.collector is None and self.module is not None and apps is not None and apps.apps.ready:
            self.collector = Folders()
            self.module.autoreload_started.send(sender=self.collector)
        found = []
        for folder, _ in self.collector.watched if self.collector is not None else ():
            if folder.is_dir():
                found += [str(folder), *[entry for entry, _, _ in os.walk(folder)]]
        return found

    def other_file(self, path: str) -> bool | None:
        """Let Django's own receivers deal with a template or translation; without one that does, restart."""
        if self.collector is None:
            return None
        file = pathlib.Path(path)
        if not any(folder in file.parents and file.full_match(folder / glob) for folder, glob in self.collector.watched):
            return None
        results = self.module.file_changed.send(sender=self.collector, file_path=file)
        return any(result for _, result in results)
