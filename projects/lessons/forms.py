import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CharField, Count, F, Func
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm
from projects.lessons.models import Lesson, LessonUse
from projects.lessons.moves import TEXTS, clean_tags, clients_names, told_to_all
from projects.lifecycle.models import Phase

MOST_TAGS, LONGEST_TAG = 12, 40
MOST_OFFERED = 200  # tags in the filter
_NUMBER = re.compile(r"LL-(\d{1,8})", re.IGNORECASE)


class TagsField(forms.CharField):
    """'supplier, test data' as a list of small words; each once."""

    def __init__(self, **options):
        super().__init__(
            label=gettext_lazy("Tags"),
            required=False,
            max_length=600,
            help_text=gettext_lazy("Separated by commas: what a similar project would look for."),
            **options,
        )

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value) -> list[str]:
        tags = clean_tags(super().clean(value))
        if len(tags) > MOST_TAGS:
            raise ValidationError(
                _("No more than %(n)d tags; you typed %(typed)d.") % {"n": MOST_TAGS, "typed": len(tags)}
            )
        if long := next((tag for tag in tags if len(tag) > LONGEST_TAG), None):
            raise ValidationError(
                _("A tag has at most %(n)d letters; “%(tag)s” has %(length)d.")
                % {"n": LONGEST_TAG, "tag": long, "length": len(long)}
            )
        return tags


FIELDS = ["title", "happened", "cause", "effect", "recommendation", "kind", "phase", "impact", "tags", "written_on"]


class LessonFields(forms.ModelForm):
    tags = TagsField()
    wide = ("title", "tags")
    fieldsets = [
        (gettext_lazy("What was learned"), ["title", "happened", "cause", "effect", "recommendation"]),
        (gettext_lazy("How others find it"), ["kind", "phase", "impact", "written_on", "tags"]),
    ]

    def clean(self):
        """A published lesson stays fit for people of other projects."""
        data = super().clean()
        if self.instance.pk and self.instance.is_published:
            texts = {name: data.get(name) or "" for name in TEXTS} | {"tags": ", ".join(data.get("tags") or [])}
            for name, why in told_to_all(texts, clients_names()).items():
                self.add_error(name, why)
        return data


class LessonForm(LessonFields):
    class Meta:
        model = Lesson
        fields = FIELDS


class LessonEditForm(LessonFields, VersionedForm):
    class Meta:
        model = Lesson
        fields = FIELDS


class LessonFilter(FilterForm):
    """Words in any form, tag, type, phase, impact, state: what both lists filter by."""

    q = forms.CharField(label=gettext_lazy("Words or tags"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("Type"), required=False, choices=[("", gettext_lazy("Any")), *Lesson.Kind.choices]
    )
    phase = forms.ChoiceField(
        label=gettext_lazy("Phase"), required=False, choices=[("", gettext_lazy("Any")), *Phase.Kind.choices]
    )
    impact = forms.TypedChoiceField(
        label=gettext_lazy("Impact"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", gettext_lazy("Any")), *Lesson.Impact.choices],
    )
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("Any")), *Lesson.State.choices]
    )

    def __init__(self, *args, lessons, **kwargs):
        super().__init__(*args, **kwargs)
        counts = tags_of(lessons)
        self.fields["tag"].choices = [
            ("", _("Any")),
            *((tag, _("%(tag)s (%(n)d)") % {"tag": tag, "n": n}) for tag, n in counts),
        ]

    def filter(self, queryset):
        data = self.cleaned_data
        for name in ("kind", "phase", "impact", "state"):
            if data[name]:
                queryset = queryset.filter(**{name: data[name]})
        if data["tag"]:
            queryset = queryset.filter(tags__contains=[data["tag"]])
        words = []
        for word in self.words():
            if number := _NUMBER.fullmatch(word):
                queryset = queryset.filter(number=int(number[1]))
            else:
                words.append(word)
        return queryset.about(words)


def tags_of(lessons) -> list[tuple[str, int]]:
    """The tags of these lessons with how many have each, by name: one query, the most used of a long list."""
    tag = Func(F("tags"), function="unnest", output_field=CharField())
    counts = lessons.order_by().annotate(tag=tag).values("tag").annotate(n=Count("pk")).order_by("-n", "tag")
    return sorted(counts.values_list("tag", "n")[:MOST_OFFERED])


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(
        choices=[choice for choice in LessonUse.Verdict.choices if choice[0] in ("useful", "no")],
        error_messages={"invalid_choice": gettext_lazy("Say whether it is useful or not applicable.")},
    )
