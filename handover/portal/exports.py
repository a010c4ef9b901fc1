"""Announcements as a file, where the product's other lists are."""

from django.utils.translation import gettext_lazy as _

from delivery.exports.views import Column, register_many
from pmdm.accounts.roles import Permission as P


def announcements(request, product):
    return product.announcements.select_related("organisation", "created_by")


def announcement_columns(internal: bool) -> list[Column]:
    states = {"now": _("Told now"), "coming": _("To come"), "over": _("Over"), "withdrawn": _("Withdrawn")}
    return [
        Column(_("Title"), 40, lambda a: a.title),
        Column(_("Text"), 80, lambda a: a.text),
        Column(_("To"), 24, lambda a: a.whom),
        Column(_("State"), 12, lambda a: states[a.state]),
        Column(_("From"), 17, lambda a: a.starts_at),
        Column(_("To the"), 17, lambda a: a.ends_at),
        Column(_("Withdrawn"), 17, lambda a: a.withdrawn_at),
        Column(_("By"), 20, lambda a: a.created_by.name),
    ]


def register() -> None:
    register_many(("announcements", _("Announcements"), P.INTERNAL_VIEW, announcements, announcement_columns))
