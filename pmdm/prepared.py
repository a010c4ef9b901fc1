"""Questions that every page asks, put into SQL once.

To build a queryset and compile it costs Django more than PostgreSQL needs to answer it, and a page asks a handful
around its own each time: one's projects, one's products, what one's role allows, counts beside tabs. Here the queryset
is compiled at its first use, with stand-ins for what differs from call to call; later calls run the statement with
their own values.

What ``build`` works out itself is kept for good: it must not look at the clock.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

# SQL, parameters, and what turns columns into Python's values; None where nothing can be found.
type Statement = tuple[str, tuple[Any, ...], dict[int, tuple]] | None

# What a statement is built for: the key of a row, or a word (a code).
type Key = int | str

# Numbers and words that stand nowhere else in a statement.
_READER, _FIRST, _WORD = 7_700_100_200_300_400, 7_700_100_200_300_500, "7700100200300600."


class Prepared:
    """``Prepared(build)``, where ``build(*keys)`` gives a queryset of plain values (``values_list``).

    Called with as many whole numbers or words it gives the rows as tuples. What ``build`` does with a word is to
    compare with it: a pattern made of it is refused.
    """

    def __init__(self, build: Callable[..., QuerySet]):
        self._build = build
        self._statement: Callable[..., Statement] = lru_cache(maxsize=256)(self._compiled)

    def __call__(self, *keys: Key) -> list[tuple]:
        stand_ins = _stand_ins(keys)
        return _run(self._statement(*stand_ins), _values(stand_ins, keys))

    def _compiled(self, *stand_ins: Key) -> Statement:
        return _compile(self._build(*stand_ins), stand_ins)


class PreparedFor:
    """The same for ``build(reader, *keys)``, which may look at the reader's key, site role and organisation."""

    def __init__(self, build: Callable[..., QuerySet]):
        self._build = build
        self._statement: Callable[..., Statement] = lru_cache(maxsize=256)(self._compiled)

    def __call__(self, reader, *keys: Key) -> list[tuple]:
        if not reader.is_authenticated or not reader.is_active:
            return []
        stand_ins = _stand_ins(keys)
        statement = self._statement(reader.site_role, reader.organisation_id, *stand_ins)
        return _run(statement, {_READER: reader.pk, **_values(stand_ins, keys)})

    def _compiled(self, site_role: str, organisation_id: int | None, *stand_ins: Key) -> Statement:
        return _compile(self._build(_reader_like(site_role, organisation_id), *stand_ins), stand_ins)


class PreparedRows:
    """The same where ``build(*keys)`` gives a queryset of model instances, with what it annotates and joins.

    Prefetching is not done here; what an instance belongs to is not set, as it is by a related manager.
    """

    def __init__(self, build: Callable[..., QuerySet]):
        self._build = build
        self._question: Callable[..., Question] = lru_cache(maxsize=8)(self._compiled)

    def __call__(self, *keys: Key) -> list[Any]:
        stand_ins = _stand_ins(keys)
        return self._question(*stand_ins).rows(_values(stand_ins, keys))

    def _compiled(self, *stand_ins: Key) -> "Question":
        return Question(self._build(*stand_ins), stand_ins)


class PreparedRowsFor:
    """``PreparedRows`` for ``build(reader, *keys)``, as ``PreparedFor`` is ``Prepared`` for one."""

    def __init__(self, build: Callable[..., QuerySet]):
        self._build = build
        self._question: Callable[..., Question] = lru_cache(maxsize=256)(self._compiled)

    def __call__(self, reader, *keys: Key) -> list[Any]:
        if not reader.is_authenticated or not reader.is_active:
            return []
        stand_ins = _stand_ins(keys)
        question = self._question(reader.site_role, reader.organisation_id, *stand_ins)
        return question.rows({_READER: reader.pk, **_values(stand_ins, keys)})

    def _compiled(self, site_role: str, organisation_id: int | None, *stand_ins: Key) -> "Question":
        return Question(self._build(_reader_like(site_role, organisation_id), *stand_ins), stand_ins)


class Question:
    """A queryset of instances after Django has compiled it."""

    def __init__(self, asked: Any, stand_ins: tuple[Key, ...]):
        if asked._prefetch_related_lookups:
            raise ValueError("A prepared question prefetches nothing.")
        compiler = asked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
        self.asked = asked
        self.select, self.klass_info = compiler.select, compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map
        self.statement: Statement = (sql, _checked(params, stand_ins), converters)

    def rows(self, values: dict[Key, Key]) -> list[Any]:
        asked: Any = _Asked(self, values)
        return list(ModelIterable(asked))


class _Asked:
    """What ``ModelIterable`` asks of a queryset, its query and its compiler, with the values of one call."""

    _known_related_objects: dict = {}
    db = DEFAULT_DB_ALIAS

    def __init__(self, question: Question, values: dict[Key, Key]):
        self._question, self._values = question, values
        self._fetch_mode, self.model = question.asked._fetch_mode, question.asked.model
        self.select, self.klass_info = question.select, question.klass_info
        self.annotation_col_map = question.annotation_col_map
        self.query = self

    def get_compiler(self, using: str) -> "_Asked":
        return self

    def execute_sql(self, **chunks: Any) -> list[tuple]:
        return _run(self._question.statement, self._values)

    def results_iter(self, results: list[tuple]) -> list[tuple]:
        return results


def reread(row: Any) -> None:
    """``row.refresh_from_db()`` by a statement that is made once for each model."""
    if row._state.db not in (None, DEFAULT_DB_ALIAS) or row.get_deferred_fields():
        row.refresh_from_db()
        return
    model: Any = type(row)
    meta = row._meta
    found = _row_of(model)(row.pk)
    if not found:
        raise model.DoesNotExist(f"{meta.object_name} matching query does not exist.")
    row._prefetched_objects_cache = {}
    for field, value in zip(meta.concrete_fields, found[0], strict=True):
        setattr(row, field.attname, value)
    for field in (*meta.fields, *meta.private_fields, *meta.related_objects):
        if field.is_relation and field.is_cached(row):
            field.delete_cached_value(row)
    row._state.db = DEFAULT_DB_ALIAS


@lru_cache(maxsize=512)
def _row_of(model: Any) -> Prepared:
    names = [field.attname for field in model._meta.concrete_fields]
    return Prepared(lambda key: model._base_manager.filter(pk=key).values_list(*names))


def _stand_ins(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    return tuple(f"{_WORD}{place}" if isinstance(key, str) else _FIRST + place for place, key in enumerate(keys))


def _values(stand_ins: tuple[Key, ...], keys: tuple[Key, ...]) -> dict[Key, Key]:
    return dict(zip(stand_ins, keys, strict=True))


def _reader_like(site_role: str, organisation_id: int | None):
    return get_user_model()(pk=_READER, site_role=site_role, organisation_id=organisation_id)


def _compile(rows: QuerySet, stand_ins: tuple[Key, ...]) -> Statement:
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    return sql, _checked(params, stand_ins), compiler.get_converters([column[0] for column in compiler.select])


def _checked(params: Iterable[Any], stand_ins: tuple[Key, ...]) -> tuple[Any, ...]:
    """The parameters; an error where a word became part of another one and would never be replaced."""
    for param in params:
        if isinstance(param, str) and _WORD in param and param not in stand_ins:
            raise ValueError("A prepared question compares with a word as it is; it makes no pattern of it.")
    return tuple(params)


def _run(statement: Statement, values: dict[Key, Key]) -> list[tuple]:
    if statement is None:
        return []
    sql, params, converters = statement
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(param, param) if isinstance(param, int | str) else param for param in params])
        rows = cursor.fetchall()
    return [_converted(row, converters) for row in rows] if converters else rows


def _converted(row: tuple, converters: dict[int, tuple]) -> tuple:
    values = list(row)
    for place, (functions, expression) in converters.items():
        for function in functions:
            values[place] = function(values[place], expression, connection)
    return tuple(values)
