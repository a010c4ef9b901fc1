"""What the figures of earned value mean, in words."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui import format as fmt
from pmdm.ui.parts import Status, Tile
from projects.budget.engine.evm import EarnedValue, Measure, Missing
from projects.control.engine import Missing as NoSchedule
from projects.earned_value.engine import ESTIMATES
from projects.earned_value.models import EarningSettings
from projects.earned_value.reading import Reading

WHY = {
    Missing.NO_BUDGET: gettext_lazy("There is no budget to take a share of."),
    Missing.NOTHING_PLANNED: gettext_lazy("Nothing was planned to be done by then."),
    Missing.NO_COST: gettext_lazy("No cost is booked."),
    Missing.NOTHING_EARNED: gettext_lazy("Nothing is earned yet, so there is no pace to go on with."),
    Missing.NOT_STARTED: gettext_lazy("The work has not started."),
    Missing.FINISHED: gettext_lazy("All of it is done: nothing is left to perform."),
    Missing.EXHAUSTED: gettext_lazy("Budget exhausted: work is left, but no money."),
    Missing.NO_REESTIMATE: gettext_lazy("No budget line says what is still to come."),
    NoSchedule.NO_PLAN: gettext_lazy("The baseline holds no work to earn."),
    NoSchedule.NOT_BEGUN: gettext_lazy("Nothing is earned yet, so there is no pace to go on with."),
    NoSchedule.NO_TIME: gettext_lazy("The baseline's start lies ahead."),
    NoSchedule.OVER_TIME: gettext_lazy("The planned duration is used up."),
    NoSchedule.FINISHED: gettext_lazy("All of it is done: nothing is left to perform."),
}

FAMILY = {
    "EAC_cpi": (
        gettext_lazy("At the cost so far"),
        "BAC ÷ CPI",
        gettext_lazy("The rest costs as much more or less than planned as the work so far did."),
    ),
    "EAC_atypical": (
        gettext_lazy("As planned from here"),
        "AC + (BAC − EV)",
        gettext_lazy("What went wrong was once: the rest costs what was planned for it."),
    ),
    "EAC_cpi_spi": (
        gettext_lazy("Cost and delay go on"),
        "AC + (BAC − EV) ÷ (CPI × SPI)",
        gettext_lazy("The rest costs as the work so far did, and catching up on the delay costs too."),
    ),
    "EAC_80_20": (
        gettext_lazy("Mostly cost, some delay"),
        "AC + (BAC − EV) ÷ (0.8 CPI + 0.2 SPI)",
        gettext_lazy("As above, with the delay counting a fifth."),
    ),
    "EAC_bottom_up": (
        gettext_lazy("As re-estimated"),
        "AC + ETC",
        gettext_lazy("The rest costs what the budget lines say is still to come."),
    ),
}


def why(measure: Measure) -> str:
    return str(WHY[measure.why]) if measure.why else ""


def light(index: float | Decimal | None, settings: EarningSettings) -> Status:
    """The status of CPI, SPI or SPI(t) by the project's thresholds."""
    if index is None:
        return Status.NA
    return Status.ACT if index < settings.act else Status.WATCH if index < settings.watch else Status.OK


def family(value: EarnedValue) -> list[dict]:
    """The estimates at completion, each with what it takes for granted and what follows from it."""
    rows = []
    for name, estimate in ESTIMATES.items():
        eac = estimate(value)
        label, formula, assumes = FAMILY[name]
        rows.append(
            {
                "label": label, "formula": formula, "assumes": assumes, "eac": eac, "why": why(eac),
                "etc": value.etc(eac), "vac": value.vac(eac), "tcpi": value.tcpi(eac),
                "tcpi_why": why(value.tcpi(eac)),
            }
        )  # fmt: skip
    return rows


def tiles(reading: Reading) -> tuple[list[Tile], list[Tile]]:
    """Two strips: cost and work; the end."""
    value, settings, currency = reading.total, reading.settings, reading.project.currency
    assert settings is not None
    cpi, spi, eac = value.cpi, value.spi, value.eac_typical
    etc, vac, tcpi = value.etc(eac), value.vac(eac), value.tcpi_bac

    def short(amount):
        return fmt.short_money(amount, currency)

    def signed(amount):
        return f"+{short(amount)}" if amount > 0 else short(amount)

    def index(measure):
        return fmt.number(measure.value, 2) if measure.value is not None else ""

    def share(measure):
        return fmt.ratio(measure.value) if measure else ""

    cost, work = light(cpi.value, reading.limits("cpi")), light(spi.value, reading.limits("spi"))
    over = (
        Status.NA if vac.value is None else Status.OK if vac.value >= 0 else light(1 + vac.value / value.bac, settings)
    )
    first = [
        Tile(label=_("Cost"), sub="CPI", value=index(cpi), status=cost, reason=why(cpi), note=_("earned per cost")),
        Tile(
            label=_("Schedule"), sub="SPI", value=index(spi), status=work, reason=why(spi),
            note=_("earned per planned"),
        ),
        Tile(label=_("Cost variance"), sub="CV", value=signed(value.cv), status=cost, note=_("earned − cost")),
        Tile(label=_("Schedule variance"), sub="SV", value=signed(value.sv), status=work, note=_("earned − planned")),
        Tile(
            label=_("At completion"), sub="EAC", value=short(eac.value) if eac else "", status=over, reason=why(eac),
            note=_("at the cost so far"),
        ),
        Tile(
            label=_("Against the budget"), sub="VAC", value=signed(vac.value) if vac else "", status=over,
            reason=why(vac), note=_("of %(bac)s") % {"bac": short(value.bac)},
        ),
    ]  # fmt: skip
    schedule = reading.schedule
    spi_t = schedule.spi if schedule else None
    no_time = str(WHY[schedule.why]) if schedule and schedule.why else ""
    time = light(spi_t, reading.limits("spi_t"))
    finish = reading.forecast_finish
    second = [
        Tile(
            label=_("Still to spend"), sub="ETC", value=short(etc.value) if etc else "", word=_("Forecast"),
            reason=why(etc),
        ),
        Tile(
            label=_("To perform"), sub="TCPI", value=index(tcpi), word=_("To end within the budget"),
            reason=why(tcpi),
        ),
        Tile(
            label=_("Earned schedule"), sub="SPI(t)", value="" if spi_t is None else fmt.number(spi_t, 2),
            status=time, reason=no_time,
        ),
        Tile(
            label=_("In time"), sub="SV(t)", value=_days(schedule.sv) if schedule and not no_time else "", status=time,
            reason=no_time, note=_("working days"),
        ),
        Tile(
            label=_("Finish"), sub=_("Forecast"), value=fmt.day(finish) if finish else "", status=time,
            reason=no_time or _("It would lie outside the years that can be computed."),
            note=_("planned %(day)s") % {"day": fmt.day(reading.finish)} if reading.finish else "",
        ),
        Tile(
            label=_("Done"), sub="EV ÷ BAC", value=share(value.complete_share), word=_("Earned"),
            note=_("planned %(share)s") % {"share": share(value.planned_share)}, reason=why(value.complete_share),
        ),
    ]  # fmt: skip
    return first, second


def _days(days: float) -> str:
    text = fmt.number(round(days, 1) + 0.0, 1)
    return f"+{text}" if days > 0 else text


def sentence(reading: Reading) -> str:
    """What the figures say: what is done and what it cost, what that means, and where it leads."""
    value, currency, schedule = reading.total, reading.project.currency, reading.schedule

    def money(amount):
        return fmt.money(amount, currency)

    said = [
        _("By %(day)s work worth %(pv)s was to be done; work worth %(ev)s is done, and it cost %(ac)s.")
        % {"day": fmt.day(reading.cut.day), "pv": money(value.pv), "ev": money(value.ev), "ac": money(value.ac)}
    ]
    if value.finished:
        said.append(
            _("All of it is done, for %(amount)s more than its budget.") % {"amount": money(-value.cv)}
            if value.cv < 0
            else _("All of it is done within its budget; %(amount)s is left.") % {"amount": money(value.cv)}
        )
        return " ".join(said)
    if value.not_started:
        said.append(_("The work has not started."))
        return " ".join(said)
    days = round(schedule.sv, 1) if schedule and schedule.spi is not None else None
    if value.sv < 0:
        late = _("The project is behind its plan")
    elif value.sv > 0:
        late = _("The project is ahead of its plan")
    else:
        late = _("The project has done what was planned")
    if days and (days > 0) == (value.sv > 0):
        late += _(" by %(days)s working days") % {"days": fmt.number(abs(days), 1)}
    if not value.cpi:
        cost = _("no cost is booked, so nothing can be said about it")
    elif value.cv < 0:
        cost = _("the work has cost %(amount)s more than it is worth") % {"amount": money(-value.cv)}
    elif value.cv > 0:
        cost = _("the work has cost %(amount)s less than it is worth") % {"amount": money(value.cv)}
    else:
        cost = _("the work has cost what it is worth")
    said.append(f"{late}; {cost}.")
    eac, finish = value.eac_typical, reading.forecast_finish
    if eac.value is not None:
        over = eac.value - value.bac
        if over > 0:
            end = _("At this pace the whole costs %(eac)s, %(over)s over its budget")
        elif over < 0:
            end = _("At this pace the whole costs %(eac)s, %(over)s below its budget")
        else:
            end = _("At this pace the whole costs its budget of %(eac)s")
        end %= {"eac": money(eac.value), "over": money(abs(over))}
        said.append(_("%(end)s, and ends on %(day)s.") % {"end": end, "day": fmt.day(finish)} if finish else f"{end}.")
    # The overview's forecast is the re-estimate: whoever comes from there reads why the two differ.
    if (lines := value.eac_bottom_up.value) is not None and lines != eac.value:
        said.append(_("Its budget lines, estimated anew, come to %(eac)s.") % {"eac": money(lines)})
    # CPI settles after about a fifth of the work (formulas of practice): before that it is no forecast to rely on.
    if value.complete_share.value is not None and value.complete_share.value < 0.2:
        said.append(_("Less than a fifth is done: indices still swing, and the forecast with them."))
    return " ".join(said)
