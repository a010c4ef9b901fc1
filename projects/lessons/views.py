"""Lessons of one project, what other projects offer it, and the lessons of all that one may read."""

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.lessons import offers as offering
from projects.lessons import uses
from projects.lessons.exporting import as_csv
from projects.lessons.forms import LessonEditForm, LessonFilter, LessonForm, VerdictForm
from projects.lessons.models import Lesson, is_staff
from projects.lifecycle.access import project_view
from projects.risks.forms import RiskForm
from projects.schedule.exporting import units_of
from projects.schedule.forms import NewTaskForm

SORTS = {
    "number": "number",
    "title": "title",
    "kind": "kind",
    "phase": "phase",
    "impact": "impact",
    "date": "written_on",
    "helped": F("helped").asc(),
}


# --- One project ------------------------------------------------------------------------------------------


def _register(request, project) -> ListPage:
    rows = project.lessons.with_uses().with_inside(request.user).select_related("author")
    return ListPage(
        request, rows, sorts=SORTS, default_sort="number", form=LessonFilter, form_kwargs={"lessons": project.lessons}
    )


@project_view(read=P.LESSON_VIEW)
def lesson_list(request, project):
    offers = offering.with_uses(project, offering.offers_for(project, request.user))
    context = {
        "project": project,
        "tab": "lessons",
        "page": _register(request, project),
        "past": Asked(request, reverse("projects:past", args=[project.code, "lessons"])),
        "offered": len(offers),
        "unheard": sum(1 for offer in offers if offer.use is None),
    }
    return render(request, "projects/lessons/register.html", context)


@require_safe
@project_view(read=P.LESSON_VIEW)
def lesson_export(request, project):
    return as_csv(f"{project.code}-lessons", _register(request, project).queryset)


@project_view(read=P.LESSON_EDIT, write=P.LESSON_EDIT)
def lesson_new(request, project):
    initial = {"phase": _current_phase(project), "written_on": timezone.localdate()}
    form = LessonForm(request.POST or None, initial=initial)
    made: list[Lesson] = []
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: made.append(Lesson.write_down(project, by=request.user, **form.cleaned_data)))
        if status == SAVED:
            return redirect(_url(project, made[0]))
    return _form(
        request, project, form, _("Write a lesson down"), reverse("projects:lesson-list", args=[project.code]), status
    )


@project_view(read=P.LESSON_VIEW)
def lesson_detail(request, project, number):
    return _page(request, project, _lesson(request, project, number))


@project_view(read=P.LESSON_EDIT, write=P.LESSON_EDIT)
def lesson_edit(request, project, number):
    """A draft is the team's; a published lesson is changed by those who publish."""
    lesson = _lesson(request, project, number)
    if lesson.is_published and not request.can["lesson_publish"]:
        return _page(
            request, project, lesson, problem=_("A published lesson is changed by those who publish."), status=403
        )
    form = LessonEditForm(request.POST or None, instance=lesson)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            return redirect(_url(project, lesson))
    return _form(request, project, form, str(lesson), _url(project, lesson), status)


@project_view(read=P.LESSON_VIEW, write=P.LESSON_PUBLISH)
def lesson_publication(request, project, number):
    """POST: every colleague may read it."""
    return _act(request, project, number, "publish", _("Published: every colleague can read it now."))


@project_view(read=P.LESSON_VIEW, write=P.LESSON_PUBLISH)
def lesson_withdrawal(request, project, number):
    """POST: a draft again."""
    return _act(request, project, number, "withdraw", _("A draft of this project again."))


def _act(request, project, number, verb, said):
    lesson = _lesson(request, project, number)
    if request.method != "POST":
        return redirect(_url(project, lesson))
    form = forms.Form(request.POST)
    status = attempt(form, lambda: getattr(lesson, verb)(by=request.user))
    if status == SAVED:
        messages.success(request, said)
        return redirect(_url(project, lesson))
    return _page(request, project, _lesson(request, project, number), refused=form, status=status)


def _lesson(request, project, number) -> Lesson:
    rows = project.lessons.with_inside(request.user).with_uses().select_related("author", "published_by")
    lesson = get_object_or_404(rows, number=number)
    lesson.project = project
    return lesson


def _url(project, lesson) -> str:
    return reverse("projects:lesson-detail", args=[project.code, lesson.number])


def _current_phase(project) -> str:
    active = project.phases.filter(state="active").order_by("-position").values_list("kind", flat=True).first()
    return active or "execution"


def _form(request, project, form, heading, back, status):
    context = {"project": project, "tab": "lessons", "form": form, "heading": heading, "back": back}
    return render(request, "projects/_form.html", context, status=status)


def _page(request, project, lesson, *, refused=None, problem="", status=200):
    writable = not project.locked_reason
    may_edit = request.can["lesson_publish"] if lesson.is_published else request.can["lesson_edit"]
    context = {
        "project": project,
        "tab": "lessons",
        "lesson": lesson,
        "refused": refused,
        "problem": problem,
        "may_edit": writable and may_edit and request.can["lesson_edit"],
        "may_publish": writable and request.can["lesson_publish"],
    }
    return render(request, "projects/lessons/detail.html", context, status=status)


# --- What other projects offer ----------------------------------------------------------------------------


@project_view(read=P.LESSON_VIEW)
def lesson_offers(request, project):
    offers = offering.with_uses(project, offering.offers_for(project, request.user))
    return _offers(request, project, offers)


@project_view(read=P.LESSON_VIEW, write=P.LESSON_EDIT)
def lesson_verdict(request, project, pk):
    """POST ``verdict``: useful or not applicable."""
    lesson = _offered(request, project, pk)
    if request.method != "POST":
        return redirect("projects:lesson-offers", project.code)
    form = VerdictForm(request.POST)
    status = attempt(form, lambda: uses.say(project, lesson, form.cleaned_data["verdict"], by=request.user))
    if status == SAVED:
        return redirect("projects:lesson-offers", project.code)
    offers = offering.with_uses(project, offering.offers_for(project, request.user))
    return _offers(request, project, offers, refused=form, status=status)


@project_view(read=P.RISK_EDIT, write=P.RISK_EDIT)
def lesson_risk(request, project, pk):
    """A risk of this project, begun from the lesson."""
    lesson = _offered(request, project, pk)
    form = RiskForm(
        request.POST or None,
        project=project,
        with_cost=P.COST_VIEW in request.can,
        initial=uses.prefilled_risk(lesson),
    )
    return _make(
        request, project, form, _("Make a risk of this lesson"),
        lambda: reverse(
            "projects:risk-detail",
            args=[project.code, uses.make_risk(project, lesson, by=request.user, **form.cleaned_data).number],
        ),
    )  # fmt: skip


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def lesson_task(request, project, pk):
    """A task of this project's plan, begun from the lesson."""
    lesson = _offered(request, project, pk)
    form = NewTaskForm(request.POST or None, units=units_of(project), initial={"name": lesson.title, "duration": "1d"})

    def make():
        duration = form.cleaned_data["duration"]
        task = uses.make_task(
            project,
            lesson,
            by=request.user,
            name=form.cleaned_data["name"],
            duration=round(duration.minutes),
            duration_elapsed=duration.elapsed,
            is_milestone=not duration.minutes,
        )
        return reverse("projects:task-detail", args=[project.code, task.uid])

    return _make(request, project, form, _("Make a task of this lesson"), make)


def _make(request, project, form, heading, make):
    went: list[str] = []
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: went.append(make()))
        if status == SAVED:
            return redirect(went[0])
    back = reverse("projects:lesson-offers", args=[project.code])
    return _form(request, project, form, heading, back, status)


def _offered(request, project, pk) -> Lesson:
    """A published lesson of another project; others are not there."""
    rows = Lesson.objects.readable_by(request.user).filter(state=Lesson.State.PUBLISHED).exclude(project=project)
    return get_object_or_404(rows, pk=pk)


def _offers(request, project, offers, *, refused=None, status=200):
    writable = not project.locked_reason
    context = {
        "project": project,
        "tab": "lessons",
        "fresh": [offer for offer in offers if offer.use is None],
        "judged": [offer for offer in offers if offer.use is not None],
        "refused": refused,
        "may_judge": writable and request.can["lesson_edit"],
        "may_risk": writable and request.can["risk_edit"],
        "may_plan": writable and request.can["schedule_edit"],
    }
    return render(request, "projects/lessons/offers.html", context, status=status)


# --- All lessons ------------------------------------------------------------------------------------------


def _all(request) -> ListPage:
    if not is_staff(request.user):
        raise Http404
    readable = Lesson.objects.readable_by(request.user)
    rows = readable.with_uses().with_inside(request.user).select_related("author", "project__department")
    return ListPage(
        request, rows, sorts=SORTS, default_sort="-date", form=LessonFilter, form_kwargs={"lessons": readable}
    )


@signed_in_view
@require_safe
def all_lessons(request):
    return render(request, "projects/lessons/all.html", {"page": _all(request)})


@signed_in_view
@require_safe
def all_lessons_export(request):
    return as_csv("lessons", _all(request).queryset)


@signed_in_view
@require_safe
def lesson(request, pk):
    """A published lesson as people of other projects read it; those inside go to its own page."""
    rows = Lesson.objects.readable_by(request.user).with_inside(request.user).with_uses()
    found = get_object_or_404(rows.select_related("author", "project__department"), pk=pk)
    if found.inside:
        return redirect("projects:lesson-detail", found.project.code, found.number)
    return render(request, "projects/lessons/published.html", {"lesson": found})
