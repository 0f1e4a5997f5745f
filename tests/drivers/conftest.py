import os
from pathlib import Path

import pytest
from hypothesis import settings

# Bounded time is asked of every decoder; the fifth of a second that hypothesis gives only tells of a busy machine.
settings.register_profile("decoders", deadline=10_000)
settings.load_profile("decoders")


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder with captures of real devices and tools, outside of the project."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("RACKPROOF_CAPTURES", root.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no captures in {folder}; set RACKPROOF_CAPTURES")
    return folder
