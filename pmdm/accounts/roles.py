"""Who may do what: the one table of roles and permissions.

A change here shows in a diff; tests/test_access.py walks every route against it. Permissions read
``subject.thing.verb``. Cost is a permission of its own, so that every surface asks the same question.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    # A project
    PROJECT_VIEW = "project.view"
    PROJECT_EDIT = "project.edit"
    PROJECT_CREATE = "project.create"
    PROJECT_TYPE_EDIT = "project.type.edit"  # templates that projects are made from
    PROJECT_REVIEW = "project.review"  # judge requests for projects
    PROJECT_STATE = "project.state"  # pause, resume, cancel, close, reopen
    GATE_DECIDE = "project.gate.decide"
    CLOSURE_AUTHORISE = "project.closure.authorise"
    STATUS_POST = "project.status.post"
    SCOPE_VIEW = "project.scope.view"
    SCOPE_EDIT = "project.scope.edit"
    SCOPE_APPROVE = "project.scope.approve"
    CHANGE_VIEW = "project.change.view"
    CHANGE_RAISE = "project.change.raise"
    CHANGE_ASSESS = "project.change.assess"  # take up, work out the effects, say it is implemented
    CHANGE_APPROVE = "project.change.approve"
    CRITERION_CHECK = "project.criterion.check"
    DELIVERABLE_ACCEPT = "project.deliverable.accept"
    TEST_EDIT = "project.test.edit"  # write test cases, run them
    SCHEDULE_VIEW = "project.schedule.view"
    SCHEDULE_EDIT = "project.schedule.edit"
    BASELINE_APPROVE = "project.baseline.approve"
    PROGRESS_EDIT = "project.progress.edit"
    TEAM_VIEW = "project.team.view"
    TEAM_EDIT = "project.team.edit"
    STAFF_VIEW = "project.staff.view"  # who of the whole house is free, for staffing
    TIME_BOOK = "project.time.book"
    TIME_APPROVE = "project.time.approve"
    COST_VIEW = "project.cost.view"
    COST_EDIT = "project.cost.edit"
    BUDGET_APPROVE = "project.budget.approve"  # set reserves, decide on drawing them
    RISK_VIEW = "project.risk.view"
    RISK_EDIT = "project.risk.edit"
    BENEFIT_VIEW = "project.benefit.view"
    BENEFIT_EDIT = "project.benefit.edit"  # name the owner, plan reviews, record; the owner may too
    LESSON_VIEW = "project.lesson.view"
    LESSON_EDIT = "project.lesson.edit"
    LESSON_PUBLISH = "project.lesson.publish"  # let all colleagues read one
    PROJECT_ACTIVITY_VIEW = "project.activity.view"
    PROJECT_KPI_VIEW = "project.kpi.view"
    # The step from project to operations
    HANDOVER_VIEW = "handover.view"
    HANDOVER_EDIT = "handover.edit"
    HANDOVER_GIVE = "handover.give"  # submit, withdraw, sign as giver
    HANDOVER_RECEIVE = "handover.receive"  # sign as receiver, refuse
    HANDOVER_LIBRARY = "handover.library"  # keep the library of acceptance criteria
    # A delivered product
    PRODUCT_VIEW = "product.view"
    PRODUCT_EDIT = "product.edit"
    PRODUCT_CREATE = "product.create"
    PRODUCT_STAGE = "product.stage"
    PRODUCT_TEAM_VIEW = "product.team.view"
    PRODUCT_TEAM_EDIT = "product.team.edit"
    ISSUE_VIEW = "product.issue.view"
    ISSUE_REPORT = "product.issue.report"
    ISSUE_WORK = "product.issue.work"
    INTERNAL_VIEW = "product.internal.view"  # internal notes, all clients' issues
    REQUIREMENT_VIEW = "product.requirement.view"
    CONFORMANCE_EDIT = "product.conformance.edit"
    RELEASE_VIEW = "product.release.view"
    RELEASE_EDIT = "product.release.edit"
    RELEASE_APPROVE = "product.release.approve"  # never what one asked for oneself
    FREEZE_OVERRIDE = "product.freeze.override"  # set freezes, let a release through one
    SURVEY_VIEW = "product.survey.view"
    SURVEY_EDIT = "product.survey.edit"
    PERFORMANCE_VIEW = "product.performance.view"
    PERFORMANCE_EDIT = "product.performance.edit"
    PRODUCT_RISK_VIEW = "product.risk.view"
    PRODUCT_RISK_EDIT = "product.risk.edit"
    PRODUCT_ACTIVITY_VIEW = "product.activity.view"
    PRODUCT_KPI_VIEW = "product.kpi.view"
    # The whole site
    SITE_PEOPLE = "site.people"
    SITE_JOBS = "site.jobs"
    SITE_KPIS = "site.kpis"  # thresholds
    SITE_RATES = "site.rates"  # exchange rates


class Role(StrEnum):
    """Roles on a project or on a product; ADMIN and PMO hold on the whole site."""

    MANAGER = "manager"
    DELIVERY_MANAGER = "delivery_manager"
    MEMBER = "member"
    SPONSOR = "sponsor"
    STAKEHOLDER = "stakeholder"
    CLIENT = "client"
    SUPPORT = "support"
    ADMIN = "admin"
    PMO = "pmo"


ROLE_NAMES = {
    Role.MANAGER: _("Project manager"),
    Role.DELIVERY_MANAGER: _("Delivery manager"),
    Role.MEMBER: _("Team member"),
    Role.SPONSOR: _("Sponsor"),
    Role.STAKEHOLDER: _("Stakeholder"),
    Role.CLIENT: _("Client"),
    Role.SUPPORT: _("Support"),
    Role.ADMIN: _("Administrator"),
    Role.PMO: _("PMO"),
}

PROJECT_ROLES = (
    Role.MANAGER,
    Role.DELIVERY_MANAGER,
    Role.MEMBER,
    Role.SPONSOR,
    Role.STAKEHOLDER,
    Role.CLIENT,
)
PRODUCT_ROLES = (Role.DELIVERY_MANAGER, Role.SUPPORT, Role.MEMBER, Role.STAKEHOLDER, Role.CLIENT)
SITE_ROLES = (Role.ADMIN, Role.PMO)

P = Permission

_READ_PROJECT = {
    P.PROJECT_VIEW,
    P.SCOPE_VIEW,
    P.CHANGE_VIEW,
    P.SCHEDULE_VIEW,
    P.TEAM_VIEW,
    P.RISK_VIEW,
    P.LESSON_VIEW,
    P.BENEFIT_VIEW,
    P.PROJECT_ACTIVITY_VIEW,
    P.PROJECT_KPI_VIEW,
    P.HANDOVER_VIEW,
}
_READ_PRODUCT = {
    P.PRODUCT_VIEW,
    P.PRODUCT_TEAM_VIEW,
    P.ISSUE_VIEW,
    P.INTERNAL_VIEW,
    P.REQUIREMENT_VIEW,
    P.RELEASE_VIEW,
    P.SURVEY_VIEW,
    P.PERFORMANCE_VIEW,
    P.PRODUCT_RISK_VIEW,
    P.PRODUCT_ACTIVITY_VIEW,
    P.PRODUCT_KPI_VIEW,
}

PROJECT_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.MANAGER: frozenset(
        _READ_PROJECT
        | {
            P.PROJECT_EDIT,
            P.PROJECT_STATE,
            P.STATUS_POST,
            P.SCOPE_EDIT,
            P.SCOPE_APPROVE,
            P.CHANGE_RAISE,
            P.CHANGE_ASSESS,
            P.CRITERION_CHECK,
            P.TEST_EDIT,
            P.SCHEDULE_EDIT,
            P.PROGRESS_EDIT,
            P.TEAM_EDIT,
            P.STAFF_VIEW,
            P.TIME_BOOK,
            P.TIME_APPROVE,
            P.COST_VIEW,
            P.COST_EDIT,
            P.RISK_EDIT,
            P.LESSON_EDIT,
            P.LESSON_PUBLISH,
            P.BENEFIT_EDIT,
            P.HANDOVER_EDIT,
            P.HANDOVER_GIVE,
        }
    ),
    Role.DELIVERY_MANAGER: frozenset(
        _READ_PROJECT
        | {
            P.CHANGE_RAISE,
            P.CRITERION_CHECK,
            P.TEST_EDIT,
            P.RISK_EDIT,
            P.LESSON_EDIT,
            P.BENEFIT_EDIT,
            P.HANDOVER_EDIT,
            P.HANDOVER_RECEIVE,
        }
    ),
    Role.MEMBER: frozenset(
        _READ_PROJECT | {P.CHANGE_RAISE, P.PROGRESS_EDIT, P.TIME_BOOK, P.RISK_EDIT, P.LESSON_EDIT, P.TEST_EDIT}
    ),
    # Nobody approves their own hours: the manager's go to the sponsor.
    Role.SPONSOR: frozenset(
        _READ_PROJECT
        | {
            P.GATE_DECIDE,
            P.BENEFIT_EDIT,
            P.CLOSURE_AUTHORISE,
            P.COST_VIEW,
            P.BUDGET_APPROVE,
            P.SCOPE_APPROVE,
            P.CHANGE_RAISE,
            P.CHANGE_APPROVE,
            P.DELIVERABLE_ACCEPT,
            P.BASELINE_APPROVE,
            P.TIME_APPROVE,
        }
    ),
    Role.STAKEHOLDER: frozenset(_READ_PROJECT | {P.COST_VIEW, P.CHANGE_RAISE}),
    # A client sees what was promised and when it comes; never cost, risks, team talk or the audit trail. Nobody
    # accepts what they deliver themselves: that is the sponsor's and the client's.
    Role.CLIENT: frozenset(
        {P.PROJECT_VIEW, P.SCOPE_VIEW, P.SCHEDULE_VIEW, P.CHANGE_VIEW, P.CHANGE_RAISE, P.DELIVERABLE_ACCEPT}
    ),
}

PRODUCT_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.DELIVERY_MANAGER: frozenset(
        _READ_PRODUCT
        | {
            P.PRODUCT_EDIT,
            P.PRODUCT_STAGE,
            P.PRODUCT_TEAM_EDIT,
            P.COST_VIEW,  # what contracts are worth
            P.ISSUE_REPORT,
            P.ISSUE_WORK,
            P.CONFORMANCE_EDIT,
            P.RELEASE_EDIT,
            P.RELEASE_APPROVE,
            P.FREEZE_OVERRIDE,
            P.SURVEY_EDIT,
            P.PERFORMANCE_EDIT,
            P.PRODUCT_RISK_EDIT,
        }
    ),
    Role.SUPPORT: frozenset(_READ_PRODUCT | {P.ISSUE_REPORT, P.ISSUE_WORK, P.CONFORMANCE_EDIT, P.RELEASE_EDIT}),
    Role.MEMBER: frozenset(_READ_PRODUCT | {P.ISSUE_REPORT, P.ISSUE_WORK, P.RELEASE_EDIT}),
    Role.STAKEHOLDER: frozenset(_READ_PRODUCT | {P.COST_VIEW}),
    # A client sees its own organisation's issues only (Issue.visible_to), and what it was promised.
    Role.CLIENT: frozenset({P.PRODUCT_VIEW, P.ISSUE_VIEW, P.ISSUE_REPORT, P.REQUIREMENT_VIEW, P.RELEASE_VIEW}),
}

SITE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(P),
    # The PMO sees all, starts projects and sets thresholds; it does not manage other people's work.
    Role.PMO: frozenset(
        _READ_PROJECT
        | _READ_PRODUCT
        | {
            P.COST_VIEW,
            P.STAFF_VIEW,
            P.BASELINE_APPROVE,
            P.BUDGET_APPROVE,
            P.CHANGE_APPROVE,
            P.CLOSURE_AUTHORISE,
            P.PROJECT_CREATE,
            P.PROJECT_TYPE_EDIT,
            P.PROJECT_REVIEW,
            P.LESSON_PUBLISH,
            P.BENEFIT_EDIT,
            P.PRODUCT_CREATE,
            P.RELEASE_APPROVE,
            P.FREEZE_OVERRIDE,
            P.SITE_KPIS,
            P.SITE_RATES,
            P.HANDOVER_LIBRARY,
        }
    ),
}

# Whoever manages a project or a product anywhere may start a new one.
CREATING_ROLES = {P.PROJECT_CREATE: Role.MANAGER, P.PRODUCT_CREATE: Role.DELIVERY_MANAGER}
