"""The product's column in the project's traceability matrix: the issues that break what was delivered."""

from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Issue, Product
from delivery.models import Requirement as Promise
from handover.transfer.models import RequirementLink
from pmdm.accounts.roles import Permission as P
from pmdm.activity.timetravel import travel_all
from pmdm.ui.addresses import address
from projects.scope.tracing.columns import Column, Gap
from projects.scope.tracing.marks import Mark

# A promise that a check found broken while no open issue says what is done about it.
BROKEN, OPEN = "product-broken", "product-issue"
GAPS = (
    Gap(OPEN, gettext_lazy("With an open product issue")),
    Gap(BROKEN, gettext_lazy("Broken in the product, without issue")),
)


def column(project, user) -> Column | None:
    """None until something was handed over, and for whoever may see the issues of none of its products."""
    ids = set(RequirementLink.objects.filter(project=project).values_list("target__product", flat=True).distinct())
    if not ids:
        return None
    products = {product.pk: product for product in Product.objects.allowing(user, P.ISSUE_VIEW).filter(pk__in=ids)}
    if not products:
        return None
    reading = Reading(project, user, products)
    return Column("product_issue", gettext_lazy("Product issues"), GAPS, reading.cells, reading.having)


class Reading:
    """What one reader may see of what became of a project's requirements."""

    def __init__(self, project, user, products: dict[int, Product]):
        self.project, self.user, self.products = project, user, products

    def cells(self, ids, known):
        links = {target: source for source, target in self._links(known) if source in set(ids)}
        marks: dict[int, list[Mark]] = defaultdict(list)
        has_open = set()
        for issue in self._issues(links, known):
            source, product = links[issue.requirement_id], self.products[issue.product_id]
            url = address("delivery:issue-detail", product.code, issue.number)
            state = str(issue.get_state_display()).lower()
            tone = "act" if issue.is_open else "ok"
            # Which product it is of is said where there are several.
            ref = issue.ref if len(self.products) == 1 else f"{product.code} {issue.ref}"
            marks[source].append(Mark(ref, issue.title, state, url, tone))
            if issue.is_open:
                has_open.add(source)
        gap = _("broken, no issue")
        broken = {links[pk] for pk in self._broken(links, known)} - has_open
        return {source: (marks[source], gap if source in broken else "") for source in links.values()}

    def having(self, key, known):
        links = {target: source for source, target in self._links(known)}
        has_open = {links[issue.requirement_id] for issue in self._issues(links, known) if issue.is_open}
        if key == OPEN:
            return has_open
        return {links[pk] for pk in self._broken(links, known)} - has_open

    def _links(self, known):
        """(requirement of the project, of the product) of what had become of them by then."""
        rows = RequirementLink.objects.filter(project=self.project, target__product__in=self.products)
        rows = _then(rows, "project", [self.project.pk], known)
        return rows.values_list("source_id", "target_id")

    def _issues(self, links, known):
        """The open ones first, then the newest. Who sees which is decided by the roles and clients of today."""
        readable = Issue.objects.none()
        for product in self.products.values():
            readable |= Issue.objects.filter(product=product).visible_to(self.user, product)
        rows = Issue.objects.filter(requirement__in=list(links)).order_by("-number")
        if known is None:
            rows = rows.filter(pk__in=readable.values("pk"))
        else:
            rows = rows.filter(pk__in=list(readable.values_list("pk", flat=True)))
        found = _then(rows.defer("description"), "product", self.products, known)
        return sorted(found, key=lambda issue: not issue.is_open)

    def _broken(self, links, known):
        """A client is told nothing that the product's own pages don't tell it, and no more than its own issues."""
        internal = [pk for pk, product in self.products.items() if product.allows(self.user, P.INTERNAL_VIEW)]
        rows = Promise.objects.filter(pk__in=list(links), product__in=internal).broken()
        return _then(rows, "product", self.products, known).values_list("pk", flat=True)


def _then(rows, subject, ids, known):
    return rows if known is None else travel_all(rows, subject=subject, known=dict.fromkeys(ids, known))
