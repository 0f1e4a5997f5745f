"""A little shell: it knows the command lines that its device has programs for, and nothing else.

`answer` is pure: a command line in; text, error text and exit status out. What runs longer is a `Launch`.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

NOT_FOUND, USAGE = 127, 2
_LAUNCHED = re.compile(r"echo \$\$;\s*exec (?P<line>.+)", re.DOTALL)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command leaves: standard output, standard error, exit status."""

    out: str = ""
    err: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Launch:
    """A command that runs for a while: its words, its time limit in s, and whether its pid is printed first."""

    words: list[str]
    limit: float | None = None
    announced: bool = False


Program = Callable[[list[str]], Reply]
"""Takes the words after the program's name."""


def seconds(text: str) -> float:
    """Return a duration as timeout(1) and stress-ng take it, in s. Raises ValueError.

    >>> seconds("10s"), seconds("1.5m")
    (10.0, 90.0)
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        message = f"invalid time interval {text!r}"
        raise ValueError(message)
    return float(match[1]) * _UNITS[match[2]]


class Shell:
    """The programs and files of one device; `lasting` names the programs that run for a while."""

    def __init__(
        self, programs: Mapping[str, Program], files: Mapping[str, Callable[[], str]], lasting: frozenset[str]
    ) -> None:
        self.files = dict(files)
        self.programs = {"cat": self._cat, "echo": _echo, "true": lambda _: Reply(), "rm": self._remove, **programs}
        self.programs["command"] = self._command
        self.lasting = lasting

    def answer(self, line: str) -> Reply | Launch:
        """Answer a command line, or say what it launches."""
        try:
            words = shlex.split(line)
        except ValueError:
            return Reply(err="sh: 1: Syntax error: Unterminated quoted string\n", status=USAGE)
        if words[:2] == ["sh", "-c"] and len(words) == 3:
            match = _LAUNCHED.fullmatch(words[2].strip())
            return self._launch(shlex.split(match["line"]), announced=True) if match else self.answer(words[2])
        return self._launch(words, announced=False) if words else Reply()

    def _launch(self, words: list[str], *, announced: bool) -> Reply | Launch:
        limit = None
        if words[0] == "timeout" and len(words) > 2:
            try:
                limit = seconds(words[1])
            except ValueError as error:
                return Reply(err=f"timeout: {error}\n", status=125)
            words = words[2:]
        name = words[0].rpartition("/")[2]
        if name in self.lasting:
            return Launch([name, *words[1:]], limit, announced)
        program = self.programs.get(name)
        return program(words[1:]) if program else Reply(err=f"sh: 1: {words[0]}: not found\n", status=NOT_FOUND)

    def _command(self, words: list[str]) -> Reply:
        """Tell where a program is, as `command -v` does; 127 where it is not (POSIX, command)."""
        known = len(words) == 2 and words[0] == "-v" and (words[1] in self.programs or words[1] in self.lasting)
        return Reply(f"/usr/bin/{words[1]}\n") if known else Reply(status=NOT_FOUND)

    def _cat(self, paths: list[str]) -> Reply:
        missing = [path for path in paths if path not in self.files]
        text = "".join(self.files[path]() for path in paths if path in self.files)
        complaints = "".join(f"cat: {path}: No such file or directory\n" for path in missing)
        return Reply(text, complaints, 1 if missing else 0)

    def _remove(self, words: list[str]) -> Reply:
        for path in words:
            self.files.pop(path, None)
        return Reply()


def _echo(words: list[str]) -> Reply:
    return Reply(" ".join(words) + "\n")
