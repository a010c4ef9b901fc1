"""Forms of on-call turns: a rota, one change of hands, a swap."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.issues.forms import people_of
from delivery.products.oncall.models import MOST_TURNS, OnCallTurn


def next_monday() -> datetime.datetime:
    day = timezone.localdate()
    day += datetime.timedelta(days=7 - day.weekday())
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(9)))


class RotaForm(forms.Form):
    """Turns one after another; one person and one turn make a single one."""

    wide = {"people"}

    people = forms.ModelMultipleChoiceField(
        None, label=_("Who takes turns"), widget=forms.CheckboxSelectMultiple, help_text=_("In the order of the list.")
    )
    line = forms.TypedChoiceField(label=_("Line"), choices=OnCallTurn.Line.choices, coerce=int, initial=1)
    start = forms.DateTimeField(label=_("From"), help_text=_("In UTC."))
    days = forms.IntegerField(label=_("Days of a turn"), min_value=1, max_value=31, initial=7)
    count = forms.IntegerField(label=_("Number of turns"), min_value=1, max_value=MOST_TURNS, initial=4)

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people_of(product)
        self.initial.setdefault("start", next_monday())

    def plan(self, product, *, by):
        data = self.cleaned_data
        return OnCallTurn.rotate(
            product,
            list(data["people"]),
            by=by,
            start=data["start"],
            days=data["days"],
            count=data["count"],
            line=data["line"],
        )


class ChangeForm(forms.Form):
    """Who takes this turn instead, or with which turn it is swapped."""

    person = forms.ModelChoiceField(None, required=False, label=_("Give it to"), empty_label=_("Nobody: swap it"))
    other = forms.ModelChoiceField(None, required=False, label=_("Swap it with"), empty_label=_("No swap"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
    wide = {"reason"}

    def __init__(self, *args, turn, **kwargs):
        super().__init__(*args, **kwargs)
        self.turn = turn
        self.fields["person"].queryset = people_of(turn.product).exclude(pk=turn.person_id)
        others = turn.product.on_call_turns.filter(ends_at__gt=timezone.now())
        others = others.exclude(person=turn.person_id).select_related("person")
        self.fields["other"].queryset = others

    def clean(self):
        data = super().clean()
        if bool(data.get("person")) == bool(data.get("other")) and not self.errors:
            self.add_error("person", _("Choose either a person or a turn to swap with."))
        return data

    def change(self, *, by):
        data = self.cleaned_data
        if data["other"]:
            return self.turn.swap_with(data["other"], by=by, reason=data["reason"])
        return self.turn.hand_to(data["person"], by=by, reason=data["reason"])
