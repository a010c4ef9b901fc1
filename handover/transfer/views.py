"""The pages of a handover: one record at a time, worked on by both managers."""

from django.contrib import messages
from django.db.models import Avg, Count, F, IntegerField
from django.db.models.functions import Cast, Round
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from handover import hooks
from handover.criteria.blocking import lines_of
from handover.transfer import actions
from handover.transfer.access import handover_view
from handover.transfer.doing import attempt
from handover.transfer.forms import (
    AnswerForm,
    ConditionForm,
    DetailsForm,
    EvidenceForm,
    HandoverFilter,
    NewOwnerForm,
    RemarkForm,
    ReturnForm,
    StartForm,
)
from handover.transfer.mine import conditions_of, url_of
from handover.transfer.models import Handover
from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission
from pmdm.registers.models import StaleVersion
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Conflict
from projects.lifecycle.access import project_view
from projects.models import Project

VIEW, EDIT = Permission.HANDOVER_VIEW, Permission.HANDOVER_EDIT
SHOWN_MINE = 50  # conditions; the earliest due


@signed_in_view
def handover_list(request):
    projects = Project.objects.allowing(request.user, VIEW)
    rows = (
        Handover.objects.filter(project__in=projects)
        .select_related("project", "giver", "receiver", "product", "quality_score")
        .with_progress()
    )
    page = ListPage(
        request,
        rows,
        sorts={
            "project": "project__name",
            "state": "state",
            "target": "target_date",
            "created": "created_at",
            "quality": F("quality_score__value").asc(nulls_last=True),
        },
        default_sort="-created",
        form=HandoverFilter,
    )
    mine = list(conditions_of(request.user)[:SHOWN_MINE])
    for row in mine:
        row.url = url_of(row)
    context = {
        "page": page,
        "mine": mine,
        "today": timezone.localdate(),
        "quality": page.queryset.order_by().aggregate(
            n=Count("quality_score"), mean=Cast(Round(Avg("quality_score__value")), IntegerField())
        ),
    }
    return render(request, "handover/list.html", context)


@project_view(read=VIEW, write=EDIT, even_when_closed=True)
def detail(request, project):
    """The latest record of the project; POST opens one."""
    form = StartForm(request.POST or None, project=project)
    if request.method == "POST":
        data = request.POST.copy()
        data.setdefault("what", "final")
        data.setdefault("kind", Handover.Kind.SOFTWARE)
        form = StartForm(data, project=project)
        if form.is_valid():
            values = form.cleaned_data
            status = attempt(
                request,
                lambda: actions.start(
                    project,
                    by=request.user,
                    kind=values.get("kind") or Handover.Kind.SOFTWARE,
                    is_final=values["what"] == "final",
                    title=values["title"],
                ),
            )
            if status == 200 or project.handovers.open().exists():
                return redirect("handover:detail", project.code)
    record = project.handovers.select_related("giver", "receiver", "product").order_by("-number").first()
    if record is None or form.is_bound:
        context = {"project": project, "tab": "handover", "handover": None, "can": request.can, "start_form": form}
        return render(request, "handover/detail.html", context, status=422 if form.is_bound else 200)
    record.project = project
    return _page(request, project, record)


@handover_view(read=VIEW)
def record(request, project, handover):
    """One record, also an earlier one."""
    return _page(request, project, handover)


def _page(request, project, handover, *, status=200):
    with hooks.reading(handover):
        blockers = hooks.blockers(handover, "accept") if handover.is_open else []
        sections = hooks.sections(handover, request)
    # What must be settled, as in the list of handovers and on the phase track.
    lines = [one for one in sections if one.key in ("criteria", "items") and one.total]
    done, total = sum(one.done for one in lines), sum(one.total for one in lines)
    conditions = list(handover.conditions.select_related("owner", "confirmed_by"))
    rounds = list(handover.rounds.defer("content").select_related("submitted_by", "decided_by"))
    records = list(project.handovers.exclude(pk=handover.pk).select_related("receiver"))
    one_is_open = any(one.is_open for one in (handover, *records))
    remarks = list(handover.remarks.exclude(sent_at=None).filter(round=rounds[0]) if rounds else [])
    mine = [one for one in blockers if one.who == request.user]
    others: dict = {}
    for one in blockers:
        if one.who != request.user:
            others.setdefault(one.who, []).append(one)
    context = {
        "project": project,
        "tab": "handover",
        "handover": handover,
        "can": request.can,
        "sections": sections,
        "done": done,
        "total": total,
        "percent": 100 * done // total if total else 0,
        "mine": mine,
        "others": list(others.items()),
        "to_submit": [one for one in blockers if one.stage == "submit"],
        "to_accept": [one for one in blockers if one.stage == "accept"],
        "is_receiver": handover.receiver_id == request.user.pk,
        "conditions": conditions,
        "new_owners": list(actions.owners_of_conditions(handover))
        if conditions and handover.receiver_id == request.user.pk
        else [],
        "rounds": rounds,
        "remarks": remarks if handover.state == "returned" else [],
        "answer_form": AnswerForm(),
        "signatures": list(handover.signatures.select_related("user")),
        "records": records,
        "start_form": None if one_is_open else StartForm(project=project),
        "today": timezone.localdate(),
    }
    return render(request, "handover/detail.html", context, status=status)


def _back(request, project, handover, status=200):
    """After a verb: the page again, with what it said."""
    if status == 200:
        return redirect("handover:record", project.code, handover.number)
    fresh = project.handovers.select_related("giver", "receiver", "product").get(pk=handover.pk)
    fresh.project = project
    return _page(request, project, fresh, status=status)


@handover_view(read=VIEW, write=EDIT)
def details(request, project, handover):
    """Who receives, which product, from when."""
    if not handover.is_editable:
        messages.error(request, _("It is signed; withdraw or return it to change it."))
        return redirect("handover:record", project.code, handover.number)
    form = DetailsForm(request.POST or None, instance=handover, user=request.user)
    context = {"project": project, "tab": "handover", "handover": handover, "form": form, "can": request.can}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                status = attempt(
                    request,
                    lambda: actions.revise(handover, form.names, by=request.user, version=form.cleaned_data["version"]),
                    form,
                )
            except StaleVersion as stale:
                context["conflicts"] = _conflicts(form, stale.theirs)
                form.data = {**form.data.dict(), "version": stale.theirs.version}
                return render(request, "handover/details.html", context, status=409)
            if status == 200:
                return redirect("handover:record", project.code, handover.number)
    return render(request, "handover/details.html", context, status=status)


def _conflicts(form, theirs):
    rows = []
    for name in form.names:
        mine, other = form.cleaned_data.get(name), getattr(theirs, name)
        if mine != other:
            base = form.initial.get(name)
            rows.append(
                Conflict(
                    label=form.fields[name].label, base=str(base or ""), theirs=str(other or ""), mine=str(mine or "")
                )
            )
    return rows


@require_POST
@handover_view(read=VIEW, write=Permission.HANDOVER_GIVE)
def submission(request, project, handover):
    """The giver signs and submits."""
    status = attempt(request, lambda: actions.submit(handover, by=request.user))
    if status == 200:
        messages.success(request, _("Submitted. %(name)s can accept or return it now.") % {"name": handover.receiver})
    return _back(request, project, handover, status)


@require_POST
@handover_view(read=VIEW, write=Permission.HANDOVER_GIVE)
def withdrawal(request, project, handover):
    status = attempt(request, lambda: actions.withdraw(handover, by=request.user))
    if status == 200:
        messages.success(request, _("Withdrawn. A new handover can be opened."))
    return _back(request, project, handover, status)


# --- The review -------------------------------------------------------------------------------------------

ROWS, MOST_ROWS = 3, 30  # of conditions: shown at first, and at most


@handover_view(read=VIEW, write=Permission.HANDOVER_RECEIVE)
def review(request, project, handover):
    """What the receiver reads before signing: remarks line by line; accept and return stand side by side.

    POST begins the review.
    """
    if request.method == "POST":
        status = attempt(request, lambda: actions.take_up(handover, by=request.user))
        if status == 200:
            return redirect("handover:review", project.code, handover.number)
        return _review(request, project, handover, status=status)
    return _review(request, project, handover)


def _review(request, project, handover, *, status=200, return_form=None, condition_forms=None, remark_form=None):
    handover = project.handovers.select_related("giver", "receiver", "product").get(pk=handover.pk)
    handover.project = project
    if not handover.is_in_review:
        return _page(request, project, handover, status=status)
    mine = handover.receiver_id == request.user.pk
    criteria = lines_of(handover)
    items = list(
        handover.open_items.select_related("risk", "issue", "requirement", "task", "order", "new_owner")[:SHOWN_ITEMS]
    )
    for item in items:
        item.handover = handover
        item.label = item.label_for(request.user, request.can)
    choices = [
        ("", _("The whole")),
        (_("Criteria"), [(f"c-{line.pk}", line.text[:90]) for line in criteria]),
        (_("Open items"), [(f"i-{item.pk}", item.label[:90]) for item in items]),
    ]
    remark_form = remark_form or RemarkForm()
    remark_form.fields["line"].widget.choices = choices
    context = {
        "project": project,
        "tab": "handover",
        "handover": handover,
        "can": request.can,
        "mine": mine,
        "criteria": criteria,
        "items": items,
        "item_count": handover.open_items.count(),
        "remarks": list(handover.remarks.filter(sent_at=None).select_related("by")) if mine else [],
        "to_accept": hooks.blockers(handover, "accept"),
        "return_form": return_form or ReturnForm(prefix="return"),
        "remark_form": remark_form,
        "condition_forms": condition_forms or [_condition_form(handover, n) for n in range(ROWS)],
        "may_add_conditions": len(condition_forms or ()) < MOST_ROWS,
    }
    return render(request, "handover/review.html", context, status=status)


SHOWN_ITEMS = 200


@require_POST
@handover_view(read=VIEW, write=Permission.HANDOVER_RECEIVE)
def remark(request, project, handover):
    """Note what is missing on a line, or take the note back."""
    if pk := request.POST.get("take_back"):
        row = get_object_or_404(handover.remarks, pk=pk if pk.isdecimal() else 0)
        row.handover = handover
        status = attempt(request, lambda: actions.take_back_remark(row, by=request.user))
    else:
        form = RemarkForm(request.POST)
        if not form.is_valid():
            return _review(request, project, handover, status=422, remark_form=form)
        kind, _dash, pk = form.cleaned_data["line"].partition("-")
        where = {}
        if kind == "c":
            where["criterion"] = get_object_or_404(handover.criteria, pk=pk if pk.isdecimal() else 0)
        elif kind == "i":
            where["item"] = get_object_or_404(handover.open_items, pk=pk if pk.isdecimal() else 0)
        text = form.cleaned_data["text"]
        status = attempt(request, lambda: actions.remark(handover, by=request.user, text=text, **where), form)
    if status == 200:
        return redirect("handover:review", project.code, handover.number)
    return _review(request, project, handover, status=status)


@require_POST
@handover_view(read=VIEW, write=EDIT)
def remark_answer(request, project, handover, pk):
    """What the giver's side did about a remark."""
    row = get_object_or_404(handover.remarks.exclude(sent_at=None), pk=pk)
    row.handover = handover
    form = AnswerForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    status = attempt(request, lambda: actions.answer_remark(row, by=request.user, answer=answer))
    return _back(request, project, handover, status)


@require_POST
@handover_view(read=VIEW, write=Permission.HANDOVER_RECEIVE)
def refusal(request, project, handover):
    """The receiver returns it with reasons."""
    form = ReturnForm(request.POST, prefix="return")
    if not form.is_valid():
        return _review(request, project, handover, status=422, return_form=form)
    reason = form.cleaned_data["reason"]
    status = attempt(request, lambda: actions.give_back(handover, by=request.user, reason=reason), form)
    if status != 200:
        return _review(request, project, handover, status=status, return_form=form)
    messages.success(request, _("Returned to %(name)s with your reasons.") % {"name": handover.giver})
    return redirect("handover:record", project.code, handover.number)


@require_POST
@handover_view(read=VIEW, write=Permission.HANDOVER_RECEIVE)
def acceptance(request, project, handover):
    """The receiver signs, with or without conditions; responsibility moves."""
    count = _rows_of(request.POST)
    if "more" in request.POST:
        rows = range(min(count + ROWS, MOST_ROWS))
        typed = [_condition_form(handover, n, initial=_typed(request.POST, n)) for n in rows]
        return _review(request, project, handover, condition_forms=typed)
    forms = [_condition_form(handover, n, request.POST) for n in range(count)]
    valid = [form.is_valid() for form in forms]  # all of them, so that each row says what it lacks
    if not all(valid):
        return _review(request, project, handover, status=422, condition_forms=forms)
    wanted = [form.wanted for form in forms if form.wanted]
    made = []
    status = attempt(request, lambda: made.append(actions.accept(handover, by=request.user, conditions=wanted)))
    if status != 200:
        return _review(request, project, handover, status=status, condition_forms=forms)
    messages.success(request, _("Accepted. %(product)s is yours now.") % {"product": made[0]})
    return redirect("delivery:detail", made[0].code)


def _condition_form(handover, number: int, data=None, **more) -> ConditionForm:
    return ConditionForm(data, prefix=f"condition-{number}", handover=handover, **more)


def _rows_of(data) -> int:
    """How many rows of conditions the form had."""
    return max(ROWS, sum(f"condition-{number}-text" in data for number in range(MOST_ROWS)))


def _typed(data, number: int) -> dict:
    return {name: data.get(f"condition-{number}-{name}", "") for name in ("text", "owner", "due")}


@handover_view(read=VIEW)
def round_(request, project, handover, round):
    """An earlier submission, word for word, and how it was answered."""
    row = get_object_or_404(handover.rounds.select_related("submitted_by", "decided_by"), number=round)
    context = {
        "project": project,
        "tab": "handover",
        "handover": handover,
        "round": row,
        "content": row.content,
        "remarks": list(row.remarks.exclude(sent_at=None).select_related("by", "answered_by")),
        "can": request.can,
    }
    return render(request, "handover/round.html", context)


# --- Conditions -------------------------------------------------------------------------------------------


@require_POST
@handover_view(read=VIEW, write=VIEW)
def condition(request, project, handover, pk):
    """The owner reports it met with evidence; the receiver confirms, opens it again, or gives it to somebody else."""
    row = get_object_or_404(handover.conditions.select_related("owner"), pk=pk)
    row.handover = handover
    if "owner" in request.POST:
        to = NewOwnerForm(request.POST, handover=handover)
        if not to.is_valid():
            messages.error(request, _("Name the new owner."))
            return _back(request, project, handover, 422)
        status = attempt(request, lambda: actions.pass_on(row, to.cleaned_data["owner"], by=request.user))
    elif "confirm" in request.POST or "reopen" in request.POST:
        status = attempt(request, lambda: actions.confirm(row, by=request.user, met="confirm" in request.POST))
    else:
        form = EvidenceForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Say what shows that this is done: a sentence, a document, a link."))
            return _back(request, project, handover, 422)
        status = attempt(request, lambda: actions.meet(row, by=request.user, evidence=form.cleaned_data["evidence"]))
    return _back(request, project, handover, status)
