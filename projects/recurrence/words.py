"""A rule as people say it."""

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pmdm.ui import format as fmt
from projects.recurrence.models import Recurrence

NTH = {
    1: gettext_lazy("first"), 2: gettext_lazy("second"), 3: gettext_lazy("third"), 4: gettext_lazy("fourth"),
    -1: gettext_lazy("last"),
}  # fmt: skip


def words_of(rule: Recurrence) -> str:
    """'Every 2 weeks on Monday and Thursday', 'Every month on the first Monday', 'Every year on 1 March'."""
    match rule.every:
        case "day":
            text = ngettext("Every day", "Every %(n)s days", rule.interval)
        case "week":
            text = ngettext("Every week", "Every %(n)s weeks", rule.interval)
        case "month":
            text = ngettext("Every month", "Every %(n)s months", rule.interval)
        case _:
            text = ngettext("Every year", "Every %(n)s years", rule.interval)
    text = text % {"n": rule.interval} + _on(rule)
    if rule.until:
        text += ", " + _("until %(day)s") % {"day": fmt.day(rule.until)}
    elif rule.count:
        text += ", " + ngettext("once", "%(n)s times", rule.count) % {"n": rule.count}
    return text


def _on(rule: Recurrence) -> str:
    if rule.every == "day":
        return ""
    if rule.every == "week":
        days = [str(WEEKDAYS[day]) for day in sorted(rule.weekdays) or [rule.start.weekday()]]
        listed = days[0] if len(days) == 1 else _("%(some)s and %(last)s") % {
            "some": ", ".join(days[:-1]), "last": days[-1],
        }  # fmt: skip
        return " " + _("on %(days)s") % {"days": listed}
    month = str(MONTHS[rule.month or rule.start.month]) if rule.every == "year" else ""
    if rule.nth is not None:
        day = WEEKDAYS[rule.weekdays[0] if rule.weekdays else rule.start.weekday()]
        words = _("on the %(nth)s %(day)s") % {"nth": NTH[rule.nth], "day": day}
        return f" {words}" + (" " + _("of %(month)s") % {"month": month} if month else "")
    number = rule.month_day or rule.start.day
    if number == -1:
        return " " + _("on the last day") + (" " + _("of %(month)s") % {"month": month} if month else "")
    return " " + (
        _("on %(day)s %(month)s") % {"day": number, "month": month} if month else _("on day %(day)s") % {"day": number}
    )
