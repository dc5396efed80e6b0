"""Forms of the example."""
from django import forms

from .models import Post, Tag


class PostForm(forms.ModelForm):
    """A post with some rules of its own."""

    tag_list = forms.CharField(required=False, help_text="Separated by commas")
    notify = forms.BooleanField(required=False)
    mood = forms.ChoiceField(choices=[("calm", "Calm"), ("loud", "Loud")], initial="calm")
    weight = forms.DecimalField(min_value=0, max_value=10, decimal_places=2)

    class Meta:
        model = Post
        fields = ["title", "body", "status"]

    def clean_title(self):
        title = self.cleaned_data["title"].strip()
        if title.isupper():
            raise forms.ValidationError("Please do not shout", code="shouting")
        return title

    def clean_tag_list(self):
        return [slug.strip().lower() for slug in self.cleaned_data["tag_list"].split(",") if slug.strip()]

    def clean(self):
        data = super().clean()
        if data.get("mood") == "calm" and "!" in data.get("body", ""):
            self.add_error("body", "Calm posts have no exclamation marks")
        missing = set(data.get("tag_list", ())) - {tag.slug for tag in Tag.objects.all()}
        if missing:
            self.add_error("tag_list", f"Unknown: {', '.join(sorted(missing))}")
        return data
