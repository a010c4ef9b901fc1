"""What a client finds at home: each part by the rules of the pages it leads to, in a fixed number of queries."""

from django.db.models import Count, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Article, Issue, Product, Release
from delivery.search import visible_issues
from handover.followon.needs import told_at_home
from handover.portal.models import Announcement
from handover.transfer.models import Handover
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.ui import format as fmt
from pmdm.ui.parts import Phase
from projects.models import Project

ISSUES, SOLVED, RELEASES, ARTICLES, LINES = 10, 5, 5, 5, 6


def products_of(reader, viewer=None):
    """Products that the client sees; for one of us who looks on, only those that they may see from inside too."""
    products = Product.objects.visible_to(reader)
    return products if viewer is None else products.filter(pk__in=Product.objects.allowing(viewer, P.INTERNAL_VIEW))


def projects_of(reader, viewer=None):
    """Projects that the client sees, in the same way."""
    projects = Project.objects.visible_to(reader)
    return projects if viewer is None else projects.filter(pk__in=Project.objects.allowing(viewer, P.TEAM_VIEW))


def clients_for(viewer):
    """People of clients on what one of us looks after."""
    products = Product.objects.allowing(viewer, P.INTERNAL_VIEW).values("pk")
    projects = Project.objects.allowing(viewer, P.TEAM_VIEW).values("pk")
    return (
        User.objects.filter(
            Q(product_memberships__role=Role.CLIENT, product_memberships__product__in=products)
            | Q(project_memberships__role=Role.CLIENT, project_memberships__project__in=projects),
            is_active=True,
        )
        .exclude(organisation=None)
        .select_related("organisation")
        .order_by("organisation__name", "name", "pk")
        .distinct()
    )


def home(reader, viewer=None) -> dict:
    """The context of the page."""
    now = timezone.now()
    projects = list(projects_of(reader, viewer).order_by("name"))
    accepted = Handover.objects.filter(
        project__in=[project.pk for project in projects], state__in=Handover.ACCEPTED_STATES
    ).order_by("accepted_at")
    products = list(
        products_of(reader, viewer).order_by("name").prefetch_related(Prefetch("handovers", accepted, "came_by"))
    )
    by_id = {product.pk: product for product in products}
    own = visible_issues(reader).filter(product__in=list(by_id))
    counts = dict(own.filter(state__in=Issue.OPEN_STATES).order_by().values_list("product").annotate(Count("pk")))
    may_report = set(
        Product.objects.allowing(reader, P.ISSUE_REPORT).filter(pk__in=list(by_id)).values_list("pk", flat=True)
    )
    releases = list(
        Release.objects.filter(
            product__in=Product.objects.allowing(reader, P.RELEASE_VIEW).filter(pk__in=list(by_id)),
            state__in=Release.OUT_STATES,
            released_on__lte=timezone.localdate(),
        )
        .select_related("product")
        .order_by("-released_on", "-pk")[:RELEASES]
    )
    asked = _asked(projects, reader)
    used: set[int] = set()
    for product in products:
        lives = [project for project in projects if any(row.project_id == project.pk for row in product.came_by)]
        used |= {project.pk for project in lives}
        product.lives = lives
        product.open_count = counts.get(product.pk, 0)
        product.may_report = product.pk in may_report and not product.locked_reason
        product.track = _track(lives, product.came_by, product)
    for project in projects:
        project.asked = asked.get(project.pk)
        project.track = _track([project], [], None)
    issues = list(
        _with_products(own.filter(state__in=Issue.OPEN_STATES), by_id).order_by("-created_at", "-pk")[:ISSUES]
    )
    return {
        "reader": reader,
        "viewer": viewer,
        "announcements": list(
            Announcement.objects.current(now).told_to(reader).filter(product__in=list(by_id)).select_related("product")
        ),
        "products": products,
        "projects": [project for project in projects if project.pk not in used],
        "asked": [project for project in projects if project.asked],
        "waiting": [issue for issue in issues if issue.state == Issue.State.WAITING],
        "issues": issues,
        "issue_count": sum(counts.values()),
        "solved": list(
            _with_products(own.filter(state__in=("resolved", "closed")), by_id).order_by("-resolved_at", "-pk")[:SOLVED]
        ),
        "needs": told_at_home(reader, own),
        "releases": [(release, *_lead(release.notes)) for release in releases],
        # Public ones, whoever looks: an internal article is not the client's.
        "articles": list(
            Article.objects.readable_by(reader)
            .filter(product__in=list(by_id), state=Article.State.PUBLIC)
            .select_related("product")
            .defer("text")
            .order_by("-created_at", "-pk")[:ARTICLES]
        ),
    }


def _lead(notes: str) -> tuple[str, bool]:
    """The first lines, whole ones, so that a list stays a list; and whether there is more."""
    lines = notes.strip().splitlines()
    return "\n".join(lines[:LINES]), len(lines) > LINES


def _with_products(issues, by_id):
    return issues.select_related("product").defer("description", "resolution", "root_cause", "imported")


def _asked(projects, reader) -> dict[int, Handover]:
    """Handovers whose lines wait for the client's word, by project."""
    mine = [project.pk for project in projects if project.client_id == reader.organisation_id]
    rows = Handover.objects.filter(
        project__in=mine, state__in=Handover.EDITABLE_STATES, client_asked_at__isnull=False, scope_lines__result=""
    )
    return {row.project_id: row for row in rows.distinct()}


def _track(projects, handovers, product) -> list[Phase]:
    """Project, handover, product: the three steps of one life. A product without a project of the reader's has one."""
    steps = []
    if projects:
        running = [project for project in projects if project.state in Project.OPEN_STATES]
        latest = (running or projects)[-1]
        note = latest.get_state_display()
        if running and latest.target_finish:
            note = _("until %s") % fmt.day(latest.target_finish)
        state = "now" if running and product is None else "done"
        if latest.state == "cancelled":
            state = "stopped"
        steps.append(Phase(label=_("Project"), state=state, note=note, percent=50 if state == "now" else 100))
        done = handovers[-1] if handovers else None
        note = fmt.day(done.accepted_at.date()) if done else ""
        steps.append(Phase(label=_("Handover"), state="done" if done or product else "next", note=note, percent=100))
    if product is None:
        steps.append(Phase(label=_("In operation"), state="next", note=""))
    else:
        state = "stopped" if product.stage == Product.Stage.RETIRED else "now"
        since = _("since %s") % fmt.day(product.live_on) if product.live_on else ""
        steps.append(Phase(label=product.get_stage_display(), state=state, note=since, percent=100))
    return steps
