"""Earned value of a project as of any day, and how its tasks earn. Everything here needs the permission to see cost."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission as P
from pmdm.charts.lines import Line, line_chart
from pmdm.interchange.tabular import write_csv
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui import format as fmt
from projects.control.words import words
from projects.earned_value import rules
from projects.earned_value.curve import curve, finish_day
from projects.earned_value.forms import AS_PROJECT, ApplyForm, DayForm, SettingsForm, StepForms, TaskRuleForm
from projects.earned_value.models import EarningRule
from projects.earned_value.reading import BASES, Leaf, Reading, cut_of, read_one
from projects.earned_value.words import family, sentence, tiles, why
from projects.lifecycle.access import project_view
from projects.schedule.localtime import zone

PER_PAGE = 200
MOST_CHOSEN = 10_000
# Two forms of one page have a rule.
APPLY = "id_apply_%s"


@project_view(read=P.COST_VIEW)
def earned_value(request, project):
    """The figures, what they say, the S-curve and the work breakdown; ?day= shows them as of that day's end."""
    form, day, status = _day(request, project)
    reading = read_one(project, day)
    context = {
        "project": project,
        "tab": "budget",
        "form": form,
        "day": day,
        "reading": reading,
        "as_it_was": reading.cut.known is not None,
        "query": f"?day={day.isoformat()}" if day else "",
    }
    if not reading.why:
        page = Paginator(reading.breakdown, PER_PAGE).get_page(request.GET.get("page"))
        first, second = tiles(reading)
        context |= {
            "total": reading.total,
            "tiles": first,
            "more_tiles": second,
            "sentence": sentence(reading),
            "basis": BASES[reading.basis],
            "family": family(reading.total),
            "figure": _figure(reading),
            "page": page,
            "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
            "rows": [_line(*row) for row in page.object_list],
            "labels": dict(EarningRule.choices),
        }
    return render(request, "projects/earned_value/earned_value.html", context, status=status)


@project_view(read=P.COST_VIEW)
def earned_value_export(request, project):
    """The work breakdown as CSV, as of ?day=."""
    form, day, status = _day(request, project)
    if status != SAVED:
        return HttpResponse(str(form.errors["day"][0]), status=status, content_type="text/plain; charset=utf-8")
    reading = read_one(project, day)
    head = [
        _("As of"), _("WBS"), _("Task"), _("Earning rule"), "BAC", "PV", "EV", "AC", "CV", "SV", "CPI", "SPI",
        _("Currency"),
    ]  # fmt: skip
    labels = dict(EarningRule.choices)

    def line(wbs, name, rule, value):
        amounts = [value.bac, value.pv, value.ev, value.ac, value.cv, value.sv]
        indices = [value.cpi.value, value.spi.value]
        return [
            reading.cut.day.isoformat(), wbs, name, rule, *(round(amount, 2) for amount in amounts),
            *("" if one is None else round(one, 4) for one in indices), project.currency,
        ]  # fmt: skip

    rows = [
        line(item.wbs, item.name, labels[item.rule] if isinstance(item, Leaf) else "", value)
        for item, _depth, value in reading.breakdown
    ]
    if reading.why:
        rows = [[reading.cut.day.isoformat(), "", str(reading.why)]]
    else:
        rows.append(line("", _("Project"), "", reading.total))
    content = "\ufeff" + write_csv(head, rows)
    response = HttpResponse(content.encode(), content_type="text/csv; charset=utf-8")
    name = f"{project.code}-earned-value-{reading.cut.day.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@project_view(read=P.COST_VIEW, write=P.COST_EDIT)
def earning_rules(request, project):
    """GET: every task with its rule. POST: the default with the thresholds, or one rule for the chosen tasks."""
    settings = rules.settings_of(project)
    # A copy: a refused form must not change what the rest of the page says.
    defaults, apply, problem, status = (
        SettingsForm(instance=rules.settings_of(project)),
        ApplyForm(auto_id=APPLY),
        "",
        200,
    )
    if request.method == "POST" and request.POST.get("what") == "default":
        defaults = SettingsForm(request.POST, instance=rules.settings_of(project))
        status = attempt(defaults, lambda: rules.set_default(project, by=request.user, **defaults.cleaned_data))
        if status == SAVED:
            messages.success(request, _("Saved. It counts for every task without a rule of its own."))
            return redirect("projects:earning-rules", project.code)
    elif request.method == "POST":
        apply = ApplyForm(request.POST, auto_id=APPLY)
        tasks, changed = _chosen(request, project), 0
        if not tasks:
            problem, status = _("Nothing was changed: tick the tasks the rule is for."), REFUSED
        else:

            def carry_out():
                nonlocal changed
                rule = apply.cleaned_data["rule"]
                changed = rules.apply_rule(project, tasks, by=request.user, rule=None if rule == AS_PROJECT else rule)

            status = attempt(apply, carry_out)
        if status == SAVED:
            text = ngettext("%(n)d task earns by another rule now.", "%(n)d tasks earn by another rule now.", changed)
            messages.success(request, text % {"n": changed} if changed else _("They had this rule already."))
            number = request.GET.get("page", "")
            url = reverse("projects:earning-rules", args=[project.code])
            return redirect(f"{url}?page={number}" if number.isdecimal() else url)
    page = Paginator(rules.tasks_that_earn(project), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "tab": "budget",
        "defaults": defaults,
        "settings": settings,
        "apply": apply,
        "problem": problem,
        "chosen": set(request.POST.getlist("task")) if request.method == "POST" else set(),
        "page": page,
        "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "writable": request.can["cost_edit"] and not project.locked_reason,
    }
    return render(request, "projects/earned_value/rules.html", context, status=status)


@project_view(read=P.COST_EDIT, write=P.COST_EDIT)
def earning_rule(request, project, uid):
    """One task's rule, its units and its weighted milestones."""
    task = get_object_or_404(project.tasks.filter(is_summary=False).select_related("earning"), uid=uid)
    task.project = project
    own = getattr(task, "earning", None)
    default = rules.settings_of(project).get_rule_display()
    steps = list(task.earning_steps.values("name", "weight", "reached_on"))
    values = {"initial": {"rule": own.rule if own else AS_PROJECT}, "default": default, "instance": own}
    form = TaskRuleForm(request.POST or None, **values)
    lines = StepForms(request.POST or None, initial=steps, prefix="step")
    status = 200
    if request.method == "POST":
        if lines.is_valid():
            status = attempt(form, lambda: rules.change_task(task, by=request.user, steps=lines.steps, **form.values))
        else:
            form.is_valid()
            status = REFUSED
        if status == SAVED:
            messages.success(request, _("“%(task)s” is saved.") % {"task": task.name})
            return redirect("projects:earning-rules", project.code)
    context = {"project": project, "tab": "budget", "task": task, "form": form, "lines": lines}
    return render(request, "projects/earned_value/rule.html", context, status=status)


def _day(request, project):
    """The form, the day asked for (None: now) and the status of the answer."""
    today = timezone.now().astimezone(zone(project.time_zone)).date()
    form = DayForm(request.GET if "day" in request.GET else None, latest=today, initial={"day": cut_of(project).day})
    if not form.is_bound:
        return form, None, SAVED
    return (form, form.cleaned_data["day"], SAVED) if form.is_valid() else (form, None, REFUSED)


def _chosen(request, project):
    uids = [int(text) for text in request.POST.getlist("task")[:MOST_CHOSEN] if text.isdecimal() and len(text) < 10]
    return list(rules.tasks_that_earn(project).filter(uid__in=uids))


def _line(item, depth, value) -> dict:
    return {
        "item": item,
        "depth": min(depth, 8),
        "value": value,
        "is_leaf": isinstance(item, Leaf),
        "cpi_why": why(value.cpi),
        "spi_why": why(value.spi),
    }


def _figure(reading: Reading):
    """Planned, earned and actual cost; from the day on, the lowest and the highest estimate at completion."""
    currency, end = reading.project.currency, finish_day(reading)
    value, day = reading.total, reading.cut.day
    found = curve(reading, end)
    past = len(found.earned)

    def money(amount):
        return fmt.short_money(amount, currency)

    lines = [
        Line(
            name=_("Planned (PV)"), points=list(zip(found.days, found.planned, strict=True)), colour="plan",
            stroke="dotted", legend_value=money(value.pv),
        ),
        Line(
            name=_("Earned (EV)"), points=list(zip(found.days[:past], found.earned, strict=True)), area=True,
            legend_value=money(value.ev),
        ),
        Line(
            name=_("Actual (AC)"), points=list(zip(found.days[:past], found.actual, strict=True)), colour="cost",
            legend_value=money(value.ac),
        ),
    ]  # fmt: skip
    estimates = [row["eac"].value for row in family(value) if row["eac"].value is not None]
    text = sentence(reading)
    if end is not None and estimates and not value.not_started:
        low, high = min(estimates), max(estimates)
        spans = [(_("Lowest forecast"), low), (_("Highest forecast"), high)] if high > low else [(_("Forecast"), low)]
        for name, amount in spans:
            lines.append(
                Line(
                    name=name, points=[(day, float(value.ac)), (end, float(amount))], colour="cost", stroke="dashed",
                    legend_value=money(amount), end_label=money(amount), in_legend=True,
                )
            )  # fmt: skip
        text += " " + _("The estimates at completion run from %(low)s to %(high)s.") % {
            "low": money(low), "high": money(high),
        }  # fmt: skip
    return line_chart(
        id="s-curve",
        title=_("Planned, earned and actual cost"),
        description=text,
        lines=lines,
        form=money,
        x_label=_("Day"),
        reference=(float(value.bac), _("Budget (BAC)")),
        today=day,
        smooth=False,
        words=words(),
    )
