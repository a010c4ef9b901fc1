"""Forms of requests between departments and of roadblocks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.departments.models import DepartmentRequest, Roadblock
from delivery.issues.forms import people_of
from pmdm.accounts.models import Department, User
from pmdm.ui.forms import FilterForm


class RequestFilter(FilterForm):
    """Narrows the list of requests."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False, label=_("State"),
        choices=[("", _("Open")), *DepartmentRequest.State.choices, ("all", _("All"))],
    )  # fmt: skip
    direction = forms.ChoiceField(
        required=False, label=_("Direction"), choices=[("", _("Both")), *DepartmentRequest.Direction.choices]
    )
    department = forms.ModelChoiceField(
        Department.objects.all(), required=False, label=_("Department"), empty_label=_("All")
    )

    def filter(self, requests):
        data = self.cleaned_data
        if not data["state"]:
            requests = requests.open()
        elif data["state"] != "all":
            requests = requests.filter(state=data["state"])
        for name in ("direction", "department"):
            if data[name]:
                requests = requests.filter(**{name: data[name]})
        for word in self.words():
            requests = requests.filter(title__icontains=word)
        return requests


class RequestForm(forms.ModelForm):
    """Something that is asked for."""

    wide = {"title", "description"}

    class Meta:
        model = DepartmentRequest
        fields = ["direction", "department", "title", "description", "due", "issue"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["issue"].queryset = product.issues.open().order_by("-number")
        self.fields["issue"].empty_label = _("None")
        self.fields["direction"].help_text = _("Ask them, or write down what they ask of us.")

    def ask(self, *, by) -> DepartmentRequest:
        return DepartmentRequest.ask(self.product, by=by, **self.cleaned_data)


class AcceptForm(forms.Form):
    """Who does it, until when."""

    owner = forms.ModelChoiceField(None, label=_("Who does it"))
    due = forms.DateField(required=False, label=_("Another day"), help_text=_("Empty: the day that was asked for."))
    answer = forms.CharField(
        required=False, label=_("Answer"), widget=forms.Textarea(attrs={"rows": 2}), max_length=5000
    )

    def __init__(self, *args, request_row, by, **kwargs):
        super().__init__(*args, **kwargs)
        if request_row.direction == DepartmentRequest.Direction.TO:
            own = User.objects.filter(department=request_row.department_id, is_active=True, organisation=None)
        else:
            own = people_of(request_row.product)
        self.fields["owner"].queryset = own.order_by("name", "pk")
        self.initial.setdefault("owner", by.pk)


class TextForm(forms.Form):
    """One text that a step asks for."""

    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)

    def __init__(self, *args, label, required=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].required = label, required


class RoadblockFilter(FilterForm):
    """Narrows the list of roadblocks."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False, label=_("State"), choices=[("", _("Open")), *Roadblock.State.choices, ("all", _("All"))]
    )

    def filter(self, roadblocks):
        state = self.cleaned_data["state"]
        if not state:
            roadblocks = roadblocks.open()
        elif state != "all":
            roadblocks = roadblocks.filter(state=state)
        for word in self.words():
            roadblocks = roadblocks.filter(title__icontains=word)
        return roadblocks


class RoadblockForm(forms.ModelForm):
    """What stands in the way."""

    wide = {"title", "description"}

    class Meta:
        model = Roadblock
        fields = ["title", "description", "department", "issue"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["issue"].queryset = product.issues.open().order_by("-number")
        self.fields["issue"].empty_label = _("None in particular")
        self.fields["department"].empty_label = _("Not known")


class OwnForm(forms.Form):
    """Who removes it, until when."""

    person = forms.ModelChoiceField(None, label=_("Owner"))
    due = forms.DateField(required=False, label=_("To be removed by"))

    def __init__(self, *args, product, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people_of(product)
        self.initial.setdefault("person", by.pk)


class EscalateForm(forms.Form):
    """Who above must help, and why."""

    person = forms.ModelChoiceField(None, label=_("Escalate to"))
    reason = forms.CharField(
        label=_("What was tried, what is needed"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        own = User.objects.filter(product_memberships__product=product, is_active=True, organisation=None)
        self.fields["person"].queryset = own.distinct().order_by("name", "pk")
