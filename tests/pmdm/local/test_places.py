"""The folders of an installation."""

import os
import stat

import pytest

from pmdm.local.places import Home, SetUpError, home


def test_what_is_private_is_closed_to_others(tmp_path):
    place = Home(tmp_path / "home")
    place.prepare()
    for folder in (place.run, place.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_long_path_gets_short_sockets_that_are_its_own(tmp_path):
    long, other = Home(tmp_path / ("x" * 100)), Home(tmp_path / ("y" * 100))
    assert len(os.fsencode(long.sockets)) < 60
    assert long.sockets != other.sockets
    assert long.sockets == Home(long.root).sockets


def test_a_socket_folder_that_somebody_laid_there_is_refused(tmp_path):
    place = Home(tmp_path / ("x" * 100))
    place.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(SetUpError, match="belongs to somebody else"):
            place.prepare()
    finally:
        place.sockets.unlink()


def test_a_folder_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SetUpError, match=r"Can't write in .*file.*: Not a directory.*PMDM_HOME"):
        Home(tmp_path / "file" / "home").prepare()


def test_tests_live_in_a_corner_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("PMDM_HOME", str(tmp_path))
    monkeypatch.setenv("PMDM_ENV", "local")
    assert home().root == tmp_path
    monkeypatch.setenv("PMDM_ENV", "test")
    assert home().root == tmp_path / "test"
