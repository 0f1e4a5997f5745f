"""The folder with captures, found as the drivers' tests find it."""

from tests.drivers.conftest import captures

__all__ = ["captures"]
