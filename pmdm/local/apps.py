"""The Django app that carries the commands of the local platform."""

from functools import cache

from django.apps import AppConfig, apps


class LocalConfig(AppConfig):
    name = "pmdm.local"
    label = "local"

    def ready(self) -> None:
        # Each model that changes in the state of a migration empties the cache of all registries, this one's too, which
        # then looks through all models for every foreign key: a fifth of the time of migrating. Its own stays.
        apps.get_swappable_settings_name = cache(apps.get_swappable_settings_name)  # type: ignore[method-assign]
