"""Pages of performance: availability, incidents."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.issues.models import Issue
from delivery.performance import figures
from delivery.performance.forms import IncidentFilter, IncidentForm, IncidentNewForm
from delivery.performance.models import Incident
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.charts.lines import Line, line_chart
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui import format as fmt
from pmdm.ui.lists import ListPage


@product_view(read=P.PERFORMANCE_VIEW)
def performance(request, product):
    """Availability over three windows, how it developed, incidents and checks."""
    context = {
        "product": product,
        "tab": "performance",
        "windows": figures.windows(product),
        "chart_weeks": _weekly_chart(product),
        "services": figures.services(product),
        "incidents": list(product.incidents.all()[:8]),
        "incident_count": product.incidents.count(),
        "sources": product.alert_sources.filter(revoked_at=None).count(),
    }
    return render(request, "delivery/performance/overview.html", context)


def _weekly_chart(product):
    points = figures.weekly(product)
    known = [value for _day, value in points if value is not None]
    if len(known) < 2:
        return None
    target = float(product.availability_target)
    lowest = min(*known, target)
    return line_chart(
        id="availability-weeks",
        title=_("Availability by week"),
        description=_("Share of each of the last 26 weeks without an outage, beside the target of %s%%.")
        % fmt.number(target),
        lines=[Line(name=_("Availability"), points=points)],
        form=lambda value: fmt.percent(value, 2 if lowest > 98 else 1),
        x_label=_("Week to"),
        reference=(target, _("Target %s%%") % fmt.number(target)),
        low=max(0.0, lowest - (100 - lowest) * 0.15 - 0.05),
        high=100,
        smooth=False,
    )


@product_view(read=P.PERFORMANCE_VIEW)
def incident_list(request, product):
    """All incidents, the latest first."""
    page = ListPage(
        request,
        product.incidents.select_related("source"),
        sorts={"started": "started_at", "ended": "ended_at", "title": "title"},
        default_sort="-started",
        form=IncidentFilter,
    )
    context = {"product": product, "tab": "performance", "page": page}
    return render(request, "delivery/performance/incident_list.html", context)


@product_view(read=P.PERFORMANCE_EDIT, write=P.PERFORMANCE_EDIT)
def incident_new(request, product):
    """Open an incident by hand."""
    form = IncidentNewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        incident = Incident.begin(product, by=request.user, **form.cleaned_data)
        messages.success(request, _("The incident is open."))
        return redirect("delivery:incident-detail", product.code, incident.pk)
    context = {"product": product, "tab": "performance", "form": form}
    return render(request, "delivery/performance/incident_new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def incident_detail(request, product, pk):
    """One incident; POST corrects it."""
    incident = get_object_or_404(product.incidents.select_related("source"), pk=pk)
    form = IncidentForm(request.POST or None, instance=incident)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:incident-detail", product.code, pk)
    context = {
        "product": product,
        "tab": "performance",
        "incident": incident,
        "form": form,
        "issues": incident.issues.visible_to(request.user, product).for_list(),
    }
    return render(request, "delivery/performance/incident_detail.html", context, status=status)


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def incident_end(request, product, pk):
    """It works again (POST)."""
    incident = get_object_or_404(product.incidents, pk=pk)
    if request.method == "POST":
        if incident.end(by=request.user):
            messages.success(request, _("The incident is over."))
        else:
            messages.warning(request, _("It was over already, since %s.") % fmt.when(incident.ended_at))
    return redirect("delivery:incident-detail", product.code, pk)


@product_view(read=P.PERFORMANCE_VIEW, write=P.PERFORMANCE_EDIT)
def incident_issue(request, product, pk):
    """Make an issue of it, so that somebody works on the cause (POST). One per incident."""
    incident = get_object_or_404(product.incidents.select_for_update(), pk=pk) if request.method == "POST" else None
    if incident is None:
        return redirect("delivery:incident-detail", product.code, pk)
    issue = incident.issues.first()
    if issue is None:
        issue = Issue.report(
            product,
            by=request.user,
            title=incident.title,
            description=incident.description,
            type=Issue.Type.PERFORMANCE,
            severity=2 if incident.is_outage else 3,
            source=Issue.Source.ALERT,
            incident=incident,
        )
        messages.success(request, _("%s is reported.") % issue.ref)
    return redirect("delivery:issue-detail", product.code, issue.number)
