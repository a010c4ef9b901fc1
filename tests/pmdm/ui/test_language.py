"""The quick look at the language in force says what Django says, whatever was done to it."""

import threading

from django.utils import translation

from pmdm.ui.language import _stored, language


def test_it_follows_django():
    assert language() == translation.get_language()
    for name in ("en", "de", "en"):
        with translation.override(name):
            assert language() == translation.get_language() == name
            with translation.override(None):
                assert language() == translation.get_language()
    with translation.override("de"):
        translation.deactivate()
        assert language() == translation.get_language()
    translation.deactivate_all()
    assert language() is translation.get_language() is None
    translation.deactivate()
    assert language() == translation.get_language()


def test_it_reads_from_beneath():
    """Else it would be right and no quicker: asgiref is built otherwise."""
    with translation.override("de"):
        assert _stored.get().data["value"].to_language() == "de"


def test_another_thread_has_its_own():
    seen = []

    def look():
        seen.append((language(), translation.get_language()))

    with translation.override("de"):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen[0][0] == seen[0][1] != "de"
