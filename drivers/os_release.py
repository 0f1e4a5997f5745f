"""/etc/os-release (freedesktop os-release(5)): which system answers. Pure."""

import shlex


def parse(text: str) -> dict[str, str]:
    """Read the assignments; lines that are none are left out.

    >>> parse('VERSION_ID="12"')
    {'VERSION_ID': '12'}
    """
    found = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.isidentifier():
            found[name] = _unquoted(value)
    return found


def _unquoted(value: str) -> str:
    try:
        return " ".join(shlex.split(value))
    except ValueError:
        return value
