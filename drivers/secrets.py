"""Secrets: resolved late, from a reference, and never shown."""

import os
from pathlib import Path
from typing import final

from drivers.errors import BadSecret


@final
class Secret:
    """A value that does not show itself: neither `str`, `repr` nor formatting reveals it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("<secret>", spec)

    def reveal(self) -> str:
        """Return the value, to be handed to the one who needs it and to nobody else."""
        return self._value


def resolve(ref: str, folder: Path) -> Secret:
    """Follow a reference: `env:NAME`, `file:PATH` (relative to `folder`, its last line end dropped) or `public`.

    Raises BadSecret where it leads nowhere; the message names the reference, not the value.
    """
    kind, _, name = ref.partition(":")
    if ref == "public":
        return Secret(ref)
    if kind == "env":
        return _from_environment(name)
    if kind == "file":
        return _from_file(folder / name)
    raise BadSecret("a secret is a reference", fix="env:NAME or file:PATH")


def _from_environment(name: str) -> Secret:
    value = os.environ.get(name)
    if value is None:
        raise BadSecret(f"the environment has no variable {name}", fix=f"export {name}=…")
    return Secret(value)


def _from_file(path: Path) -> Secret:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadSecret(
            f"cannot read {path}: {type(error).__name__}", fix="check the path and who may read it"
        ) from None
    return Secret(text.removesuffix("\n").removesuffix("\r"))
