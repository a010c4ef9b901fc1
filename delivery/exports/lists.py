"""Which lists of a product can be taken away: each with the filter, the sorts and the readers of its page."""

from django.utils.translation import gettext_lazy as _

from delivery.complaints.forms import ComplaintFilter
from delivery.complaints.views import SORTS as COMPLAINT_SORTS
from delivery.conformance.forms import RequirementFilter
from delivery.conformance.views import SORTS as REQUIREMENT_SORTS
from delivery.departments.forms import RequestFilter, RoadblockFilter
from delivery.departments.views import REQUEST_SORTS, ROADBLOCK_SORTS
from delivery.exports.views import Column, register_many
from delivery.flow.figures import DEFAULT, NAMES, PERIODS
from delivery.flow.views import rows_page
from delivery.incidents.forms import IncidentFilter
from delivery.incidents.views import SORTS as MAJOR_SORTS
from delivery.issues.models import Issue
from delivery.issues.queue.columns import SORTS as QUEUE_SORTS
from delivery.issues.queue.filters import QueueFilter
from delivery.issues.types import TYPES, Field
from delivery.performance.forms import IncidentFilter as OutageFilter
from delivery.releases.views import release_page
from delivery.risks.forms import LEVELS, RiskFilter
from delivery.risks.views import SORTS as RISK_SORTS
from pmdm.accounts.roles import Permission as P
from pmdm.ui.lists import ListPage


def _internal(request) -> bool:
    return P.INTERNAL_VIEW in request.can


def _name(one) -> str:
    return one.name if one else ""


def _ref(one) -> str:
    return f"{one.ref} {one.title}" if one else ""


# --- Issues -----------------------------------------------------------------------------------------------


def issues(request, product):
    kwargs = {"product": product, "internal": _internal(request), "reader": request.user}
    rows = product.issues.visible_to(request.user, product)
    page = ListPage(request, rows, sorts=QUEUE_SORTS, default_sort="urgency", form=QueueFilter, form_kwargs=kwargs)
    return page.queryset.select_related(*ISSUE_JOINS)


ISSUE_JOINS = (
    "assignee",
    "organisation",
    "reported_by",
    "requirement",
    "fixed_in",
    "found_in",
    "team",
    "parent",
    "problem",
)


def issue_columns(internal: bool) -> list[Column]:
    columns = [
        Column(_("Number"), 10, lambda i: i.ref),
        Column(_("Title"), 50, lambda i: i.title),
        Column(_("Type"), 12, lambda i: i.get_type_display()),
        Column(_("Priority"), 10, lambda i: i.get_severity_display()),
        Column(_("State"), 14, lambda i: i.get_state_display()),
        Column(_("Created"), 17, lambda i: i.created_at),
        Column(_("First response"), 17, lambda i: i.responded_at),
        Column(_("Response due"), 17, lambda i: i.response_due),
        Column(_("Due"), 17, lambda i: i.resolution_due),
        Column(_("Resolved"), 17, lambda i: i.resolved_at),
        Column(_("Closed"), 17, lambda i: i.closed_at),
        Column(_("Reopened"), 9, lambda i: i.reopened),
        Column(_("Fixed in"), 10, lambda i: _name(i.fixed_in)),
        Column(_("Description"), 60, lambda i: i.description),
        Column(_("Resolution"), 60, lambda i: i.resolution),
    ]
    if internal:
        columns += [
            Column(_("Breaks requirement"), 40, lambda i: _ref(i.requirement)),
            Column(_("Impact"), 12, lambda i: i.get_impact_display() or ""),
            Column(_("Urgency"), 12, lambda i: i.get_urgency_display() or ""),
            Column(_("Assignee"), 20, lambda i: _name(i.assignee)),
            Column(_("Client"), 20, lambda i: _name(i.organisation)),
            Column(_("Reported by"), 20, lambda i: _name(i.reported_by)),
            Column(_("Came by"), 14, lambda i: i.get_source_display()),
            Column(_("Number elsewhere"), 16, lambda i: i.external_ref),
            Column(_("Root cause"), 50, lambda i: i.root_cause),
            Column(_("Dates in doubt"), 30, lambda i: i.data_problem),
            Column(_("Team"), 16, lambda i: _name(i.team)),
            Column(_("Found in"), 10, lambda i: _name(i.found_in)),
            Column(_("Parent"), 30, lambda i: _ref(i.parent)),
            Column(_("Problem"), 30, lambda i: _ref(i.problem)),
        ]
    return columns + [
        Column(f"{Issue.Type(kind).label}: {field.label}", 24, _own(kind, field))
        for kind, each in TYPES.items()
        for field in each.fields
        if internal or not field.internal
    ]


def _own(kind: str, field: Field):
    """The value of a field that only one type has."""
    words = dict(field.choices)

    def value(issue) -> str:
        found = issue.details.get(field.name, "") if issue.type == kind else ""
        return str(words.get(found, found))

    return value


def flow_of(request, issues):
    """What a figure counts (``?days=90&figure=open``), of these issues."""
    days, figure = request.GET.get("days", ""), request.GET.get("figure", "open")
    chosen = int(days) if days.isdecimal() and len(days) < 5 and int(days) in PERIODS else DEFAULT
    page = rows_page(request, issues, chosen, figure if figure in NAMES else "open")
    return page.queryset.defer(None).select_related(*ISSUE_JOINS)


def flow(request, product):
    return flow_of(request, product.issues)


# --- The others -------------------------------------------------------------------------------------------


def complaints(request, product):
    rows = (
        product.complaints.current().standing().select_related("issue__organisation", "issue__assignee", "requirement")
    )
    return ListPage(request, rows, sorts=COMPLAINT_SORTS, default_sort="-reported", form=ComplaintFilter).queryset


def complaint_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 10, lambda c: c.issue.ref),
        Column(_("Title"), 50, lambda c: c.issue.title),
        Column(_("Client"), 20, lambda c: _name(c.issue.organisation)),
        Column(_("Standing"), 24, lambda c: c.standing_label),
        Column(_("Reported"), 17, lambda c: c.issue.created_at),
        Column(_("To be acknowledged"), 17, lambda c: c.acknowledge_due),
        Column(_("Acknowledged"), 17, lambda c: c.acknowledged_at),
        Column(_("Verdict"), 24, lambda c: c.get_verdict_display()),
        Column(_("Requirement"), 40, lambda c: _ref(c.requirement)),
        Column(_("Reason"), 50, lambda c: c.reasoning),
        Column(_("Remedy"), 50, lambda c: c.issue.resolution),
        Column(_("Confirmed"), 17, lambda c: c.confirmed_at),
        Column(_("Times refused"), 9, lambda c: c.refused),
    ]


def major_incidents(request, product):
    rows = product.major_incidents.visible_to(request.user, product)
    page = ListPage(
        request, rows.select_related("issue", "commander"), sorts=MAJOR_SORTS, default_sort="-declared",
        form=IncidentFilter, form_kwargs={"internal": _internal(request)},
    )  # fmt: skip
    return page.queryset


def major_columns(internal: bool) -> list[Column]:
    columns = [
        Column(_("Number"), 10, lambda m: m.ref),
        Column(_("What clients read"), 50, lambda m: m.headline),
        Column(_("State"), 12, lambda m: m.get_state_display()),
        Column(_("Detected"), 17, lambda m: m.detected_at),
        Column(_("Declared"), 17, lambda m: m.declared_at),
        Column(_("Mitigated"), 17, lambda m: m.mitigated_at),
        Column(_("Resolved"), 17, lambda m: m.resolved_at),
    ]
    if internal:
        columns += [
            Column(_("Title"), 50, lambda m: m.title),
            Column(_("Issue"), 10, lambda m: m.issue.ref),
            Column(_("Incident commander"), 20, lambda m: _name(m.commander)),
            Column(_("Stood down"), 17, lambda m: m.stood_down_at),
        ]
    return columns


def risks(request, product):
    rows = product.risks.select_related("owner", "control_owner")
    return ListPage(request, rows, sorts=RISK_SORTS, default_sort="-score", form=RiskFilter).queryset


def risk_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 8, lambda r: r.ref),
        Column(_("Risk"), 50, lambda r: r.title),
        Column(_("Category"), 14, lambda r: r.category),
        Column(_("Probability"), 9, lambda r: r.probability),
        Column(_("Impact"), 9, lambda r: r.impact),
        Column(_("Score"), 8, lambda r: r.score),
        Column(_("Level"), 10, lambda r: LEVELS.get(r.level, "") if r.level else ""),
        Column(_("State"), 10, lambda r: r.get_state_display()),
        Column(_("Response"), 12, lambda r: r.get_response_display()),
        Column(_("Owner"), 20, lambda r: _name(r.owner)),
        Column(_("Control"), 50, lambda r: r.control),
        Column(_("Control owner"), 20, lambda r: _name(r.control_owner)),
        Column(_("Control last tested"), 12, lambda r: r.control_tested_on),
        Column(_("Next test of the control"), 12, lambda r: r.control_test_due),
        Column(_("Next review"), 12, lambda r: r.review_on),
    ]


def requirements(request, product):
    promised = product.requirements.visible_to(request.user, product)
    return ListPage(request, promised, sorts=REQUIREMENT_SORTS, default_sort="number", form=RequirementFilter).queryset


def requirement_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 10, lambda r: r.ref),
        Column(_("Requirement"), 50, lambda r: r.title),
        Column(_("Text"), 60, lambda r: r.text),
        Column(_("Accepted"), 10, lambda r: _("Yes") if r.is_accepted else _("No")),
        Column(_("Conformance"), 14, lambda r: r.get_conformance_display()),
        Column(_("Checked"), 17, lambda r: r.checked_at),
    ]


def outages(request, product):
    rows = product.incidents.select_related("source")
    sorts = {"started": "started_at", "ended": "ended_at", "title": "title"}
    return ListPage(request, rows, sorts=sorts, default_sort="-started", form=OutageFilter).queryset


def outage_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Incident"), 50, lambda i: i.title),
        Column(_("Started"), 17, lambda i: i.started_at),
        Column(_("Ended"), 17, lambda i: i.ended_at),
        Column(_("Downtime"), 9, lambda i: _("Yes") if i.is_outage else _("No")),
        Column(_("What it was"), 50, lambda i: i.cause),
        Column(_("Reported by"), 20, lambda i: _name(i.source)),
    ]


def releases(request, product):
    return release_page(request, product).queryset


def release_columns(internal: bool) -> list[Column]:
    columns = [
        Column(_("Release"), 14, lambda r: r.name),
        Column(_("State"), 16, lambda r: r.get_state_display()),
        Column(_("Released"), 12, lambda r: r.released_on),
        Column(_("Fixed issues"), 9, lambda r: r.fix_count),
        Column(_("Notes"), 80, lambda r: r.notes),
    ]
    if internal:
        columns += [
            Column(_("Planned from"), 17, lambda r: r.starts_at),
            Column(_("Planned to"), 17, lambda r: r.ends_at),
            Column(_("Internal notes"), 60, lambda r: r.internal_notes),
        ]
    return columns


def known_gaps(request, product):
    known = product.known_gaps.visible_to(request.user, product)
    return known.select_related("requirement").order_by("number")


def gap_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 10, lambda g: g.ref),
        Column(_("Title"), 50, lambda g: g.title),
        Column(_("Description"), 60, lambda g: g.description),
        Column(_("Workaround"), 60, lambda g: g.workaround),
        Column(_("Requirement"), 40, lambda g: _ref(g.requirement)),
        Column(_("Accepted"), 17, lambda g: g.accepted_at),
        Column(_("Closed"), 17, lambda g: g.closed_at),
    ]


def requests(request, product):
    rows = product.department_requests.select_related("department", "owner", "asked_by")
    return ListPage(request, rows, sorts=REQUEST_SORTS, default_sort="due", form=RequestFilter).queryset


def request_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 10, lambda r: r.ref),
        Column(_("What is asked"), 50, lambda r: r.title),
        Column(_("Direction"), 20, lambda r: r.get_direction_display()),
        Column(_("Department"), 20, lambda r: _name(r.department)),
        Column(_("State"), 12, lambda r: r.get_state_display()),
        Column(_("Due"), 12, lambda r: r.due),
        Column(_("Asked by"), 20, lambda r: _name(r.asked_by)),
        Column(_("Asked"), 17, lambda r: r.asked_at),
        Column(_("Answered"), 17, lambda r: r.answered_at),
        Column(_("Who does it"), 20, lambda r: _name(r.owner)),
        Column(_("Answer"), 50, lambda r: r.answer),
        Column(_("Done"), 17, lambda r: r.done_at),
        Column(_("What came of it"), 50, lambda r: r.outcome),
    ]


def roadblocks(request, product):
    rows = product.roadblocks.select_related("owner", "escalated_to", "department", "raised_by")
    return ListPage(request, rows, sorts=ROADBLOCK_SORTS, default_sort="raised", form=RoadblockFilter).queryset


def roadblock_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 10, lambda r: r.ref),
        Column(_("Roadblock"), 50, lambda r: r.title),
        Column(_("State"), 12, lambda r: r.get_state_display()),
        Column(_("Raised"), 17, lambda r: r.raised_at),
        Column(_("Raised by"), 20, lambda r: _name(r.raised_by)),
        Column(_("Owner"), 20, lambda r: _name(r.owner)),
        Column(_("To be removed by"), 12, lambda r: r.due),
        Column(_("Escalated to"), 20, lambda r: _name(r.escalated_to)),
        Column(_("Removed"), 17, lambda r: r.removed_at),
        Column(_("Hours blocked"), 10, lambda r: round(r.blocked().total_seconds() / 3600, 2)),
    ]


def register_lists() -> None:
    register_many(
        ("issues", _("Issues"), P.ISSUE_VIEW, issues, issue_columns),
        ("flow", _("Support flow"), P.PRODUCT_KPI_VIEW, flow, issue_columns),
        ("complaints", _("Complaints"), P.INTERNAL_VIEW, complaints, complaint_columns),
        ("major-incidents", _("Major incidents"), P.ISSUE_VIEW, major_incidents, major_columns),
        ("requests", _("Departments"), P.INTERNAL_VIEW, requests, request_columns),
        ("roadblocks", _("Roadblocks"), P.INTERNAL_VIEW, roadblocks, roadblock_columns),
        ("risks", _("Risks"), P.PRODUCT_RISK_VIEW, risks, risk_columns),
        ("requirements", _("Requirements"), P.REQUIREMENT_VIEW, requirements, requirement_columns),
        ("incidents", _("Incidents"), P.PERFORMANCE_VIEW, outages, outage_columns),
        ("releases", _("Releases"), P.RELEASE_VIEW, releases, release_columns),
        ("known-gaps", _("Known gaps"), P.REQUIREMENT_VIEW, known_gaps, gap_columns),
    )
