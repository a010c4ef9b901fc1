"""People, client organisations and departments."""

import re
from collections.abc import Mapping
from functools import lru_cache

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import SITE_PERMISSIONS, Permission, Role
from pmdm.activity.triggers import audited


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def known_to(self, user):
        """Those this person may read the names of: nobody of a client learns who else is one."""
        return self.filter(pk=user.organisation_id) if user.organisation_id else self

    def named_in(self, said: str) -> str:
        """The name of the first of these that a text says as whole words; '' for none."""
        return self.named_in_each({"": said}).get("", "")

    def named_in_each[Key](self, texts: Mapping[Key, str]) -> dict[Key, str]:
        """The same for many texts, those alone that name one: one query."""
        names = list(self.order_by("name").values_list("name", flat=True)) if texts else []
        found = {
            key: next((name for name in names if _whole_words(name).search(said)), "") for key, said in texts.items()
        }
        return {key: name for key, name in found.items() if name}


@lru_cache(maxsize=4096)
def _whole_words(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


class Organisation(models.Model):
    """A client organisation. Our own company has none: its people have no organisation."""

    name = models.CharField(_("name"), max_length=200, unique=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("client organisation")
        triggers = audited("")

    def __str__(self):
        return self.name


class Department(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("department")
        triggers = audited("")

    def __str__(self):
        return self.name


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, site_role=Role.ADMIN, **fields)

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())

    @transaction.atomic
    def invite(self, *, email, by, **fields):
        """Make an account without a password and have a mail sent with the link to choose one."""
        user = self.create_user(email, None, **fields)
        user.send_invitation(by=by)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail."""

    SITE_ROLES = [("", _("None")), (Role.ADMIN, _("Administrator")), (Role.PMO, _("PMO"))]

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    job_title = models.CharField(_("job title"), max_length=150, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("client organisation"),
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("department")
    )
    site_role = models.CharField(_("site role"), max_length=20, choices=SITE_ROLES, default="", blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    is_demo = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        triggers = audited("", without=("password", "last_login"))
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_without_case"),
            models.CheckConstraint(
                condition=Q(site_role="") | Q(organisation=None), name="user_client_has_no_site_role"
            ),
        ]

    def __str__(self):
        return self.name

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0]

    def send_invitation(self, *, by):
        from pmdm.accounts import invitations

        invitations.ask_for(self, by=by)

    @transaction.atomic
    def change(self, fields, *, by):
        """Save the named fields. ValidationError where nobody would be left to administer."""
        if "site_role" in fields and self.site_role != Role.ADMIN:
            self._refuse_if_last_administrator()
        if fields:
            self.save(update_fields=fields)

    @transaction.atomic
    def deactivate(self, *, by):
        """Withdraw the right to sign in; sessions end with the next request. Twice changes nothing."""
        if by == self:
            raise ValidationError(_("You can't deactivate yourself: ask another administrator."))
        self._refuse_if_last_administrator()
        type(self).objects.filter(pk=self.pk, is_active=True).update(is_active=False)
        self.is_active = False

    @transaction.atomic
    def activate(self, *, by):
        type(self).objects.filter(pk=self.pk, is_active=False).update(is_active=True)
        self.is_active = True

    def _refuse_if_last_administrator(self):
        # All of them are locked, so that two can't demote each other at once.
        administrators = set(
            type(self)
            .objects.filter(site_role=Role.ADMIN, is_active=True)
            .order_by("pk")
            .select_for_update()
            .values_list("pk", flat=True)
        )
        if administrators == {self.pk}:
            raise ValidationError(_("This is the last administrator: name another one first."))

    @property
    def is_staff(self):
        return self.site_role == Role.ADMIN

    @property
    def sees_all(self):
        """Administrators and the PMO see every project and product."""
        return bool(self.site_role) and self.is_active

    @property
    def initials(self):
        words = [word for word in self.name.split() if word[0].isalpha()] or [self.email]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def colour(self):
        """One of six avatar colours, stable per person."""
        return (self.pk or 0) % 6 + 1

    @cached_property
    def site_permissions(self) -> frozenset[Permission]:
        if not self.is_active or not self.site_role:
            return frozenset()
        return SITE_PERMISSIONS[Role(self.site_role)]


class Skill(models.Model):
    """One of the house's list of skills."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("skill")
        triggers = audited("")

    def __str__(self):
        return self.name


class PersonSkill(models.Model):
    """What a person can do, and how well."""

    class Level(models.IntegerChoices):
        LEARNING = 1, _("Learning")
        WORKING = 2, _("Works with it")
        SKILLED = 3, _("Skilled")
        EXPERT = 4, _("Expert")

    user = models.ForeignKey(User, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="people", verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, default=Level.WORKING)

    class Meta:
        ordering = ["skill__name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "skill"], name="person_skill_unique"),
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="person_skill_level_1_4"),
        ]
        triggers = audited("")

    def __str__(self):
        return f"{self.skill} ({self.get_level_display()})"
