"""Benefits across projects, one with its chart and reviews, and recording what a review found.

They stand beside the projects, not below them: who answers for a benefit may have no role on the project, which is
usually closed by then.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pmdm.accounts.access import Granted, signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.files.views import download
from pmdm.interchange.tabular import MAX_ROWS, write_csv
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.benefits import golive
from projects.benefits.forms import BenefitFilter, MeasurementForm, OwnerForm, PlanForm, ReviewForm
from projects.benefits.models import Benefit
from projects.benefits.owners import possible_owners
from projects.benefits.reading import WORDS, chart, sentence, summary
from projects.lifecycle.access import project_view
from projects.lifecycle.models import Project
from projects.past.moments import past_of_all

SORTS = {
    "benefit": "objective__statement",
    "project": "project__name",
    "owner": "owner__name",
    "due": "next_due",
}


# --- All that one may see ---------------------------------------------------------------------------------


def _list(request) -> ListPage:
    if request.user.organisation_id:
        raise Http404
    readable = Benefit.objects.readable_by(request.user)
    page = ListPage(
        request,
        readable.with_latest().select_related("project", "objective", "owner"),
        sorts=SORTS,
        default_sort="due",
        form=BenefitFilter,
        form_kwargs={"reader": request.user},
        past=past_of_all(Project.objects.filter(benefits__in=readable)),
    )
    if page.day:
        page.everything = _readable_then(request.user).with_latest().select_related("project", "objective", "owner")
    return page


def _readable_then(user):
    """To be read as of a past day: today decides who sees what, as their roles and as owners."""
    inside = list(Project.objects.allowing(user, P.BENEFIT_VIEW).filter(benefits__isnull=False).values_list("pk"))
    own = list(Benefit.objects.filter(owner=user).values_list("pk", flat=True))
    return Benefit.objects.filter(Q(project__in=[pk for (pk,) in inside]) | Q(pk__in=own))


@signed_in_view
@require_safe
def benefit_list(request):
    page = _list(request)
    today = page.day or timezone.localdate()
    for row in page.rows:
        row.word, row.late = WORDS[row.state], row.is_overdue_on(today)
    counts = summary(page.as_asked(page.everything), page.day)
    return render(request, "projects/benefits/list.html", {"page": page, "summary": counts})


@signed_in_view
@require_safe
def benefit_export(request):
    """The list as the page shows it, as CSV."""
    head = [
        _("Project"), _("Number"), _("Objective"), _("Measure"), _("Unit"), _("Before"), _("Target"), _("Measured"),
        _("Measured on"), _("Share realised"), _("State"), _("Owner"), _("Next review"),
    ]  # fmt: skip
    lines = (
        [
            row.project.code,
            row.objective.ref,
            row.objective.statement,
            row.objective.measure,
            row.objective.unit,
            row.judged.before,
            row.judged.target,
            row.value,
            row.value_on,
            None if row.share is None else round(row.share, 4),
            WORDS[row.state],
            row.owner.name,
            row.next_due,
        ]
        for row in _list(request).queryset[:MAX_ROWS]
    )
    return HttpResponse(
        "\ufeff" + write_csv(head, lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="benefits.csv"'},
    )


# --- One --------------------------------------------------------------------------------------------------


def _benefit(request, pk) -> Benefit:
    """One that the reader may see, with ``may_record`` and ``may_plan``; others are not there."""
    rows = Benefit.objects.readable_by(request.user).with_latest().select_related("project", "objective", "owner")
    benefit = get_object_or_404(rows, pk=pk)
    held = benefit.project.permissions_of(request.user)
    benefit.sees_project = P.PROJECT_VIEW in held
    benefit.may_look_back = {P.PROJECT_ACTIVITY_VIEW, P.BENEFIT_VIEW} <= held
    benefit.may_record = P.BENEFIT_EDIT in held or benefit.owner_id == request.user.pk
    return benefit


def _own(request, pk) -> Benefit:
    """One that this person may record on and plan the reviews of."""
    benefit = _benefit(request, pk)
    if not benefit.may_record:
        raise PermissionDenied
    return benefit


@signed_in_view
@require_safe
def benefit_detail(request, pk):
    return _page(request, _benefit(request, pk))


def _page(request, benefit, *, refused=None, status=200):
    measurements = list(benefit.measurements.select_related("by", "file", "review").order_by("measured_on", "at", "pk"))
    done = {row.review_id for row in measurements}
    for row in measurements:
        row.benefit = benefit
        row.word = WORDS[row.state]
        if row.file:
            row.file_url = reverse("projects:benefit-file", args=[benefit.pk, row.file.key])
    reviews = list(benefit.reviews.order_by("due"))
    for review in reviews:
        review.is_done = review.pk in done
    benefit.word = WORDS[benefit.state]
    after = golive.after(benefit.project)
    context = {
        "benefit": benefit,
        "objective": benefit.objective,
        "project": benefit.project,
        "sentence": sentence(benefit),
        "figure": chart(benefit, measurements),
        "measurements": measurements[::-1],
        "reviews": reviews,
        "review_form": refused if isinstance(refused, ReviewForm) else ReviewForm(auto_id="review-%s"),
        "refused": refused,
        "gone": not possible_owners(benefit.project, after).filter(pk=benefit.owner_id).exists(),
        "go_live": after.go_live,
    }
    return render(request, "projects/benefits/detail.html", context, status=status)


@signed_in_view
@require_http_methods(["GET", "HEAD", "POST"])
def benefit_measurement(request, pk):
    benefit = _own(request, pk)
    form = MeasurementForm(request.POST or None, request.FILES or None, benefit=benefit)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: benefit.record(by=request.user, **form.cleaned_data))
        if status == SAVED:
            return redirect(benefit)
    return _form(request, benefit, form, _("Record a value"), status, sends_file=True)


@signed_in_view
@require_http_methods(["GET", "HEAD", "POST"])
def benefit_owner(request, pk):
    benefit = _own(request, pk)
    form = OwnerForm(request.POST or None, instance=benefit)

    def save():
        data = form.cleaned_data
        benefit.hand_on(data["owner"], by=request.user, source=data["source"], version=data["version"])

    status = 200
    if request.method == "POST":
        status = attempt(form, save)
        if status == SAVED:
            return redirect(benefit)
        benefit = _own(request, pk)
    return _form(request, benefit, form, _("Who answers for it"), status)


@signed_in_view
@require_POST
def review_new(request, pk):
    benefit = _own(request, pk)
    form = ReviewForm(request.POST, auto_id="review-%s")
    status = attempt(form, lambda: benefit.add_review(form.cleaned_data["due"], by=request.user))
    return redirect(benefit) if status == SAVED else _page(request, _own(request, pk), refused=form, status=status)


@signed_in_view
@require_http_methods(["GET", "HEAD", "POST"])
def review_edit(request, pk, review):
    """Move a review that is not done, or drop it."""
    benefit = _own(request, pk)
    row = get_object_or_404(benefit.reviews.undone(), pk=review)
    form = ReviewForm(request.POST or None, initial={"due": row.due})
    status = 200
    if request.method == "POST":
        if "drop" in request.POST:
            benefit.drop_review(row, by=request.user)
            return redirect(benefit)
        status = attempt(form, lambda: benefit.move_review(row, form.cleaned_data["due"], by=request.user))
        if status == SAVED:
            return redirect(benefit)
    return _form(request, benefit, form, _("Move the review"), status, drop=True)


@signed_in_view
@require_safe
def benefit_file(request, pk, key):
    """Evidence of a measurement, for whoever may read the benefit."""
    benefit = _benefit(request, pk)
    if not benefit.measurements.filter(file__key=key).exists():
        raise Http404
    request.can = Granted(frozenset({P.BENEFIT_VIEW}))
    return download(request, benefit.project, key)


def _form(request, benefit, form, heading, status, **extra):
    context = {
        "benefit": benefit,
        "objective": benefit.objective,
        "form": form,
        "heading": heading,
        "back": benefit.get_absolute_url(),
        **extra,
    }
    return render(request, "projects/benefits/form.html", context, status=status)


# --- Below a project --------------------------------------------------------------------------------------


@project_view(read=P.BENEFIT_EDIT, write=P.BENEFIT_EDIT, even_when_closed=True)
def benefit_new(request, project, number):
    """Plan the reviews of an objective; also after closing, when it was forgotten."""
    objective = get_object_or_404(project.objectives, number=number)
    objective.project = project
    if existing := Benefit.objects.filter(objective=objective).first():
        return redirect(existing)
    form = PlanForm(request.POST or None, objective=objective)
    made: list[Benefit] = []
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: made.append(form.plan(by=request.user)))
        if status == SAVED:
            return redirect(made[0])
    context = {
        "project": project,
        "tab": "overview",
        "form": form,
        "heading": _("Measure “%(statement)s” after go-live") % {"statement": objective.statement},
        "back": reverse("projects:objective-list", args=[project.code]),
    }
    return render(request, "projects/_form.html", context, status=status)
