# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: all that poolmon, objmon and exmon have to tell of the NT test guest, by its builds."""

import json

from harness import check, nt, nt_compare
from harness.declare import test
from harness.nt_expect import Expected

ALL = Expected(poolmon_all=True)


def watched(guest, *options):
    return nt.run(guest, *nt.profile(guest), *options).expect(0)


@test(build=nt.BUILDS, cpus=(1, 2))
def all_events(build, cpus):
    """All scenarios, all plugins."""
    guest = nt.Guest(build, cpus=cpus, seed=cpus, machine=("pc", "q35")[cpus - 1])
    nt_compare.all_rows(watched(guest, "--poolmon-all"), guest, expected=ALL)


@test(full=True, build=nt.BUILDS, cpus=(1, 2), seed=tuple(range(101, 111)))
def all_events_of_many_guests(build, cpus, seed):
    """Other addresses, other page sizes, another order of threads."""
    guest = nt.Guest(build, cpus=cpus, seed=seed, machine=("pc", "q35")[seed % 2])
    nt_compare.all_rows(watched(guest, "--poolmon-all"), guest, expected=ALL)


@test(build=nt.BUILDS, cpus=(1, 2))
def allocations(build, cpus):
    """poolmon as it is without options: no returns are awaited."""
    guest = nt.Guest(build, "pool", cpus=cpus, seed=cpus + 2, machine=("q35", "pc")[cpus - 1])
    nt_compare.all_rows(watched(guest, "-a", "poolmon"), guest, ("poolmon",))


# What a kernel may lack, and the line that says so.
LINES = {
    "ExAllocatePool2": "poolmon: missing in the guest's kernel: function ExAllocatePool2 (costs ",
}


@test(build=nt.BUILDS)
def missing_functions(build):
    """What a build does not have is told by name, and nothing else is."""
    symbols = json.loads(nt.LAYOUTS[build].read_text())["symbols"]
    guest = nt.Guest(build, "quiet")
    result = nt.run(guest, *nt.profile(guest), "--poolmon-all").expect(0)
    lines = [line for line in result.said() if "missing in the guest's kernel" in line]
    expected = [line for name, line in LINES.items() if name not in symbols]
    check.equal([line.removeprefix("warning: ")[:len(LINES["ExAllocatePool2"])] for line in lines],
                expected, "lines about what is missing")
