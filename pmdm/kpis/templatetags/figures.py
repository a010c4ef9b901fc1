"""{% load figures %}: a figure in a cell, built here because lists show several on every row."""

from functools import lru_cache

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from pmdm.kpis import registry
from pmdm.ui.language import language
from pmdm.ui.parts import WORDS, Status
from pmdm.ui.templatetags.ui import light, na

register = template.Library()


@register.simple_tag
def figure_shown(figure) -> SafeString:
    """{% figure_shown figure %}: its value with its light, or why there is none."""
    return light(figure.status, figure.text) if figure.number is not None else na(figure.reason)


@register.simple_tag
def figure_numbers(figures, columns) -> SafeString:
    """{% figure_numbers product.figures columns %}: the cells of a list with a column for each figure."""
    if not figures:  # The reader may not see them here.
        return mark_safe('<td class="num"></td>' * len(columns))  # noqa: S308
    cells = [f'<td class="num" data-label="{_name(one)}">{figure_shown(one)}</td>' for one in figures]
    return mark_safe("".join(cells))  # noqa: S308 - both are escaped


@register.simple_tag
def figure_cells(figures) -> SafeString:
    """{% figure_cells row.figures %}: one cell for each, empty where there is no such figure; opens to its page."""
    return mark_safe("".join([_cell(figure) if figure else _NONE for figure in figures]))  # noqa: S308 - escaped below


_NONE = '<td class="kpi-none"></td>'


def _cell(figure) -> str:
    name = _name(figure)
    word = f'<span class="vh"> {_word(figure.status, language())}</span>' if figure.number is not None else ""
    return (
        f'<td class="kpi-cell" data-label="{name}"><a href="{conditional_escape(figure.url)}">{figure_shown(figure)}'
        f'{word}<span class="sub">{name}</span></a></td>'
    )


def _name(figure) -> SafeString:
    return _names(figure.kpi.subject_type, language()).get(figure.kpi.code) or conditional_escape(figure.name)


@lru_cache(maxsize=64)
def _names(subject_type: str, language: str | None) -> dict[str, SafeString]:
    return {kpi.code: conditional_escape(str(kpi.name)) for kpi in registry.of(subject_type)}


@lru_cache(maxsize=64)
def _word(status: str, language: str | None) -> SafeString:
    return conditional_escape(str(WORDS[Status(status)]))
