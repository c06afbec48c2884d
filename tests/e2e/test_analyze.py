# SPDX-License-Identifier: GPL-2.0-or-later
"""`wyvern analyze`: one sample in a clone, and what comes out of it."""

import hashlib
import json
import os
import re
import signal
import subprocess

from harness import check, formats, place
from harness.analyze import (Analysis, HARM, RESULTS, analyze, command, deterministic_is_right,
                             normalized, own_template, results_are_sound, sample, store, template,
                             template_files)
from harness.declare import Skip, test
from harness.place import KERNELS

QUICK = "--settle", "0"


def console_has(result, pattern):
    return check.matches(result.console(), pattern, "the guest's console")


# What is told -----------------------------------------------------------------------------------


@test(kernel=KERNELS)
def everything_is_told(kernel):
    """The events are what the sample says that it did, from its own exec to its end."""
    result = analyze("deterministic", kernel=kernel, options=QUICK)
    deterministic_is_right(result)
    results_are_sound(result)


@test()
def same_events_each_time():
    """The same sample does the same: clones do not differ in anything that it can see, but for what
    is random."""
    # not QUICK: files that a process had open are closed after its end
    runs = [analyze("deterministic").expect(0, "sample-ended") for _ in range(3)]
    for other in runs[1:]:
        check.same_rows(normalized(other), normalized(runs[0]), "events of another run")
    # what is random is: no two clones have their stacks in the same place
    stacks = [next(row["old_rlim"] for row in run.of("syscall", "prlimit64")) for run in runs]
    check.equal(len(set(stacks)), len(stacks), f"places of the stack: {stacks}")


@test(kernel=("linux-5.10", "linux-7"))
def first_instruction(kernel):
    """Nothing is missed at the start, where the program's first instruction is a call."""
    result = analyze("tiny", kernel=kernel, options=QUICK).expect(0, "sample-ended")
    calls = [row["Method"] for row in result.of("syscall") if row["PID"] != 1]
    check.equal(calls, ["execve", "read", "getpid", "exit_group"], "calls")
    check.equal(result.sample_exit(), {"pid": result.sample_exit()["pid"], "status": 11,
                                       "signal": None}, "how it ended")


# How the sample is started ----------------------------------------------------------------------


@test()
def arguments_and_environment():
    words = ["one", "two words", "", "-x", "--json", "tab\there", "caf\u00e9", "back\\slash", "$HOME"]
    result = analyze("reader-of-args", *words,
                     options=(*QUICK, "--env", "STATUS=33", "--env", "A=1=2", "--env", "EMPTY="))
    result.expect(0, "sample-ended")
    check.equal(result.sample_exit()["status"], 33, "its exit status")
    values = result.values()
    got = [values[f"argv[{i}]"] for i in range(int(values["argc"]))]
    check.equal(got[0], "/tmp/reader-of-args", "its own name")
    escaped = [word.replace("\\", "\\5c").replace("\t", "\\09") for word in words]
    check.equal(got[1:], escaped, "arguments")
    given = [value for name, value in values.items() if name.startswith("env[")]
    for variable in ("STATUS=33", "A=1=2", "EMPTY="):
        check.true(variable in given, f"{variable} is in {given}")
    check.equal(result.summary["sample"]["arguments"], words, "arguments in the summary")
    check.equal(values["exe"], "/tmp/reader-of-args", "its path")


@test()
def as_root():
    result = analyze("reader-of-args", options=QUICK).expect(0, "sample-ended")
    console_has(result, r"^uid=0 euid=0 gid=0 egid=0$")
    check.equal(result.summary["sample"]["user"], "root", "user in the summary")
    check.equal({row["UserId"] for row in result.of("syscall")}, {0}, "users of its calls")


@test(user=("1000", "4711"))
def as_user(user):
    """All that the user's number means: no groups of root's, and no way back."""
    result = analyze("reader-of-args", options=(*QUICK, "--user", user)).expect(0, "sample-ended")
    console_has(result, rf"^uid={user} euid={user} gid=\d+ egid=\d+$")
    check.true(not re.search(r"^group\[\d+\]=0$|gid=0\b", result.console(), re.MULTILINE),
               f"a group of root's: {result.console()}")
    # process 1 may still take note of the sample's end
    check.equal({row["UserId"] for row in result.of("syscall")
                 if row["Method"] != "execve" and row["PID"] != 1},
                {int(user)}, "users of its calls")


@test()
def as_unknown_user():
    result = analyze("exit7", options=(*QUICK, "--user", "nobody-knows"))
    result.expect(6, "sample-not-started")
    check.contains(result.summary["error"], "nobody-knows", "error")


@test()
def user_can_not_gain_rights():
    """What naughty tries as a user is refused, and the events say so."""
    result = analyze("naughty", options=(*QUICK, "--user", "1000")).expect(0, "sample-ended")
    errors = {row["Method"]: row.get("Info") for row in result.of("sysret")
              if row["Method"] in ("setuid", "capset", "ptrace")}
    check.equal(errors, {"setuid": "EPERM", "capset": "EPERM", "ptrace": "ESRCH"}, "refusals")


@test()
def other_path():
    """Where the sample is put; the folder is made."""
    path = "/opt/a folder/tool"
    result = analyze("reader-of-args", options=(*QUICK, "--path", path)).expect(0, "sample-ended")
    check.equal(result.values()["exe"], path, "its path")
    check.equal(result.summary["sample"]["guest_path"], path, "guest_path")
    check.equal(result.of("procmon", "begin_new_exec")[0]["FileName"], path, "FileName")


@test()
def odd_name():
    """A name that means something to shells, terminals and JSON."""
    odd = place.folder("odd") / "-a \"b\"\n$(c);\u20ac\x1b[31m"
    odd.write_bytes(sample("exit7").read_bytes())
    result = analyze(odd, options=QUICK).expect(0, "sample-ended")
    check.equal(result.sample_exit()["status"], 7, "its exit status")
    check.equal(result.summary["sample"]["name"], odd.name, "name")
    check.equal(result.of("procmon", "begin_new_exec")[0]["FileName"], f"/tmp/{odd.name}", "FileName")
    check.true("\x1b" not in result.errors, "no control character reaches the terminal")


# Scripts and what a root lacks ------------------------------------------------------------------


@test()
def script():
    result = analyze("hello.sh", "a", "b c", options=QUICK).expect(0, "sample-ended")
    check.equal(result.sample_exit()["status"], 5, "its exit status")
    console_has(result, r"^hello from /tmp/hello\.sh: a b c$")
    first = result.of("procmon", "begin_new_exec")[0]
    check.equal(first["CommandLine"], "/bin/sh /tmp/hello.sh a b c", "CommandLine")


LACKING = {"missing-interpreter": "/no/such/thing", "dynamic": "/lib64/ld-linux-x86-64.so.2"}


@test(name=tuple(LACKING))
def what_is_lacking(name):
    """The kernel can not execute it: the error says what is not there."""
    result = analyze(name, options=QUICK).expect(6, "sample-not-started")
    check.contains(result.summary["error"], LACKING[name], "error")
    check.contains(result.errors, result.summary["error"], "stderr")
    check.equal(result.sample_exit(), None, "sample_exit")
    results_are_sound(result, durations=False)


@test()
def script_without_interpreter():
    """It is executed as shells and execvp() do it: by the shell."""
    result = analyze("noshebang.sh", options=QUICK).expect(0, "sample-ended")
    check.equal(result.sample_exit()["status"], 6, "its exit status")
    console_has(result, "^no interpreter$")


NO_PROGRAMS = {"short": b"\x7fELF", "senseless": b"\x7fELF" + b"\xff" * 4096, "script": b"#!"}


@test(kind=tuple(NO_PROGRAMS))
def no_program(kind):
    path = place.folder("none") / "sample"
    path.write_bytes(NO_PROGRAMS[kind])
    result = analyze(path, options=QUICK).expect(6, "sample-not-started")
    check.true(result.summary["error"], "there is an error")
    # the kernel itself may look for a module that knows such a format
    check.equal([row for row in result.of("procmon", "begin_new_exec")
                 if row["FileName"] == "/tmp/sample"], [], "execs")


# How it ends ------------------------------------------------------------------------------------


@test()
def exit_status():
    result = analyze("exit7", options=QUICK).expect(0, "sample-ended")
    exits = result.of("procmon", "do_exit")
    check.equal([row["ExitStatus"] for row in exits], [7], "ends of processes")
    check.equal(result.sample_exit(), {"pid": exits[0]["PID"], "status": 7, "signal": None},
                "sample_exit")
    results_are_sound(result)


@test()
def exit_by_signal():
    result = analyze("segfault", options=QUICK).expect(0, "sample-ended")
    check.equal(result.sample_exit()["signal"], "SIGSEGV", "its signal")
    check.equal(result.sample_exit()["status"], None, "its status")


def made_by_daemon(result):
    # at the call's entry, or where its page was not in memory then, at its return
    return any(row.get("filename") == "/tmp/daemon-was-here" for row in result.rows)


@test()
def settle():
    """What the sample leaves behind is watched for so long."""
    result = analyze("daemon", "300", options=("--settle", "2")).expect(0, "sample-ended")
    check.true(made_by_daemon(result), "the daemon's file is told")
    check.equal(sorted(row["ExitStatus"] for row in result.of("procmon", "do_exit")), [0, 0, 4],
                "ends of processes")
    check.equal(result.sample_exit()["status"], 0, "the sample's own status")
    seconds = result.summary["durations"]
    check.true(seconds["total"] >= seconds["sample"] + 2, f"durations: {seconds}")


@test()
def no_settle():
    result = analyze("daemon", "20000", options=QUICK).expect(0, "sample-ended")
    check.true(not made_by_daemon(result), "the daemon had no time")
    check.true(result.seconds < 10, f"it took {result.seconds:.1f} s")


@test()
def time_limit():
    """Counted from the sample's start."""
    result = analyze("sleeper", options=("-t", "2")).expect(3, "time-limit")
    console_has(result, "^sleeping$")
    check.equal(result.sample_exit(), None, "sample_exit")
    check.true(2 <= result.summary["durations"]["total"] < 4,
               f"durations: {result.summary['durations']}")
    results_are_sound(result, durations=False)


@test(number=(signal.SIGINT, signal.SIGTERM))
def asked_to_stop(number):
    with Analysis("sleeper", options=("-t", "0")) as analysis:
        analysis.until_printed("sleeping")
        analysis.signal(number)
        result = analysis.wait(20).expect(0, "interrupted")
    check.true(result.of("procmon", "begin_new_exec"), "the sample's exec is told")
    results_are_sound(result, durations=False)


# Where it goes ----------------------------------------------------------------------------------

PARSERS = {"default": formats.parse_default, "csv": formats.parse_csv, "kv": formats.parse_kv,
           "json": formats.parse_json}


@test(form=tuple(PARSERS))
def stdout(form):
    """The same events in the format that was asked for; the file is json all the same."""
    options = (*QUICK, "-o", form, *(["--csv-header"] if form == "csv" else []))
    result = analyze("deterministic", options=options)
    deterministic_is_right(result)
    printed = PARSERS[form](result.output)
    check.equal(len(printed), len(result.rows), "events on stdout")
    check.equal([(row["Plugin"], row["Method"], row["TimeStamp"]) for row in printed],
                [(row["Plugin"], row["Method"], row["TimeStamp"]) for row in result.rows],
                "events on stdout")


@test()
def quiet():
    result = analyze("exit7", options=(*QUICK, "--quiet")).expect(0, "sample-ended")
    check.equal(result.output, b"", "stdout")
    check.true(result.rows, "events in the file")


@test()
def live():
    """Events are on stdout while the sample runs."""
    with Analysis("sleeper", options=("-o", "json", "-a", "procmon")) as analysis:
        analysis.until(lambda: b"begin_new_exec" in (analysis.work / "stdout").read_bytes(),
                       "its exec was told", 30)
        check.equal(analysis.process.poll(), None, "it has not ended")
        analysis.signal(signal.SIGINT)
        analysis.wait(20).expect(0, "interrupted")


@test()
def usual_folders():
    """Without --out: beside the user, and never over older results."""
    work = place.folder("usual")
    for name in ("exit7.wyvern", "exit7.wyvern.2"):
        done = command("analyze", "--template", template(), "--qemu", place.qemu(), *QUICK,
                       "--quiet", sample("exit7"), cwd=work)
        check.equal(done.returncode, 0, f"exit code; stderr:\n{done.stderr}")
        check.equal({path.name for path in (work / name).iterdir()}, RESULTS, f"files of {name}")


@test()
def plugins_and_filters():
    """The options of run."""
    result = analyze("deterministic", options=(*QUICK, "-a", "procmon")).expect(0, "sample-ended")
    check.equal({row["Plugin"] for row in result.rows}, {"procmon"}, "plugins")
    check.equal(result.summary["plugins"], ["procmon"], "plugins in the summary")
    names = place.folder("names") / "names"
    names.write_text("getppid\n")
    result = analyze("deterministic", options=(*QUICK, "-a", "syscalls", "--syscalls-file", names))
    result.expect(0, "sample-ended")
    check.equal({row["Method"] for row in result.rows}, {"getppid"}, "calls")


@test()
def template_stays_as_it_is():
    """A clone that writes much changes not one byte of its template."""
    templates = own_template()
    before = template_files(templates)
    analyze("filldisk", HARM, options=QUICK, templates=templates).expect(0, "sample-ended")
    check.equal(template_files(templates), before, "the template's files")


@test()
def files():
    """naughty copies itself, runs the copy and removes it: what it wrote and what it removed is the
    sample itself."""
    result = analyze("naughty").expect(0, "sample-ended")
    original = sample("naughty").read_bytes()
    told = result.summary["files"]
    written = [one for one in told["dropped"] if one["name"].endswith("/dropped")]
    removed = [one for one in told["deleted"] if one["name"].endswith("/.systemd")]
    check.equal([len(written), len(removed)], [1, 1], f"files that were told: {told}")
    for one in written + removed:
        check.equal(one["sha256"], hashlib.sha256(original).hexdigest(), f"hash of {one['name']}")
        check.equal([one["size"], one["missing"]], [len(original), 0], f"bytes of {one['name']}")
        check.true((result.folder / "files" / one["sha256"]).read_bytes() == original,
                   f"content of {one['name']}")
        about = json.loads((result.folder / f"files/file.{one['number']:06}.json").read_text())
        check.equal([about["FileName"], about["PID"]], [one["name"], one["pid"]], "what is told of it")
    check.equal(told["count"], len(told["dropped"]) + len(told["deleted"]), "number of files")


@test()
def jail():
    """QEMU runs in namespaces of its own, without capabilities."""
    with Analysis("sleeper") as analysis:
        analysis.until_printed("sleeping")
        qemu = [pid for pid in descendants(analysis.process.pid)
                if "qemu" in os.readlink(f"/proc/{pid}/exe")]
        check.equal(len(qemu), 1, "QEMUs")
        spaces = [name for name in ("user", "pid", "ipc", "uts", "net", "mnt")
                  if os.readlink(f"/proc/{qemu[0]}/ns/{name}") == os.readlink(f"/proc/self/ns/{name}")]
        status = open(f"/proc/{qemu[0]}/status", encoding="ascii").read()
        maps = open(f"/proc/{qemu[0]}/maps", encoding="utf-8").read()
        analysis.signal(signal.SIGINT)
        result = analysis.wait(20).expect(0, "interrupted")
    if result.summary["jail"] == "none":
        raise Skip(result.said()[0])
    check.equal(spaces, [], "namespaces that it shares with us")
    for name in ("CapEff", "CapPrm", "CapBnd"):
        check.matches(status, rf"^{name}:\s+0+$", "its capabilities")
    check.matches(status, r"^NoNewPrivs:\s+1$", "no new privileges")
    check.matches(status, r"^Seccomp:\s+2$", "QEMU's own sandbox")
    check.true(f"{store()}" in maps and "/ram" in maps, "the template's RAM is mapped")
    check.true(not re.search(rf"^\S+ .w.s .*{store()}", maps, re.MULTILINE),
               "no part of the template is mapped so that writing changes it")


def descendants(pid):
    found = [pid]
    for parent in found:
        try:
            for thread in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{thread}/children", encoding="ascii") as file:
                    found += map(int, file.read().split())
        except FileNotFoundError:
            pass
    return found[1:]


@test()
def no_jail():
    result = analyze("exit7", options=(*QUICK, "--no-jail")).expect(0, "sample-ended")
    check.equal(result.summary["jail"], "none", "jail")


# The network ------------------------------------------------------------------------------------


@test()
def no_network():
    result = analyze("naughty", options=QUICK).expect(0, "sample-ended")
    errors = [row.get("Info") for row in result.of("sysret", "connect")]
    check.equal(errors, ["ENETUNREACH"], "its connect")
    check.equal(result.summary["network"], "none", "network")


@test()
def captured_network():
    """What it sends is in the capture: a file of that format, with its packet to 192.0.2.1."""
    result = analyze("naughty", options=("--net=pcap",)).expect(0, "sample-ended")
    results_are_sound(result, RESULTS | {"capture.pcap"})
    capture = (result.folder / "capture.pcap").read_bytes()
    check.true(capture[:4] in (bytes.fromhex("d4c3b2a1"), bytes.fromhex("a1b2c3d4")), "its magic")
    check.true(bytes((192, 0, 2, 1)) in capture, "the address is in the capture")
    check.equal([row.get("Info") for row in result.of("sysret", "connect")], ["EINPROGRESS"],
                "its connect")


# What is refused --------------------------------------------------------------------------------

REFUSED = {
    "no sample": ((), "no sample"),
    "absent sample": (("absent",), "absent"),
    "absent template": (("--template", "absent", "{exit7}"), "absent"),
    "bad name": (("--template", "../x", "{exit7}"), "../x"),
    "bad path": (("--path", "relative", "{exit7}"), "relative"),
    "bad variable": (("--env", "=x", "{exit7}"), "--env"),
    "bad network": (("--net", "bridge", "{exit7}"), "bridge"),
    "bad settle": (("--settle", "-1", "{exit7}"), "settle"),
    "bad limit": (("-t", "soon", "{exit7}"), "soon"),
    "bad format": (("-o", "xml", "{exit7}"), "xml"),
    "bad option": (("--colour", "{exit7}"), "--colour"),
    "absent qemu": (("--qemu", "/absent/qemu", "{exit7}"), "/absent/qemu"),
}


@test(what=tuple(REFUSED))
def refused(what):
    """Before anything is started or made."""
    words, said = REFUSED[what]
    words = [word.format(exit7=sample("exit7")) for word in words]
    if "--template" not in words:
        words = ["--template", template(), *words]
    work = place.folder("refused")
    done = command("analyze", *words, cwd=work)
    check.equal(done.returncode, 2, f"exit code; stderr:\n{done.stderr}")
    check.contains(done.stderr, said, "stderr")
    check.equal(list(work.iterdir()), [], "files that were made")


@test()
def folder_with_results():
    """Older results are not written over."""
    first = analyze("exit7", options=QUICK).expect(0, "sample-ended")
    before = (first.folder / "summary.json").read_bytes()
    second = analyze("exit7", options=QUICK, out=first.folder)
    check.equal(second.code, 2, "exit code")
    check.equal((first.folder / "summary.json").read_bytes(), before, "the older summary")


@test()
def full_disk():
    """Results that can not be written: an error, and nothing of it goes on."""
    with Analysis("exit7", out="/proc/no-such-folder") as analysis:
        code = analysis.process.wait(30)
    check.equal(code, 2, f"exit code; stderr:\n{analysis.errors()}")


# The tree of processes --------------------------------------------------------------------------


@test()
def tree():
    """`wyvern tree` of what naughty did."""
    result = analyze("naughty").expect(0, "sample-ended")
    done = command("tree", "--json", result.folder)
    check.equal(done.returncode, 0, f"exit code; stderr:\n{done.stderr}")
    data = json.loads(done.stdout)
    check.equal((data["events"], data["malformed"], data["without_room"]), (len(result.rows), 0, 0),
                "events, malformed, without room")
    top = next(process for process in data["processes"] if process["id"] == data["sample"])
    check.equal((top["pid"], top["status"], top["parent"]), (result.sample_exit()["pid"], 42, None),
                "the sample")
    check.equal([command["line"] for command in top["commands"]], ["/tmp/naughty"], "its commands")
    calls = sum(row["PID"] == top["pid"] for row in result.of("syscall"))
    check.equal(top["system_calls"], calls, "its calls")
    children = [process for process in data["processes"] if process["parent"] == top["id"]]
    check.equal([(child["status"], child["signal"]) for child in children],
                [(3, None), (127, None), (None, "SIGKILL"), (0, None)], "how its children ended")
    daemons = [process for process in data["processes"] if process["parent"] == children[3]["id"]]
    check.equal(len(daemons), 1, "daemons")

    def deeds(process, kind):
        return [entry["object"] for entry in process["deeds"].get(kind, {}).get("objects", [])]

    folder = deeds(top, "created")[0]
    check.matches(folder, r"^/tmp/\.naughty-\w{6}$", "the folder that it makes")
    check.equal(deeds(top, "created")[1:], [f"{folder}/dropped"], "what it drops")
    check.equal(deeds(top, "renamed"), [f"{folder}/dropped -> {folder}/.systemd"], "what it renames")
    check.equal(deeds(top, "removed"), [f"{folder}/.systemd"], "what it deletes")
    check.equal(deeds(top, "signalled"), [f"SIGKILL to {children[2]['pid']} naughty"], "signals")
    check.true({"setuid 0", "open /etc/shadow", "open /proc/1/mem", "ptrace PTRACE_PEEKDATA 1"} <=
               set(deeds(top, "privileges")), f"privileges: {deeds(top, 'privileges')}")
    check.true("connect 192.0.2.1:443" in deeds(top, "network"), f"network: {top['deeds']}")
    check.equal(deeds(top, "itself"), ["named kworker/0:3"], "what it does to itself")
    check.equal(deeds(children[1], "exec_failed"), ["/usr/sbin/no-such-tool"], "failed execs")
    check.equal(deeds(children[3], "itself"), ["setsid"], "how the daemon is made")
    check.equal(deeds(daemons[0], "removed"), [f"{folder}/dropped", folder], "what the daemon deletes")

    for locale, branch in (("C", "`- "), ("C.UTF-8", "\u2514\u2500 ")):
        text = tree_text(result.folder / "events.jsonl", locale)
        check.contains(text, f"{branch}{children[3]['pid']} naughty: started", f"text in {locale}")


def tree_text(path, locale):
    done = subprocess.run([place.wyvern(), "tree", path], text=True, encoding="utf-8", check=True,
                          capture_output=True, env={**os.environ, "LC_ALL": locale})
    return done.stdout


@test()
def tree_of_nothing():
    for path, said in (("/absent/file", "/absent/file"), ("/etc/passwd", "no event")):
        done = command("tree", path)
        check.equal(done.returncode, 2, f"exit code for {path}")
        check.contains(done.stderr, said, "stderr")


# How fast ---------------------------------------------------------------------------------------


@test()
def fast():
    """Far from a boot: the sample runs in a fraction of the time that one takes. The exact numbers
    are the benchmark's."""
    seconds = sorted(analyze("exit7", options=QUICK).expect(0, "sample-ended").seconds
                     for _ in range(5))
    check.true(seconds[0] < 2, f"seconds of five analyses: {seconds}")
