"""What every test may use."""

from pathlib import Path

import pytest

from pmdm.local import testing
from pmdm.local.places import ROOT

testing.start()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public files the tests read real input from."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: the public input files are not on this machine")
    return folder
