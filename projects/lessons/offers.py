"""Lessons of other projects that a project should hear while it starts: found by what its charter says.

Three queries, whatever the number of lessons: what each published lesson shares with the charter (by the index of
words), the lessons that are most alike, and the words said on them so far.
"""

import json
import re
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission
from projects.lessons.likeness import Found, Likeness, most_alike
from projects.lessons.models import LANGUAGE, Lesson, LessonUse, is_staff
from projects.lifecycle.models import Project

SHOWN = 4
MOST = 20
MOST_WORDS = 300
_WORD = re.compile(r"[^\W\d_]{3,}")

_SQL = """
WITH said AS (
    SELECT DISTINCT ON (x.lexeme) x.lexeme, w.word
    FROM unnest(%(words)s::text[]) AS w (word) CROSS JOIN LATERAL unnest(to_tsvector(%(language)s, w.word)) x
    ORDER BY x.lexeme, length(w.word), w.word
), hits AS (
    SELECT l.id, said.word, count(*) OVER (PARTITION BY said.lexeme) AS lessons
    FROM said JOIN projects_lesson l ON l.search @@ ('''' || said.lexeme || '''')::tsquery
    WHERE l.state = 'published' AND l.project_id <> %(project)s
), words AS (
    SELECT id, json_agg(json_build_array(word, lessons)) AS words FROM hits GROUP BY id
), known AS (
    SELECT DISTINCT t.tag FROM projects_lesson l CROSS JOIN LATERAL unnest(l.tags) AS t (tag)
    WHERE l.state = 'published' AND l.project_id <> %(project)s
), spoken AS (
    SELECT coalesce(array_agg(tag), '{}') AS tags FROM known
    WHERE to_tsvector(%(language)s, %(text)s) @@ plainto_tsquery(%(language)s, tag)
)
SELECT l.id, l.impact, coalesce(words.words, '[]'),
    ARRAY (SELECT t.tag FROM unnest(l.tags) AS t (tag) WHERE t.tag = ANY(spoken.tags)),
    coalesce(p.client_id = %(client)s, false) AND (%(sees_all)s OR p.id = ANY(%(inside)s)),
    coalesce(p.department_id = %(department)s, false)
FROM projects_lesson l JOIN projects_project p ON p.id = l.project_id
CROSS JOIN spoken LEFT JOIN words ON words.id = l.id
WHERE l.state = 'published' AND l.project_id <> %(project)s
"""


@dataclass
class Offer:
    """One lesson with why it is offered and what the project said to it (None: nothing yet)."""

    lesson: Lesson
    likeness: Likeness
    use: LessonUse | None = None

    @property
    def why(self) -> list[str]:
        reasons = []
        if self.likeness.tags:
            reasons.append(_("Tagged %(tags)s, which the charter speaks of") % {"tags": ", ".join(self.likeness.tags)})
        if self.likeness.words:
            reasons.append(_("Shares the words %(words)s") % {"words": ", ".join(self.likeness.words[:5])})
        if self.likeness.same_client:
            reasons.append(_("Same client"))
        if self.likeness.same_department:
            reasons.append(_("Same department"))
        return reasons


def is_starting(phases: dict[str, str]) -> bool:
    """Whether a project is in initiation or planning; ``phases`` gives the state of each kind."""
    return "active" in (phases.get("initiation"), phases.get("planning"))


def charter_of(project) -> str:
    """The words of a project by which it is compared: name, goal, objectives and how they are measured."""
    objectives = project.objectives.order_by("number").values_list("statement", "measure")
    return "\n".join([project.name, project.goal, *(text for pair in objectives for text in pair)])


def offers_for(project, user, limit: int = MOST) -> list[Offer]:
    """The lessons most like this project, the best first; none for a client's people."""
    if not is_staff(user):
        return []
    text = charter_of(project)
    words = list(dict.fromkeys(word.casefold() for word in _WORD.findall(text)))[:MOST_WORDS]
    inside = (
        []
        if user.sees_all
        else list(Project.objects.allowing(user, Permission.LESSON_VIEW).values_list("pk", flat=True))
    )
    values = {
        "words": words,
        "text": text,
        "language": LANGUAGE,
        "project": project.pk,
        "client": project.client_id,
        "department": project.department_id,
        "sees_all": bool(user.sees_all),
        "inside": inside,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        rows = cursor.fetchall()
    found = [
        Found(
            lesson,
            impact,
            [tuple(pair) for pair in (json.loads(shared) if isinstance(shared, str) else shared)],
            tags,
            same_client,
            same_department,
        )
        for lesson, impact, shared, tags, same_client, same_department in rows
    ]
    alike = most_alike(found, len(rows), limit)
    lessons = (
        Lesson.objects.filter(pk__in=[one.lesson for one in alike])
        .with_inside(user)
        .with_uses()
        .select_related("project__department", "author")
        .in_bulk()
    )
    return [Offer(lessons[one.lesson], one) for one in alike if one.lesson in lessons]


def with_uses(project, offers: list[Offer]) -> list[Offer]:
    """Say on each what this project made of it."""
    uses = {use.lesson_id: use for use in project.lesson_uses.select_related("risk", "task", "by")}
    for offer in offers:
        offer.use = uses.get(offer.lesson.pk)
    return offers


def unheard(project, user, can, phases: dict[str, str]) -> list[Offer] | None:
    """For overview and charter: the best few that nobody has judged yet, while the project starts; else None."""
    if Permission.LESSON_VIEW not in can or project.locked_reason or not is_starting(phases):
        return None
    offers = with_uses(project, offers_for(project, user))
    return [offer for offer in offers if offer.use is None][:SHOWN]
