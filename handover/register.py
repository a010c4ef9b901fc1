"""What the step between the halves adds to the frame and to the pages of both."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.complaints import hooks as complaint_hooks
from delivery.products import hooks as product_hooks
from handover import benefits, hooks, ties, tracing
from handover.arrivals import doors as arrivals
from handover.client import verbs as client
from handover.criteria import blocking as criteria
from handover.cutover import doors as cutover
from handover.followon import needs
from handover.followon import prefill as followon
from handover.hypercare import doors as hypercare
from handover.items import finding
from handover.knowledge import doors as knowledge
from handover.pack import doors as pack
from handover.portal import overview as announced
from handover.quality import doors as quality
from handover.signoff import doors as signoff
from handover.transfer import actions, mine, on_product
from handover.transfer.models import Handover
from pmdm.accounts.roles import Permission
from pmdm.prepared import PreparedFor, PreparedRows
from pmdm.ui import format as fmt
from pmdm.ui import nav
from pmdm.ui.parts import Phase as Step
from projects import origins
from projects.agenda import entries
from projects.benefits import golive
from projects.lifecycle import track
from projects.models import Project
from projects.scope import onward
from projects.scope.tracing import columns
from projects.team.register import roles_somewhere


def register() -> None:
    nav.register(
        gettext_lazy("Home"), "handover:portal", "house", 1, visible=lambda user: user.organisation_id is not None
    )
    nav.register_tab(
        "product",
        "announcements",
        gettext_lazy("Announcements"),
        "handover:announcements",
        order=70,
        section="service",
        visible=lambda product, user: product.allows(user, Permission.INTERNAL_VIEW),
    )
    nav.register(gettext_lazy("Handovers"), "handover:list", "handshake", 40, visible=_has_any)
    nav.register_tab(
        "project",
        "handover",
        gettext_lazy("Handover"),
        "handover:detail",
        order=80,
        visible=lambda project, user: project.allows(user, Permission.HANDOVER_VIEW),
    )
    nav.register_tab(
        "project",
        "acceptance",
        gettext_lazy("Acceptance"),
        "handover:client-acceptance",
        order=81,
        # The client's door; everybody else goes through the handover.
        visible=lambda project, user: (
            project.allows(user, Permission.DELIVERABLE_ACCEPT) and not project.allows(user, Permission.HANDOVER_VIEW)
        ),
    )
    track.register(steps)
    knowledge.register()
    arrivals.register()
    signoff.register()
    cutover.register()
    hypercare.register()
    pack.register()
    quality.register()
    nav.register_tab(
        "product", "hypercare", gettext_lazy("Hypercare"), "handover:hypercare", order=15,
        visible=hypercare.may_see, section="service",
    )  # fmt: skip
    nav.register_tab(
        "product",
        "knowledge",
        gettext_lazy("Knowledge transfer"),
        "handover:product-knowledge",
        order=30,
        section="knowledge",
        visible=knowledge.may_see,
    )
    product_hooks.register_section(announced.section)
    product_hooks.register_section(benefits.section)
    golive.register(benefits.after)
    onward.register(ties.onward)
    columns.register(tracing.column)
    entries.register_dues("conditions", mine.dues)
    product_hooks.register_story(ties.story)
    product_hooks.register_door(followon.door)
    complaint_hooks.register(needs.tell)
    origins.register(needs.origin)
    product_hooks.register_origin(ties.origin)
    product_hooks.register_section(on_product.section)
    hooks.register_blockers("record", actions.blockers)
    hooks.register_blockers("criteria", criteria.blockers)
    hooks.register_blockers("items", finding.blockers)
    hooks.register_blockers("client", client.blockers)
    hooks.register_section("criteria", 10, criteria.section)
    hooks.register_section("items", 20, finding.section)
    hooks.register_section("client", 30, client.section)


_one_of_mine = PreparedFor(
    lambda reader: Project.objects.allowing(reader, Permission.HANDOVER_VIEW).order_by().values_list("pk")[:1]
)


_record_of = PreparedRows(
    lambda project: (
        Handover.objects.filter(project=project)
        .exclude(state=Handover.State.WITHDRAWN)
        .select_related("product", "receiver")
        .with_progress()
        .order_by("-number")[:1]
    )
)


_SEEING = frozenset(role for role, held in Project.ROLE_PERMISSIONS.items() if Permission.HANDOVER_VIEW in held)


def _has_any(user) -> bool:
    if Permission.HANDOVER_VIEW in user.site_permissions:
        return bool(_one_of_mine(user))
    return not _SEEING.isdisjoint(roles_somewhere(user))


def steps(project, user) -> list[Step]:
    """Handover and live: the last two steps of a project's track."""
    record = next(iter(_record_of(project.pk)), None)
    url = ""
    if project.allows(user, Permission.HANDOVER_VIEW):
        url = reverse("handover:detail", args=[project.code])
    live_url = ""
    if project.allows(user, Permission.PROJECT_KPI_VIEW):
        live_url = reverse("handover:story", args=[project.code])
    if record is None:
        return [Step(label=_("Handover"), state="gate", url=url), Step(label=_("Live"))]
    product = record.product
    if record.is_accepted and product:
        went_live = fmt.day(product.live_on) if product.live_on else ""
        return [
            Step(
                label=_("Handover"),
                state="done",
                note=record.get_state_display(),
                when=fmt.day(record.accepted_at),
                url=url,
            ),
            Step(
                label=_("Live"),
                state="now",
                percent=100,
                note=product.get_stage_display(),
                when=went_live,
                url=live_url,
            ),
        ]
    things = record.lines + record.items
    done = record.lines_done + record.items_decided
    return [
        Step(
            label=_("Handover"),
            state="now" if record.is_in_review else "gate",
            percent=100 * done // things if things else 0,
            note=_("%(done)s of %(all)s settled") % {"done": done, "all": things},
            when=fmt.day(record.target_date) if record.target_date else record.get_state_display(),
            url=url,
        ),
        Step(label=_("Live"), note=_("Delivery: %(name)s") % {"name": record.receiver} if record.receiver else ""),
    ]
