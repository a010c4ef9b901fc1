from django import forms
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.activity.asof import AsOfFilter
from pmdm.files.forms import AttachmentField
from pmdm.registers.editing import VersionedForm
from projects.benefits import golive
from projects.benefits.models import Benefit
from projects.benefits.owners import possible_owners


class PlanForm(forms.ModelForm):
    """Who answers for the benefit and when it is measured; three days, more on the benefit's own page."""

    first = forms.DateField(label=gettext_lazy("First review"))
    second = forms.DateField(label=gettext_lazy("Second review"), required=False)
    third = forms.DateField(label=gettext_lazy("Third review"), required=False)
    wide = ("source",)
    DAYS = ("first", "second", "third")

    class Meta:
        model = Benefit
        fields = ["owner", "source"]

    def __init__(self, *args, objective, **kwargs):
        self.objective = objective
        live = golive.after(objective.project).go_live
        days = [golive.months_after(live, months) for months in golive.MONTHS] if live else []
        initial = dict(zip(self.DAYS, days, strict=False)) | (kwargs.pop("initial", None) or {})
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["owner"].queryset = possible_owners(objective.project)
        if live:
            self.fields["first"].help_text = _("After the go-live on %(day)s.") % {"day": live.isoformat()}

    def plan(self, *, by) -> Benefit:
        data = self.cleaned_data
        due = [data[name] for name in self.DAYS if data[name]]
        return Benefit.plan(self.objective, owner=data["owner"], source=data["source"], due=due, by=by)


class OwnerForm(VersionedForm):
    wide = ("source",)

    class Meta:
        model = Benefit
        fields = ["owner", "source"]

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        people = possible_owners(instance.project)
        self.fields["owner"].queryset = people | people.model.objects.filter(pk=instance.owner_id)


class ReviewForm(forms.Form):
    due = forms.DateField(label=gettext_lazy("Review on"))


class MeasurementForm(forms.Form):
    review = forms.ModelChoiceField(
        None,
        label=gettext_lazy("For the review of"),
        required=False,
        empty_label=gettext_lazy("No planned review"),
    )
    value = forms.DecimalField(label=gettext_lazy("Value"), max_digits=14, decimal_places=2)
    measured_on = forms.DateField(label=gettext_lazy("Measured on"))
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Where the value comes from: words or a link; or attach a file."),
    )
    upload = AttachmentField(label=gettext_lazy("File"))
    comment = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What stands behind it, and what is done where it is missed."),
    )
    wide = ("evidence",)

    def __init__(self, *args, benefit, **kwargs):
        super().__init__(*args, **kwargs)
        reviews = benefit.reviews.undone()
        self.fields["review"].queryset = reviews
        self.initial.setdefault("review", reviews.order_by("due").first())
        self.initial.setdefault("measured_on", timezone.localdate())
        if benefit.objective.unit:
            self.fields["value"].widget.attrs["data-unit"] = benefit.objective.unit


class BenefitFilter(AsOfFilter):
    q = forms.CharField(label=gettext_lazy("Words or project"), required=False, max_length=200)
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("mine", gettext_lazy("Mine")),
            ("overdue", gettext_lazy("Review overdue")),
            ("realised", gettext_lazy("Realised")),
            ("open", gettext_lazy("Not realised")),
        ],
    )

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.reader = reader

    def filter(self, queryset):
        reached = Q(objective__higher_is_better=True, value__gte=F("then_target")) | Q(
            objective__higher_is_better=False, value__lte=F("then_target")
        )
        match self.cleaned_data["show"]:
            case "mine":
                queryset = queryset.filter(owner=self.reader)
            case "overdue":
                queryset = queryset.filter(next_due__lt=self.cleaned_data["as_of"] or timezone.localdate())
            case "realised":
                queryset = queryset.filter(reached)
            case "open":
                # "Not realised" holds also while nothing is measured, where the comparison is unknown.
                queryset = queryset.exclude(pk__in=queryset.filter(reached).values("pk"))
        for word in self.words():
            queryset = queryset.filter(
                Q(objective__statement__icontains=word)
                | Q(objective__measure__icontains=word)
                | Q(project__name__icontains=word)
                | Q(project__code__iexact=word)
            )
        return queryset
