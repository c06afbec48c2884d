# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: options that choose events, or what they say; and another QEMU."""

import re
import signal

from harness import check, nt, nt_compare, place
from harness.declare import test
from harness.nt_compare import expected_rows, in_order, rows_of_json
from harness.nt_expect import Expected
from harness.nt_rows import ABSENT, as_json, of_json

GUEST = nt.Guest("17763-x64", cpus=2, seed=21)


def watched(*options, guest=GUEST):
    return nt.run(guest, *nt.profile(guest), *options).expect(0)


def are(result, rows, guest=GUEST):
    in_order([(row["TID"], of_json(row)) for row in rows_of_json(result)],
             [(row.tid, as_json(row)) for row in rows], guest.cpus)


# By process -------------------------------------------------------------------------------------


@test()
def process_by_name():
    result = watched("--process", "explorer.exe")
    rows = expected_rows(nt.finished(result.facts()))
    are(result, [row for row in rows if row.process == "explorer.exe"])


@test()
def process_is_ignored():
    result = watched("--ignore-process", "explorer.exe", "--ignore-process", "4")
    rows = expected_rows(nt.finished(result.facts()))
    are(result, [row for row in rows if row.process != "explorer.exe" and row.pid != 4])


@test()
def whole_paths():
    """Also of a process whose name no 15 bytes of ASCII hold."""
    paths = Expected(full_paths=True)
    result = watched("--process-path")
    nt_compare.all_rows(result, GUEST, expected=paths)
    names = {row["ProcessName"] for row in result.rows}
    check.true("\\Device\\HarddiskVolume2\\Папка\\поиск-öffnen\U0001f40d.exe" in names,
               f"a path that is not ASCII: {names}")


# By plugin --------------------------------------------------------------------------------------


@test(name=nt_compare.PLUGINS)
def without(name):
    others = tuple(plugin for plugin in nt_compare.PLUGINS if plugin != name)
    nt_compare.all_rows(watched("-x", name), GUEST, others)


@test(name=("create", "duplicate"))
def objmon_without(name):
    guest = nt.Guest("7601-x64", "objects", seed=22)
    result = watched("-a", "objmon", f"--objmon-disable-{name}-hook", guest=guest)
    lost = {"create": "ObCreateObject", "duplicate": "NtDuplicateObject"}[name]
    rows = expected_rows(nt.finished(result.facts()), ("objmon",))
    are(result, [row for row in rows if row.method != lost], guest)


# By number --------------------------------------------------------------------------------------

TTL = 20
WINDOW = 10  # seconds


@test()
def traps_ttl():
    """So many calls of the function, then none for the rest of the window, then again."""
    guest = nt.Guest("22000-x64", "storm", ("count=1000000000",), seed=23)
    with nt.Watch(guest, *nt.profile(guest), "-a", "poolmon", "--traps-ttl", TTL) as watch:
        watch.begin()
        watch.until(lambda: len(watch.rows_until_now()) > TTL, "events of a second window")
        watch.signal(signal.SIGINT)
        result = watch.wait(30).expect(0)
    times = [float(row["TimeStamp"]) for row in result.rows]
    check.true(times[TTL - 1] - times[0] < WINDOW / 2, f"the first {TTL} events: {times[:TTL]}")
    # a window begins with a call, whose event may come a little later
    check.true(WINDOW - 0.5 < times[TTL] - times[0] < WINDOW + 5,
               f"the second window begins {times[TTL] - times[0]:.3f} s after the first")
    check.true(len(times) <= 2 * TTL, f"events of two windows: {len(times)}")
    told = check.matches(result.errors, r"events: poolmon (\d+); dropped: 0; (\d+) suppressed by "
                         r"--traps-ttl", "stderr")
    check.equal(int(told[1]), len(times), "events told")
    by_window = re.findall(r"poolmon: ExAllocatePoolWithTag: (\d+) calls suppressed in a window of "
                           r"10 s", result.errors)
    check.equal(sum(map(int, by_window)), int(told[2]), "calls suppressed in all windows")
    check.true(int(told[2]) > 100000, f"{told[2]} calls were suppressed")


# What is shown ----------------------------------------------------------------------------------


@test()
def pooltags():
    """A user's own table comes first; what it does not have is in Wyvern's."""
    path = place.folder("pooltags") / "pooltag.txt"
    path.write_text("rem mine\nProc - mine.sys - Processes of mine\nToke - <unknown> - Tokens\n"
                    "MmS* - mm.sys - Mine too\n")
    own = {"Proc": ("mine.sys", "Processes of mine"), "Toke": (ABSENT, "Tokens"),
           "MmSt": ("mm.sys", "Mine too")}
    guest = nt.Guest("22000-x64", "pool", seed=24)
    result = watched("-a", "poolmon", "--pooltags", path, guest=guest)
    rows = []
    for row in expected_rows(nt.finished(result.facts()), ("poolmon",)):
        fields = dict(row.fields)
        # of protected pool, too, which only shows in the last character
        tag = fields["Tag"][:3] + "c" if fields["Tag"] == "Pro?" else fields["Tag"]
        if tag in own:
            fields["Source"], fields["Description"] = own[tag]
        rows.append(row.__class__(**{**row.__dict__, "fields": tuple(fields.items())}))
    are(result, rows, guest)


# Another QEMU -----------------------------------------------------------------------------------


@test(build=("22000-x64", "7601-x86"))
def new_qemu(build):
    guest = nt.Guest(build, cpus=2, seed=25)
    nt_compare.all_rows(watched("--qemu", place.new_qemu(), guest=guest), guest)
