"""Django's Redis cache with JSON instead of pickle: Redis is trusted base, but not that much.

With Redis away it is an empty cache: pages come slower and limits let through, but work goes on.
"""

import json
import logging
from collections.abc import Callable

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class JSONSerializer:
    def dumps(self, value):
        # Whole numbers stay numbers in Redis, so that INCR works.
        if type(value) is int:
            return value
        return json.dumps(value)

    def loads(self, data):
        return json.loads(data)


class JSONRedisCache(RedisCache):
    def __init__(self, server, params):
        params.setdefault("OPTIONS", {}).setdefault("serializer", JSONSerializer())
        super().__init__(server, params)

    def ping(self) -> bool:
        """Whether Redis keeps what is written; RedisError where it is away."""
        client = self._cache.get_client("ping", write=True)
        client.set(self.make_key("ping"), 1, ex=10)
        return client.get(self.make_key("ping")) == b"1"

    def get(self, key, default=None, version=None):
        return _unless_away(lambda: super(JSONRedisCache, self).get(key, default, version), default)

    def get_many(self, keys, version=None):
        return _unless_away(lambda: super(JSONRedisCache, self).get_many(keys, version), {})

    def add(self, key, value, *args, **kwargs):
        # True: the caller is the first, as far as anybody knows.
        return _unless_away(lambda: super(JSONRedisCache, self).add(key, value, *args, **kwargs), True)

    def set(self, key, value, *args, **kwargs):
        return _unless_away(lambda: super(JSONRedisCache, self).set(key, value, *args, **kwargs), None)

    def set_many(self, data, *args, **kwargs):
        return _unless_away(lambda: super(JSONRedisCache, self).set_many(data, *args, **kwargs), [])

    def delete(self, key, version=None):
        return _unless_away(lambda: super(JSONRedisCache, self).delete(key, version), False)

    def incr(self, key, delta=1, version=None):
        # Nobody counts while Redis is away: every one is the first.
        return _unless_away(lambda: super(JSONRedisCache, self).incr(key, delta, version), delta)


def _unless_away(ask: Callable, otherwise):
    try:
        return ask()
    except RedisError as error:
        logger.warning("Redis does not answer (%s); going on without a cache.", type(error).__name__)
        return otherwise
