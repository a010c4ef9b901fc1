"""Tags and filters of every page (a builtin library: no {% load %} needed).

Small ones build their markup here, from parts made once, because lists call them on every row.
"""

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pmdm.registers.matrix import MATRIX, Level
from pmdm.ui import format as fmt
from pmdm.ui import nav
from pmdm.ui.context import Frame
from pmdm.ui.forms import fieldsets as fieldsets_of
from pmdm.ui.forms import select
from pmdm.ui.language import language
from pmdm.ui.markdown import render as render_markdown
from pmdm.ui.parts import WORDS, Status

register = template.Library()

# --- Signs ------------------------------------------------------------------------------------------------

_SHAPES = {
    "ok": '<circle cx="6" cy="6" r="4.5"/>',
    "watch": '<path d="M6 1.3 11 10.4H1z"/>',
    "act": '<path d="M6 .8 11.2 6 6 11.2 .8 6z"/>',
    "na": '<circle cx="6" cy="6" r="4"/>',
}
_LIGHTS = {
    status: f'<span class="light is-{status}"><svg viewBox="0 0 12 12" aria-hidden="true">{shape}</svg>'
    for status, shape in _SHAPES.items()
}
_MINIS = {
    status: mark_safe(f'<svg class="mini is-{status}" viewBox="0 0 12 12" aria-hidden="true">{shape}</svg>')  # noqa: S308
    for status, shape in _SHAPES.items()
}


@lru_cache(maxsize=512)
def _icon(name: str, css: str, label: str) -> SafeString:
    hidden = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    css = f"icon {css}" if css else "icon"
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', css, hidden, static("img/icons.svg"), name)


@register.simple_tag
def icon(name, css="", label=""):
    """{% icon "plus" %}: a lucide icon of the sprite; hidden from screen readers unless it has a label."""
    return _icon(name, css, label)


@register.simple_tag
def light(status, word=None):
    """{% light "watch" %} or {% light kpi.status "5 days late" %}: shape, colour and word."""
    return _light(status if status in _LIGHTS else "na", str(word) if word else "", language())


@lru_cache(maxsize=2048, typed=True)  # by type: what is marked safe is another text
def _light(status: str, word: str, language: str | None) -> SafeString:
    return mark_safe(f"{_LIGHTS[status]}{conditional_escape(word or WORDS[Status(status)])}</span>")  # noqa: S308


@register.simple_tag
def mini(status):
    """{% mini "ok" %}: the shape alone, where the word stands beside it anyway."""
    return _MINIS.get(status, _MINIS["na"])


@register.simple_tag
def na(reason):
    """{% na "No baseline yet" %}: 'n/a' with its reason, for eyes and ears."""
    return _na(str(reason), language())


@lru_cache(maxsize=1024, typed=True)  # by type: what is marked safe is another text
def _na(reason: str, language: str | None) -> SafeString:
    return format_html('<span class="na" title="{0}">{1}<span class="vh">: {0}</span></span>', reason, _("n/a"))


# --- People -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _avatar(name: str, key: object, size: str) -> SafeString:
    css = f"av {fmt.colour_class(key)}" + (f" {size}" if size else "")
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, fmt.initials(name))


def _name_of(user) -> str:
    return str(getattr(user, "name", "") or user.get_full_name() or user)


@register.simple_tag
def avatar(user, size=""):
    """{% avatar user "xs" %}: initials on the person's colour; sizes xs, (normal), lg."""
    return "" if not user else _avatar(_name_of(user), user.pk, size)


@register.simple_tag
def person(user, empty=None):
    """{% person task.owner %}: avatar and name; a dash or `empty` for nobody."""
    if not user:
        return format_html('<span class="muted">{}</span>', empty or fmt.DASH)
    return named(user.pk, _name_of(user))


def named(key: int | None, name: str | None) -> SafeString:
    """The same of a person whose key and name are known; of nobody without a name."""
    if key is None or name is None:
        return _nobody
    return mark_safe(  # noqa: S308 - both halves are escaped
        f'<span class="person">{_avatar(name, key, "xs")}<span class="t">{conditional_escape(name)}</span></span>'
    )


_nobody = format_html('<span class="muted">{}</span>', fmt.DASH)


# --- Dates and numbers ------------------------------------------------------------------------------------


@register.simple_tag
def day(value, empty=fmt.DASH):
    """{% day task.due %}: '27 Nov' in a <time>."""
    if not value:
        return empty
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return _day(value, timezone.localdate().year, language())


@lru_cache(maxsize=4096)
def _day(value: dt.date, this_year: int, language: str | None) -> SafeString:
    text = fmt.day(value, dt.date(this_year, 1, 1))
    return mark_safe(f'<time datetime="{value.isoformat()}">{text}</time>')  # noqa: S308


@register.simple_tag
def when(value, empty=fmt.DASH):
    """{% when comment.created_at %}: 'Today, 08:42' in a <time>."""
    if not value:
        return empty
    return mark_safe(  # noqa: S308 - a moment's ISO form, and words of ours
        f'<time datetime="{value.isoformat(timespec="seconds")}">{conditional_escape(fmt.when(value))}</time>'
    )


class WallClock:
    """``day`` and ``when`` for the hundreds of dates of a list: the reader's zone, day and language looked up once."""

    def __init__(self, now: dt.datetime):
        self.now = now
        self._zone = timezone.get_current_timezone()
        self._today = now.astimezone(self._zone).date()
        self._language = language()

    def day(self, value: dt.datetime | None) -> SafeString | str:
        return _day(value.astimezone(self._zone).date(), self._today.year, self._language) if value else fmt.DASH

    def when(self, value: dt.datetime | None) -> SafeString | str:
        if not value:
            return fmt.DASH
        said = conditional_escape(fmt.when_local(value.astimezone(self._zone), self._today))
        return mark_safe(f'<time datetime="{value.isoformat(timespec="seconds")}">{said}</time>')  # noqa: S308


@register.filter
def distance(value):
    """{{ project.go_live|distance }}: 'in 14 weeks'."""
    return fmt.distance(value.date() if isinstance(value, dt.datetime) else value)


@register.simple_tag
def money(amount, currency="EUR", places=0):
    """{% money line.amount project.currency %}: '€18,400'."""
    return fmt.money(amount, currency, places)


@register.simple_tag
def short_money(amount, currency="EUR"):
    """{% short_money project.budget project.currency %}: '€18k'."""
    return fmt.short_money(amount, currency)


@register.filter
def number(value, places=None):
    """{{ value|number }} '18,400'; {{ value|number:2 }} '0.94'."""
    return fmt.number(value, places)


@register.filter
def percent(value, places=None):
    """{{ task.percent|percent }}: a value in percent, '84%'."""
    return fmt.percent(value, places)


@register.filter
def ratio(value, places=None):
    """{{ share|ratio }}: a share of one, 0.84 → '84%'."""
    return fmt.ratio(value, places)


@register.filter
def minutes(value, per_day=fmt.MINUTES_PER_DAY):
    """{{ task.duration|minutes }}: working minutes as '3d 2h'."""
    return fmt.minutes(value, per_day)


@register.filter
def hours(value):
    """{{ 450|hours }}: 7.5h."""
    return fmt.hours(value)


@register.filter
def elapsed(value):
    """{{ incident.length|elapsed }}: clock time as '2d 3h'."""
    return fmt.elapsed(value)


@register.filter
def file_size(value):
    """{{ attachment.size|file_size }}: '3.4 MB'."""
    return fmt.file_size(value)


_NUMBERED = re.compile(r"\b[A-Z]{1,4}-\d+\b")


@register.filter
def whole_numbers(text):
    """{{ cell|whole_numbers }}: a text in whose registers' numbers (R-12, CR-4) no line breaks at the hyphen."""
    return mark_safe(_NUMBERED.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(text)))  # noqa: S308


@register.filter
def markdown(text):
    """{{ update.text|markdown }}: Markdown as safe HTML, inside class="prose"."""
    return render_markdown(str(text or ""))


@register.simple_tag
def progress(value, label, status="", show=True):
    """{% progress task.percent "Progress" %}: a bar 0..100 and its figure."""
    return _progress(max(0, min(100, round(value or 0))), str(label), status, show)


@lru_cache(maxsize=2048)
def _progress(value: int, label: str, status: str, show: bool) -> SafeString:
    css = format_html(' class="is-{}"', status) if status else ""
    bar = format_html('<progress max="100" value="{}" aria-label="{}"{}>{}%</progress>', value, label, css, value)
    return format_html('<span class="meter">{}<span class="v">{}%</span></span>', bar, value) if show else bar


@register.simple_tag
def diff(before, after):
    """{% diff "20 Nov" "27 Nov" %}: before → after, readable without colour."""
    before, after = (fmt.DASH if value in (None, "") else value for value in (before, after))
    return format_html(
        '<span class="diff"><del>{}</del>{}<ins>{}</ins></span>', before, _icon("arrow-right", "", _("became")), after
    )


# --- Frame ------------------------------------------------------------------------------------------------


@register.simple_tag
def still(name):
    """{% still "shell/_head.html" %}: an include that needs no context, drawn once for each language."""
    return template.loader.render_to_string(name) if settings.DEBUG else _still(name, language())


@lru_cache(maxsize=64)
def _still(name: str, language: str | None) -> SafeString:
    return template.loader.render_to_string(name)


# Where a frame that is drawn once has what differs from page to page; nobody can write them down.
_TOKEN, _HERE = secrets.token_hex(16), secrets.token_hex(16)
_HAS_NO_TOKEN = ("", "NOTPROVIDED")


@register.simple_tag(takes_context=True)
def frame(context, name):
    """{% frame "shell/_sidebar.html" %}: a part of the frame, drawn once for all pages where it is the same.

    It sees ``shell`` as plain values (``pmdm.ui.context.Frame``), the form token and ``request.get_full_path``; nothing
    else, so that nothing else can be told to the next reader.
    """
    shell, request = context.get("shell"), context.get("request")
    token = str(context.get("csrf_token") or "")
    draw = _frame.__wrapped__ if settings.DEBUG else _frame
    text = draw(name, shell.frame if shell else Frame(), token not in _HAS_NO_TOKEN, language())
    here = conditional_escape(request.get_full_path()) if request else ""
    return mark_safe(text.replace(_TOKEN, token).replace(_HERE, here))  # noqa: S308 - a template, its gaps filled


@lru_cache(maxsize=512)
def _frame(name: str, shell: Frame, has_token: bool, language: str | None) -> str:
    here = {"get_full_path": _HERE}
    return template.loader.render_to_string(
        name, {"shell": shell, "request": here, "csrf_token": _TOKEN if has_token else ""}
    )


@register.simple_tag
def crumbs(*pairs):
    """{% crumbs "Projects" list_url project.name project_url %}: the way here, above the title."""
    return crumbs_of(zip(pairs[::2], pairs[1::2], strict=True))


@register.simple_tag
def crumbs_of(pairs):
    """{% crumbs_of work.crumbs %}: the same for a list of (label, address)."""
    items = format_html_join("", '<li><a href="{}">{}</a></li>', ((url, label) for label, url in pairs))
    return format_html('<nav class="crumb" aria-label="{}"><ol>{}</ol></nav>', _("Breadcrumb"), items)


@register.simple_tag
def tabs(items, label):
    """{% tabs items "Project" %}: items are dicts label, url, current, count."""
    return _tabs(tuple([_tab(item) for item in items]), str(label), None, language())


@register.simple_tag(takes_context=True)
def subject_tabs(context, group, subject, current, label):
    """{% subject_tabs "project" project "risks" "Project" %}: the tabs that apps registered for this kind."""
    items = [_tab(item) for item in nav.tabs(group, subject, context["request"].user, current)]
    return _tabs(tuple(items), str(label), next((item for item in items if item.below), None), language())


@dataclass(frozen=True)
class _Tab:
    label: str
    url: str
    current: bool
    count: str
    below: tuple


def _tab(item: dict) -> _Tab:
    count = item.get("count")
    below = tuple([_tab(each) for each in item.get("below", ())])
    return _Tab(str(item["label"]), item["url"], bool(item["current"]), "" if count is None else str(count), below)


@lru_cache(maxsize=512)
def _tabs(items: tuple[_Tab, ...], label: str, opened: _Tab | None, language: str | None) -> SafeString:
    return template.loader.render_to_string("ui/_tabs.html", {"items": items, "label": label, "open": opened})


# --- Lists ------------------------------------------------------------------------------------------------


@register.simple_tag
def sort_header(page, word, label, css=""):
    """{% sort_header page "due" _("Due") "num" %}: a <th> whose link sorts the list by this word."""
    direction = page.direction(word)
    attributes = format_html(' class="{}"', css) if css else SafeString()
    if direction:
        attributes += format_html(' aria-sort="{}"', direction)
        sign = _icon("arrow-up" if direction == "ascending" else "arrow-down", "", "")
    else:
        sign = ""
    return format_html(
        '<th scope="col"{}><a href="{}" hx-get="{}" hx-target="#{}" hx-select="#{}" hx-swap="outerHTML"'
        ' hx-push-url="true">{}{}</a></th>',
        attributes, page.sort_url(word), page.sort_url(word), page.id, page.id, label, sign,
    )  # fmt: skip


@register.filter
def control(field):
    """{{ field|control }}: the control of a filter's field."""
    return select(field)


@register.inclusion_tag("ui/_filter_bar.html")
def filter_bar(page, actions=""):
    """{% filter_bar page %}: the list's filter form; narrows while you type, works without script."""
    usual, folded, unfolded = page.form.split()
    return {"page": page, "actions": actions, "usual": usual, "folded": folded, "unfolded": unfolded}


@register.inclusion_tag("ui/_pagination.html")
def pagination(page):
    """{% pagination page %}: 'n of m' and links to the other pages, filter and sort kept."""
    links = [
        {"number": number, "url": page.page_url(number), "current": number == page.page.number}
        if isinstance(number, int)
        else None
        for number in (page.pages if page.page.paginator.num_pages > 1 else [])
    ]
    return {"page": page, "links": links}


# --- Larger parts -----------------------------------------------------------------------------------------


@register.inclusion_tag("ui/_tiles.html")
def tiles(items, label):
    """{% tiles figures _("Key figures") %}: a strip of `Tile`s."""
    return {"items": items, "label": label, "size": len(items) if len(items) < 6 else 6}


@register.inclusion_tag("ui/_phase_track.html")
def phase_track(phases):
    """{% phase_track phases %}: the spine of a project page; `Phase`s in order."""
    now = next((number for number, phase in enumerate(phases) if phase.state in ("now", "paused", "stopped")), None)
    if now is None:
        now = max((number for number, phase in enumerate(phases) if phase.state == "done"), default=0)
    return {"phases": phases, "now": phases[now] if phases else None, "number": now + 1}


@register.inclusion_tag("ui/_empty.html")
def empty(title, text="", url="", action="", icon="inbox", small=False):
    """{% empty _("No risks yet") _("Name what could go wrong…") url _("Raise a risk") %}: what to do first."""
    return {"title": title, "text": text, "url": url, "action": action, "icon": icon, "small": small}


@register.inclusion_tag("ui/_heat.html")
def heat(cells, label, size=5):
    """{% heat cells _("Open risks") %}: the 5x5 matrix as a table with headers; missing cells stay empty."""
    known = {(cell.likelihood, cell.impact): cell for cell in cells}
    rows = [
        {
            "likelihood": likelihood,
            "cells": [
                {"cell": known.get((likelihood, impact)), "level": heat_level(likelihood, impact)}
                for impact in range(1, size + 1)
            ],
        }
        for likelihood in range(size, 0, -1)
    ]
    return {"rows": rows, "label": label, "impacts": range(1, size + 1)}


_HEAT_CLASSES = {Level.LOW: 1, Level.MEDIUM: 2, Level.HIGH: 3, Level.EXTREME: 4}


def heat_level(likelihood: int, impact: int) -> int:
    """Colour 1..4 of a field of the matrix, from the same table that gives a risk its level."""
    return _HEAT_CLASSES[MATRIX[likelihood][impact]]


@register.filter
def level_class(level):
    """{{ risk.level|level_class }}: s1..s4, the colour of a risk's score."""
    return f"s{_HEAT_CLASSES[level]}" if level in _HEAT_CLASSES else ""


@register.inclusion_tag("ui/_conflict.html")
def conflict(rows, who="", when=None):
    """{% conflict rows who when %}: theirs, mine and the base, field by field (`Conflict` rows)."""
    return {"rows": rows, "who": who, "when": when}


@register.filter
def fieldsets(form):
    """{% for group in form|fieldsets %}: see pmdm.ui.forms.fieldsets."""
    return fieldsets_of(form)


@register.simple_tag
def form_row(form):
    """{% form_row form %}: fields side by side on one line, labels for screen readers only."""
    return form.render("ui/forms/row.html")


@register.simple_tag(takes_context=True)
def messages_oob(context):
    """{% messages_oob %} at the end of a fragment: new messages appear in the page's live region."""
    request = context.get("request")
    if request is None or not getattr(request, "htmx", False):
        return ""
    content = template.loader.render_to_string("ui/_messages.html", {"messages": context.get("messages")})
    return format_html('<div id="messages" class="messages" role="status" hx-swap-oob="true">{}</div>', content)


MESSAGE_LOOKS = {
    "success": ("ok", "circle-check"),
    "warning": ("watch", "triangle-alert"),
    "error": ("act", "circle-alert"),
}


@register.filter
def message_look(message):
    """Class and icon for one of Django's messages."""
    css, name = MESSAGE_LOOKS.get(message.level_tag, ("info", "info"))
    return {"css": css, "icon": name}


@register.simple_tag
def page_url(page, number):
    """{% page_url page 3 %}: address of another page of a list."""
    return page.page_url(number)
