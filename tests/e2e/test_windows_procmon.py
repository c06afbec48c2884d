# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: procmon's events, against the NT test guest that starts and ends processes."""

from harness import nt, nt_procmon
from harness.declare import test


def watched(guest, *options):
    return nt.run(guest, *nt.profile(guest), "-a", "procmon", *options).expect(0)


@test(build=nt.BUILDS, cpus=(1, 2))
def all_events(build, cpus):
    """Started, opened, ended, protected, privileged: well, badly, and as hostile as can be."""
    guest = nt.Guest(build, "procmon", cpus=cpus, seed=60 + cpus, machine=("pc", "q35")[cpus - 1])
    result = watched(guest)
    nt_procmon.all_rows(result, guest)


@test(full=True, build=nt.BUILDS, cpus=(1, 2), seed=tuple(range(201, 206)))
def all_events_of_many_guests(build, cpus, seed):
    guest = nt.Guest(build, "procmon", cpus=cpus, seed=seed, machine=("pc", "q35")[seed % 2])
    nt_procmon.all_rows(watched(guest), guest)
