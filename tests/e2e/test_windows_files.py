# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: filetracer and filedelete, against the NT test guest that uses files and deletes them,
and against what it had of them in memory."""

from harness import check, nt, nt_deleted, nt_files, place
from harness.compare import nothing_is_lost
from harness.declare import test
from harness.deleted import Dump

LIMIT = 48 << 20  # bytes of a file that are taken: less than the largest has


def watched(guest, *options):
    """A run with both plugins, and the folder of its dump."""
    folder = place.folder("dump") / "files"
    result = nt.run(guest, *nt.profile(guest), "-a", "filetracer", "-a", "filedelete", "--dump",
                    folder, "--dump-max-size", LIMIT, *options).expect(0)
    nothing_is_lost(result)
    return result, Dump(folder)


def compare(guest, *options, written=False):
    result, dump = watched(guest, *options)
    nt_files.traced(result, guest)
    dump.check_contents()
    dump.check_summary(result.said()[-1])
    nt_deleted.deleted(result, guest, dump, LIMIT, written)


@test(build=nt.BUILDS, cpus=(1, 2))
def all_events(build, cpus):
    """Used, changed and deleted: well, badly, and as hostile as can be."""
    compare(nt.Guest(build, "files", cpus=cpus, seed=80 + cpus, machine=("pc", "q35")[cpus - 1]))


@test(build=("19041-x64", "7601-x86"))
def written_files(build):
    """What was written is taken as well when it is closed."""
    compare(nt.Guest(build, "files", cpus=2, seed=83), "--dump-written", written=True)


@test(build=("19041-x64", "7601-x86"))
def damaged_files(build):
    """Sections and caches that have no end, or lead nowhere: every file is told, and the run ends.
    """
    guest = nt.Guest(build, "files", ("spoil=1",), cpus=2, seed=85)
    result, dump = watched(guest)
    dump.check_contents()
    nt_deleted.ends(result, guest)


@test()
def without_a_dump():
    """Then no content is looked at."""
    guest = nt.Guest("17763-x64", "files", seed=84)
    result = nt.run(guest, *nt.profile(guest), "-a", "filedelete").expect(0)
    nothing_is_lost(result)
    nt_deleted.deleted(result, guest)
    check.equal({row["SeqNum"] for row in result.rows}, {0}, "numbers of contents")


@test(full=True, build=nt.BUILDS, cpus=(1, 2), seed=tuple(range(301, 306)))
def all_events_of_many_guests(build, cpus, seed):
    compare(nt.Guest(build, "files", cpus=cpus, seed=seed, machine=("pc", "q35")[seed % 2]))
