"""What is measured on a delivered product; the SQL that computes it stands in ``figures.sql``."""

from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from delivery.kpis import rows
from pmdm.accounts.roles import Permission
from pmdm.kpis.registry import Kpi, Statement, SubjectType
from pmdm.ui import format as fmt

FIGURES = Statement("products", Path(__file__).with_name("figures.sql").read_text())

PRODUCT = SubjectType(
    key="product",
    label=gettext_lazy("Product"),
    table="delivery_product",
    model="delivery.Product",
    figure_url="delivery:figure",
    view=Permission.PRODUCT_KPI_VIEW,
)

RETIRED = {"retired": gettext_lazy("The product is retired.")}


def points(value, inputs):
    return fmt.number(value, 0), "/100"


def availability(value, inputs):
    # Down, not to the nearest: 99.996 % with an outage must not read as 100 %.
    places = 2
    shown = (value * 10**places // 1) / 10**places
    return fmt.number(shown, 0 if shown == 100 else places), "%"


def say_satisfaction(value, inputs):
    text = ngettext("%(n)d answer in 180 days", "%(n)d answers in 180 days", inputs["answers"]) % {
        "n": inputs["answers"]
    }
    if inputs["response_rate"] is not None:
        text += ", " + _("%(rate)s responded") % {"rate": fmt.percent(inputs["response_rate"])}
    return text


def say_conformance(value, inputs):
    checked = inputs["met"] + inputs["degraded"] + inputs["failed"]
    text = _("%(met)d of %(checked)d checked are met") % {"met": inputs["met"], "checked": checked}
    if inputs["unknown"]:
        text += ", " + _("%(n)d not checked") % {"n": inputs["unknown"]}
    return text


def say_availability(value, inputs):
    if inputs["is_down"]:
        text = _("Down now")
    elif inputs["outages"]:
        text = ngettext("%(n)d outage", "%(n)d outages", inputs["outages"]) % {"n": inputs["outages"]}
    else:
        return _("No outage in %(days)s days") % {"days": fmt.number(inputs["days"], 0)}
    return _("%(what)s, %(length)s in %(days)s days") % {
        "what": text,
        "length": fmt.minutes(inputs["down_minutes"], 1440),
        "days": fmt.number(inputs["days"], 0),
    }


def say_service_levels(value, inputs):
    text = _("%(met)d of %(all)d resolved in time") % {"met": inputs["met"], "all": inputs["met"] + inputs["breached"]}
    if inputs["open_breached"]:
        text += ", " + _("%(n)d still open") % {"n": inputs["open_breached"]}
    return text


KPIS = [
    Kpi(
        code="satisfaction",
        subject_type="product",
        statement=FIGURES,
        name=gettext_lazy("Satisfaction"),
        sub=gettext_lazy("Index"),
        unit="index",
        description=gettext_lazy("How satisfied the people who use it say they are, from 0 to 100."),
        formula=gettext_lazy(
            "½ × CSAT + ½ × (NPS + 100) ÷ 2 over the answers of the last 180 days. CSAT = answers 4 or 5 of 5 ÷ valid"
            " answers; NPS = % promoters (9-10) − % detractors (0-6). Blank answers are no answers. A part with fewer"
            " than 5 answers is left out; with neither there is no index."
        ),
        source="CSAT top-2-box; NPS: Reichheld 2003; equal weights are this product's choice",
        higher_is_better=True,
        target=Decimal(80),
        watch=Decimal(70),
        act=Decimal(55),
        reasons=RETIRED
        | {
            "no_answers": gettext_lazy("Nobody has answered a survey in the last 180 days."),
            "few_answers": gettext_lazy("Only %(answers)s answers in 180 days; at least 5 are needed."),
        },
        labels={
            "answers": gettext_lazy("Answers in 180 days"),
            "csat_answers": gettext_lazy("Answers on satisfaction"),
            "satisfied": gettext_lazy("Of these 4 or 5 of 5"),
            "csat": gettext_lazy("CSAT"),
            "nps_answers": gettext_lazy("Answers on recommendation"),
            "promoters": gettext_lazy("Promoters (9-10)"),
            "detractors": gettext_lazy("Detractors (0-6)"),
            "nps": gettext_lazy("NPS"),
            "invited": gettext_lazy("Invitations sent"),
            "replied": gettext_lazy("Invitations answered"),
            "response_rate": gettext_lazy("Response rate"),
        },
        formats={"csat": "percent2", "nps": "number2", "response_rate": "percent1"},
        show=points,
        sentence=say_satisfaction,
        rows=rows.answers,
    ),
    Kpi(
        code="conformance",
        subject_type="product",
        statement=FIGURES,
        name=gettext_lazy("Requirements"),
        sub=gettext_lazy("Met"),
        unit="%",
        description=gettext_lazy("How many of the accepted requirements the product still meets."),
        formula=gettext_lazy(
            "Requirements met at their latest check ÷ accepted requirements that have been checked. Degraded and failed"
            " ones count against it; those never checked, and known gaps, are listed apart."
        ),
        source="ISO/IEC/IEEE 29148, verification; ISO 9000, conformity",
        higher_is_better=True,
        target=Decimal(100),
        watch=Decimal(95),
        act=Decimal(90),
        reasons=RETIRED
        | {
            "no_requirements": gettext_lazy("No requirement has been accepted."),
            "none_checked": gettext_lazy("None of the %(accepted)s accepted requirements has been checked since."),
        },
        labels={
            "accepted": gettext_lazy("Accepted requirements"),
            "met": gettext_lazy("Met"),
            "degraded": gettext_lazy("Degraded"),
            "failed": gettext_lazy("Failed"),
            "unknown": gettext_lazy("Not checked yet"),
        },
        sentence=say_conformance,
        rows=rows.requirements,
    ),
    Kpi(
        code="availability",
        subject_type="product",
        statement=FIGURES,
        name=gettext_lazy("Availability"),
        sub=gettext_lazy("30 days"),
        unit="%",
        description=gettext_lazy(
            "The share of all time in which the product worked, in the last 30 days or since go-live."
        ),
        formula=gettext_lazy(
            "1 − downtime ÷ time. Downtime is the time of all incidents that count as outages; where they overlap it"
            " counts once, an open one counts until now. Planned maintenance is not taken out. The light shows how much"
            " of the error budget (1 − target) is spent."
        ),
        source="Google SRE Book ch. 4, SRE Workbook ch. 2; IEC 60050-192",
        higher_is_better=False,
        watch=Decimal(75),
        act=Decimal(100),
        own_target=gettext_lazy("Each product has its own"),
        judged=gettext_lazy("Error budget spent"),
        judged_key="budget_spent",
        judged_unit="%",
        reasons=RETIRED
        | {
            "not_live": gettext_lazy("The product is not live yet."),
            "not_watched": gettext_lazy("Nothing watches it: there is no alert source, incident or uptime check."),
        },
        labels={
            "days": gettext_lazy("Days looked at"),
            "down_minutes": gettext_lazy("Downtime, minutes"),
            "outages": gettext_lazy("Outages"),
            "incidents": gettext_lazy("Incidents in them"),
            "is_down": gettext_lazy("Down now"),
            "allowed_minutes": gettext_lazy("Downtime that the target allows, minutes"),
            "budget_spent": gettext_lazy("Error budget spent"),
        },
        formats={
            "days": "number1",
            "down_minutes": "number1",
            "allowed_minutes": "number1",
            "is_down": "yes",
            "budget_spent": "percent1",
        },
        show=availability,
        sentence=say_availability,
        rows=rows.incidents,
    ),
    Kpi(
        code="service_levels",
        subject_type="product",
        statement=FIGURES,
        name=gettext_lazy("Service levels"),
        sub=gettext_lazy("Met"),
        unit="%",
        description=gettext_lazy("How many issues were resolved within their target."),
        formula=gettext_lazy(
            "Met ÷ (met + breached) among the issues decided in the last 90 days: met when resolved by the due moment,"
            " breached on the due moment. Due moments count service hours; waiting for the customer stops the clock."
            " Open issues that are not due yet do not count."
        ),
        source="ITIL 4; HDI",
        higher_is_better=True,
        target=Decimal(95),
        watch=Decimal(95),
        act=Decimal(90),
        reasons=RETIRED | {"nothing_decided": gettext_lazy("No issue was resolved or fell due in the last 90 days.")},
        labels={
            "met": gettext_lazy("Resolved in time"),
            "breached": gettext_lazy("Breached"),
            "open_breached": gettext_lazy("Of these still open"),
            "undecided": gettext_lazy("Open and not due yet"),
        },
        sentence=say_service_levels,
        rows=rows.issues,
    ),
]
