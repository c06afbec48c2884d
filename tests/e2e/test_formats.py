# SPDX-License-Identifier: GPL-2.0-or-later
"""The four formats: each is read back by the rules of its own, and says all that procmon tells."""

import csv
import io
from collections import Counter

from harness import check, formats
from harness.declare import shared, test
from harness.expect import Tree, rows_of_tree
from harness.facts import finished
from harness.guest import Guest
from harness.watch import run

# Common columns that are the same in all runs, and which of them a format does not have.
COMMON = ("Plugin", "PID", "PPID", "TID", "UserId", "ProcessName", "Method")
ABSENT = {"json": (), "csv": (), "kv": ("UserId",), "default": ("TID",)}
OTHERS = ("TimeStamp", "EventUID", "VCPU", "CR3", "UserName")


@shared
def watched(name):
    header = ["--csv-header"] if name == "csv" else []
    return run(Guest("linux-6.1", cpus=2), "-a", "procmon", "-o", name, *header).expect(0)


def plain(row, name):
    """A row as a tuple: the common columns, then the fields in order."""
    common = {key: row[key] for key in COMMON if key not in ABSENT[name]}
    fields = {key: value for key, value in row.items() if key not in (*COMMON, *OTHERS)}
    return (*common.items(), *fields.items())


def expected_rows(tree, name):
    for event in tree.events():
        row = {"Plugin": "procmon", "PID": event.pid, "PPID": event.ppid, "TID": event.tid,
               "UserId": event.user, "ProcessName": event.process, "Method": event.method}
        # csv shows an empty text and an absent one alike
        yield plain(row | {key: value for key, value in event.fields
                           if value != b"" or name != "csv"}, name)


def csv_with_numbers(rows, tree):
    """csv does not tell numbers from texts: those that are expected to be numbers are made some."""
    numbers = {"PID", "PPID", "TID", "UserId", "VCPU"} | {
        key for event in tree.events() for key, value in event.fields if isinstance(value, int)}
    return [{key: int(value) if key in numbers and value.isdigit() else value
             for key, value in row.items()} for row in rows]


def rows_of(name):
    result = watched(name)
    tree = Tree(finished(result.facts()))
    rows = getattr(formats, f"parse_{name}")(result.text())
    return result, tree, csv_with_numbers(rows, tree) if name == "csv" else rows


@test(name=("csv", "kv", "default"))
def says_all(name):
    result, tree, rows = rows_of(name)
    expected = list(expected_rows(tree, name))
    actual = [plain(row, name) for row in rows_of_tree(rows, tree.root)]
    check.true(len(expected) > 1000, f"there are facts: {len(expected)}")
    check.same_rows(actual, expected, name)
    check.equal(result.said()[-1], f"events: procmon {len(rows)}; dropped: 0", "the last line")


@test()
def agree():
    """The same numbers of events in each format, by method."""
    counts = {}
    for name in ABSENT:
        _, tree, rows = rows_of(name)
        counts[name] = Counter(row["Method"] for row in rows_of_tree(rows, tree.root))
    for name, count in counts.items():
        check.equal(count, counts["json"], f"events of {name}, as in json")


@test()
def machine_columns():
    """Which vCPU, and which page tables: only csv and default have them."""
    for name in ("csv", "default"):
        _, tree, rows = rows_of(name)
        rows = rows_of_tree(rows, tree.root)
        check.equal({row["VCPU"] for row in rows}, {0, 1}, f"vCPUs in {name}")
        tables = {row["CR3"] for row in rows}
        check.true(all(int(root, 16) > 0 for root in tables), f"CR3 in {name}")
        # the kernel gives those of processes that have ended to new ones
        check.true(len(tables) > 10, f"processes have page tables of their own in {name}")


def columns_of_csv(data):
    """How many columns the rows of each method have."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    return {row[9]: len(row) for row in rows}, [row for row in rows if row[0] == "Plugin"]


@test()
def csv_without_header():
    """By default csv has no header; the columns are the same."""
    with_headers, headers = columns_of_csv(watched("csv").text())
    check.equal(len(headers), len(with_headers) - 1, "a header for each method")
    guest = Guest("linux-6.1", "truth", ("namespace",))
    result = run(guest, "-a", "procmon", "-o", "csv").expect(0)
    without, headers = columns_of_csv(result.text())
    check.equal(headers, [], "headers without --csv-header")
    check.equal(without, {method: count for method, count in with_headers.items()
                          if method != "Method"}, "columns")
