"""Engines that somebody else runs, named by DATABASE_URL and REDIS_URL: only looked at, never touched."""

import os
from typing import Any
from urllib.parse import urlsplit

from .places import SetUpError


def check() -> None:
    """SetUpError where an address of the environment doesn't answer."""
    if address := os.environ.get("DATABASE_URL"):
        check_database(address)
    if address := os.environ.get("REDIS_URL"):
        check_redis(address)


def check_database(address: str) -> None:
    import psycopg

    try:
        psycopg.connect(**connection(address), connect_timeout=5).close()
    except psycopg.Error as error:
        raise unreachable("DATABASE_URL", address, error) from error


def check_redis(address: str) -> None:
    import redis

    try:
        redis.Redis.from_url(address, socket_connect_timeout=5, socket_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        raise unreachable("REDIS_URL", address, error) from error


def connection(address: str) -> dict[str, Any]:
    """A database address as psycopg and the PostgreSQL programs take it."""
    from environ import Env

    config = Env.db_url_config(address)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {name: str(config[key]) for name, key in names.items() if config.get(key)}


def unreachable(variable: str, address: str, error: Exception) -> SetUpError:
    parts = urlsplit(address)
    where = parts.netloc.rpartition("@")[2] + parts.path  # Without the password.
    why = (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()
    return SetUpError(
        f"{variable} names {where}, which does not answer ({why}). Start it, correct the address, or unset "
        f"{variable} to have one started here."
    )
