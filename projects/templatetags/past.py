"""{% load past %}: the way from the page of one row to what it was."""

from django import template
from django.urls import reverse

from pmdm.accounts.roles import Permission as P

register = template.Library()


@register.inclusion_tag("projects/past/_link.html", takes_context=True)
def past_link(context, register_key, key):
    """{% past_link "risks" risk.number %}: a button, for those who may read the project's activity."""
    if P.PROJECT_ACTIVITY_VIEW not in context["request"].can:
        return {}
    return {"url": reverse("projects:past-record", args=[context["project"].code, register_key, key])}
