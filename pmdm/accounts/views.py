"""One's own account; people, client organisations and departments for those who manage them."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from pmdm.accounts.access import public_view, signed_in_view, site_view
from pmdm.accounts.forms import DepartmentForm, OrganisationForm, PeopleFilter, PersonForm, ProfileForm, SkillForm
from pmdm.accounts.models import Department, Organisation, Skill, User
from pmdm.accounts.roles import Permission
from pmdm.ui.context import THEMES
from pmdm.ui.lists import ListPage

PEOPLE = {"read": Permission.SITE_PEOPLE, "write": Permission.SITE_PEOPLE}


@public_view
def not_offered(request, **kwargs):
    """Stands before pages of allauth that this product doesn't have: nobody signs up, addresses are the admin's."""
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_view
def profile(request):
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        form.instance.save(update_fields=form.changed_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["POST"])
@public_view
def theme(request):
    """Light, dark or what the system says: a cookie, so that the sign-in page keeps it too."""
    wanted, there = request.POST.get("theme", ""), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        there = "home"
    response = redirect(there)
    if wanted in THEMES:
        response.set_cookie(
            "theme", wanted, max_age=365 * 86400, samesite="Lax", httponly=True, secure=settings.PRODUCTION
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


# --- People -----------------------------------------------------------------------------------------------


@site_view(read=Permission.SITE_PEOPLE)
def people(request):
    page = ListPage(
        request,
        User.objects.select_related("organisation", "department"),
        form=PeopleFilter,
        sorts={"name": Lower("name"), "email": "email", "client": "organisation__name", "joined": "date_joined"},
        default_sort="name",
    )
    return render(request, "accounts/people.html", {"page": page})


@site_view(**PEOPLE)
def person_new(request):
    form = PersonForm(request.POST or None)
    if form.is_valid():
        user = User.objects.invite(by=request.user, **form.cleaned_data)
        messages.success(request, _("%(name)s is invited by mail to choose a password.") % {"name": user.name})
        return redirect("accounts:people")
    return render(request, "accounts/person_new.html", {"form": form}, status=422 if form.is_bound else 200)


@site_view(**PEOPLE)
def person(request, pk):
    user = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST or None, instance=user)
    if form.is_valid():
        try:
            user.change(form.changed_data, by=request.user)
        except ValidationError as refusal:
            form.add_error("site_role", refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:people")
    context = {"form": form, "person": User.objects.get(pk=pk)}
    return render(request, "accounts/person.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["POST"])
@site_view(**PEOPLE)
def person_access(request, pk):
    """Withdraw the right to sign in (active=0) or give it back (active=1)."""
    user = get_object_or_404(User, pk=pk)
    try:
        if request.POST.get("active") == "1":
            user.activate(by=request.user)
            messages.success(request, _("%(name)s can sign in again.") % {"name": user.name})
        else:
            user.deactivate(by=request.user)
            messages.success(request, _("%(name)s can't sign in any more; their work stays.") % {"name": user.name})
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("accounts:person", pk)


@require_http_methods(["POST"])
@site_view(**PEOPLE)
def person_invitation(request, pk):
    """Send the invitation once more."""
    user = get_object_or_404(User.objects.filter(is_active=True), pk=pk)
    user.send_invitation(by=request.user)
    messages.success(request, _("A new invitation goes to %(email)s.") % {"email": user.email})
    return redirect("accounts:person", pk)


# --- Client organisations and departments -----------------------------------------------------------------


def named_things(model, form_class, *, prefix, texts):
    """List, add, rename and delete pages of a model that has a name and people."""

    @site_view(**PEOPLE)
    def thing_list(request):
        form = form_class(request.POST or None)
        if form.is_valid():
            form.save()
            messages.success(request, _("Added."))
            return redirect(f"accounts:{prefix}-list")
        page = ListPage(
            request,
            model.objects.annotate(people_count=Count("people")),
            sorts={"name": Lower("name"), "people": "people_count"},
            default_sort="name",
        )
        context = {"page": page, "form": form, "texts": texts, "url_name": f"accounts:{prefix}"}
        return render(request, "accounts/things.html", context, status=422 if form.is_bound else 200)

    @site_view(**PEOPLE)
    def thing(request, pk):
        row = get_object_or_404(model, pk=pk)
        form = form_class(request.POST or None, instance=row)
        if form.is_valid():
            form.instance.save(update_fields=form.changed_data)
            messages.success(request, _("Saved."))
            return redirect(f"accounts:{prefix}-list")
        context = {"form": form, "texts": texts, "list_url_name": f"accounts:{prefix}-list"}
        return render(request, "accounts/thing.html", context, status=422 if form.is_bound else 200)

    for view, name in ((thing_list, f"{prefix}_list"), (thing, prefix)):
        view.__name__ = view.__qualname__ = name
    return thing_list, thing


organisation_list, organisation = named_things(
    Organisation,
    OrganisationForm,
    prefix="organisation",
    texts={
        "title": gettext_lazy("Client organisations"),
        "one": gettext_lazy("Client organisation"),
        "add": gettext_lazy("Add a client organisation"),
        "empty": gettext_lazy("No client organisations yet"),
        "hint": gettext_lazy("People of a client see only what their organisation reported and was promised."),
    },
)
department_list, department = named_things(
    Department,
    DepartmentForm,
    prefix="department",
    texts={
        "title": gettext_lazy("Departments"),
        "one": gettext_lazy("Department"),
        "add": gettext_lazy("Add a department"),
        "empty": gettext_lazy("No departments yet"),
        "hint": gettext_lazy("Departments group our own people and projects."),
    },
)
skill_list, skill = named_things(
    Skill,
    SkillForm,
    prefix="skill",
    texts={
        "title": gettext_lazy("Skills"),
        "one": gettext_lazy("Skill"),
        "add": gettext_lazy("Add a skill"),
        "empty": gettext_lazy("No skills yet"),
        "hint": gettext_lazy("The house's list of skills: people say how well they have each."),
    },
)
