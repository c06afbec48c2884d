# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: a guest whose structures are damaged. What can be told is, and it comes to an end."""

from harness import check, nt, nt_compare
from harness.declare import test
from harness.nt_rows import as_json, of_json

# What each kind of damage changes in the events: by process id, the path that can be read, and
# whether the session can not.
EXPLORER, SVCHOST = 1504, 872
DAMAGE = {
    "list-loop": {},
    "list-cut": {},
    "handles": {},
    # half a path can not tell the image's name: explorer.exe has it from elsewhere
    "names": {SVCHOST: {"path": "Z" * 15}},
    "pointers": {SVCHOST: {"path": "svchost.exe"}, EXPLORER: {"session": None}},
}

# Nothing else is needed to find the kernel than its header and the PDB's name in it.
HIDING = ("header", "debug")

FEW, OTHERS = ("19041-x64", "7601-x86"), ("7601-x64", "17763-x64", "22000-x64")

PATIENCE = 30  # seconds


def watched(build, kind):
    guest = nt.Guest(build, "pool", (f"damage={kind}",), cpus=2, seed=41)
    return guest, nt.Watch(guest, *nt.profile(guest), "-a", "poolmon")


def without_sessions(pairs, lost):
    return tuple(pair for pair in pairs
                 if pair[0] not in ("UserId", "SessionID") or dict(pairs)["PID"] not in lost)


@test(kind=tuple(DAMAGE), build=FEW)
@test(full=True, kind=tuple(DAMAGE), build=OTHERS)
def is_watched(kind, build):
    guest, watch = watched(build, kind)
    result = nt.to_the_end(watch, PATIENCE).expect(0)
    told = nt.finished(result.facts())
    for fact in told:
        fact |= DAMAGE[kind].get(fact.get("pid"), {}) if fact["kind"] == "call" else {}
    lost = [pid for pid, changes in DAMAGE[kind].items() if "session" in changes]
    nt_compare.in_order(
        [(row["TID"], without_sessions(of_json(row), lost))
         for row in nt_compare.rows_of_json(result)],
        [(row.tid, without_sessions(as_json(row), lost))
         for row in nt_compare.expected_rows(told, ("poolmon",))], guest.cpus)


@test(kind=HIDING, build=FEW)
@test(full=True, kind=HIDING, build=OTHERS)
def is_not_found(kind, build):
    """The guest's own header says nothing true of the kernel: that is said, and soon."""
    _, watch = watched(build, kind)
    with watch:
        result = watch.wait(PATIENCE).expect(4)
    check.contains(result.errors, "no kernel found: ", "stderr")
    check.contains(result.errors, "processor control region", "stderr")
    check.equal(result.rows, [], "events")
