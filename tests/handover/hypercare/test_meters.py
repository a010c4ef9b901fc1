"""The meters alone: what they say of the future comes true, if nothing bad happens any more."""

import dataclasses
import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.hypercare.meters import DAY, Facts, Thresholds, days_until_eligible, meters

START = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
HOURS = 24 * 40
spans = st.lists(st.tuples(st.integers(0, HOURS), st.one_of(st.none(), st.integers(0, 60))), max_size=4)


@st.composite
def situations(draw):
    now = START + datetime.timedelta(hours=draw(st.integers(1, HOURS)))

    def intervals():
        found = []
        for begin, length in draw(spans):
            at = START + datetime.timedelta(hours=begin)
            if at < now:
                end = None if length is None else min(at + datetime.timedelta(hours=length), now)
                found.append((at, end))
        return found

    opened = sorted(
        at
        for hours in draw(st.lists(st.integers(0, HOURS), max_size=30))
        if (at := START + datetime.timedelta(hours=hours)) <= now
    )
    facts = Facts(
        start=START,
        now=now,
        until=START + draw(st.integers(1, 60)) * DAY,
        critical=intervals(),
        opened=opened,
        answers={5: draw(st.integers(0, 9)), 2: draw(st.integers(0, 9))},
        outages=intervals(),
    )
    asked = Thresholds(
        critical_free_days=draw(st.one_of(st.none(), st.integers(0, 14))),
        issues_per_day=draw(st.one_of(st.none(), st.sampled_from([0, 0.5, 1, 2.5]))),
        window_days=draw(st.integers(1, 10)),
        satisfaction=draw(st.one_of(st.none(), st.integers(0, 100))),
        availability=draw(st.one_of(st.none(), st.sampled_from([90.0, 99.0, 99.5, 100.0]))),
    )
    return facts, asked


def later(facts, days):
    """So many days later: what was open was closed at once, nothing new happened."""

    def closed(intervals):
        return [(begin, end or facts.now) for begin, end in intervals]

    return dataclasses.replace(
        facts, now=facts.now + days * DAY, critical=closed(facts.critical), outages=closed(facts.outages)
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(situations())
def test_each_meter_is_met_when_it_said_and_not_a_day_before(situation):
    facts, asked = situation
    for number, meter in enumerate(meters(facts, asked)):
        assert 0 <= meter.share <= 1
        assert meter.is_met == (meter.days == 0)
        if meter.days:
            then = meters(later(facts, meter.days), asked)[number]
            before = meters(later(facts, meter.days - 1), asked)[number] if meter.days > 1 else meter
            assert then.is_met, (meter, then)
            assert not before.is_met, (meter, before)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(situations())
def test_eligible_means_every_meter(situation):
    found = meters(*situation)
    days = days_until_eligible(found)
    assert (days == 0) == all(meter.is_met for meter in found)
    assert (days is None) == any(meter.days is None for meter in found)


def test_only_what_is_asked_for_has_a_meter():
    facts = Facts(start=START, now=START + DAY, until=START)
    assert [meter.key for meter in meters(facts, Thresholds())] == ["period"]


def test_figures_by_hand():
    now = START + 20 * DAY
    facts = Facts(
        start=START,
        now=now,
        until=START + 30 * DAY,
        critical=[(START + 5 * DAY, START + 14 * DAY)],
        opened=[now - n * datetime.timedelta(hours=10) for n in range(20, -1, -1)],
        answers={5: 6, 4: 2, 1: 2},
        outages=[(START + DAY, START + DAY + datetime.timedelta(hours=4, minutes=48))],
    )
    asked = Thresholds(critical_free_days=10, issues_per_day=2, window_days=7, satisfaction=75, availability=99.5)
    by_key = {meter.key: meter for meter in meters(facts, asked)}
    assert (by_key["period"].value, by_key["period"].target, by_key["period"].days) == (20, 30, 10)
    assert (by_key["critical"].value, by_key["critical"].days) == (6, 4)
    # 17 issues in 168 hours (0, 10, ... 160 hours ago) are 2.43 a day; the third oldest of them leaves after 28 hours.
    assert by_key["issues"].value == 17 / 7
    assert by_key["issues"].days == 2
    assert by_key["satisfaction"].value == 80
    # 4.8 of 480 hours: 99 %; 4.8 hours are allowed in 960, twenty days from now.
    assert round(by_key["availability"].value, 6) == 99
    assert by_key["availability"].days == 20
