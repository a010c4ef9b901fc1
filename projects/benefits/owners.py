"""Who may answer for a benefit: somebody who is still there when the project has ended."""

from pmdm.accounts.models import User
from pmdm.accounts.roles import Role
from projects.benefits import golive
from projects.team.models import Membership

# Roles on a project whose people stay: they pay for it, take it over or live with it. Manager and team leave.
STAYING = (Role.SPONSOR, Role.DELIVERY_MANAGER, Role.STAKEHOLDER)


def possible_owners(project, after: golive.After | None = None):
    """Active colleagues who outlive the project: sponsor, delivery manager, stakeholders, who looks after its product,
    and the PMO. The project manager and the team do not, unless they also hold one of these roles.

    ``after``: what is known of the time after the project, where the caller has asked already.
    """
    staying = Membership.objects.filter(project=project, role__in=STAYING).values("user")
    product = [person.pk for person in (after or golive.after(project)).people]
    people = User.objects.filter(is_active=True, organisation=None)
    return (people.filter(pk__in=staying) | people.filter(pk__in=product) | people.filter(site_role=Role.PMO)).order_by(
        "name", "pk"
    )
