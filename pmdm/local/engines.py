"""The engines of this process: those named in the environment, else the ones of this machine.

DATABASE_URL and REDIS_URL, where set, are taken as they are, and nothing here touches what answers there.
"""

import os
from types import TracebackType
from typing import Self

from . import postgres, valkey
from .places import Home, home
from .service import Hold, Service


def urls() -> tuple[str, str]:
    """Addresses of database and Redis; starts nothing."""
    here = home()
    return (
        os.environ.get("DATABASE_URL") or postgres.url(here),
        os.environ.get("REDIS_URL") or valkey.url(here),
    )


def broker_url(redis_url: str) -> str:
    """The same Redis as Celery writes it: unix:///path?db=0 becomes redis+socket:///path?virtual_host=0."""
    if not redis_url.startswith("unix://"):
        return redis_url
    place, _, options = redis_url.removeprefix("unix://").partition("?")
    number = next((value for key, _, value in map(partition_pair, options.split("&")) if key == "db"), "0")
    return f"redis+socket://{place}?virtual_host={number}"


def partition_pair(pair: str) -> tuple[str, str, str]:
    return pair.partition("=")


def ensure_running(*, fast: bool = False) -> "Engines":
    """Use the engines that run, else start them; they live until their last user is gone.

    SetUpError where they can't be had. `fast` gives up safety against a power cut: test data only.
    """
    return Engines(home(), fast=fast)


class Engines:
    """This process's hold on its engines; a context manager. They outlive it only while others hold them."""

    def __init__(self, here: Home, *, fast: bool = False):
        self.holds: list[Hold] = []
        try:
            self.holds += [Hold(service) for service in services(here, fast=fast)]
            for hold in self.holds:
                hold.ensure()
        except BaseException:
            self.close()
            raise

    def ensure(self) -> list[str]:
        """Start again whatever died; names of what had to be started."""
        return [hold.service.name for hold in self.holds if hold.ensure()]

    def close(self) -> None:
        while self.holds:
            self.holds.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def services(here: Home, *, fast: bool) -> list[Service]:
    """The engines that are ours to run: those the environment doesn't name."""
    ours = []
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        here.prepare()
    if not os.environ.get("REDIS_URL"):
        ours.append(valkey.service(here))
    if not os.environ.get("DATABASE_URL"):
        ours.append(postgres.service(here, fast=fast))
    return ours
