"""Data files that people write: read whole, refused with file and key path where they are wrong."""

import difflib
import hashlib
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class DataError(Exception):
    """A file that cannot be used: names the file, the key, what is wrong and what would be right."""


class Data(BaseModel):
    """A table in such a file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


T = TypeVar("T", bound=BaseModel)


def load(path: Path, model: type[T]) -> T:
    """Read the TOML file `path` as `model`. Raises DataError."""
    fields = _parse(path)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise DataError("\n".join(_explained(path, one, model, fields) for one in error.errors())) from None


def sha256(path: Path) -> str:
    """Return the hash of the file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def suggestion(word: str, known: list[str]) -> str:
    """Return what `word` may have been meant to be, or all that is known.

    >>> suggestion("seriall", ["serial", "station"])
    "did you mean 'serial'?"
    """
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: not TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text: {error}") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error


def _explained(path: Path, error: Any, model: type[BaseModel], fields: dict[str, Any]) -> str:
    place = ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in error["loc"]).replace(".[", "[")
    what = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, error["loc"][:-1])
        what = f"unknown key; {suggestion(str(error['loc'][-1]), known)}" if known else "unknown key"
    named = _name_of(fields, error["loc"])
    return f"{path}: {place or 'the whole file'}{named}: {what}"


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Follow `loc` through the models to the table that it leads to, and return that table's keys."""
    current: Any = model
    for part in loc:
        if isinstance(part, int) or not hasattr(current, "model_fields") or part not in _aliases(current):
            continue
        inner = _aliases(current)[part]
        current = next((a for a in _arguments(inner) if hasattr(a, "model_fields")), None)
    return list(_aliases(current)) if hasattr(current, "model_fields") else []


def _aliases(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _arguments(annotation: Any) -> list[Any]:
    inner = getattr(annotation, "__args__", ())
    return [annotation, *(leaf for argument in inner for leaf in _arguments(argument))]


def _name_of(fields: dict[str, Any], loc: tuple[int | str, ...]) -> str:
    """Return the `name` of the innermost table on the way, for people do not count tables."""
    name, current = "", fields
    for part in loc:
        try:
            current = current[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(current, dict) and isinstance(current.get("name"), str):
            name = f" ({current['name']})"
    return name
