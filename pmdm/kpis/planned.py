"""Statements that PostgreSQL plans once for each connection.

For one subject the statement of all figures takes longer to plan than to run. Prepared on the server, with a plan that
does not look at the values, it is sent as a name and four values. Only for few rows: for thousands another plan is
better. A changed table or fresh statistics make PostgreSQL plan anew by itself.
"""

import re
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_NAMED = re.compile(r"%\((\w+)\)s")
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # names by connection


def use_general_plans() -> str:
    """An expression for a SELECT of the same transaction: prepared statements keep one plan for all values."""
    return "set_config('plan_cache_mode', 'force_generic_plan', true)"


def run(name: str, sql: str, types: Mapping[str, str], fixed: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Run a statement and give its number of rows; ``name`` stands for this text and these ``fixed`` values for good.

    ``types`` has the database type of each of ``values``, which differ from call to call.
    """
    with connection.cursor() as cursor:
        known = _known.setdefault(connection.connection, set())
        if name not in known:
            places = {key: f"${at}" for at, key in enumerate(types, start=1)}
            # What differs becomes $1, $2, …; what is fixed is put in by the cursor.
            text = _NAMED.sub(lambda match: places.get(match[1], match[0]), sql)
            cursor.execute(f"PREPARE {name} ({', '.join(types.values())}) AS {text}", fixed)
            known.add(name)
        cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(types))})", [values[key] for key in types])
        return cursor.rowcount
