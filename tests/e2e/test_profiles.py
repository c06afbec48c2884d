# SPDX-License-Identifier: GPL-2.0-or-later
"""-r FILE: a kernel's profile that the user brings."""

import base64
import json
import lzma

from harness import check, compare, place
from harness.declare import test
from harness.expect import Tree, as_json, of_row, rows_of_tree
from harness.facts import finished
from harness.guest import Guest
from harness.place import KERNELS
from harness.watch import run


def altered(kernel, name, alter):
    """A profile's file with something changed in it."""
    profile = json.loads(place.profile(kernel).read_text())
    alter(profile)
    path = place.folder(name) / "profile.json"
    path.write_text(json.dumps(profile))
    return path


@test(kernel=KERNELS, cpus=(2,))
@test(full=True, kernel=KERNELS, cpus=(1,))
def same_events(kernel, cpus):
    result = run(Guest(kernel, cpus=cpus), "-r", place.profile(kernel)).expect(0)
    compare.all_rows(result)
    check.matches(result.said()[0], r"^Linux \S+: \d+ symbols \(isf\), \d+ types \(isf\)",
                  "the first line on stderr")
    check.equal(len(result.said()), 2, f"lines on stderr: {result.said()}")


@test()
def compressed():
    path = place.folder("xz") / "profile.json.xz"
    path.write_bytes(lzma.compress(place.profile("linux-6.1").read_bytes(), preset=0))
    compare.all_rows(run(Guest("linux-6.1"), "-r", path).expect(0))


def is_refused(kernel, path):
    result = run(Guest(kernel), "-r", path).expect(4)
    check.contains(result.errors, "the profile is of another kernel", "stderr")
    check.contains(result.errors, str(path), "stderr")
    check.equal(result.rows, [], "events")


@test()
def of_another_kernel():
    is_refused("linux-6.1", place.profile("linux-5.10"))


@test()
def of_another_build():
    """All addresses fit, but the banner says that it was built another time."""

    def alter(profile):
        symbol = profile["symbols"]["linux_banner"]
        banner = base64.b64decode(symbol["constant_data"])
        other = banner.replace(b"#1 SMP", b"#2 SMP")
        check.true(other != banner, f"the banner is there: {banner}")
        symbol["constant_data"] = base64.b64encode(other).decode()

    is_refused("linux-6.1", altered("linux-6.1", "other-build", alter))


MALFORMED = {
    "empty": b"",
    "text": b"hello\n",
    "open": b'{"symbols":',
    "list": b"[]",
    "nothing": b"{}",
    "binary": bytes(range(256)),
    "xz": lzma.compress(b'{"symbols":{}}')[:-9],
    "types": b'{"metadata":{"format":"6.2.0"},"base_types":7,"user_types":[],"enums":{},'
             b'"symbols":"x"}',
}


@test(name=tuple(MALFORMED))
def malformed(name):
    path = place.folder(name) / "profile.json"
    path.write_bytes(MALFORMED[name])
    result = run(Guest("linux-6.1"), "-r", path).expect(4)
    check.equal(len(result.errors.splitlines()), 1, f"lines on stderr: {result.errors}")
    check.contains(result.errors, str(path), "stderr")


@test(kernel=("linux-6.1", "linux-7"))
def without_begin_new_exec(kernel):
    """do_execveat_common is trapped instead, and its name is the Method."""
    path = altered(kernel, "no-begin_new_exec",
                   lambda profile: profile["symbols"].pop("begin_new_exec"))
    result = run(Guest(kernel, cpus=2), "-r", path).expect(0)
    facts = finished(result.facts())
    tree = Tree(facts)
    execs = [fact for fact in facts if fact["kind"] == "exec"]
    lost = [fact for fact in execs if "error" in fact or fact["image"] == "/tmp/unloadable"]
    refused = [fact for fact in facts if fact["kind"] == "refused" and fact["what"] == "exec"]
    rows = rows_of_tree(result.rows, tree.root)
    rows_of_execs = [row for row in rows if row["Method"] == "do_execveat_common"]

    done = [of_row(row) for row in rows_of_execs if row["CommandLine"] is not None]
    check.same_rows(done, [as_json(tree.exec_by_process(fact)) for fact in execs
                           if fact not in lost], "execs that succeeded")
    # of the others nothing is left to read, and their facts do not know the process
    check.equal(len(rows_of_execs) - len(done), len(lost) + len(refused), "execs that failed")
    check.same_rows([of_row(row) for row in rows if row["Method"] != "do_execveat_common"],
                    [as_json(event) for event in tree.events()
                     if event.method != "begin_new_exec"], "the other events")


@test()
def missing_is_named():
    """What the profile lacks is said by name, with what that costs, and costs nothing else."""

    def alter(profile):
        for name in ("do_send_sig_info", "send_signal_locked", "send_signal", "wake_up_new_task"):
            profile["symbols"].pop(name, None)
        del profile["user_types"]["linux_binprm"]["fields"]["fdpath"]
        del profile["user_types"]["vfsmount"]["fields"]["mnt_root"]
        del profile["user_types"]["signal_struct"]["fields"]["pids"]

    # the processes of a pid namespace can not be told apart any more
    guest = Guest("linux-6.1", arguments=("clone", "exec", "exec-thread", "exit", "signal"))
    result = run(guest, "-a", "procmon", "-r", altered("linux-6.1", "missing", alter)).expect(0)
    for text in ("function do_send_sig_info or send_signal_locked or send_signal "
                 "(costs signal events)",
                 "function wake_up_new_task (costs NewPid in PID namespaces)",
                 "linux_binprm.fdpath (costs fdpath)",
                 "vfsmount.mnt_root (costs paths across mounts)",
                 "signal_struct.pids (costs PGID)"):
        check.contains(result.errors, f"missing in the guest's kernel: {text}", "stderr")
    check.equal(len([line for line in result.said() if "missing" in line]), 5,
                f"lines about what is missing:\n{result.errors}")

    tree = Tree(finished(result.facts()))
    rows = rows_of_tree(result.rows, tree.root)
    check.equal([row for row in rows if row["Method"] == "do_send_sig_info"], [], "signals")
    check.same_rows([of_row(row) for row in rows if row["Method"] == "do_exit"],
                    [as_json(event) for event in tree.events() if event.method == "do_exit"],
                    "do_exit")
    lost = ("fdpath", "PGID", "ImagePathName")  # /tmp is a mount
    check.same_rows([tuple(pair for pair in of_row(row) if pair[0] not in lost)
                     for row in rows if row["Method"] == "begin_new_exec"],
                    [tuple(pair for pair in as_json(event) if pair[0] not in lost)
                     for event in tree.events() if event.method == "begin_new_exec"],
                    "begin_new_exec")
    check.true(all(row["PGID"] is None and "fdpath" not in row for row in rows
                   if row["Method"] == "begin_new_exec"), "PGID is null, fdpath absent")


@test()
def without_the_essential():
    """Nothing works without the process ids."""
    path = altered("linux-6.1", "no-pid", lambda profile: profile["user_types"]["task_struct"]
                   ["fields"].pop("tgid"))
    result = run(Guest("linux-6.1"), "-r", path).expect(4)
    check.contains(result.errors, "task_struct.tgid", "stderr")


@test()
def kernel_without_btf():
    """Without a profile it can not be watched, and the message says what to give; with one it can.
    """
    guest = Guest(place.kernel_without_btf(), cpus=2)
    result = run(guest).expect(4)
    check.contains(result.errors, "it does not describe its types", "stderr")
    check.contains(result.errors, "-r FILE", "stderr")
    check.equal(result.rows, [], "events")
    compare.all_rows(run(guest, "-r", place.profile("linux-6.1")).expect(0))
