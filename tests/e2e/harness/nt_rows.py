# SPDX-License-Identifier: GPL-2.0-or-later
"""Events as rows, and what each format makes of one: by docs/output.md, not by Wyvern's encoders.

What differs from run to run is left out on both sides: the time, and the number of the event.
"""

import re
from dataclasses import dataclass

from . import contract
from .declare import Failed
from .lives import unescaped


class Hex(int):
    """A number that is printed in hex."""


ABSENT = object()  # a field that does not apply; None: one that could not be read


@dataclass(frozen=True)
class Row:
    plugin: str
    method: str
    vcpu: int
    cr3: Hex
    session: int
    pid: int
    ppid: int
    tid: int
    process: str
    fields: tuple  # pairs of a name and a value: of all fields that the method has
    arguments: tuple | None = None  # of a system call: the same, but they have no columns

    def present(self):
        return [(name, value) for name, value in (*self.fields, *(self.arguments or ()))
                if value is not ABSENT]


def as_json(row):
    """The pairs of key and value, in order. poolmon's rows have the session twice."""
    return (("Plugin", row.plugin), ("PID", row.pid), ("PPID", row.ppid), ("TID", row.tid),
            ("UserName", "SessionID"), ("UserId", row.session), ("ProcessName", row.process),
            ("Method", row.method),
            *([("SessionID", row.session)] if row.plugin == "poolmon" else []),
            *((name, f"{value:#x}" if isinstance(value, Hex) else value)
              for name, value in row.present()))


def of_json(row):
    """A json row in the same form."""
    return tuple((key, value) for key, value in row.items()
                 if key not in ("TimeStamp", "EventUID"))


def _value_of(key, name, row):
    value = row.get(name, ABSENT)
    if name == "CommandLine" and isinstance(value, str):
        return unescaped(value)  # only json's readers undo escapes in it
    return Hex(value, 16) if key.kind == "hex" and isinstance(value, str) else value


def of_told(row, vcpu, cr3):
    """A json row of procmon's or of a system call, and what it does not tell, as a Row."""
    own = contract.declared(row["Plugin"], row["UserName"], contract.variant(row))
    arguments = contract.arguments(row) if row["Plugin"] in contract.CALLS else None
    return Row(row["Plugin"], row["Method"], vcpu, cr3, row["UserId"], row["PID"], row["PPID"],
               row["TID"], row["ProcessName"],
               tuple((name, ABSENT if name in (arguments or ()) else _value_of(key, name, row))
                     for name, key in own.items()),
               None if arguments is None else tuple(arguments.items()))


ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}


def _escape(match):
    return ESCAPES.get(match[0]) or "".join(f"\\x{byte:02x}" for byte in match[0].encode())


def _escaped(text):
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]", _escape, text)


def _quoted(text):
    return '"' + _escaped(text).replace('"', r'\"') + '"'


def _plain(value):
    """Of `default` and `kv`."""
    if value is None:
        return "null"
    if isinstance(value, Hex):
        return f"{value:#x}"
    if isinstance(value, list):
        return ";".join(f"{name}:{_quoted(text)}" for item in value for name, text in item.items())
    return str(value) if isinstance(value, int) else _quoted(value)


def as_default(row):
    return " ".join([f"[{row.plugin.upper()}] VCPU:{row.vcpu} CR3:{row.cr3:#x} "
                     f"{_quoted(row.process)}:{row.method} SessionID:{row.session} PID:{row.pid} "
                     f"PPID:{row.ppid}",
                     *(f"{name}:{_plain(value)}" for name, value in row.present())])


def as_kv(row):
    return ",".join([f"{row.plugin} PID={row.pid},PPID={row.ppid},TID={row.tid},"
                     f"ProcessName={_quoted(row.process)},Method={row.method}",
                     *(f"{name}={_plain(value)}" for name, value in row.present())])


def _in_column(text):
    return '"' + text.replace('"', '""') + '"'


def _item(text):
    """One of several in a column."""
    return _escaped(text).replace(";", r"\x3b")


def _column(value):
    if value is None or value is ABSENT:
        return ""
    if isinstance(value, Hex):
        return f"{value:#x}"
    if isinstance(value, list):
        return _in_column(";".join(f"{_item(name)}:{_item(text)}"
                                   for pair in value for name, text in pair.items()))
    return str(value) if isinstance(value, int) else _in_column(_escaped(value))


def _arguments(row):
    """The column that system calls have behind all others."""
    if row.arguments is None:
        return []
    return [_in_column(";".join(f"{name}={_item(text)}" for name, text in row.arguments))]


def as_csv(row):
    return ",".join([*map(_column, (row.plugin, row.vcpu, row.cr3, row.session, row.pid, row.ppid,
                                    row.tid, row.process, row.method,
                                    *(value for _, value in row.fields))), *_arguments(row)])


CSV_COMMON = ("Plugin", "TimeStamp", "VCPU", "CR3", "UserId", "PID", "PPID", "TID", "ProcessName",
              "Method", "EventUID")


def csv_header(row):
    """The line that --csv-header puts before the first row of its method: no name is there twice.
    """
    return ",".join([*CSV_COMMON, *(f"{name}_2" if name in CSV_COMMON else name
                                    for name, _ in row.fields),
                     *(["Arguments"] if row.arguments is not None else [])])


# Where a line has the time, and where its number; what is left must be the whole row.
TIME = r"[0-9]+\.[0-9]{6}"
PATTERNS = {
    "default": (rf" TIME:{TIME}(?= VCPU:)", None),
    "kv": (rf"(?<= )Time={TIME},", r",EventUID=(0x[0-9a-f]+)(?=,|$)"),
    "csv": (rf'(?<="),{TIME}(?=,)', r',(0x[0-9a-f]+)(?=,)'),
}


def of_line(line, name):
    """A line of a format without its time and number, and the number (of default: None)."""
    time, number = PATTERNS[name]
    line, found = re.subn(time, "", line, count=1)
    if not found:
        raise Failed(f"{name}: a line without a time: {line[:300]!r}")
    if number is None:
        return line, None
    # the common columns of csv have another hex number first: CR3
    match = list(re.finditer(number, line))[1 if name == "csv" else 0]
    return line[:match.start()] + line[match.end():], int(match[1], 16)
