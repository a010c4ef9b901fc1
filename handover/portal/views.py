"""The client's home; the same with a client's eyes, for us; announcements."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.products.access import product_view
from delivery.products.naming import client_named
from handover.portal import reading
from handover.portal.models import Announcement, ClientView
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED

LATEST = 20


@signed_in_view
def portal(request):
    """Everything of a client on one page. Our own people choose with whose eyes they look."""
    if request.user.organisation_id is None:
        return redirect("handover:portal-clients")
    return render(request, "handover/portal/home.html", reading.home(request.user))


@signed_in_view
def clients(request):
    """Whose portal one may look at, and who looked lately."""
    people = list(reading.clients_for(request.user)) if request.user.organisation_id is None else []
    looked = ClientView.objects.filter(person__in=[person.pk for person in people]).select_related("person", "by")
    context = {"people": people, "looked": looked[:LATEST], "minutes": ClientView.LASTS.seconds // 60}
    return render(request, "handover/portal/clients.html", context)


@signed_in_view
def as_client(request, pk):
    """The portal as a person of a client sees it. POST writes down who looks; then it shows for half an hour."""
    people = reading.clients_for(request.user) if request.user.organisation_id is None else reading.User.objects.none()
    person = get_object_or_404(people, pk=pk)
    if request.method == "POST":
        ClientView.objects.create(person=person, by=request.user)
        return redirect("handover:portal-as", pk)
    since = timezone.now() - ClientView.LASTS
    if not ClientView.objects.filter(person=person, by=request.user, at__gt=since).exists():
        messages.info(request, _("Choose with whose eyes to look: that is written down."))
        return redirect("handover:portal-clients")
    return render(request, "handover/portal/home.html", reading.home(person, viewer=request.user))


class AnnouncementForm(forms.ModelForm):
    """A word to clients, to our own people, or to both."""

    wide = {"title"}

    class Meta:
        model = Announcement
        fields = ["title", "text", "audience", "organisation", "starts_at", "ends_at"]
        help_texts = {
            "starts_at": gettext_lazy("In UTC."),
            "ends_at": gettext_lazy("In UTC. Empty: until it is withdrawn."),
        }

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["organisation"].queryset = product.clients.all()
        self.fields["organisation"].empty_label = _("All clients of this product")
        self.fields["starts_at"].initial = timezone.now().replace(second=0, microsecond=0)

    def clean(self):
        data = super().clean()
        if data.get("organisation") and data.get("audience") not in (None, Announcement.Audience.CLIENTS):
            self.add_error("organisation", _("Only a word to clients can be for one of them."))
        if data.get("audience") != Announcement.Audience.STAFF:
            said = f"{data.get('title', '')}\n{data.get('text', '')}"
            if name := client_named(self.product, said, but=data.get("organisation")):
                where = "text" if name.lower() in data.get("text", "").lower() else "title"
                self.add_error(where, _("It names another client: “%s”. What clients read names none.") % name)
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("It must end after it begins."))
        return data


TOLD = {
    Announcement.Audience.CLIENTS: gettext_lazy("It stands on their home."),
    Announcement.Audience.STAFF: gettext_lazy("It stands on the product's overview, for our own people only."),
    Announcement.Audience.EVERYBODY: gettext_lazy("It stands on the clients' home and on the product's overview."),
}


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def announcements(request, product):
    """What is told about a product, and to whom; tell something."""
    form = AnnouncementForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        form.instance.product, form.instance.created_by = product, request.user
        form.save()
        messages.success(request, TOLD[form.instance.audience])
        return redirect("handover:announcements", product.code)
    context = {
        "product": product,
        "tab": "announcements",
        "form": form,
        "announcements": product.announcements.select_related("organisation", "created_by")[:50],
    }
    status = REFUSED if form.is_bound else 200
    return render(request, "handover/portal/announcements.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def withdrawal(request, product, pk):
    """It is told no longer (POST)."""
    announcement = get_object_or_404(product.announcements, pk=pk)
    if request.method == "POST":
        announcement.withdraw(by=request.user)
        messages.success(request, _("Withdrawn."))
    return redirect("handover:announcements", product.code)
