"""Editing thresholds: one small form per KPI, saved only where it differs."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

from pmdm.kpis import registry
from pmdm.kpis.models import Threshold
from pmdm.ui.parts import Text


class ThresholdForm(forms.ModelForm):
    """Target, amber and red limit; amber comes before red in the direction that is worse."""

    class Meta:
        model = Threshold
        fields = ["target", "watch", "act"]

    def __init__(self, *args, kpi: registry.Kpi, **kwargs):
        self.kpi = kpi
        super().__init__(*args, prefix=f"{kpi.subject_type}-{kpi.code}", **kwargs)
        if kpi.own_target:
            del self.fields["target"]
        for name, field in self.fields.items():
            # '5', not '5.000000'.
            if self.initial.get(name) is not None:
                self.initial[name] = _plain(self.initial[name])
            field.widget.attrs |= {"step": "any", "aria-label": f"{kpi.name} {kpi.sub}: {field.label}"}
            if unit := self.unit if name != "target" else ("%" if kpi.unit == "%" else ""):
                field.widget.attrs["data-unit"] = unit

    @property
    def unit(self) -> Text:
        """Of the limits: they apply to the judged number."""
        return self.kpi.judged_unit or ("%" if self.kpi.unit == "%" else "")

    @property
    def is_default(self) -> bool:
        """Whether the code's own limits are in force."""
        return self.instance.pk is None

    def clean(self):
        data = super().clean()
        watch, act = data.get("watch"), data.get("act")
        if watch is not None and act is not None:
            higher = self.kpi.higher_is_better
            if (watch < act) if higher else (watch > act):
                word = _("not less than") if higher else _("not more than")
                self.add_error(
                    "watch",
                    _("The amber limit is %(watch)s; it must be %(word)s the red limit, %(act)s.")
                    % {"watch": _plain(watch), "word": word, "act": _plain(act)},
                )
        return data

    def save(self, commit=True) -> bool:
        """Store the limits if they differ from those in force; whether they did."""
        if not any(self.initial.get(name) != self.cleaned_data[name] for name in self.fields):
            return False
        self.instance.kpi = self.kpi.code
        super().save(commit)
        return True


@dataclass(frozen=True)
class Group:
    label: Text
    forms: list[ThresholdForm]


def threshold_forms(data=None) -> list[Group]:
    """One form per KPI, by kind of subject, bound to ``data`` if given."""
    stored = {row.kpi: row for row in Threshold.objects.all()}
    return [
        Group(kind.label, [_form(kpi, stored.get(kpi.code), data) for kpi in registry.of(kind.key)])
        for kind in registry.subject_types()
    ]


def _form(kpi: registry.Kpi, row: Threshold | None, data) -> ThresholdForm:
    limits = row or kpi
    return ThresholdForm(
        data,
        kpi=kpi,
        instance=row or Threshold(kpi=kpi.code),
        initial={"target": limits.target, "watch": limits.watch, "act": limits.act},
    )


def _plain(value):
    """A decimal without its trailing zeros: 5 rather than 5.000000 or 5E+1."""
    value = value.normalize()
    return value.quantize(1) if value == value.to_integral_value() else value
