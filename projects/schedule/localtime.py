"""Wall-clock times of a plan and instants of the database: the one place where they meet.

A plan's times are those on the wall of its project (its time zone). Stored they are instants; the engine gets them
naive again. An hour that the clock shows twice means its first showing.
"""

import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; a project that names none of the known ones is kept in UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def to_wall(instant: datetime.datetime | None, project) -> datetime.datetime | None:
    """The naive wall-clock time of an instant, to the second."""
    if instant is None:
        return None
    return instant.astimezone(zone(project.time_zone)).replace(tzinfo=None, microsecond=0)


def to_instant(wall: datetime.datetime | None, project) -> datetime.datetime | None:
    """The instant at which the project's wall clock shows this time."""
    return None if wall is None else wall.replace(tzinfo=zone(project.time_zone))
