"""Who works on a project, in which role."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import PROJECT_ROLES, ROLE_NAMES, Role
from pmdm.activity.triggers import audited


class Membership(models.Model):
    # Who may see what is decided by the roles of today, whatever day is looked at.
    ALWAYS_NOW = True
    ROLES = [(role.value, ROLE_NAMES[role]) for role in PROJECT_ROLES]

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="project_memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=20, choices=ROLES)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user", "role"], name="project_membership_unique"),
            # One manager, one delivery manager, one sponsor: responsibility has one name.
            models.UniqueConstraint(
                fields=["project", "role"],
                condition=models.Q(role__in=[Role.MANAGER, Role.DELIVERY_MANAGER, Role.SPONSOR]),
                name="project_one_person_per_key_role",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"
