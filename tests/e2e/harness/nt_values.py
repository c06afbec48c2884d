# SPDX-License-Identifier: GPL-2.0-or-later
"""Values that the NT guest's facts settle only so far: functions that say whether a row's value
will do; and what rows about files have in common."""

from . import flags
from .nt_compare import number_of
from .nt_expect import text_of
from .nt_procmon import ABSENT, json_of
from .nt_syscalls import is_text


class Wanted:
    """A function that says whether a value will do, and what it would be."""

    def __init__(self, what, will_do):
        self.what, self.will_do = what, will_do

    def __call__(self, got):
        return self.will_do(got)

    def __repr__(self):
        return str(self.what)


def flags_of(value, known):
    """In any order; numbers stand for what has no name."""
    def will_do(got):
        if not isinstance(got, str):
            return False
        parts = got.split(" | ") if got else []
        if any(part in known and known[part] & ~value for part in parts):
            return False
        # a bit that has a name is told by that name
        named = {part for part in parts if part in known}
        wanted = {name for name, bit in known.items() if bit & value}
        return named == wanted and (flags.number(got, known) if got else 0) == value
    return Wanted(f"{value:#x}", will_do)


def text(told):
    """A text of the guest's memory; null where nothing of it is readable."""
    def will_do(got):
        if got is None:
            return not told["whole"] and not told["text"]
        return is_text(got, told)
    return Wanted(told, will_do)


def plain(value):
    """A text of which the facts tell only so much."""
    return text({"text": value, "whole": len(value) < 5100})


def common(plugin, fact):
    return (("Plugin", plugin), ("PID", fact["pid"]), ("PPID", fact["ppid"]),
            ("TID", fact["tid"]), ("UserName", "SessionID"), ("UserId", fact["session"]),
            ("ProcessName", text_of(fact["path"]).rpartition("\\")[2]),
            ("Method", fact["function"]))


def fields(pairs):
    return tuple((name, value if callable(value) else json_of(value)) for name, value in pairs
                 if value is not ABSENT)


def rows_of(result, plugin):
    return sorted((row for row in result.rows if row["Plugin"] == plugin), key=number_of)
