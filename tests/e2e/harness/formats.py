# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading back the four formats, each strictly as its documentation says."""

import csv
import io
import json
import re

from . import contract
from .declare import Failed

# Keys that every json row has, in this order.
COMMON = tuple(contract.COMMON)

CSV_COMMON = ("Plugin", "TimeStamp", "VCPU", "CR3", "UserId", "PID", "PPID", "TID", "ProcessName",
              "Method", "EventUID")

ESCAPES = {b"\\": b"\\", b'"': b'"', b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _pairs(pairs):
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key is there twice")
    return row


def _constant(name):
    raise ValueError(f"{name} is not JSON")


def whole_lines(data):
    """The lines of an output that must end with a whole one."""
    if data and not data.endswith(b"\n"):
        raise Failed(f"the output ends within a line: {data[-80:]!r}")
    return data.split(b"\n")[:-1]


def parse_json(data):
    """Fails, too, if those would not take a row who read the rows of other monitors."""
    rows = []
    for number, line in enumerate(whole_lines(data), 1):
        try:
            rows.append(json.loads(line.decode("utf-8"), object_pairs_hook=_pairs,
                                   parse_constant=_constant))
        except ValueError as error:
            raise Failed(f"line {number} is not valid json ({error}): {line[:300]!r}") from None
    contract.check_rows(rows)
    return rows


def unescape(text):
    r"""The bytes behind \\ \" \n \r \t \xHH; fails on any other use of a backslash."""

    def one(match):
        code = match[0][1:]
        if code in ESCAPES:
            return ESCAPES[code]
        if len(code) == 3:
            return bytes([int(code[1:], 16)])
        raise Failed(f"a bad escape in {text[:300]!r}")

    return re.sub(rb"\\(?:x[0-9a-f]{2}|.|$)", one, text, flags=re.DOTALL)


def _value(token):
    """Of `default` and `kv`: a number, null, or bytes in quotes."""
    if token.startswith(b'"'):
        return unescape(token[1:-1])
    if token == b"null":
        return None
    if re.fullmatch(rb"-?[0-9]+", token):
        return int(token)
    return token


# A value: in quotes, or without blanks and commas.
VALUE = rb'"(?:[^"\\\x00-\x1f]|\\.)*"|[^", ]+'


def _fields(text, separator, assign):
    """name VALUE pairs that fill all of the text."""
    row = {}
    at = 0
    pattern = re.compile(rb"([A-Za-z_0-9]+)" + assign + b"(" + VALUE + rb")(?:" + separator + b"|$)")
    while at < len(text):
        found = pattern.match(text, at)
        if not found:
            raise Failed(f"malformed from here: {text[at:at + 200]!r}")
        name = found[1].decode()
        if name in row:
            raise Failed(f"{name} is there twice: {text[:300]!r}")
        row[name] = _value(found[2])
        at = found.end()
    return row


def parse_default(data):
    rows = []
    head = re.compile(rb'\[([A-Z]+)\] TIME:(\d+\.\d{6}) VCPU:(\d+) CR3:(0x[0-9a-f]+) '
                      rb'("(?:[^"\\]|\\.)*"):(\w+) UID:(-?\d+) PID:(\d+) PPID:(\d+)(?: |$)')
    for line in whole_lines(data):
        found = head.match(line)
        if not found:
            raise Failed(f"not a row of the format default: {line[:300]!r}")
        rows.append({"Plugin": found[1].decode().lower(), "TimeStamp": found[2].decode(),
                     "VCPU": int(found[3]), "CR3": found[4], "UserId": int(found[7]),
                     "PID": int(found[8]), "PPID": int(found[9]), "ProcessName": _value(found[5]),
                     "Method": found[6].decode(),
                     **_fields(line[found.end():], b" ", b":")})
    return rows


def parse_kv(data):
    rows = []
    for line in whole_lines(data):
        plugin, _, rest = line.partition(b" ")
        row = {"Plugin": plugin.decode(), **_fields(rest, b",", b"=")}
        row["TimeStamp"] = row.pop("Time").decode()
        row["Method"] = row["Method"].decode()
        rows.append(row)
    return rows


def pairs_of_csv(value):
    """The column "Arguments", as it is written: name=text joined by ";"."""
    pairs = [item.partition(b"=") for item in value.split(b";") if item]
    row = {name.decode(): unescape(text) for name, _, text in pairs}
    if len(row) != len(pairs):
        raise Failed(f"a name is there twice: {value[:300]!r}")
    return row


def parse_csv(data):
    """With --csv-header. All values are bytes: csv does not tell numbers from texts; what is empty
    is left out. Arguments of system calls stay in their column: see pairs_of_csv()."""
    headers = {}
    pending = None
    rows = []
    text = data.decode("utf-8")
    if "\r" in text:
        raise Failed("a bare carriage return in csv")
    for columns in csv.reader(io.StringIO(text, newline=""), strict=True):
        if columns[0] == "Plugin":
            if tuple(columns[:len(CSV_COMMON)]) != CSV_COMMON:
                raise Failed(f"the common columns of csv: {columns}")
            pending = columns
            continue
        # the guest names the methods of system calls; their columns are the same for all
        plugin = columns[CSV_COMMON.index("Plugin")]
        method = columns[CSV_COMMON.index("Method")] if plugin in contract.METHODS else None
        if pending:
            headers[plugin, method] = pending
            pending = None
        header = headers.get((plugin, method), ())
        if len(columns) != len(header):
            raise Failed(f"{plugin} {method}: {len(columns)} columns, header {header}")
        row = {name: value.encode() if name == "Arguments" else unescape(value.encode())
               for name, value in zip(header, columns) if value}
        rows.append(row | {name: row[name].decode() for name in ("Plugin", "TimeStamp", "Method")})
    return rows
