"""The trail as sentences: 'Ines Moreau moved task Sandbox integration: finish 20 Nov → 27 Nov, and 11 more tasks'.

Rows that one request changed are one entry. Two statements and one query per kind of name, whatever the length.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission
from pmdm.activity.models import Change
from pmdm.activity.words import STAMPS, Kind, Names, edition, kind_of_table, value_in_words

SUBJECTS = {"project": Permission.PROJECT_ACTIVITY_VIEW, "product": Permission.PRODUCT_ACTIVITY_VIEW}
# Of each kind of change in one request so many are told one by one.
TOLD = 3


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Item:
    """What happened to one row, or to many of a kind: 'added', '126 tasks'."""

    verb: str
    what: str
    changes: tuple[FieldChange, ...] = ()
    url: str = ""
    more: str = ""  # 'and 11 more tasks'

    def __str__(self) -> str:
        details = ", ".join(f"{change.label} {change.before} → {change.after}" for change in self.changes)
        return (
            f"{self.verb} {self.what}" + (f": {details}" if details else "") + (f", {self.more}" if self.more else "")
        )


@dataclass
class Entry:
    """What somebody did in one go."""

    id: int
    at: dt.datetime
    actor: User | None
    items: list[Item] = field(default_factory=list)
    left_out: int = 0  # items that a short feed does not tell

    @property
    def who(self) -> str:
        return self.actor.name if self.actor else _("PMDM")

    def __str__(self) -> str:
        return f"{self.who} " + "; ".join(map(str, self.items))


def recent(subject, user, limit: int = 8, *, before: int | None = None, told: int | None = None) -> list[Entry]:
    """The latest entries of a project or product, newest first; none for those who may not read its activity.

    ``before`` is the id of the last entry of the page before; ``told``: how many items of an entry are told at most.
    """
    subject_type = subject._meta.model_name
    held = subject.permissions_of(user)
    if SUBJECTS[subject_type] not in held:
        return []
    rules = _rules(held, edition())
    if not rules:
        return []
    untold = _untold(subject, user, rules)
    entries = _worded(subject, _rows(subject_type, subject.pk, held, untold, limit, before), rules, held)
    if told is not None:
        for entry in entries:
            entry.left_out = max(len(entry.items) - told, 0)
            del entry.items[told:]
    return entries


@dataclass(frozen=True)
class Rule:
    """What may be told of one table: labelled columns, columns of engines, stamps."""

    kind: Kind
    fields: dict[str, models.Field]
    computed: dict[str, models.Field]
    stamps: dict[str, models.Field]


@lru_cache(maxsize=64)
def _rules(held: frozenset[Permission], words: int) -> dict[str, Rule]:
    """Of all tables, for who holds these permissions; made once for each edition of the words."""
    rules = {}
    for table in _audited_tables():
        kind = kind_of_table(table)
        if kind is None or kind.description.hidden:
            continue
        if kind.description.needs and kind.description.needs not in held:
            continue
        rules[table] = Rule(kind, kind.fields(held), kind.computed(), kind.stamps())
    return rules


def _untold(subject, user, rules: dict[str, Rule]) -> list[tuple[str, str, list[int]]]:
    """Rows that are private to others and what points at them: (table, column that holds their id, the ids)."""
    private: dict[type[models.Model], list[int]] = {}
    for rule in rules.values():
        found = rule.kind.description.private
        if found and any(field.name == subject._meta.model_name for field in rule.kind.model._meta.fields):
            private[rule.kind.model] = list(found(subject, user).order_by().values_list("pk", flat=True))
    if not any(private.values()):
        return []
    return [
        (table, str(field.column), ids)
        for table, rule in rules.items()
        for field in rule.kind.model._meta.concrete_fields
        if (ids := private.get(rule.kind.model if field.primary_key else field.related_model))  # type: ignore[arg-type]
    ]


def _audited_tables() -> list[str]:
    from django.apps import apps

    return [
        model._meta.db_table
        for model in apps.get_models()
        if any(trigger.name == "audit_u" for trigger in getattr(model._meta, "triggers", ()))
    ]


_SQL = """
WITH RECURSIVE heads (n, id, request_id) AS (
    (SELECT 1, c.id, c.request_id FROM activity_change c WHERE {mine} {from_here} ORDER BY c.id DESC LIMIT 1)
    UNION ALL
    SELECT h.n + 1, next.id, next.request_id
    FROM heads h CROSS JOIN LATERAL (
        SELECT c.id, c.request_id FROM activity_change c
        WHERE {mine} AND c.id < h.id AND (c.request_id <> h.request_id OR c.request_id = '')
        ORDER BY c.id DESC LIMIT 1
    ) next
    WHERE h.n <= %(limit)s
), spans AS (
    SELECT n, id, request_id, coalesce(lead(id) OVER (ORDER BY n), 0) AS after_id FROM heads
)
SELECT s.n, s.id, c.id, c.at, c.actor_id, c."table", c.operation, c.before, c.after, told.of_its_kind
FROM spans s
CROSS JOIN LATERAL (
    SELECT r.id, r.weight, r.of_its_kind FROM (
        SELECT c.id, {weight} AS weight,
            row_number() OVER (PARTITION BY c."table", c.operation ORDER BY {weight}, c.id) AS place,
            count(*) OVER (PARTITION BY c."table", c.operation) AS of_its_kind
        FROM activity_change c
        WHERE {mine} AND c.id <= s.id AND c.id > s.after_id AND c.request_id = s.request_id
    ) r
    WHERE r.place <= %(told)s
) told
JOIN activity_change c ON c.id = told.id
WHERE s.n <= %(limit)s
ORDER BY s.n, told.weight, c.id
"""


def _rows(
    subject_type: str,
    subject_id: int,
    held: frozenset[Permission],
    untold: list[tuple[str, str, list[int]]],
    limit: int,
    before: int | None,
) -> list[tuple]:
    values: dict[str, Any] = {"type": subject_type, "id": subject_id, "limit": limit, "told": TOLD, "before": before}
    values |= {f"ids{number}": [str(pk) for pk in ids] for number, (_table, _column, ids) in enumerate(untold)}
    hidden = tuple((table, column) for table, column, _ids in untold)
    with connection.cursor() as cursor:
        cursor.execute(_statement(held, edition(), hidden, before is not None), values)
        return cursor.fetchall()


@lru_cache(maxsize=256)
def _statement(held: frozenset[Permission], words: int, hidden: tuple[tuple[str, str], ...], further: bool) -> str:
    """The question for who holds these permissions. All its names are of tables and columns of models.

    With a name and two lists of columns for each of some hundred tables as parameters, putting it together took
    longer than the rest of a page.
    """
    rules = _rules(held, words)
    told, by_people = [], []
    for table, rule in rules.items():
        told.append(f"WHEN {_text(table)} THEN c.before ?| {_texts([*rule.fields, *rule.computed, *rule.stamps])}")
        by_people.append(f"WHEN {_text(table)} THEN c.before ?| {_texts([*rule.fields, *rule.stamps])}")
    mine = f"""c.subject_type = %(type)s AND c.subject_id = %(id)s AND c."table" = ANY({_texts(list(rules))})
        AND (c.operation <> 'U' OR CASE c."table" {" ".join(told)} END)"""
    for number, (table, column) in enumerate(hidden):
        mine += f""" AND (c."table" <> {_text(table)} OR coalesce((CASE c.operation WHEN 'D' THEN c.before
            ELSE c.after END ->> {_text(column)}) <> ALL(%(ids{number})s), true))"""
    weight = f"""CASE WHEN c.operation <> 'U' THEN 0 ELSE
        CASE WHEN CASE c."table" {" ".join(by_people)} END THEN 0 ELSE 1 END END"""
    return _SQL.format(mine=mine, weight=weight, from_here="AND c.id < %(before)s" if further else "")


def _text(name: str) -> str:
    """A name as a text of SQL."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name of a table or column.")
    return f"'{name}'"


def _texts(names: list[str]) -> str:
    return f"ARRAY[{', '.join(map(_text, names))}]::text[]"


def _worded(subject, rows: list[tuple], rules: dict[str, Rule], held) -> list[Entry]:
    import json

    rows = [(*row[:7], *(json.loads(doc) if isinstance(doc, str) else doc for doc in row[7:9]), row[9]) for row in rows]
    names = Names(held)
    for row in rows:
        rule, before, after = rules[row[5]], row[7], row[8]
        for each in rule.kind.naming():
            names.want(each, (after or before).get(each.column))
        if row[6] == Change.UPDATE:
            for column, each in rule.fields.items():
                if column in before:
                    names.want(each, before[column])
                    names.want(each, after.get(column))
    names.fetch()
    people = User.objects.in_bulk({row[4] for row in rows if row[4]})

    entries: dict[int, Entry] = {}
    seen: dict[tuple, int] = {}
    for number, head, _id, at, actor, table, operation, before, after, count in rows:
        entry = entries.setdefault(number, Entry(head, at, people.get(actor)))
        entry.at = max(entry.at, at)
        place = seen[number, table, operation] = seen.get((number, table, operation), 0) + 1
        if count > TOLD and place > 1:
            continue
        item = _item(subject, rules[table], operation, before, after, names, count)
        if item:
            entry.items.append(item)
    return [entry for entry in entries.values() if entry.items]


def _item(subject, rule: Rule, operation: str, before, after, names: Names, count: int) -> Item | None:
    kind, row = rule.kind, after or before
    many = count > TOLD
    name = kind.name_of(row, names)
    what = f"{kind.name} {name}" if name else kind.name
    is_subject = kind.model is type(subject)
    if is_subject:
        what = kind.name if operation == Change.UPDATE else what
    url = kind.description.url(row, subject) if kind.description.url and after else ""
    if operation == Change.INSERT:
        if many:
            return Item(_("added"), kind.names(count))
        if kind.description.added:
            return Item("", kind.description.added(row), url=url)
        return Item(_("added"), what, url=url)
    if operation == Change.DELETE:
        return Item(_("deleted"), kind.names(count) if many else what)
    more = _("and %(others)s more") % {"others": kind.names(count - 1)} if many else ""
    changes, moved = [], True
    for column, each in {**rule.fields, **rule.computed}.items():
        if column not in before:
            continue
        was, now = before[column], after.get(column)
        change = FieldChange(kind.label_of(each), value_in_words(each, was, names), value_in_words(each, now, names))
        if change.before == change.after and column in rule.computed:
            continue  # A date that an engine moved by hours.
        moved = moved and isinstance(each, models.DateField) and was is not None and now is not None
        changes.append(change)
    if changes:
        return Item(_("moved") if moved else _("changed"), what, tuple(changes), url, more)
    for column, each in rule.stamps.items():
        if column in before:
            word = STAMPS[each.name.removesuffix("_at")]
            text = _("as %(word)s") if after.get(column) else _("as not %(word)s")
            return Item(_("marked"), f"{what} {text % {'word': word}}", url=url, more=more)
    return None
