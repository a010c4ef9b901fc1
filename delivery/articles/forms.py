"""Forms of articles."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.articles.models import Article
from delivery.issues.forms import people_of
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm

FIELDS = ["title", "text", "review_by", "owner"]


class ArticleFilter(FilterForm):
    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[
            ("", _("All")),
            *Article.State.choices,
            ("overdue", _("Review is overdue")),
            ("poor", _("Did not help")),
        ],
    )

    def __init__(self, *args, inside, **kwargs):
        super().__init__(*args, **kwargs)
        if not inside:
            del self.fields["state"]

    def filter(self, rows):
        state = self.cleaned_data.get("state")
        if state == "overdue":
            rows = rows.overdue()
        elif state == "poor":
            rows = rows.poor()
        elif state:
            rows = rows.filter(state=state)
        return rows.searching(self.words())


class _Article:
    wide = {"title"}

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of(product)
        self.fields["owner"].required = False
        self.fields["owner"].empty_label = _("Who writes it")
        self.fields["text"].widget.attrs["rows"] = 12


class ArticleNewForm(_Article, forms.ModelForm):
    class Meta:
        model = Article
        fields = FIELDS


class ArticleForm(_Article, VersionedForm):
    class Meta:
        model = Article
        fields = FIELDS

    def clean_owner(self):
        return self.cleaned_data["owner"] or self.instance.owner

    def clean_review_by(self):
        day = self.cleaned_data["review_by"]
        if day is None and self.instance.state != Article.State.DRAFT:
            raise forms.ValidationError(_("A published article is looked at again some day."))
        return day

    def save_changes(self) -> None:
        self.instance.revise(FIELDS, version=self.cleaned_data["version"])


class ReviewForm(forms.Form):
    until = forms.DateField(label=_("Next look by"))
