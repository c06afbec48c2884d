# SPDX-License-Identifier: GPL-2.0-or-later
"""filedelete against what the guest says of its files: their ends, and their bytes."""

from harness import check, deleted, disks, place
from harness.compare import nothing_is_lost
from harness.declare import shared, test
from harness.deleted import Dump
from harness.disks import MAIN, OTHERS, SYSTEMS, USUAL
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run

# Blocks are smaller than pages in ext3; the main kernel tells the guest which are in memory.
WITH_BLOCKS = (*SYSTEMS, "ext3")

COUNT, LARGE = 500, 1  # files that end at once on each file system, and how many have 64 MB


@shared
def watched(kernel, systems, count=COUNT, large=LARGE):
    folder = place.folder("dump") / "files"
    guest = Guest(kernel, "deleted", (count, large, *disks.arguments(systems)), systems=systems,
                  cpus=2, memory="1024")
    result = run(guest, "-a", "filedelete", "--dump", folder).expect(0)
    nothing_is_lost(result)
    dump = Dump(folder)
    dump.check_contents()
    dump.check_summary(result.said()[-1])
    deleted.check_numbers(result.rows, dump)
    return result, dump


def compare(kernel, systems, name, *sizes):
    result, dump = watched(kernel, systems, *sizes)
    facts = deleted.of_system(result.facts(), name)
    check.true(len(facts) > COUNT + 10, f"{len(facts)} files")
    deleted.compare(facts, result.rows, dump)


@test(system=WITH_BLOCKS)
def files(system):
    compare(MAIN, WITH_BLOCKS, system)


@test()
def what_is_wrong():
    """A row too few or too many, and another content than the guest's: the comparison finds it."""
    result, dump = watched(MAIN, WITH_BLOCKS)
    facts = deleted.of_system(result.facts(), "tmpfs")
    pids = {fact["pid"] for fact in facts}
    rows = [row for row in result.rows if row["PID"] in pids]
    fact = next(fact for fact in facts if fact["size"] == 1 << 20)
    others = [other for other in facts if other is not fact]

    def is_found(facts, rows, what):
        check.fails(deleted.compare, facts, rows, dump, what=what)

    is_found(facts, rows[:-1], "a missing row")
    is_found(facts, [*rows, rows[0]], "a row that is told twice")
    for key, value in {"size": fact["size"] + 1, "content": False, "reason": "Close",
                       "path": fact["path"] + "x", "missing": "0-4096",
                       "pieces": [fact["pieces"][0] + "1"]}.items():
        is_found([*others, fact | {key: value}], rows, f"another {key}")


@test(kernel=OTHERS, system=USUAL)
def usual_systems(kernel, system):
    compare(kernel, USUAL, system)


def few(*options):
    """A few files on a file system in memory; returns the rows by their name and reason, and the
    facts of those that were simply written and removed."""
    result = run(Guest(MAIN, "deleted", (20, 0, "tmpfs"), systems=("tmpfs",), cpus=2),
                 "-a", "filedelete", *options).expect(0)
    nothing_is_lost(result)
    facts = [fact for fact in deleted.of_system(result.facts(), "tmpfs")
             if fact["path"].startswith("/files/many/")]
    check.equal(len(facts), 20, "files")
    return {(row["FileName"], row["Reason"]): row for row in result.rows}, facts


@test()
def without_contents():
    rows, facts = few()
    for fact in facts:
        row = rows[fact["path"], "Unlink"]
        check.equal((row["Size"], row["SeqNum"]), (fact["size"], 0), f"row of {fact['path']}")
    check.true(all(reason != "Write" for _, reason in rows), "what is only written is not told")


@test()
def written():
    """The same content, when the file is closed and when it is removed: as much as is allowed."""
    limit = 4096
    dump = place.folder("dump") / "files"
    rows, facts = few("--dump", dump, "--dump-written", "--dump-max-size", limit)
    dump = Dump(dump)
    dump.check_contents()
    for fact in facts:
        # what is empty was not written
        for reason in ("Write", "Unlink") if fact["size"] else ("Unlink",):
            content = dump.check_row(rows[fact["path"], reason])
            check.equal((content["SHA256"], content["Truncated"], content["Missing"]),
                        (deleted.sha256(fact, limit), fact["size"] > limit,
                         [[limit, fact["size"]]] if fact["size"] > limit else []),
                        f"content of {fact['path']} ({reason})")
        check.equal((fact["path"], "Write") in rows, fact["size"] > 0, f"{fact['path']} is written")
    for path in dump.contents.values():
        check.true(path.stat().st_size <= limit, f"length of {path}")


@test()
def total():
    """All that is taken together is not more than is allowed; events are told all the same."""
    limit = 200 << 10
    folder = place.folder("dump") / "files"
    rows, facts = few("--dump", folder, "--dump-max-total", limit)
    check.true(all((fact["path"], "Unlink") in rows for fact in facts), "all files are told")
    dump = Dump(folder)
    dump.check_contents()
    # what is missing takes no room, and the rest of a block is not counted
    used = sum(min(path.stat().st_size, path.stat().st_blocks * 512) for path in folder.iterdir())
    check.true(0 < used <= limit, f"{used} bytes in the folder")
    check.true(len(dump.metadata) < len(rows), "some are left out")


@test(full=True, kernel=KERNELS, system=SYSTEMS)
def many_large(kernel, system):
    compare(kernel, (system,), system, COUNT, 5)
