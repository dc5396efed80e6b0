"""Filters and tags of the example's templates."""
from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def excerpt(text, words=25):
    parts = text.split()
    return " ".join(parts[:words]) + ("…" if len(parts) > words else "")


@register.filter(is_safe=True)
def plural(count, forms="s"):
    one, _, many = forms.rpartition(",")
    return one if count == 1 else many


@register.simple_tag(takes_context=True)
def avatar(context, author, size=32, **attributes):
    extra = mark_safe("".join(format_html(' {}="{}"', k.replace("_", "-"), v) for k, v in attributes.items()))
    return format_html('<span class="avatar s{}" title="{}"{}>{}</span>', size, author, extra, author.initials)


@register.inclusion_tag("feed/_comments.html")
def comments(post, limit=3):
    every = list(post.comments.all())
    return {"shown": every[:limit], "hidden": max(0, len(every) - limit), "post": post}
