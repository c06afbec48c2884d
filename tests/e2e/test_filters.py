# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that choose events, or what they say."""

import re
import signal
from collections import Counter

from harness import check, compare, place
from harness.declare import test
from harness.expect import Tree, as_json, of_row, rows_of_tree
from harness.facts import finished
from harness.guest import Guest
from harness.watch import Watch, run

GUEST = Guest(cpus=2)
PROCMON = "-a", "procmon"


def watched(*options, guest=GUEST):
    result = run(guest, *PROCMON, *options).expect(0)
    return result, Tree(finished(result.facts()))


def expected_of(tree, accept):
    return [as_json(event) for event in tree.events() if accept(event.process)]


def rows_of_pids(result, tree):
    """The tree's rows; its processes as the facts tell them, for clones may be filtered out."""
    return [row for row in result.rows if row["PID"] in tree.creators
            and row["Method"] != "RunningProcess"]


# By process -------------------------------------------------------------------------------------


@test()
def process_by_name():
    result, tree = watched("--process", "helper")
    check.same_rows(map(of_row, result.rows), expected_of(tree, lambda name: name == b"helper"),
                    "events of helper, and no others")


@test()
def processes_by_name():
    result, tree = watched("--process", "helper", "--process", "truth")
    check.same_rows(map(of_row, result.rows),
                    expected_of(tree, lambda name: name in (b"helper", b"truth")), "events")


@test()
def process_by_number():
    result, tree = watched("--process", "1")
    check.equal({row["PID"] for row in result.rows}, {1}, "processes")
    counts = Counter(row["Method"] for row in result.rows)
    check.equal(counts["RunningProcess"], 1, "running processes")
    check.equal([row["NewPid"] for row in result.rows if row["Method"] == "kernel_clone"],
                [tree.root], "clones")


@test()
def process_is_ignored_by_name():
    result, tree = watched("--ignore-process", "truth")
    check.same_rows(map(of_row, rows_of_pids(result, tree)),
                    expected_of(tree, lambda name: name != b"truth"), "events")
    check.true("kthreadd" in {row["ProcessName"] for row in result.rows}, "others are there")


@test()
def process_is_ignored_by_number():
    result, tree = watched("--ignore-process", "1", "--ignore-process", "2")
    check.equal({row["PID"] for row in result.rows} & {1, 2}, set(), "processes")
    compare.tree_rows(result)


@test()
def process_that_is_not_there():
    result, _ = watched("--process", "nobody", guest=Guest(arguments=("clone",)))
    check.equal(result.rows, [], "events")
    check.equal(result.said()[-1], "events: procmon 0; dropped: 0", "the last line")


@test()
def process_with_all_plugins():
    """All that one process does, and nothing else."""
    result = run(GUEST, "--process", "truth").expect(0)
    check.equal({row["ProcessName"] for row in result.rows}, {"truth"}, "processes")
    tree = Tree(finished(result.facts()))
    check.same_rows([of_row(row) for row in result.rows if row["Plugin"] == "procmon"],
                    expected_of(tree, lambda name: name == b"truth"), "procmon's events")
    check.true(sum(row["Plugin"] == "syscall" for row in result.rows) > 5000, "system calls")
    compare.nothing_is_lost(result)


@test()
def whole_paths():
    # a process that is past its exit has no image any more, and the others send signals then
    guest = Guest(arguments=("clone", "exec", "exec-thread", "exit"), cpus=2)
    result = run(guest, *PROCMON, "--process-path").expect(0)
    tree = Tree(finished(result.facts()), full_paths=True)
    check.same_rows(map(of_row, rows_of_tree(result.rows, tree.root)),
                    [as_json(event) for event in tree.events()], "events")
    names = {row["PID"]: row["ProcessName"] for row in result.rows
             if row["Method"] == "RunningProcess"}
    check.equal((names[1], names[2]), ("/init", "kthreadd"), "names at the start")


@test()
def process_by_path():
    guest = Guest(arguments=("exec",), cpus=2)
    result = run(guest, *PROCMON, "--process-path", "--process", "/bin/helper").expect(0)
    tree = Tree(finished(result.facts()), full_paths=True)
    check.same_rows(map(of_row, result.rows),
                    expected_of(tree, lambda name: name == b"/bin/helper"), "events")
    check.true(result.rows, "there are events")


# By plugin --------------------------------------------------------------------------------------


@test(options=("-a procmon", "-x syscalls -x filetracer -x filedelete"))
def only_procmon(options):
    result = run(GUEST, *options.split()).expect(0)
    compare.all_rows(result)
    check.equal(result.said()[-1], f"events: procmon {len(result.rows)}; dropped: 0",
                "the last line on stderr")


# By number --------------------------------------------------------------------------------------

TTL = 20
WINDOW = 10  # seconds


def windows_of(rows, method):
    """The times of a method's events in seconds, window by window: long gaps divide them."""
    windows = []
    last = 0
    for row in rows:
        if row["Method"] == method:
            time = float(row["TimeStamp"])
            if time - last > WINDOW / 2:
                windows.append([])
            windows[-1].append(time)
            last = time
    return windows


@test()
def traps_ttl():
    """So many calls of each function, then none for the rest of the window, then again."""
    methods = ("kernel_clone", "begin_new_exec", "do_exit")
    guest = Guest(scenario="forkexec", arguments=(1000000,))
    with Watch(guest, *PROCMON, "--traps-ttl", TTL) as watch:
        watch.until(lambda: all(len(windows_of(watch.rows_until_now(), method)) == 2
                                for method in methods), "events of a second window")
        watch.signal(signal.SIGINT)
        result = watch.wait(30).expect(0)

    for method in methods:
        first, second = windows_of(result.rows, method)
        check.equal(len(first), TTL, f"{method} in the first window")
        check.true(len(second) <= TTL, f"{method} in the second window: {len(second)}")
        # a window begins with a call, whose event may come a little later
        check.true(WINDOW - 0.5 < second[0] - first[0] < WINDOW + 5, f"{method}: the second window "
                   f"begins {second[0] - first[0]:.3f} s after the first")

    told = check.matches(result.errors, r"events: procmon (\d+); dropped: 0; (\d+) suppressed by "
                         r"--traps-ttl", "stderr")
    check.equal(int(told[1]), len(result.rows), "events told")
    by_window = re.findall(r"procmon: \w+: (\d+) calls suppressed in a window of 10 s",
                           result.errors)
    check.equal(sum(map(int, by_window)), int(told[2]), "calls suppressed in all windows")
    check.true(int(told[2]) > 1000, f"{told[2]} calls were suppressed")


# What is shown ----------------------------------------------------------------------------------


def environments(result):
    """What is shown of the environments of the scenario's execs."""
    top = next(fact["root"] for fact in result.facts() if fact["kind"] == "start")
    return Counter(row.get("Environment") for row in rows_of_tree(result.rows, top)
                   if row["Method"] == "begin_new_exec")


def filter_file(text):
    path = place.folder("filter") / "variables"
    path.write_text(text)
    return path


@test(way=("option", "configuration"))
def variables(way):
    path = filter_file("HOME\n\n  TERM \nLD_PRELOA\nPATH=\nabsent\n")
    options = ["--procmon-filter-file", path]
    if way == "configuration":
        config = place.folder("config") / "config"
        config.write_text(f"# settings\n[wyvern]\nprocmon_filter_file={path}\n")
        options = ["-c", config]
    result = run(Guest(arguments=("exec",)), *options).expect(0)
    shown = environments(result)
    check.equal({text: count for text, count in shown.items() if text},
                {"HOME=/,TERM=linux": 1, "HOME=/root": 1}, "environments")
    check.true(shown[None] > 10, "the others are absent")


@test()
def no_variables():
    result = run(Guest(arguments=("exec",)), "--procmon-filter-file", filter_file("")).expect(0)
    check.equal(set(environments(result)), {None}, "environments")


@test()
def configuration():
    """Options from a file; those of the command line win."""
    folder = place.folder("config")
    config = folder / "config"
    config.write_text("[wyvern]\nformat=csv\nprocess=helper;truth\noutput=/dev/null\n"
                      "traps_ttl=1\nplugin=procmon\n")
    result = run(GUEST, "-c", config, "--traps-ttl", "0").expect(0)
    tree = Tree(finished(result.facts()))
    check.same_rows(map(of_row, result.rows),
                    expected_of(tree, lambda name: name in (b"helper", b"truth")), "events")
