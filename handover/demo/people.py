"""Makes the people, organisations, departments, rates and calendars of the demo company."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from handover.demo.company import CLIENTS, DEPARTMENTS, MAIL_DOMAIN, PEOPLE
from pmdm.accounts.models import Department, Organisation, User
from pmdm.worktime.models import Calendar
from projects.budget.verbs import set_rate

OFFICE_HOURS = {str(day): [["08:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
SERVICE_HOURS = {str(day): [["07:00", "19:00"]] for day in range(5)}


@dataclass
class Company:
    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Organisation] = field(default_factory=dict)
    office: Calendar | None = None
    service: Calendar | None = None

    def __getitem__(self, key: str) -> User:
        return self.people[key]

    def clients_people(self, client: str) -> list[User]:
        """The people of one client, in the order of the list."""
        return [self.people[person.key] for person in PEOPLE if person.client == client]


def found_company(now: datetime.datetime) -> Company:
    """All rows that the story needs before it begins."""
    company = Company()
    departments = {name: Department.objects.get_or_create(name=name)[0] for name in DEPARTMENTS}
    company.clients = {key: Organisation.objects.get_or_create(name=name)[0] for key, name in CLIENTS.items()}
    for person in PEOPLE:
        user = User(
            email=f"{_mailbox(person.name)}@{MAIL_DOMAIN[person.client]}",
            name=person.name,
            job_title=person.title,
            department=departments.get(person.department),
            organisation=company.clients.get(person.client),
            site_role=person.site_role,
            is_demo=bool(person.sign_in),
        )
        user.set_unusable_password()
        user.save()
        company.people[person.key] = user
        if person.hourly:
            _rates(user, person.hourly, now, by=company.people["admin"])
    company.office, _ = Calendar.objects.get_or_create(
        name="Office hours, Germany",
        defaults={"week": OFFICE_HOURS, "country": "DE", "time_zone": "Europe/Berlin"},
    )
    company.service, _ = Calendar.objects.get_or_create(
        name="Service hours, 7 to 19",
        defaults={"week": SERVICE_HOURS, "country": "DE", "time_zone": "Europe/Berlin"},
    )
    return company


def _mailbox(name: str) -> str:
    first, *_middle, last = name.lower().replace("á", "a").replace("é", "e").replace("í", "i").split()
    return f"{first}.{last}"


def _rates(user: User, hourly: int, now: datetime.datetime, *, by) -> None:
    """A rate for each year of the story; each January three per cent more."""
    first = now.year - 3
    for year in range(first, now.year + 1):
        amount = Decimal(hourly) * Decimal("1.03") ** (year - now.year)
        set_rate(
            user,
            by=by,
            hourly=amount.quantize(Decimal("0.01")),
            currency="EUR",
            valid_from=datetime.date(year, 1, 1),
        )
