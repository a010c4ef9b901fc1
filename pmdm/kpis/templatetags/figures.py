"""{% load figures %}: a figure in a cell, built here because lists show several on every row."""

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from pmdm.ui.templatetags.ui import light, na

register = template.Library()


@register.simple_tag
def figure_shown(figure) -> SafeString:
    """{% figure_shown figure %}: its value with its light, or why there is none."""
    return light(figure.status, figure.text) if figure.number is not None else na(figure.reason)


@register.simple_tag
def figure_cells(figures) -> SafeString:
    """{% figure_cells row.figures %}: one cell for each, empty where there is no such figure; opens to its page."""
    return mark_safe("".join([_cell(figure) if figure else _NONE for figure in figures]))  # noqa: S308 - escaped below


_NONE = '<td class="kpi-none"></td>'


def _cell(figure) -> str:
    name = conditional_escape(figure.name)
    word = f'<span class="vh"> {conditional_escape(figure.word)}</span>' if figure.number is not None else ""
    return (
        f'<td class="kpi-cell" data-label="{name}"><a href="{conditional_escape(figure.url)}">{figure_shown(figure)}'
        f'{word}<span class="sub">{name}</span></a></td>'
    )
