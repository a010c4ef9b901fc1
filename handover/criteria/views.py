"""The criteria of a handover, one line with all that can be done to it, and the library."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from handover.criteria import library, verbs
from handover.criteria.blocking import lines_of
from handover.criteria.forms import (
    AnswerForm,
    CommentForm,
    EvidenceForm,
    LibraryForm,
    LibraryNewForm,
    LineForm,
    VerdictForm,
    WaiverForm,
)
from handover.criteria.models import LibraryCriterion
from handover.transfer.access import handover_view
from handover.transfer.doing import attempt
from handover.transfer.models import Handover
from pmdm.accounts.access import signed_in_view, site_view
from pmdm.accounts.roles import Permission
from pmdm.registers.editing import SAVED
from pmdm.registers.editing import attempt as save
from projects.models import Project

VIEW, EDIT = Permission.HANDOVER_VIEW, Permission.HANDOVER_EDIT


@handover_view(read=VIEW, write=EDIT)
def criteria(request, project, handover):
    """All lines by category; POST adds one of this handover's own."""
    form = LineForm(request.POST or None, handover=handover, prefix="new") if EDIT in request.can else None
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = attempt(request, lambda: verbs.add(handover, by=request.user, **form.values), form)
        if status == 200:
            return redirect("handover:criteria", project.code, handover.number)
    today = timezone.localdate()
    lines = lines_of(handover)
    for line in lines:
        line.has_expired = line.waiver_has_expired(today)
        line.is_mine = request.user.pk in (line.owner_id, line.verifier_id, line.waiver_approver_id)
        line.quick = _quick(handover, line, request.user)
    context = {
        "project": project,
        "tab": "handover",
        "handover": handover,
        "can": request.can,
        "groups": [(name, list(rows)) for name, rows in groupby(lines, lambda line: line.get_category_display())],
        "done": sum(line.is_settled for line in lines),
        "total": len(lines),
        "form": form if handover.is_editable else None,
    }
    return render(request, "handover/criteria/list.html", context, status=status)


def _quick(handover, line, user) -> str:
    """What this reader can do in the list itself, without opening the line."""
    if not handover.is_editable or line.is_settled or line.waiver_is_asked:
        return ""
    if user.pk == line.owner_id and not line.has_evidence:
        return "provide"
    return "judge" if user.pk == line.verifier_id and line.has_evidence and line.state == "open" else ""


@handover_view(read=VIEW, write=VIEW)
def criterion(request, project, handover, pk):
    """One line: evidence, verdict, waiver, comments. What may be done depends on who asks."""
    rows = handover.criteria.select_related(
        "owner", "verifier", "verified_by", "provided_by", "waiver_approver", "waiver_asked_by", "file", "source",
        "waiver_issue__product",
    )  # fmt: skip
    line = get_object_or_404(rows, pk=pk)
    line.handover, line.project = handover, project
    forms = _forms(line, request, {})
    status = 200
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name not in forms and name not in ("remove", "to_library", "settle"):
            messages.error(request, _("This cannot be done here now."))
            status = 422
        else:
            status, forms = _do(name, request, line, forms)
        if status == 200:
            if name == "remove" or "back" in request.POST:
                return redirect("handover:criteria", project.code, handover.number)
            return redirect("handover:criterion", project.code, handover.number, pk)
        line = get_object_or_404(rows, pk=pk)
        line.handover, line.project = handover, project
    context = {
        "project": project,
        "tab": "handover",
        "handover": handover,
        "can": request.can,
        "line": line,
        "forms": forms,
        "has_expired": line.waiver_has_expired(timezone.localdate()),
        "comments": list(line.comments.select_related("by")),
        "remarks": list(line.remarks.exclude(sent_at=None).select_related("by", "answered_by", "round")),
        "may_settle": handover.is_accepted
        and line.state == "waived"
        and request.user.pk in (line.verifier_id, handover.receiver_id),
        "may_remove": EDIT in request.can and handover.is_editable and not (line.source_id and line.is_required),
        "may_keep": Permission.HANDOVER_LIBRARY in request.can and line.source_id is None,
    }
    return render(request, "handover/criteria/line.html", context, status=status)


def _forms(line, request, bound) -> dict:
    """The forms that this reader may use on this line now, by the verb they send."""
    user, handover = request.user, line.handover
    found: dict = {}
    data, files = request.POST, request.FILES
    asked = request.POST.get("do") if request.method == "POST" else None

    def make(name, form, **kwargs):
        mine = asked == name
        found[name] = form(data if mine else None, files if mine else None, prefix=name, **kwargs)

    editor = EDIT in request.can
    if handover.is_editable:
        if editor or user.pk == line.owner_id:
            make("provide", EvidenceForm, line=line, initial={"evidence": line.evidence})
        if user.pk == line.verifier_id:
            make("judge", VerdictForm, line=line)
        if line.waiver_is_asked and user.pk == line.waiver_approver_id:
            make("answer_waiver", AnswerForm, line=line)
        elif (editor or user.pk == line.owner_id) and not line.is_settled and verbs.approvers(handover):
            make("ask_waiver", WaiverForm, line=line)
        if editor:
            make("revise", LineForm, handover=handover, instance=line)
    if handover.is_open:
        make("comment", CommentForm)
    return found


def _do(name, request, line, forms):
    user = request.user
    if name == "remove":
        if EDIT not in request.can:
            return 403, forms
        return attempt(request, lambda: verbs.remove(line, by=user)), forms
    if name == "to_library":
        if Permission.HANDOVER_LIBRARY not in request.can:
            return 403, forms
        return attempt(request, lambda: library.copy_to_library(line, by=user)), forms
    if name == "settle":
        evidence = request.POST.get("evidence", "")
        return attempt(request, lambda: verbs.settle(line, by=user, evidence=evidence)), forms
    form = forms[name]
    if not form.is_valid():
        return 422, forms
    data = form.cleaned_data
    seen = data.get("seen")

    def act():
        match name:
            case "provide":
                verbs.provide(line, by=user, evidence=data["evidence"], file=data["file"], seen=seen)
            case "judge":
                verbs.judge(line, by=user, met="met" in request.POST, verdict=data["verdict"], seen=seen)
            case "ask_waiver":
                verbs.ask_waiver(
                    line,
                    by=user,
                    reason=data["reason"],
                    expires=data["expires"],
                    approver=data["approver"],
                    seen=seen,
                )
            case "answer_waiver":
                verbs.answer_waiver(line, by=user, approve="approve" in request.POST, note=data["note"], seen=seen)
            case "revise":
                verbs.revise(line, by=user, seen=seen, **form.values)
            case "comment":
                verbs.comment(line, by=user, text=data["text"])

    return attempt(request, act, form), forms


# --- The library ------------------------------------------------------------------------------------------


@signed_in_view
def library_list(request):
    """What handovers start with, and how each line has fared. For those who hand over or receive, or keep it."""
    may_edit = Permission.HANDOVER_LIBRARY in request.user.site_permissions
    if not may_edit and not Project.objects.allowing(request.user, VIEW).exists():
        raise Http404
    kind = request.GET.get("kind", "")
    rows = library.with_figures()
    if kind in Handover.Kind.values:
        rows = rows.filter(kinds__contains=[kind])
    rows = list(rows)
    kinds = dict(Handover.Kind.choices)
    for row in rows:
        row.is_marked = library.is_marked(row)
        row.kind_names = [kinds[one] for one in row.kinds if one in kinds]
    context = {
        "groups": [(name, list(lines)) for name, lines in groupby(rows, lambda row: row.get_category_display())],
        "kinds": Handover.Kind.choices,
        "kind": kind,
        "may_edit": may_edit,
        "few": library.FEW,
        "worse": library.WORSE,
    }
    return render(request, "handover/criteria/library.html", context)


@site_view(read=Permission.HANDOVER_LIBRARY, write=Permission.HANDOVER_LIBRARY)
def library_new(request):
    form = LibraryNewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("handover:library")
    return render(request, "handover/criteria/library_edit.html", {"form": form}, status=422 if form.errors else 200)


@site_view(read=Permission.HANDOVER_LIBRARY, write=Permission.HANDOVER_LIBRARY)
def library_edit(request, pk):
    row = get_object_or_404(LibraryCriterion, pk=pk)
    form = LibraryForm(request.POST or None, instance=row)
    status = 200
    if request.method == "POST":
        status = save(form, form.save_changes)
        if status == SAVED:
            return redirect("handover:library")
    return render(request, "handover/criteria/library_edit.html", {"form": form, "row": row}, status=status)


@require_POST
@site_view(read=Permission.HANDOVER_LIBRARY, write=Permission.HANDOVER_LIBRARY)
def library_retirement(request, pk):
    """Take a line out of use, or bring it back."""
    row = get_object_or_404(LibraryCriterion, pk=pk)
    verb = library.bring_back if row.retired_at else library.retire
    attempt(request, lambda: verb(row, by=request.user))
    return redirect("handover:library")
