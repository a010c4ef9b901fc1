"""The registry of models, while migrations change states of their own."""

from django.apps import apps
from django.db.migrations.state import StateApps


def test_a_state_that_changes_does_not_empty_what_the_real_registry_knows():
    lookup = apps.get_swappable_settings_name
    assert lookup("accounts.User") == "AUTH_USER_MODEL"
    assert lookup("projects.Project") is None
    before = lookup.cache_info()
    StateApps([], {}).clear_cache()
    assert lookup("accounts.User") == "AUTH_USER_MODEL"
    assert lookup.cache_info().hits == before.hits + 1
    # It can still be emptied, as Django does when a test swaps the model of people.
    lookup.cache_clear()
    assert lookup.cache_info().currsize == 0
