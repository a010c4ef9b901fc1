"""Choosing people: who may be named on a project."""

from django import forms

from pmdm.accounts.models import User


class PersonField(forms.ModelChoiceField):
    """One of our own people; a client's people are no candidates for owning work."""

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("empty_label", "–")
        super().__init__(queryset=User.objects.filter(is_active=True, organisation=None), **kwargs)


def members_of(project):
    """Active people with a role on the project, clients left out."""
    return (
        User.objects.filter(is_active=True, organisation=None, project_memberships__project=project)
        .distinct()
        .order_by("name")
    )
