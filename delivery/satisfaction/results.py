"""From stored answers to indices: one grouped query per question, then the plain engine."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from delivery.satisfaction import indices

REASONS = {
    indices.NO_ANSWERS: _("No answers yet"),
    indices.TOO_FEW: _("Fewer than %d answers: not shown, so that nobody can be picked out") % indices.MINIMUM,
}
TREND = 8


@dataclass(frozen=True)
class Results:
    """The three indices of one set of answers, and how the answers spread."""

    csat: indices.Index
    mean: indices.Index
    nps: indices.Nps
    satisfaction: dict[int, int]
    recommendation: dict[int, int]


def results_of(answers, *, minimum: int = 1) -> Results:
    """Indices of a queryset of answers."""
    return _results(counts_of(answers, "satisfaction"), counts_of(answers, "recommendation"), minimum)


def counts_of(answers, question: str) -> dict[int, int]:
    """How often each answer to a question was given; blanks are no answers."""
    rows = answers.exclude(**{question: None}).order_by().values_list(question).annotate(Count("pk"))
    return dict(rows)


def by_group(answers, group: str) -> list[tuple[object, Results]]:
    """Indices for each value of a field (a client, a survey), small groups withheld; two queries in all."""
    split: dict[object, tuple[dict, dict]] = {}
    for index, question in enumerate(("satisfaction", "recommendation")):
        rows = answers.exclude(**{question: None}).order_by().values_list(group, question).annotate(Count("pk"))
        for key, value, count in rows:
            split.setdefault(key, ({}, {}))[index][value] = count
    return [(key, _results(*counts, indices.MINIMUM)) for key, counts in split.items()]


def trend_of(product) -> dict:
    """The latest waves with their results, oldest first, and the latest that anybody answered."""
    waves = list(product.surveys.annotate(answered=Count("answers")).order_by("-opens_at")[:TREND])[::-1]
    found = dict(by_group(product.survey_answers.filter(survey__in=waves), "survey"))
    nothing = _results({}, {}, 1)
    for wave in waves:
        wave.results = found.get(wave.pk, nothing)
    answered = [wave for wave in waves if wave.answered]
    return {"waves": waves, "latest": (answered or waves or [None])[-1]}


def _results(satisfaction: dict[int, int], recommendation: dict[int, int], minimum: int) -> Results:
    return Results(
        csat=indices.csat(satisfaction, minimum=minimum),
        mean=indices.mean(satisfaction, minimum=minimum),
        nps=indices.nps(recommendation, minimum=minimum),
        satisfaction={value: satisfaction.get(value, 0) for value in indices.SATISFACTION},
        recommendation={value: recommendation.get(value, 0) for value in indices.RECOMMENDATION},
    )
