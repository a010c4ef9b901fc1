"""Who joins, changes role, leaves. Responsibility always has one name."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import ROLE_NAMES, Role
from projects.lifecycle.standing import while_open
from projects.team.models import Membership

# Roles held by one person, and what the one before becomes when another is named.
KEY_ROLES = {
    Role.MANAGER: Role.MEMBER,
    Role.DELIVERY_MANAGER: Role.STAKEHOLDER,
    Role.SPONSOR: Role.STAKEHOLDER,
}


@while_open
def give_role(project, *, by, user, role: str, at=None) -> tuple[Membership, Membership | None]:
    """Give a person a role. A role for one person moves on: its holder of before gets the role beside it."""
    role = Role(role)
    _may_hold(user, role)
    if project.memberships.filter(user=user, role=role).exists():
        raise ValidationError(
            {"user": _("%(user)s is %(role)s already.") % {"user": user, "role": ROLE_NAMES[role]}}, code="already"
        )
    former = _step_aside(project, role) if role in KEY_ROLES else None
    return project.memberships.create(user=user, role=role, since=at or timezone.now()), former


@while_open
def change_role(membership: Membership, *, by, role: str) -> Membership | None:
    """Move a membership to another role; the last manager keeps theirs until another is named."""
    project = membership.project
    role = Role(role)
    if role == membership.role:
        return None
    _may_hold(membership.user, role)
    _keeps_a_manager(membership)
    if project.memberships.filter(user=membership.user, role=role).exists():
        raise ValidationError(
            {"role": _("%(user)s is %(role)s already.") % {"user": membership.user, "role": ROLE_NAMES[role]}}
        )
    former = _step_aside(project, role) if role in KEY_ROLES else None
    membership.role = role
    membership.save(update_fields=["role"])
    return former


@while_open
def remove(membership: Membership, *, by) -> None:
    """End a membership; what the person did stays. The manager can't go before another is named."""
    _keeps_a_manager(membership)
    membership.delete()


@while_open
def name_person(resource, *, by, user) -> None:
    """Say who of our people a resource of the plan is; None: nobody of ours."""
    resource.user = user
    resource.save(update_fields=["user"])


def _step_aside(project, role) -> Membership | None:
    holder = project.memberships.select_related("user").filter(role=role).first()
    if holder is None:
        return None
    next_role = KEY_ROLES[role]
    if project.memberships.filter(user=holder.user, role=next_role).exists():
        holder.delete()
    else:
        holder.role = next_role
        holder.save(update_fields=["role"])
    return holder


def _keeps_a_manager(membership: Membership) -> None:
    if membership.role == Role.MANAGER:
        raise ValidationError(
            _("%(user)s manages this project. Name another project manager first; this role then moves on.")
            % {"user": membership.user}
        )


def _may_hold(user, role: Role) -> None:
    if not user.is_active:
        raise ValidationError({"user": _("%(user)s has left and can't join.") % {"user": user}})
    if user.organisation_id and role != Role.CLIENT:
        raise ValidationError(
            {
                "role": _("%(user)s belongs to the client %(organisation)s and can only be Client.")
                % {"user": user, "organisation": user.organisation}
            }
        )
