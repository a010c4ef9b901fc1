"""By what the requirement register may be sorted."""

from django.db.models import Case, IntegerField, Value, When

from projects.scope.models import Requirement


def _rank(field: str, values: list[str]) -> Case:
    """The order of a list of choices, not of their letters."""
    return Case(
        *(When(**{field: value}, then=Value(place)) for place, value in enumerate(values)),
        output_field=IntegerField(),
    )


SORTS = {
    "number": "number",
    "title": "title",
    "priority": _rank("priority", Requirement.Priority.values),
    "state": _rank("state", Requirement.State.values),
    "owner": "owner__name",
}
