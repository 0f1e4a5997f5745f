import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder with captures of real devices and tools, outside of the project."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("RACKPROOF_CAPTURES", root.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no captures in {folder}; set RACKPROOF_CAPTURES")
    return folder
