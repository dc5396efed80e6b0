"""What people can send, and what is wrong with it."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from .models import Comment, Media, Post, Topic

HASHTAG = re.compile(r"#([a-z][a-z0-9-]{1,30})")
KEY = re.compile(r"[0-9a-f]{32}")
#: Shouting is more than so many letters, all of them capital.
SHOUT = 8


def shouts(text: str) -> bool:
    """Whether a text is all capital letters."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) > SHOUT and all(letter.isupper() for letter in letters)


class Polite(forms.ModelForm):
    """A form with a text that has to have manners, and a key that makes sending it twice harmless."""

    key = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text = " ".join(str(self.cleaned_data["text"]).split())
        if shouts(text):
            raise forms.ValidationError("No need to shout.", code="shout")
        return text

    def clean_key(self) -> str | None:
        key = str(self.cleaned_data["key"])
        if key and not KEY.fullmatch(key):
            raise forms.ValidationError("This form was not made here.", code="key")
        return key or None


class CommentForm(Polite):
    """An answer to a post."""

    class Meta:
        model = Comment
        fields = ["text", "parent", "key"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2, "placeholder": "Say something kind"}),
            "parent": forms.HiddenInput,
        }

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = post.comments.all()  # type: ignore[attr-defined]


class PostForm(Polite):
    """A post, its topics taken from its text, and perhaps a painted picture."""

    picture = forms.ChoiceField(choices=[("", "No picture"), *Media.Kind.choices], required=False)
    hue = forms.IntegerField(min_value=0, max_value=359, required=False)
    alt = forms.CharField(max_length=120, required=False, label="What is on it")

    class Meta:
        model = Post
        fields = ["text", "place", "audience", "key"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5, "placeholder": "What happened today?"})}

    def clean_text(self) -> str:
        text = super().clean_text()
        unknown = sorted(self.slugs(text) - set(Topic.objects.values_list("slug", flat=True)))
        if unknown:
            raise forms.ValidationError("There is no topic %(names)s.", code="topic", params={"names": ", ".join(unknown)})
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("picture") and not cleaned.get("alt"):
            self.add_error("alt", "Say what is on the picture, for those who cannot see it.")
        return cleaned

    @staticmethod
    def slugs(text: str) -> set[str]:
        """The topics that a text names."""
        return set(HASHTAG.findall(text))
