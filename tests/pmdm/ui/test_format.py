import datetime as dt
from decimal import Decimal

import pytest

from pmdm.ui import format as fmt

TODAY = dt.date(2026, 11, 23)  # a Monday
NB = "\u00a0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2026, 11, 27), f"27{NB}Nov"),
        (dt.date(2027, 3, 1), f"1{NB}Mar{NB}2027"),
        (dt.datetime(2026, 11, 27, 23, 30, tzinfo=dt.UTC), f"27{NB}Nov"),
        (None, "–"),
    ],
)
def test_day_names_the_year_only_when_it_is_another(value, text):
    assert fmt.day(value, TODAY) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (dt.datetime(2026, 11, 23, 8, 42, tzinfo=dt.UTC), "Today, 08:42"),
        (dt.datetime(2026, 11, 22, 16, 10, tzinfo=dt.UTC), "Yesterday, 16:10"),
        (dt.datetime(2026, 11, 20, 11, 27, tzinfo=dt.UTC), "Friday, 11:27"),
        (dt.datetime(2026, 11, 17, 0, 0, tzinfo=dt.UTC), "Tuesday, 00:00"),
        (dt.datetime(2026, 11, 16, 9, 0, tzinfo=dt.UTC), f"16{NB}Nov, 09:00"),
        (dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC), f"24{NB}Nov, 09:00"),
        (None, "–"),
    ],
)
def test_when_uses_the_weekday_within_a_week(moment, text):
    assert fmt.when(moment, now=dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "today"),
        (1, "in 1 day"),
        (-13, "13 days ago"),
        (98, "in 3 months"),
        (21, "in 3 weeks"),
        (-14, "2 weeks ago"),
    ],
)
def test_distance_chooses_a_unit_that_can_be_felt(days, text):
    assert fmt.distance(TODAY + dt.timedelta(days=days), TODAY) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("18400.00"), "EUR", "€18,400"),
        (-1200, "USD", "−$1,200"),
        (Decimal("-0.4"), "EUR", "€0"),
        (5, "PLN", f"PLN{NB}5"),
        (None, "EUR", "–"),
    ],
)
def test_money_has_its_sign_before_the_currency(amount, currency, text):
    assert fmt.money(amount, currency) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "€0"), (850, "€850"), (999.4, "€999"), (999.6, "€1k"), (1_240, "€1.2k"), (9_960, "€10k"), (18_400, "€18k"),
        (999_499, "€999k"), (999_500, "€1M"), (1_840_000, "€1.8M"), (2_100_000_000, "€2.1bn"), (-43_900, "−€44k"),
    ],
)  # fmt: skip
def test_short_money_never_prints_a_thousand_of_a_unit(amount, text):
    assert fmt.short_money(amount) == text


@pytest.mark.parametrize(
    ("value", "per_day", "text"),
    [(0, 480, "0m"), (45, 480, "45m"), (480, 480, "1d"), (1560, 480, "3d 2h"), (1575, 480, "3d 2h"), (450, 450, "1d"),
     (-60, 480, "−1h"), (None, 480, "–")],
)  # fmt: skip
def test_minutes_are_working_days_and_hours(value, per_day, text):
    assert fmt.minutes(value, per_day) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(dt.timedelta(seconds=40), "40s"), (dt.timedelta(hours=51), "2d 3h"), (dt.timedelta(minutes=-5), "−5m")],
)
def test_elapsed_is_clock_time(value, text):
    assert fmt.elapsed(value) == text


def test_numbers_keep_two_places_at_most():
    assert [fmt.number(value) for value in (0.94, 1.5, 18400, -3.456, 0)] == ["0.94", "1.5", "18,400", "−3.46", "0"]
    assert fmt.number(0.9, 3) == "0.900"


def test_percent_and_ratio_are_told_apart():
    assert (fmt.percent(84), fmt.ratio(0.84), fmt.percent(99.944, 2)) == ("84%", "84%", "99.94%")
    assert (fmt.percent(None), fmt.ratio(None)) == ("–", "–")


@pytest.mark.parametrize(("size", "text"), [(840, "840 B"), (12_000, "12 kB"), (3_400_000, "3.4 MB"), (None, "–")])
def test_file_sizes(size, text):
    assert fmt.file_size(size) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ines Moreau", "IM"), ("Anna-Lena van der Berg", "AB"), ("Cher", "C"), ("", "?"), ("  ", "?"), ("(ext) Bo", "B")],
)
def test_initials(name, letters):
    assert fmt.initials(name) == letters


def test_a_person_keeps_the_colour():
    assert fmt.colour_class(7) == fmt.colour_class(7) == "c2"
    assert {fmt.colour_class(pk) for pk in range(60)} == {"c1", "c2", "c3", "c4", "c5", "c6"}
