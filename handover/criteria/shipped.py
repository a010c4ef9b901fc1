"""The criteria that the library starts with, in our own words.

Drawn from what PRINCE2 (closing a project), ISO 21502 (transition) and ITIL (service acceptance criteria, early-life
support) ask for alike. Each says what shows that it is met, so that a verifier has something to look at.
"""

from collections.abc import Iterator
from typing import NamedTuple

SW, INFRA, SERVICE, EQUIP = "software", "infrastructure", "service", "equipment"
ALL = (SW, INFRA, SERVICE, EQUIP)
TECHNICAL = (SW, INFRA)


class Line(NamedTuple):
    key: str
    category: str
    text: str
    guidance: str
    kinds: tuple[str, ...] = ALL
    is_required: bool = True
    provided_by: str = "giver"


def lines() -> Iterator[Line]:
    """All of them, in the order of a handover."""
    yield from UTILITY
    yield from WARRANTY
    yield from SECURITY
    yield from SUPPORT
    yield from MONITORING
    yield from DOCUMENTATION
    yield from TRAINING
    yield from LEGAL


UTILITY = (
    Line(
        "scope-accepted", "utility", "The client has accepted what was delivered, requirement by requirement",
        "The client's decisions on this handover, or their signed protocol.",
    ),
    Line(
        "users-can-work", "utility", "People of the client have done their real work with it from start to end",
        "Protocol of the pilot or of the first days: who did what, and what got in the way.", (SW, SERVICE),
    ),
    Line(
        "data-complete", "utility", "Data taken over from the old system is complete and checked by its owner",
        "Counts and sums of both sides, and the owner's word on the samples.", (SW,), False,
    ),
    Line(
        "function-test", "utility", "The installation does what its specification says, tried under working load",
        "Test record with date, load and the values that were measured.", (INFRA, EQUIP),
    ),
    Line(
        "service-walkthrough", "utility", "Every request of the service catalogue has been served once as a trial",
        "List of the trial requests with the time each took.", (SERVICE,),
    ),
)  # fmt: skip

WARRANTY = (
    Line(
        "service-levels", "warranty", "Service levels are agreed with the client and can be measured",
        "The signed agreement, and for each level where its figure comes from.",
    ),
    Line(
        "capacity", "warranty", "It carries the load that is expected in a year, with room to spare",
        "Load test or sizing: load expected, load tried, what gave way first.", TECHNICAL,
    ),
    Line(
        "restore-tried", "warranty", "A backup has been restored, and the time it took is known",
        "Date of the restore, amount of data, hours until it worked, who did it.", TECHNICAL,
    ),
    Line(
        "continuity", "warranty", "What happens when a main part fails has been tried, not only described",
        "Record of the failover or the emergency exercise.", (INFRA, SERVICE), False,
    ),
    Line(
        "rollback", "warranty", "The last change can be taken back, and it is known until when",
        "The steps, the person, and the point after which there is no way back.", (SW,),
    ),
    Line(
        "spare-parts", "warranty", "Spare parts and consumables are there or can be had in time",
        "List with store, supplier and time of delivery.", (EQUIP,),
    ),
    Line(
        "maintenance-plan", "warranty", "Maintenance is planned for a year, with intervals and who does it",
        "The plan, entered where operations plans its work.", (INFRA, EQUIP),
    ),
)  # fmt: skip

SECURITY = (
    Line(
        "access-moved", "security", "Access has moved from the project to operations; what nobody needs is closed",
        "List of accounts and keys with their new holders, and of those that were removed.",
    ),
    Line(
        "secrets-changed", "security", "Passwords, keys and certificates that the project knew have been changed",
        "List with dates, and the day each certificate ends.", TECHNICAL,
    ),
    Line(
        "weaknesses", "security", "Known weaknesses are repaired or accepted by somebody who may",
        "Report of the last check and the decision on each finding.", TECHNICAL,
    ),
    Line(
        "personal-data", "security", "Personal data: purpose, place and time of deletion are recorded",
        "The entry in the record of processing.", (SW, SERVICE),
    ),
    Line(
        "safe-to-use", "security", "It is safe to use: hazards are assessed and protected against",
        "Assessment, marks and signs, instruction of those who use it.", (EQUIP,),
    ),
)  # fmt: skip

SUPPORT = (
    Line(
        "support-roster", "support", "Support is staffed for the agreed hours, with a deputy for each person",
        "Roster of the next four weeks.", ALL, True, "receiver",
    ),
    Line(
        "escalation", "support", "Contacts and escalation are agreed up to the supplier",
        "Names and numbers for each step, tried once.",
    ),
    Line(
        "incident-path", "support", "Reports of users arrive where support works, with categories that fit",
        "Three trial reports with the time until they were seen.", ALL, True, "receiver",
    ),
    Line(
        "known-errors", "support", "Known errors are listed with a workaround that support has tried",
        "The list of known gaps of this handover.",
    ),
)  # fmt: skip

MONITORING = (
    Line(
        "alerts-arrive", "monitoring", "Failures are noticed by monitoring before users call; alerts reach operations",
        "An alert that was set off on purpose, and who took it after how many minutes.", TECHNICAL,
    ),
    Line(
        "figures-visible", "monitoring", "The figures operations steers by can be seen without asking anybody",
        "Where they are: availability, load, errors, cost.", (SW, INFRA, SERVICE),
    ),
    Line(
        "thresholds", "monitoring", "Each alert has a threshold, an owner and a first step",
        "Table of alerts; none without a first step.", TECHNICAL, False,
    ),
    Line(
        "condition-checks", "monitoring", "Its condition is checked at fixed intervals, and the values are recorded",
        "Check list with limits, and the first filled one.", (EQUIP,),
    ),
)  # fmt: skip

DOCUMENTATION = (
    Line(
        "runbook", "documentation", "The runbook lets somebody who was not in the project start, stop and repair it",
        "The runbook, and who of operations has worked by it without help.",
    ),
    Line(
        "configuration", "documentation", "Environments, versions, licences and settings are listed as they are today",
        "The list with its date, and how it is kept up to date.", (SW, INFRA, EQUIP),
    ),
    Line(
        "user-guide", "documentation", "Users find what they need in a guide that fits the delivered version",
        "The guide, and where users find it.",
    ),
    Line(
        "as-built", "documentation", "Drawings and connection plans show it as it was built",
        "The plans with the day of the last change.", (INFRA, EQUIP),
    ),
    Line(
        "process-described", "documentation", "The process is described with its roles, inputs and results",
        "The description, released by its owner.", (SERVICE,),
    ),
)  # fmt: skip

TRAINING = (
    Line(
        "team-trained", "training", "Those who will run it have been trained and have worked beside the project",
        "Who was trained when, and what each has done alone since.",
    ),
    Line(
        "users-trained", "training", "Users are trained, and there is something for those who start later",
        "Lists of attendance, and the material.", (SW, SERVICE, EQUIP), False,
    ),
)  # fmt: skip

LEGAL = (
    Line(
        "contracts", "legal", "Contracts and warranties are checked, their dates noted, and passed on",
        "List with supplier, term, notice and new owner.", ALL, False,
    ),
    Line(
        "licences", "legal", "Licences cover the number of users and the purpose of operations",
        "Licences held beside licences used, and free software with its terms.", (SW,),
    ),
    Line(
        "approvals", "legal", "Permits, approvals and declarations that its use needs are there",
        "Copies with the day each ends.", (INFRA, EQUIP),
    ),
)  # fmt: skip
