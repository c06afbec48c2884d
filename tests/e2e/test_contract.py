# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of all plugins as readers of json use them. What they insist on is in harness/contract.py,
and holds for each row that any test reads; here it is shown that rows that break it are refused."""

import json
import subprocess
from collections import Counter, defaultdict

from harness import check, contract, formats, nt, place, watch
from harness.declare import Failed, shared, test
from harness.guest import Guest
from harness.lives import Lives, unescaped
from harness.nt_expect import half, text_of
from harness.nt_processes import Processes

PLUGINS = ("exmon", "objmon", "poolmon", "procmon", "syscalls")
BUILDS = ("19041-x64", "7601-x86")


def choice(plugins):
    return tuple(word for name in plugins for word in ("-a", name))


@shared
def windows(build, scenario):
    guest = nt.Guest(build, scenario, cpus=2, seed=80)
    return nt.run(guest, *nt.profile(guest), *choice(PLUGINS)).expect(0)


@shared
def linux():
    return watch.run(Guest("linux-6.1", cpus=2), *choice(("procmon", "syscalls"))).expect(0)


# What the build says of its rows ----------------------------------------------------------------


def shapes(pairs):
    """{method: its keys and those of them that may be absent}; a method may have several."""
    found = defaultdict(set)
    for method, keys, optional in pairs:
        found[method].add((tuple(keys), tuple(optional)))
    return found


def declared_by_build(plugin, system):
    said = subprocess.run([place.wyvern(), "plugins", "--json"], capture_output=True, check=True)
    for event in (event for one in json.loads(said.stdout)["plugins"] for event in one["events"]):
        if event["plugin"] == plugin and system in event["guests"]:
            keys = [field["name"] for field in event["fields"]]
            optional = [field["name"] for field in event["fields"] if field["optional"]]
            for method in event["methods"]:
                yield method, keys, optional


@test(plugin=("filetracer", "filedelete"), system=("Linux", "Windows"))
def declarations(plugin, system):
    """The build declares the same keys as are insisted on."""
    known = contract.METHODS[plugin][contract.LINUX if system == "Linux" else contract.WINDOWS]
    wanted = shapes((name.partition(" ")[0], keys,
                     [key for key, kind in keys.items() if kind.optional])
                    for name, keys in known.items())
    said = shapes(declared_by_build(plugin, system))
    check.equal(set(said), set(wanted), "methods")
    for method, keys in wanted.items():
        check.equal(said[method], keys, f"keys of {method}")


# Rows -------------------------------------------------------------------------------------------


def returns_are_joined(rows):
    """Each return is that of a call that was told before it."""
    calls = set()
    for row in rows:
        if row["Plugin"] == "syscall":
            calls.add(row["EventUID"])
        check.true(row["Plugin"] != "sysret" or row["EventUID"] in calls,
                   f"a return of no call: {row}")


def running_first(rows):
    """Processes that run already are told before all else, each once."""
    methods = [row["Method"] == "RunningProcess" for row in rows]
    count = sum(methods)
    check.equal(methods[:count], [True] * count, "what is told first")
    pids = Counter(row["PID"] for row in rows[:count])
    check.equal(pids.most_common(1)[0][1], 1, "how often a running process is told")


def whole_run(result):
    rows = result.rows
    returns_are_joined(rows)
    running_first(rows)
    return rows


def all_are_somebodys(rows):
    """Each row of each plugin is the process's that has its name."""
    lives = Lives(rows)
    for row in rows:
        name = lives.of(row).name
        check.true(name in ("Unnamed", row["ProcessName"]), f"a row of {name}: {row}")


@test(build=BUILDS, scenario=("all", "procmon", "syscalls"))
def of_windows(build, scenario):
    all_are_somebodys(whole_run(windows(build, scenario)))


@test()
def of_linux():
    whole_run(linux())


# The tree of processes --------------------------------------------------------------------------


def created(told):
    """The facts of calls that made a process."""
    return [fact for fact in nt.calls(told, ("NtCreateUserProcess", "NtCreateProcessEx"))
            if not int(fact["result"], 16)]


def killed(told):
    """Whom calls that end a process are to end, with which status, and who makes them."""
    for fact in nt.calls(told, ("NtTerminateProcess",)):
        target = fact["in"]["0"]
        if not int(target["value"], 16):
            pid = fact["pid"]
        elif target.get("type") == "Process":
            pid = target["pid"]
        else:
            continue  # the handle leads to none
        yield pid, half(fact["arguments"][1]), fact["pid"]


@test(build=BUILDS)
def tree_of_processes(build):
    """Who was started by whom, and what became of it: as the guest tells it."""
    result = windows(build, "procmon")
    told = nt.finished(result.facts())
    lives = Lives(result.rows).all
    check.true(Processes(told).used_again(), "PIDs are used again")
    check.same_rows([(life.pid, life.parent.pid, life.parent.name) for life in lives if life.first],
                    [(fact["out"]["0"]["pid"], fact["pid"],
                      text_of(fact["path"]).rpartition("\\")[2]) for fact in created(told)],
                    "processes and their parents")
    check.same_rows([life.pid for life in lives if life.last],
                    [fact["process_pid"] for fact in nt.calls(told,
                                                              ("MmCleanProcessAddressSpace",))],
                    "processes that have ended")
    ends = {(life.pid, life.exit_status, life.killer.pid) for life in lives if life.killer}
    check.equal(ends - set(killed(told)), set(), "how processes were ended")
    check.equal({pid for pid, *_ in ends}, {pid for pid, *_ in killed(told)},
                "processes that somebody wanted to end")


@test(build=BUILDS)
def command_lines(build):
    """A reader gets them as the guest's programs do, whatever is in them."""
    result = windows(build, "procmon")
    # where memory ends within a text, the facts do not settle what is told of it
    whole = Counter((fact["pid"], fact["out"]["0"]["pid"], text_of(text["text"]))
                    for fact in created(nt.finished(result.facts()))
                    if (text := fact["in"].get("8", {}).get("command_line")) and text["whole"])
    got = Counter((life.parent.pid, life.pid, unescaped(life.command_line))
                  for life in Lives(result.rows).all if life.command_line is not None)
    check.true(whole, "there are command lines")
    check.equal(whole - got, Counter(), "command lines that are missing")


# What is refused --------------------------------------------------------------------------------


def without(row, name):
    return {key: value for key, value in row.items() if key != name}


def last(row, name):
    """The row with a key behind all others."""
    return without(row, name) | {name: row[name]}


def argument(row):
    return list(row)[-1]


# Of which plugin, or method of procmon's, a row is broken, and how.
BROKEN = {
    "no PPID": ("syscall", lambda row: without(row, "PPID")),
    "no EventUID": ("procmon", lambda row: without(row, "EventUID")),
    "another order": ("syscall", lambda row: last(row, "Method")),
    "a system that nobody knows": ("syscall", lambda row: row | {"UserName": "root"}),
    "PID as a text": ("syscall", lambda row: row | {"PID": str(row["PID"])}),
    "TID as true": ("syscall", lambda row: row | {"TID": True}),
    "a negative PPID": ("syscall", lambda row: row | {"PPID": -1}),
    "no process's name": ("syscall", lambda row: row | {"ProcessName": None}),
    "no method's name": ("syscall", lambda row: row | {"Method": ""}),
    "half a pair": ("procmon", lambda row: row | {"ProcessName": "\ud83d"}),
    "TimeStamp as a number": ("syscall", lambda row: row | {"TimeStamp": 1.5}),
    "a TimeStamp of another length": ("procmon", lambda row: row | {"TimeStamp": "1.500000"}),
    "EventUID as a number": ("procmon", lambda row: row | {"EventUID": 12}),
    "EventUID in capitals": ("procmon", lambda row: row | {"EventUID": "0xA"}),
    "CR3 as a number": ("syscall", lambda row: row | {"CR3": 4096}),
    "an argument too many": ("syscall", lambda row: row | {"More": "0x1"}),
    "an argument too few": ("syscall", lambda row: without(row, argument(row))),
    "an argument as a number": ("syscall", lambda row: row | {argument(row): 1}),
    "an argument as a list": ("syscall", lambda row: row | {argument(row): ["0x1"]}),
    "an argument that is null": ("syscall", lambda row: row | {argument(row): None}),
    "NArgs as a text": ("syscall", lambda row: row | {"NArgs": str(row["NArgs"])}),
    "an output as a number": ("sysret", lambda row: row | {"More": 1}),
    "no result": ("sysret", lambda row: without(row, "Ret")),
    "a method that nobody knows": ("procmon", lambda row: row | {"Method": "NtClose"}),
    "a key that nobody knows": ("procmon", lambda row: row | {"More": "0x1"}),
    "a running process of another row": ("procmon", lambda row: row | {"RunningProcess": "a"}),
}
BROKEN_OF_WINDOWS = {
    "Ret as a number": ("sysret", lambda row: row | {"Ret": 0}),
    "a PreviousMode that is no name": ("syscall", lambda row: row | {"PreviousMode": 1}),
    "Status as a number": ("NtCreateUserProcess", lambda row: row | {"Status": 0}),
    "Status by name": ("NtCreateUserProcess", lambda row: row | {"Status": "STATUS_SUCCESS"}),
    "no CommandLine": ("NtCreateUserProcess", lambda row: without(row, "CommandLine")),
    "NewPid in hex": ("NtCreateUserProcess", lambda row: row | {"NewPid": "0x4"}),
    "no ImagePathName": ("NtCreateUserProcess", lambda row: without(row, "ImagePathName")),
    "ExitPid as a text": ("MmCleanProcessAddressSpace", lambda row: row | {"ExitPid": "4"}),
    "ExitStatus that is null": ("NtTerminateProcess", lambda row: row | {"ExitStatus": None}),
    "no ExitStatusStr": ("NtTerminateProcess", lambda row: without(row, "ExitStatusStr")),
    "a list of numbers": ("NtAdjustPrivilegesToken", lambda row: row | {"NewState": [1]}),
}
BROKEN_OF_LINUX = {
    "Ret in hex": ("sysret", lambda row: row | {"Ret": "0x0"}),
    "PreviousMode": ("syscall", lambda row: row | {"PreviousMode": "User"}),
    "no ThreadName": ("do_exit", lambda row: without(row, "ThreadName")),
    "ExitStatus in hex": ("do_exit", lambda row: row | {"ExitStatus": "0x1"}),
    "no NewPid": ("kernel_clone", lambda row: without(row, "NewPid")),
}

# What a run's rows are changed to: sequences that no reader could make sense of.
DISORDER = {
    "a time that falls": lambda rows: [rows[-1], *rows[:-1]],
    "a call twice": lambda rows: [row for row in rows for _ in range(1 + (row["Plugin"] ==
                                                                          "syscall"))],
    "a return twice": lambda rows: [row for row in rows for _ in range(1 + (row["Plugin"] ==
                                                                            "sysret"))],
    "a return of another's": lambda rows: [
        row | {"Method": row["Method"] + "_"} if row["Plugin"] == "sysret" else row
        for row in rows],
}


def is_refused(rows, what):
    try:
        formats.parse_json(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    except Failed:
        return
    raise Failed(f"{what} is not refused: {check.brief(rows[0])}")


def an_example(rows, kind):
    """A row of a plugin, or of a method of procmon's."""
    plugin, method = (kind, None) if kind in ("syscall", "sysret", "procmon") else ("procmon", kind)
    found = [row for row in rows if row["Plugin"] == plugin and method in (None, row["Method"])
             and row["Method"] != "RunningProcess" and row.get("NArgs") != 0]
    check.true(found, f"there is a row of {kind}")
    return found[0]


def broken_is_refused(rows, broken):
    for what, (kind, change) in broken.items():
        is_refused([change(an_example(rows, kind))], what)
    for what, change in DISORDER.items():
        is_refused(change(rows), what)


@test()
def broken_rows_of_windows():
    broken_is_refused(windows("19041-x64", "procmon").rows, BROKEN | BROKEN_OF_WINDOWS)


@test()
def broken_rows_of_linux():
    broken_is_refused(linux().rows, BROKEN | BROKEN_OF_LINUX)


def with_number(rows, method, number):
    return [row | {"EventUID": number} if row["Plugin"] == "procmon" and row["Method"] == method
            else row for row in rows]


# What rows are changed to: processes that can not have lived so.
UNLIKELY = {
    "processes that have not ended when others get their PIDs": lambda rows: [
        row for row in rows if row["Method"] != "MmCleanProcessAddressSpace"],
    "processes that nobody started": lambda rows: [
        row for row in rows if row["Method"] != "NtCreateUserProcess"],
    "processes that did not run before": lambda rows: [
        row for row in rows if row["Method"] != "RunningProcess"],
    "processes that made calls before they began": lambda rows: with_number(
        rows, "NtCreateUserProcess", "0xffffffff"),
    "processes that made calls after their end": lambda rows: with_number(
        rows, "MmCleanProcessAddressSpace", "0x1"),
}


@test(what=tuple(UNLIKELY))
def unlikely_lives(what):
    rows = UNLIKELY[what](windows("19041-x64", "procmon").rows)
    try:
        all_are_somebodys(rows)
    except Failed:
        return
    raise Failed("nobody notices")
