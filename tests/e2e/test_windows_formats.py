# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: the formats for people and for tables, line by line as documented."""

from harness import check, nt, nt_compare, nt_rows
from harness.declare import shared, test
from harness.lives import Lives
from harness.nt_expect import Expected

ALL = Expected(poolmon_all=True)
GUEST = nt.Guest("19041-x64", seed=11, cpus=2)


@shared
def watched(name, *options):
    return nt.run(GUEST, *nt.profile(GUEST), "--poolmon-all", "-o", name, *options).expect(0)


def lines_of(result):
    text = result.text().decode("utf-8")
    check.true(text.endswith("\n"), "the last line is whole")
    return text.split("\n")[:-1]


def expected_of(result):
    return nt_compare.expected_rows(nt.finished(result.facts()), expected=ALL)


def says_all(name, lines, rows):
    """Each line is that of an event; in the order of calls, where the format numbers them."""
    render = getattr(nt_rows, f"as_{name}")
    actual = [nt_rows.of_line(line, name) for line in lines]
    check.same_rows((line for line, _ in actual), map(render, rows), f"lines of {name}")
    numbers = [number for _, number in actual]
    if None not in numbers:
        check.equal(len(set(numbers)), len(numbers), "calls that are told once")


def kind_of(row):
    """What has columns of its own. Methods of system calls are the guest's, and all have the same.
    """
    return row.plugin if row.arguments is not None else row.method


def csv_lines_of(result, rows):
    """The lines of rows; of each kind of rows there is one header."""
    found, headers = [], []
    for line in lines_of(result):
        (headers if line.startswith("Plugin,") else found).append(line)
    check.same_rows(headers, {kind_of(row): nt_rows.csv_header(row) for row in rows}.values(),
                    "headers")
    return found


@test(name=("default", "kv"))
def lines(name):
    result = watched(name)
    says_all(name, lines_of(result), expected_of(result))


@test()
def csv():
    result = watched("csv", "--csv-header")
    rows = expected_of(result)
    says_all("csv", csv_lines_of(result, rows), rows)


# System calls and processes: there json is compared with the guest's facts, and the others with
# json, in a guest that does the same in each run.

SAME = nt.Guest("19041-x64", "procmon", seed=12)


@shared
def calls_watched(name, *options):
    return nt.run(SAME, *nt.profile(SAME), "-a", "procmon", "-a", "syscalls", "-o", name,
                  *options).expect(0)


def rows_of_calls():
    result = calls_watched("json")
    # in both their order is that in which they were made: PIDs are used again
    lives = Lives(result.rows)
    processes = [fact for fact in nt.finished(result.facts())
                 if fact["kind"] == "process" and fact["listed"]]
    check.equal([life.pid for life in lives.all], [fact["pid"] for fact in processes], "processes")
    roots = {(life.pid, life.first): nt_rows.Hex(fact["cr3"], 16)
             for life, fact in zip(lives.all, processes)}
    return [nt_rows.of_told(row, 0, roots[life.pid, life.first])
            for row in result.rows for life in [lives.of(row)]]


def lines_are(name, lines, rows):
    """In their order: only one CPU ran."""
    check.same_order([nt_rows.of_line(line, name)[0] for line in lines],
                     list(map(getattr(nt_rows, f"as_{name}"), rows)), f"lines of {name}")


@test(name=("default", "kv"))
def lines_of_calls(name):
    lines_are(name, lines_of(calls_watched(name)), rows_of_calls())


@test()
def csv_of_calls():
    rows = rows_of_calls()
    lines_are("csv", csv_lines_of(calls_watched("csv", "--csv-header"), rows), rows)


@test()
def documented():
    """The very line that poolmon's users know, and json's keys in their order."""
    guest = nt.Guest("19041-x64", "pool", seed=12)
    options = *nt.profile(guest), "-a", "poolmon", "--process", "explorer.exe"
    line = lines_of(nt.run(guest, *options, "-o", "default").expect(0))[0]
    check.matches(line, r'^\[POOLMON\] TIME:\d{10}\.\d{6} VCPU:0 CR3:(0x[0-9a-f]+) '
                  r'"explorer\.exe":ExAllocatePoolWithTag SessionID:1 PID:1504 PPID:1420 '
                  r'VCPU:0 CR3:\1 Tag:"Proc" Type:"NonPagedPool" Size:32 Source:"ntoskrnl\.exe" '
                  r'Description:"Process objects"$', "the first line")
    row = nt.run(guest, *options).expect(0).rows[0]
    check.equal(list(row), ["Plugin", "TimeStamp", "PID", "PPID", "TID", "UserName", "UserId",
                            "ProcessName", "Method", "EventUID", "SessionID", "VCPU", "CR3", "Tag",
                            "Type", "Size", "Source", "Description"], "json's keys")
    check.equal((row["UserName"], row["UserId"], row["SessionID"], row["VCPU"], row["Size"]),
                ("SessionID", 1, 1, 0, 32), "json's values")
