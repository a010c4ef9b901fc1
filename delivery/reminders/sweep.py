"""Plans alerts from the dates as they stand, and fires what is due: found by the beat, each once.

Planning is part of the sweep, so no writer of a date can forget it. A worker that dies leaves rows as they were.
"""

import datetime
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from delivery.articles.models import Article
from delivery.products.agreements.models import Agreement
from delivery.products.models import Membership, Product
from delivery.reminders.models import DueAlert
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic

KIND = "product.due"
END_OF_LIFE_DAYS = (180, 90, 30)
REVIEW_DAYS = (14, 0)
HOUR = datetime.time(8)
About = DueAlert.About
# Whom each kind of alert tells, by role; the owner of a contract comes on top.
TELLS = {
    About.END_OF_LIFE: (Role.DELIVERY_MANAGER, Role.SUPPORT, Role.STAKEHOLDER),
    About.CONTRACT: (Role.DELIVERY_MANAGER,),
    About.ARTICLE: (),  # who keeps it right
}
KEY = ("product_id", "about", "agreement_id", "article_id", "day", "days_before")


def moment(day: datetime.date, days_before: int) -> datetime.datetime:
    """Eight in the morning, so many days before."""
    return timezone.make_aware(datetime.datetime.combine(day - datetime.timedelta(days=days_before), HOUR))


def wanted(today: datetime.date) -> list[DueAlert]:
    """An alert for each distance from each day to come; four queries whatever there is."""
    rows = []
    products = Product.objects.live().filter(retire_on__gte=today)
    for product, day in products.order_by().values_list("pk", "retire_on"):
        rows += _alerts(END_OF_LIFE_DAYS, day, product_id=product, about=About.END_OF_LIFE)
    agreements = Agreement.objects.running(today).exclude(product__stage=Product.Stage.RETIRED)
    for row in agreements.only("product", "ends_on", "notice_on", "alert_days"):
        if row.deadline and row.deadline >= today:
            rows += _alerts(
                row.alert_days, row.deadline, product_id=row.product_id, about=About.CONTRACT, agreement_id=row.pk
            )
    articles = Article.objects.exclude(state=Article.State.DRAFT).exclude(product__stage=Product.Stage.RETIRED)
    for row in articles.filter(review_by__gte=today).only("product", "review_by"):
        rows += _alerts(REVIEW_DAYS, row.review_by, product_id=row.product_id, about=About.ARTICLE, article_id=row.pk)
    return rows


def _alerts(distances, day, **what) -> list[DueAlert]:
    return [DueAlert(day=day, days_before=days, due_at=moment(day, days), **what) for days in set(distances)]


@transaction.atomic
def plan(now: datetime.datetime) -> None:
    """Make the rows fit the dates: those of a day that moved go, those to come are there once."""
    rows = {_key(row): row for row in wanted(timezone.localdate(now))}
    waiting = DueAlert.objects.filter(fired_at=None).select_for_update(skip_locked=True)
    gone = [row.pk for row in waiting if _key(row) not in rows]
    DueAlert.objects.filter(pk__in=gone, fired_at=None).delete()
    DueAlert.objects.bulk_create(rows.values(), ignore_conflicts=True, batch_size=500)


def _key(row: DueAlert) -> tuple:
    return tuple(getattr(row, name) for name in KEY)


@periodic("delivery.due_alerts", every="hour")
def sweep(now: datetime.datetime) -> int:
    """Plan, then fire what is due; how many told somebody."""
    plan(now)
    return fire(now)


@transaction.atomic
def fire(now: datetime.datetime) -> int:
    """Ask for the mails of what is due. Of several due for one day the nearest tells, the others are done with."""
    due = DueAlert.objects.filter(fired_at=None, due_at__lte=now).select_related("agreement", "article")
    together: dict[tuple, list[DueAlert]] = defaultdict(list)
    # A second sweep waits, and then finds them fired: were locked rows skipped, each of two that are due for one day
    # could be the nearest that its sweep sees.
    for row in due.order_by("days_before", "pk").select_for_update(of=("self",)):
        together[row.product_id, row.about, row.agreement_id, row.article_id, row.day].append(row)
    people = _people({key[0] for key in together})
    asked: list[tuple[str, dict]] = []
    for rows in together.values():
        nearest = rows[0]
        nearest.told = _told(nearest, people)
        asked += [(f"product.due:{nearest.pk}:{user}", {"alert": nearest.pk, "user": user}) for user in nearest.told]
    fired = [row for rows in together.values() for row in rows]
    for row in fired:
        row.fired_at = now
    DueAlert.objects.bulk_update(fired, ["fired_at", "told"], batch_size=500)
    outbox.enqueue_many(KIND, asked)
    return sum(1 for row in fired if row.told)


def _people(products: set[int]) -> dict[tuple[int, str], list[int]]:
    held: dict[tuple[int, str], list[int]] = defaultdict(list)
    members = Membership.objects.filter(product__in=products, user__is_active=True, user__organisation=None)
    for product, role, user in members.order_by("pk").values_list("product", "role", "user"):
        held[product, role].append(user)
    return held


def _told(row: DueAlert, people) -> list[int]:
    told = [user for role in TELLS[About(row.about)] for user in people[row.product_id, role]]
    if row.agreement and row.agreement.owner_id:
        told.append(row.agreement.owner_id)
    if row.article:
        told.append(row.article.owner_id)
    return list(dict.fromkeys(told))
