"""{% load scope %}: states of requirements, built here because the register shows one on every row."""

from functools import lru_cache

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from pmdm.ui.templatetags.ui import icon

register = template.Library()

LOOKS = {"verified": " is-ok", "rejected": " solid", "approved": " accent", "built": " accent"}


@register.simple_tag
def requirement_state(state, label):
    """{% requirement_state row.state row.get_state_display %}: the state as a tag, verified with a check."""
    return _tag(state, str(label))


@lru_cache(maxsize=256, typed=True)
def _tag(state: str, label: str) -> SafeString:
    sign = icon("check") if state == "verified" else ""
    return mark_safe(f'<span class="tag{LOOKS.get(state, "")}">{sign}{conditional_escape(label)}</span>')  # noqa: S308
