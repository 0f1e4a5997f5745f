"""An output that is made long by repeating what makes it long in practice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Long:
    """An output that can be made as long as one likes."""

    head: str
    unit: str
    tail: str
