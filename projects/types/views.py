"""Project types: the list, the template of one with the dates it would give, editing by versions."""

import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pmdm.accounts.access import may_on_site, site_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from projects.types import engine, shipped
from projects.types.forms import (
    ROWS,
    TITLES,
    PublishForm,
    SectionForm,
    TypeEditForm,
    TypeForm,
    rows_of,
    section_rows,
)
from projects.types.models import ProjectType
from projects.types.preview import preview
from projects.types.words import told


@require_safe
@site_view(read=P.PROJECT_CREATE)
def type_list(request):
    there = set(ProjectType.objects.values_list("slug", flat=True))
    context = {
        "types": list(ProjectType.objects.prefetch_related("versions")),
        "may_edit": may_on_site(request.user, P.PROJECT_TYPE_EDIT),
        "to_add": [name for slug, (name, _text, _template) in shipped.SHIPPED.items() if slug not in there],
    }
    return render(request, "projects/types/list.html", context)


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_new(request):
    form, status = TypeForm(request.POST or None), 200
    if request.method == "POST":
        form.instance.created_by = request.user
        status = attempt(form, form.save)
        if status == SAVED:
            form.instance.start_draft(by=request.user)
            return redirect("projects:type-draft", form.instance.slug)
    return render(request, "projects/types/form.html", {"form": form, "heading": _("New project type")}, status=status)


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_shipped(request):
    """POST adds the templates that come along and are not there yet."""
    if request.method == "POST":
        added = shipped.install(by=request.user)
        messages.success(request, _("Added: %(names)s.") % {"names": ", ".join(map(str, added)) or "–"})
    return redirect("projects:types")


@require_safe
@site_view(read=P.PROJECT_CREATE)
def type_detail(request, slug):
    """What the current template holds, and the dates it would give a project."""
    kind = _type(slug)
    return _shown(request, kind, kind.current)


@require_safe
@site_view(read=P.PROJECT_CREATE)
def type_version(request, slug, number):
    kind = _type(slug)
    return _shown(request, kind, get_object_or_404(kind.versions, number=number, state="published"))


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_edit(request, slug):
    kind = _type(slug)
    form, status = TypeEditForm(request.POST or None, instance=kind), 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            return redirect(kind)
    return render(
        request, "projects/types/form.html", {"form": form, "type": kind, "heading": kind.name}, status=status
    )


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_draft(request, slug):
    """The draft with what is not right yet; POST begins one."""
    kind = _type(slug)
    if request.method == "POST":
        kind.start_draft(by=request.user)
        return redirect("projects:type-draft", slug)
    if kind.draft is None:
        return redirect(kind)
    return _draft_page(request, kind)


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_section(request, slug, section):
    """One section of the draft, row by row."""
    kind = _type(slug)
    if section not in ROWS:
        raise Http404
    draft = kind.draft
    if draft is None:
        return redirect(kind)
    form = SectionForm(request.POST if request.method == "POST" else None, initial={"version": draft.version})
    rows, status = section_rows(section, draft.template, request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        if rows.is_valid():
            status = attempt(
                form, lambda: kind.save_section(section, rows_of(rows), version=form.cleaned_data["version"])
            )
        else:
            form.is_valid()
            form.add_error(None, _("Some rows are not right: look at the marked fields."))
            status = REFUSED
        if status == SAVED:
            messages.success(request, _("%(section)s: saved in the draft.") % {"section": TITLES[section]})
            target = "projects:type-section" if "more" in request.POST else "projects:type-draft"
            return redirect(target, slug, *([section] if "more" in request.POST else []))
    context = {
        "type": kind, "draft": draft, "section": section, "title": TITLES[section], "form": form, "rows": rows,
        "problems": told((one for one in engine.problems(draft.template) if one.section == section), TITLES),
    }  # fmt: skip
    return render(request, "projects/types/section.html", context, status=status)


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_publication(request, slug):
    """POST publishes the draft."""
    kind = _type(slug)
    if request.method != "POST" or kind.draft is None:
        return redirect(kind)
    form = PublishForm(request.POST)
    status = attempt(form, lambda: kind.publish(by=request.user, note=form.cleaned_data["note"]))
    if status == SAVED:
        messages.success(request, _("Published: new projects are made from it."))
        return redirect(kind)
    return _draft_page(request, kind, form=form, status=status) if kind.draft else redirect(kind)


@site_view(read=P.PROJECT_TYPE_EDIT, write=P.PROJECT_TYPE_EDIT)
def type_discard(request, slug):
    """POST throws the draft away."""
    kind = _type(slug)
    if request.method == "POST":
        try:
            kind.discard(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
    return redirect(kind)


def _type(slug) -> ProjectType:
    return get_object_or_404(ProjectType, slug=slug)


def _draft_page(request, kind, *, form=None, status=200):
    draft = kind.draft
    found = engine.problems(draft.template)
    sections = [
        (name, title, len(getattr(draft.template, name)), sum(one.section == name for one in found))
        for name, title in TITLES.items()
    ]
    context = {
        "type": kind, "draft": draft, "sections": sections, "problems": told(found, TITLES),
        "form": form or PublishForm(),
    }  # fmt: skip
    return render(request, "projects/types/draft.html", context, status=status)


def _shown(request, kind, version):
    start = parse_date(request.GET.get("start", "") or "") if _is_day(request.GET.get("start", "")) else None
    context = {
        "type": kind,
        "version": version,
        "versions": kind.versions.filter(state="published").select_related("published_by"),
        "preview": preview(version, start=start or timezone.localdate()) if version else None,
        "start": start or timezone.localdate(),
        "may_edit": may_on_site(request.user, P.PROJECT_TYPE_EDIT),
        "has_draft": kind.draft is not None,
    }
    return render(request, "projects/types/detail.html", context)


def _is_day(text: str) -> bool:
    try:
        return isinstance(parse_date(text), datetime.date)
    except ValueError:
        return False
