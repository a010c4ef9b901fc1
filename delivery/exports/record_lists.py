"""The lists of the product's record and of the desk's own side that can be taken away, beside those in ``lists``."""

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.articles.views import article_page
from delivery.exports.views import Column, register_many
from delivery.issues.aids.models import CannedAnswer
from delivery.issues.escalation.views import breach_page, last_told
from delivery.issues.problems.views import problems_page
from delivery.issues.teams.views import rows_of as team_rows
from delivery.mail.views import mail_page
from delivery.performance.alert_views import deliveries_page
from delivery.products.agreements.views import agreement_page
from delivery.products.models import Product
from delivery.products.oncall.views import turns_page
from delivery.runbooks.views import runbook_page
from delivery.satisfaction.views import survey_page, with_results
from pmdm.accounts.roles import Permission as P
from pmdm.interchange.tabular import MAX_ROWS


def _name(one) -> str:
    return one.name if one else ""


def _ref(one) -> str:
    return f"{one.ref} {one.title}" if one else ""


def _yes(value) -> str:
    return str(_("Yes") if value else _("No"))


def narrowed(request, rows, key: str, field: str):
    """Only those of the one that the address names (``?runbook=7``), where it names one."""
    value = request.GET.get(key, "")
    return rows.filter(**{field: int(value)}) if value.isdecimal() and len(value) < 12 else rows


# --- The desk ---------------------------------------------------------------------------------------------


def told(page) -> list:
    rows = list(page.queryset[:MAX_ROWS])
    last_told(rows)
    return rows


def breaches(request, product):
    return told(breach_page(request, Product.objects.filter(pk=product.pk)))


def breach_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Product"), 24, lambda i: i.product.name),
        Column(_("Number"), 10, lambda i: i.ref),
        Column(_("Title"), 50, lambda i: i.title),
        Column(_("Type"), 12, lambda i: i.get_type_display()),
        Column(_("Priority"), 10, lambda i: i.get_severity_display()),
        Column(_("State"), 14, lambda i: i.get_state_display()),
        Column(_("Can still be met"), 9, lambda i: _yes(i.rank == 0)),
        Column(_("Presses"), 17, lambda i: i.presses),
        Column(_("Response due"), 17, lambda i: i.response_due),
        Column(_("First response"), 17, lambda i: i.responded_at),
        Column(_("Due"), 17, lambda i: i.resolution_due),
        Column(_("Assignee"), 20, lambda i: _name(i.assignee)),
        Column(_("Client"), 20, lambda i: _name(i.organisation)),
        Column(_("Last told"), 17, lambda i: i.last_told and i.last_told["at"]),
        Column(_("Who was told"), 30, lambda i: ", ".join(i.last_told["whom"]) if i.last_told else ""),
    ]


def problems(request, product):
    return problems_page(request, product).queryset.select_related("owner", "raised_by", "fixed_in")


def problem_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Number"), 10, lambda p: p.ref),
        Column(_("Problem"), 50, lambda p: p.title),
        Column(_("State"), 18, lambda p: p.get_state_display()),
        Column(_("Owner"), 20, lambda p: _name(p.owner)),
        Column(_("Open issues"), 9, lambda p: p.open_issues),
        Column(_("Issues"), 9, lambda p: p.all_issues),
        Column(_("Raised"), 17, lambda p: p.raised_at),
        Column(_("Raised by"), 20, lambda p: _name(p.raised_by)),
        Column(_("What is seen"), 60, lambda p: p.description),
        Column(_("Root cause"), 50, lambda p: p.root_cause),
        Column(_("Workaround"), 50, lambda p: p.workaround),
        Column(_("Resolution"), 50, lambda p: p.resolution),
        Column(_("Fixed in"), 10, lambda p: _name(p.fixed_in)),
        Column(_("Resolved"), 17, lambda p: p.resolved_at),
        Column(_("Closed"), 17, lambda p: p.closed_at),
    ]


def teams(request, product):
    return team_rows(request, product)[0]


def team_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Team"), 24, lambda r: r.team.name),
        Column(_("People"), 50, lambda r: ", ".join(person.name for person in r.people)),
        Column(_("Has now"), 9, lambda r: r.open),
        Column(_("Offered to it"), 9, lambda r: r.offered),
        Column(_("Oldest since"), 17, lambda r: r.oldest),
        Column(_("Issues"), 9, lambda r: r.issues),
        Column(_("Service minutes in all"), 12, lambda r: r.minutes),
        Column(_("Declined"), 9, lambda r: r.declined),
        Column(_("Ended"), 17, lambda r: r.team.ended_at),
    ]


def answers(request, product):
    return CannedAnswer.objects.offered_to(request.user, product)


def answer_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Name"), 30, lambda a: a.name),
        Column(_("Whose"), 10, lambda a: _("Shared") if a.product_id else _("Mine")),
        Column(_("Text"), 80, lambda a: a.text),
    ]


def checklists(request, product):
    return product.checklist_templates.all()


def checklist_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Name"), 30, lambda c: c.name),
        Column(_("Type"), 14, lambda c: c.get_type_display() if c.type else ""),
        Column(_("On each new one"), 9, lambda c: _yes(c.is_automatic)),
        Column(_("Steps"), 80, lambda c: "\n".join(c.lines)),
    ]


def mails(request, product):
    return mail_page(request, product).queryset.select_related("issue", "decided_by")


def mail_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Received"), 17, lambda m: m.received_at),
        Column(_("From"), 30, lambda m: m.sender),
        Column(_("Name"), 24, lambda m: m.sender_name),
        Column(_("Subject"), 50, lambda m: m.subject),
        Column(_("State"), 16, lambda m: m.get_state_display()),
        Column(_("Reason"), 50, lambda m: m.reason),
        Column(_("Issue"), 40, lambda m: _ref(m.issue)),
        Column(_("Decided by"), 20, lambda m: _name(m.decided_by)),
        Column(_("Decided"), 17, lambda m: m.decided_at),
    ]


def imports(request, product):
    return product.issue_imports.select_related("by", "undone_by").defer("issues")


def import_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Imported"), 17, lambda r: r.at),
        Column(_("File"), 40, lambda r: r.name),
        Column(_("Tool"), 14, lambda r: r.tool),
        Column(_("Rows"), 9, lambda r: r.rows),
        Column(_("There already"), 9, lambda r: r.known),
        Column(_("By"), 20, lambda r: _name(r.by)),
        Column(_("Taken back"), 17, lambda r: r.undone_at),
        Column(_("Taken back by"), 20, lambda r: _name(r.undone_by)),
        Column(_("Kept"), 9, lambda r: r.kept),
    ]


# --- Major incidents: reviews and what they led to --------------------------------------------------------


def reviews(request, product):
    rows = product.incident_reviews.select_related("incident", "opened_by", "agreed_by")
    return rows.order_by("-opened_at", "-pk")


def review_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Major incident"), 40, lambda r: _ref(r.incident)),
        Column(_("State"), 12, lambda r: r.get_state_display()),
        Column(_("What happened"), 60, lambda r: r.summary),
        Column(_("Causes"), 60, lambda r: r.causes),
        Column(_("What went well"), 50, lambda r: r.went_well),
        Column(_("Opened"), 17, lambda r: r.opened_at),
        Column(_("Opened by"), 20, lambda r: _name(r.opened_by)),
        Column(_("Agreed"), 17, lambda r: r.agreed_at),
        Column(_("Agreed by"), 20, lambda r: _name(r.agreed_by)),
    ]


def actions(request, product):
    rows = product.review_actions.select_related("review__incident", "owner", "closed_by").order_by("due", "pk")
    return narrowed(request, rows, "incident", "review__incident__number")


def action_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Major incident"), 40, lambda a: _ref(a.review.incident)),
        Column(_("Action"), 60, lambda a: a.text),
        Column(_("Owner"), 20, lambda a: _name(a.owner)),
        Column(_("Due"), 12, lambda a: a.due),
        Column(_("Done"), 17, lambda a: a.done_at),
        Column(_("Dropped"), 17, lambda a: a.dropped_at),
        Column(_("Closed by"), 20, lambda a: _name(a.closed_by)),
        Column(_("What came of it"), 50, lambda a: a.outcome),
    ]


# --- Knowledge --------------------------------------------------------------------------------------------


def articles(request, product):
    return article_page(request, product).queryset.defer(None).select_related("owner", "issue")


def article_columns(internal: bool) -> list[Column]:
    columns = [
        Column(_("Number"), 10, lambda a: a.ref),
        Column(_("Article"), 50, lambda a: a.title),
        Column(_("Text"), 80, lambda a: a.text),
    ]
    if internal:
        columns += [
            Column(_("State"), 12, lambda a: a.get_state_display()),
            Column(_("Review by"), 12, lambda a: a.review_by),
            Column(_("Who keeps it right"), 20, lambda a: _name(a.owner)),
            Column(_("From issue"), 40, lambda a: _ref(a.issue)),
            Column(_("Helped"), 8, lambda a: a.helped),
            Column(_("Did not help"), 8, lambda a: a.failed),
        ]
    return columns


def runbooks(request, product):
    return runbook_page(request, product).queryset


def runbook_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Runbook"), 50, lambda b: b.title),
        Column(_("When it is used"), 60, lambda b: b.summary),
        Column(_("Version"), 9, lambda b: b.number),
        Column(_("Runs"), 9, lambda b: b.run_count),
        Column(_("Last run"), 17, lambda b: b.last_run),
        Column(_("Who keeps it right"), 20, lambda b: _name(b.owner)),
    ]


def runs(request, product):
    rows = product.runbook_runs.select_related("runbook", "book_version", "issue", "started_by")
    return narrowed(request, rows.order_by("-started_at", "-pk"), "runbook", "runbook")


def run_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Runbook"), 50, lambda r: r.runbook.title),
        Column(_("Version"), 9, lambda r: r.book_version.number),
        Column(_("Started"), 17, lambda r: r.started_at),
        Column(_("By"), 20, lambda r: _name(r.started_by)),
        Column(_("Why"), 50, lambda r: r.reason),
        Column(_("Issue"), 40, lambda r: _ref(r.issue)),
        Column(_("State"), 12, lambda r: r.get_state_display()),
        Column(_("Ended"), 17, lambda r: r.ended_at),
    ]


# --- Risks, promises, the record --------------------------------------------------------------------------


def control_tests(request, product):
    rows = product.control_tests.select_related("risk", "by").order_by("-on", "-pk")
    return narrowed(request, rows, "risk", "risk__number")


def control_test_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Risk"), 50, lambda t: _ref(t.risk)),
        Column(_("Control"), 50, lambda t: t.risk.control),
        Column(_("Tested"), 12, lambda t: t.on),
        Column(_("Result"), 12, lambda t: t.get_result_display()),
        Column(_("What was tried, what came of it"), 60, lambda t: t.evidence),
        Column(_("By"), 20, lambda t: _name(t.by)),
        Column(_("Recorded"), 17, lambda t: t.at),
    ]


def agreements(request, product):
    return agreement_page(request, product).queryset


def agreement_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Contract"), 40, lambda a: a.title),
        Column(_("Kind"), 14, lambda a: a.get_kind_display()),
        Column(_("With"), 12, lambda a: a.get_side_display()),
        Column(_("Other party"), 30, lambda a: a.party),
        Column(_("Their number"), 16, lambda a: a.reference),
        Column(_("From"), 12, lambda a: a.starts_on),
        Column(_("To"), 12, lambda a: a.ends_on),
        Column(_("Last day for notice"), 12, lambda a: a.notice_on),
        Column(_("Value"), 14, lambda a: None if a.value is None else float(a.value), P.COST_VIEW),
        Column(_("Currency"), 9, lambda a: a.currency, P.COST_VIEW),
        Column(_("Owner"), 20, lambda a: _name(a.owner)),
        Column(_("Ended early on"), 12, lambda a: a.terminated_on),
        Column(_("Why it was ended"), 50, lambda a: a.end_reason),
    ]


def turns(request, product):
    return turns_page(request, product, timezone.now()).queryset


def turn_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Person"), 24, lambda t: t.person.name),
        Column(_("Line"), 14, lambda t: t.get_line_display()),
        Column(_("From"), 17, lambda t: t.starts_at),
        Column(_("To"), 17, lambda t: t.ends_at),
    ]


def components(request, product):
    rows = list(product.components.select_related("owner").order_by("name", "pk")[:MAX_ROWS])
    prefetch_related_objects(rows, "dependencies__needs")
    return rows


def component_columns(internal: bool) -> list[Column]:
    def needs(component, hard: bool) -> str:
        return ", ".join(sorted(link.needs.name for link in component.dependencies.all() if link.is_hard is hard))

    return [
        Column(_("Component"), 30, lambda c: c.name),
        Column(_("Kind"), 14, lambda c: c.get_kind_display()),
        Column(_("What it does"), 60, lambda c: c.description),
        Column(_("Who knows it"), 20, lambda c: _name(c.owner)),
        Column(_("Stands still without"), 40, lambda c: needs(c, True)),
        Column(_("Also uses"), 40, lambda c: needs(c, False)),
    ]


def alert_messages(request, product):
    return deliveries_page(request, product).queryset


def alert_message_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Received"), 17, lambda d: d.received_at),
        Column(_("Tool"), 24, lambda d: _name(d.source)),
        Column(_("State"), 12, lambda d: d.get_state_display()),
        Column(_("Times"), 9, lambda d: d.times),
        Column(_("Signals"), 9, lambda d: len(d.signals)),
        Column(_("What was wrong"), 60, lambda d: d.error),
    ]


def surveys(request, product):
    return with_results(product, survey_page(request, product).queryset[:MAX_ROWS])


def survey_columns(internal: bool) -> list[Column]:
    return [
        Column(_("Survey"), 40, lambda s: s.name),
        Column(_("Opens"), 17, lambda s: s.opens_at),
        Column(_("Closes"), 17, lambda s: s.closes_at),
        Column(_("Invited"), 9, lambda s: s.invited),
        Column(_("Answered"), 9, lambda s: s.answered),
        Column(_("Satisfaction, %"), 9, lambda s: s.results.csat.value),
        Column(_("Satisfaction, mean"), 9, lambda s: s.results.mean.value),
        Column(_("Net Promoter Score"), 9, lambda s: s.results.nps.score.value),
    ]


def register_record_lists() -> None:
    register_many(
        ("breaches", _("At risk and breached"), P.INTERNAL_VIEW, breaches, breach_columns),
        ("problems", _("Problems"), P.INTERNAL_VIEW, problems, problem_columns),
        ("teams", _("Teams of the desk"), P.INTERNAL_VIEW, teams, team_columns),
        ("answers", _("Canned answers"), P.ISSUE_WORK, answers, answer_columns),
        ("checklists", _("Checklists"), P.ISSUE_WORK, checklists, checklist_columns),
        ("mail", _("Mail"), P.INTERNAL_VIEW, mails, mail_columns),
        ("imports", _("Imports"), P.INTERNAL_VIEW, imports, import_columns),
        ("reviews", _("Post-incident reviews"), P.INTERNAL_VIEW, reviews, review_columns),
        ("review-actions", _("Actions of reviews"), P.INTERNAL_VIEW, actions, action_columns),
        ("articles", _("Knowledge base"), P.PRODUCT_VIEW, articles, article_columns),
        ("runbooks", _("Runbooks"), P.INTERNAL_VIEW, runbooks, runbook_columns),
        ("runbook-runs", _("Runs of runbooks"), P.INTERNAL_VIEW, runs, run_columns),
        ("control-tests", _("Tests of controls"), P.PRODUCT_RISK_VIEW, control_tests, control_test_columns),
        ("contracts", _("Contracts"), P.INTERNAL_VIEW, agreements, agreement_columns),
        ("on-call", _("On-call turns"), P.INTERNAL_VIEW, turns, turn_columns),
        ("components", _("Components"), P.INTERNAL_VIEW, components, component_columns),
        ("alert-messages", _("Messages of monitoring"), P.PERFORMANCE_VIEW, alert_messages, alert_message_columns),
        ("surveys", _("Surveys"), P.SURVEY_VIEW, surveys, survey_columns),
    )
