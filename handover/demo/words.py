"""What managers of the demo write about their projects, by how it stands."""

GOOD = [
    "On plan. The team is complete, the client answers within a day, and the next milestone is safe.",
    "A quiet fortnight. Two requirements are verified earlier than planned; the money lasts.",
    "Good progress on the services. I expect no change of the date.",
    "The review with the client went well; small wishes are on the list for later.",
]
LATE = [
    "We are {days} days behind. The integration takes longer than we thought; I ask for one more engineer until the test.",
    "The date slips by {days} days because the partner certified late. The critical path runs through the tests now.",
    "Still {days} days late. We cut the reporting to the core and keep the acceptance test as it is.",
]
DEAR = [
    "We spend more than planned: external help costs twice the estimate. I will bring options to the steering meeting.",
    "Cost is the worry, not the date. The rework on the interface was not in the plan; the forecast is above the budget.",
]
DONE = [
    "The last tests are running. Training begins on Monday, and operations sits in every meeting.",
    "Accepted with two small remarks. We write the manual and prepare the handover.",
]


def status_text(dice, *, late: int, overspent: float, at, last) -> tuple[str, str]:
    """(light, sentence) for a status update; ``late`` in days against the target, ``overspent`` as a factor."""
    if at > last - (last - last.replace(year=last.year - 1)) / 12 and late <= 10:
        return "ok", dice.choice(DONE)
    if late > 20:
        return ("act" if late > 40 else "watch"), dice.choice(LATE).format(days=late)
    if overspent > 1.15:
        return ("act" if overspent > 1.3 else "watch"), dice.choice(DEAR)
    if late > 8:
        return "watch", dice.choice(LATE).format(days=late)
    return "ok", dice.choice(GOOD)
