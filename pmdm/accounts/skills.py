"""What people can do: from the house's list, with a level."""

from django.db import transaction

from pmdm.accounts.models import PersonSkill, Skill, User


@transaction.atomic
def set_skill(user: User, skill: Skill, *, by, level: int) -> PersonSkill:
    """The person has this skill at this level; again changes the level."""
    held, _created = PersonSkill.objects.update_or_create(user=user, skill=skill, defaults={"level": level})
    return held


@transaction.atomic
def drop_skill(held: PersonSkill, *, by) -> None:
    held.delete()
