"""Two plans beside each other: every fact that one has and the other has otherwise."""

from dataclasses import asdict

from projects.schedule.planfiles import Plan

OF_READING = {"line"}  # where a value stood in its file is no fact of the plan
COMPUTED = {  # what the last program to schedule the plan had computed
    "stored_start",
    "stored_finish",
    "stored_early_start",
    "stored_early_finish",
    "stored_late_start",
    "stored_late_finish",
    "stored_critical",
    "stored_total_slack",
    "stored_free_slack",
}


def facts(plan: Plan, leave_out: set[str] = frozenset()) -> dict[tuple, object]:
    """All values of a plan by their place, such as ("tasks", 12, "deadline")."""
    found: dict[tuple, object] = {}

    def put(place: tuple, values: dict) -> None:
        for name, value in values.items():
            if name not in OF_READING | leave_out:
                found[*place, name] = value

    put(("project",), asdict(plan.project))
    for what in ("calendars", "tasks", "resources"):
        for each in getattr(plan, what):
            put((what, each.uid), asdict(each))
        found[what, "order"] = [each.uid for each in getattr(plan, what)]
    for link in plan.links:
        put(("links", link.predecessor_uid, link.successor_uid), asdict(link))
    for assignment in plan.assignments:
        put(("assignments", assignment.task_uid, assignment.resource_uid), asdict(assignment))
    if plan.project_task:
        put(("project task",), asdict(plan.project_task))
    return found


def differences(before: Plan, after: Plan, leave_out: set[str] = frozenset()) -> dict[tuple, tuple]:
    """{place: (value before, value after)} of everything that is not the same."""
    old, new = facts(before, leave_out), facts(after, leave_out)
    return {place: (old.get(place), new.get(place)) for place in old | new if old.get(place) != new.get(place)}
