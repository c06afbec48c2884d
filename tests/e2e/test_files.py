# SPDX-License-Identifier: GPL-2.0-or-later
"""filetracer against what the guest says it did to files: on file systems of all kinds."""

from harness import check, disks, files
from harness.compare import nothing_is_lost
from harness.declare import shared, test
from harness.disks import MAIN, OTHERS, RARE, SYSTEMS, USUAL
from harness.guest import Guest
from harness.watch import run


@shared
def watched(kernel, systems):
    result = run(Guest(kernel, "files", disks.arguments(systems), cpus=2, systems=systems),
                 "-a", "filetracer").expect(0)
    nothing_is_lost(result)
    return result


def compare(kernel, systems, name):
    result = watched(kernel, systems)
    system = next(system for system in files.systems(result.facts()) if system.name == name)
    kinds = {(fact["op"], fact.get("how"), fact.get("flags")) for fact in system.facts}
    check.true(len(system.facts) > 400, f"{len(system.facts)} operations")
    check.true(len(kinds) > 60, f"kinds of operations: {kinds}")
    files.compare(system, result.rows, kernel)


@test()
def what_is_wrong():
    """One row too few or too many, or another value, of each kind: the comparison finds it."""
    result = watched(MAIN, SYSTEMS)
    system = next(system for system in files.systems(result.facts()) if system.name == "tmpfs")
    pids = {fact["pid"] for fact in system.facts}
    rows = [row for row in result.rows if row["Plugin"] == "filetracer" and row["PID"] in pids
            and row["FileName"] not in files.OWN_DEVICES and row["Method"] != files.AREA]
    kinds = {row["Method"]: row for row in rows}
    check.true(len(kinds) > 25, f"methods: {list(kinds)}")

    def is_found(wrong, what):
        check.fails(files.compare, system, wrong, MAIN, what=what)

    for method, row in kinds.items():
        others = [other for other in rows if other is not row]
        is_found(others, f"{method}, missing")
        is_found([*rows, row], f"{method}, told twice")
        for key in row.keys() - {"TimeStamp", "EventUID", "PID", "TID"}:
            if isinstance(row[key], int):
                is_found([*others, row | {key: row[key] + 1}], f"{method}, another {key}")
    for key in ("FileName", "Flag", "Mode", "Permissions", "ThreadName"):
        row = next(row for row in rows if row["Method"] == "vfs_write")
        others = [other for other in rows if other is not row]
        is_found([*others, row | {key: None}], f"no {key}")


@test(system=SYSTEMS)
def operations(system):
    compare(MAIN, SYSTEMS, system)


@test(kernel=OTHERS, system=USUAL)
def usual_systems(kernel, system):
    compare(kernel, USUAL, system)


@test(full=True, kernel=OTHERS, system=RARE)
def rare_systems(kernel, system):
    compare(kernel, RARE, system)
