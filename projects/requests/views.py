"""Ask for a project: a list of one's own and those to review, the guided form, the page of one request."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pmdm.accounts.access import may_on_site, signed_in_view, site_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui import format as fmt
from projects.lifecycle.models import Project
from projects.origins import origins
from projects.requests.forms import DecisionForm, NewRequestForm, ReviewerForm, StepForm
from projects.requests.models import InitiationRequest
from projects.requests.paper import shown
from projects.requests.steps import STEPS, lacking, percent
from projects.requests.verbs import reviewers

SHOWN = 200


@signed_in_view
@require_safe
def request_list(request):
    _ours(request.user)
    rows = InitiationRequest.objects.visible_to(request.user).select_related("asked_by", "reviewer", "project")
    waiting = list(rows.to_review(request.user))
    others = rows.exclude(pk__in=[row.pk for row in waiting])
    context = {"waiting": waiting, "rows": list(others[:SHOWN]), "reviews": may_on_site(request.user, P.PROJECT_REVIEW)}
    return render(request, "projects/requests/list.html", context)


@signed_in_view
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request):
    _ours(request.user)
    form = NewRequestForm(request.POST or None, instance=InitiationRequest(asked_by=request.user))
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save)
        if status == SAVED:
            return redirect("projects:request-step", form.instance.pk, 1)
    return render(request, "projects/requests/new.html", {"form": form, "steps": STEPS}, status=status)


@signed_in_view
@require_safe
def request_detail(request, pk):
    return _page(request, _request(request, pk))


@signed_in_view
@require_http_methods(["GET", "HEAD", "POST"])
def request_step(request, pk, step):
    """One step of the form; what is typed is saved, whole or not."""
    asked = _request(request, pk)
    if not 1 <= step <= len(STEPS) or asked.asked_by_id != request.user.pk:
        raise Http404
    if not asked.is_open:
        return redirect(asked)
    form = StepForm(request.POST if request.method == "POST" else None, instance=asked, step=step)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            if "later" in request.POST:
                messages.success(request, _("Saved. You can go on whenever you like."))
                return redirect("projects:request-list")
            return redirect("projects:request-step", pk, step + 1) if step < len(STEPS) else redirect(asked)
    context = {"asked": asked, "form": form, "step": STEPS[step - 1], "number": step, **_progress(asked, step)}
    return render(request, "projects/requests/step.html", context, status=status)


@signed_in_view
@require_POST
def request_submission(request, pk):
    asked = _request(request, pk)
    if asked.asked_by_id != request.user.pk:
        raise Http404
    form = NewRequestForm({"name": asked.name}, instance=asked)
    status = attempt(form, lambda: asked.submit(by=request.user))
    if status == SAVED:
        messages.success(request, _("Submitted. %(name)s reviews it.") % {"name": asked.reviewer.name})
        return redirect(asked)
    return _page(request, _request(request, pk), problems=form.non_field_errors(), status=status)


@signed_in_view
@require_safe
def request_paper(request, pk, number):
    submission = get_object_or_404(_request(request, pk).submissions, number=number)
    name = f"{submission.request.ref}-{number}.pdf"
    return HttpResponse(
        bytes(submission.paper),
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@site_view(read=P.PROJECT_REVIEW, write=P.PROJECT_REVIEW)
def request_reviewer(request, pk):
    """POST names who reviews."""
    asked = _request(request, pk)
    if request.method != "POST":
        return redirect(asked)
    form = ReviewerForm(request.POST, people=reviewers(but=asked.asked_by))
    status = attempt(form, lambda: asked.give_to(form.cleaned_data["reviewer"], by=request.user))
    if status == SAVED:
        return redirect(asked)
    return _page(request, _request(request, pk), reviewer_form=form, status=status)


@site_view(read=P.PROJECT_REVIEW, write=P.PROJECT_REVIEW)
def request_decision(request, pk):
    """POST returns it or makes it a project."""
    asked = _request(request, pk)
    if request.method != "POST":
        return redirect(asked)
    form = DecisionForm(request.POST, auto_id="decide-%s")
    status = attempt(form, lambda: form.decide(asked, by=request.user))
    if status == SAVED:
        if asked.project:
            messages.success(request, _("Approved: %(name)s begins.") % {"name": asked.project.name})
        return redirect(asked)
    return _page(request, _request(request, pk), decision_form=form, status=status)


def _ours(user) -> None:
    """A client's people ask us for work in other ways."""
    if user.organisation_id:
        raise Http404


def _request(request, pk):
    rows = InitiationRequest.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("asked_by", "reviewer", "project", "client", "department", "manager", "sponsor"), pk=pk
    )


def _progress(asked, current: int) -> dict:
    missing = lacking(asked)
    open_steps = {number for number, _name, _label in missing}
    return {
        "percent": percent(asked),
        "missing": missing,
        "steps": [
            {"number": number, "title": step.title, "done": number not in open_steps, "now": number == current}
            for number, step in enumerate(STEPS, start=1)
        ],
    }


def _page(request, asked, *, decision_form=None, reviewer_form=None, problems=(), status=200):
    mine = asked.asked_by_id == request.user.pk
    reviews = may_on_site(request.user, P.PROJECT_REVIEW)
    may_judge = asked.may_be_judged_by(request.user)
    if may_judge and decision_form is None:
        initial = {"code": Project.suggest_code(), "manager": asked.manager or asked.asked_by, "sponsor": asked.sponsor}
        decision_form = DecisionForm(initial=initial, auto_id="decide-%s")
    if reviews and asked.state == "submitted" and reviewer_form is None:
        people = reviewers(but=asked.asked_by)
        reviewer_form = ReviewerForm(people=people, initial={"reviewer": asked.reviewer}) if people else None
    fields = InitiationRequest._meta
    context = {
        "asked": asked,
        "may_edit": mine and asked.is_open,
        "decision_form": decision_form,
        "reviewer_form": reviewer_form,
        "problems": problems,
        "text": [
            (
                number,
                step.title,
                [(fields.get_field(name).verbose_name, shown(asked, name, fmt.day)) for name in step.fields],
            )
            for number, step in enumerate(STEPS, start=1)
        ],
        "submissions": list(asked.submissions.defer("paper").select_related("submitted_by", "decided_by")),
        "origins": origins(asked, request.user),
        "may_open": asked.project is not None
        and Project.objects.visible_to(request.user).filter(pk=asked.project_id).exists(),
        **_progress(asked, 0),
    }
    return render(request, "projects/requests/detail.html", context, status=status)
