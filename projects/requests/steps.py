"""The steps of the guided form, and what each asks for."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Step:
    title: object
    help: object
    fields: tuple[str, ...]
    required: tuple[str, ...]


STEPS = (
    Step(
        _("What and why"),
        _("So that somebody who has not heard of it understands why it is worth doing."),
        ("name", "reason", "goal", "client", "department"),
        ("name", "reason", "goal"),
    ),
    Step(
        _("Result"),
        _("What comes out of it, and how anybody will see that it was worth it."),
        ("results", "excluded", "objective", "measure", "unit", "baseline_value", "target_value"),
        ("results", "objective", "measure", "target_value"),
    ),
    Step(
        _("Time and money"),
        _("A first estimate. It is approved with the charter, and refined in planning."),
        ("target_start", "target_finish", "budget", "currency"),
        ("target_start", "target_finish", "budget", "currency"),
    ),
    Step(
        _("People and risks"),
        _("Who would manage it, who stands behind it, and what could go wrong."),
        ("manager", "sponsor", "risks"),
        ("sponsor",),
    ),
)


def lacking(request) -> list[tuple[int, str, object]]:
    """Required fields that are empty: (step from 1, field, label)."""
    return [
        (number, name, request._meta.get_field(name).verbose_name)
        for number, step in enumerate(STEPS, start=1)
        for name in step.required
        if getattr(request, name) in (None, "")
    ]


def percent(request) -> int:
    """How much of what is required is filled in, 0 to 100."""
    whole = sum(len(step.required) for step in STEPS)
    return round(100 * (whole - len(lacking(request))) / whole)
