"""How the demo's tasks earn: short ones all at once, long ones by what can be counted."""

from decimal import Decimal

from projects.earned_value import rules
from projects.earned_value.models import EarningRule

RULES = {
    "Environments and pipelines": EarningRule.ZERO_HUNDRED,
    "Security test": EarningRule.FIFTY_FIFTY,
    "Load test": EarningRule.FIFTY_FIFTY,
    "Operating manual": EarningRule.TWENTY_EIGHTY,
    "Early watch": EarningRule.LEVEL_OF_EFFORT,
}
COUNTED = "Training of users and support"
PEOPLE = Decimal(40)
STEPPED = "Data model and migration"
# Milestone, its weight, and the percent of the work by which it is reached.
STEPS = (("Model agreed", 2, 20), ("First data migrated", 3, 60), ("All data migrated and counted", 5, 100))


def set_rules(project, *, by) -> None:
    tasks = {task.name: task for task in project.tasks.filter(is_summary=False)}
    for name, rule in RULES.items():
        if name in tasks:
            rules.apply_rule(project, [tasks[name]], by=by, rule=rule)
    follow(project, by=by, at=None)


def follow(project, *, by, at) -> None:
    """Count what the week has brought: people trained, milestones reached."""
    found = (
        project.tasks.filter(name__in=(COUNTED, STEPPED)).select_related("earning").prefetch_related("earning_steps")
    )
    for task in found:
        task.project = project
        if task.name == COUNTED:
            done = (PEOPLE * task.percent / 100).to_integral_value()
            own = getattr(task, "earning", None)
            if own is None or own.units_done != done:
                rules.change_task(task, by=by, rule=EarningRule.UNITS, units_total=PEOPLE, units_done=done)
            continue
        reached = {step.name: step.reached_on for step in task.earning_steps.all()}
        steps = [
            {
                "name": name,
                "weight": Decimal(weight),
                "reached_on": reached.get(name) or (at.date() if at and task.percent >= share else None),
            }
            for name, weight, share in STEPS
        ]
        if {step["name"]: step["reached_on"] for step in steps} != reached:
            rules.change_task(task, by=by, rule=EarningRule.MILESTONES, steps=steps)
