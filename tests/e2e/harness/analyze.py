# SPDX-License-Identifier: GPL-2.0-or-later
"""Running `wyvern template` and `wyvern analyze`: templates, samples, results, and what may be left
over."""

import hashlib
import json
import os
import re
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from . import check, formats, place
from .command import PATIENCE, Command
from .declare import Failed, shared
from .expect import tree_of_rows

# What a sample that harms the guest wants to hear.
HARM = "--in-a-guest"

RESULTS = {"events.jsonl", "console.log", "summary.json", "files"}


# Samples and templates --------------------------------------------------------------------------


@shared
def samples():
    """The folder of the compiled samples."""
    path = place.CACHE / "samples"
    place.script("lib/build-samples.sh", path)
    return path


def sample(name):
    return samples() / name


@shared
def store():
    """A folder for the templates of these tests, and of nobody else."""
    return place.folder("templates")


def environment(templates=None, **more):
    return {**os.environ, "WYVERN_TEMPLATES": str(templates or store()), **more}


def command(*arguments, templates=None, timeout=PATIENCE, **more):
    """Runs the command to its end, with nothing to read."""
    return subprocess.run([str(word) for word in (place.wyvern(), *arguments)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                          env=environment(templates), **more)


def must(done, code=0):
    """Fails unless the command has ended with this code; returns it."""
    if done.returncode != code:
        raise Failed(f"{' '.join(map(str, done.args))}: exit code {done.returncode}, expected "
                     f"{code}; stderr:\n{done.stderr}")
    return done


def create(name, kernel="linux-6.1", templates=None, options=()):
    return command("template", "create", name, "--kernel", place.kernel(kernel),
                   "--qemu", place.qemu(), *options, templates=templates)


@shared
def _made(kernel):
    must(create(kernel, kernel))


def template(kernel="linux-6.1"):
    """The name of a kernel's template, made once for all tests."""
    _made(kernel)
    return kernel


def own_template(kernel="linux-6.1", name=None):
    """A folder of templates that no other test uses, with a kernel's template in it: the same files.
    Its path says whose a process is."""
    source, folder = store() / template(kernel), place.folder("templates")
    (folder / (name or kernel)).mkdir()
    for path in source.iterdir():
        os.link(path, folder / (name or kernel) / path.name)
    return folder


def template_files(templates, kernel="linux-6.1"):
    """What a template's files have in them, by name: their sizes and hashes."""
    files = {}
    for path in sorted((Path(templates) / kernel).iterdir()):
        with open(path, "rb") as file:
            files[path.name] = path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
    return files


# Analyses ---------------------------------------------------------------------------------------


@dataclass
class Result:
    """What is left when the command has ended."""

    code: int
    folder: Path
    output: bytes  # its stdout
    errors: str  # its stderr
    seconds: float
    _rows: list = field(default_factory=list)

    @property
    def rows(self):
        if not self._rows:
            self._rows = formats.parse_json((self.folder / "events.jsonl").read_bytes())
        return self._rows

    def of(self, plugin, method=None):
        return [row for row in self.rows
                if row["Plugin"] == plugin and method in (None, row["Method"])]

    @property
    def summary(self):
        return json.loads((self.folder / "summary.json").read_text())

    def console(self):
        """What the guest has printed, with plain ends of lines."""
        return (self.folder / "console.log").read_bytes().decode(errors="replace").replace("\r", "")

    def said(self):
        return [line.removeprefix("wyvern: ") for line in self.errors.splitlines()]

    def expect(self, code, end):
        """Fails unless that is how it ended."""
        got = self.code, self.summary["end"] if self.code == code else None
        if got != (code, end):
            raise Failed(f"exit code and end: {got}, expected {code, end}; stderr:\n{self.errors}"
                         f"files: {self.folder}")
        return self

    def sample_exit(self):
        return self.summary["sample_exit"]

    def values(self):
        """What the sample reader-of-args has printed: name=value."""
        return dict(re.findall(r"^([\w\[\]]+)=(.*)$", self.console(), re.MULTILINE))


class Analysis(Command):
    """A `wyvern analyze` that runs; ends with the block that it is used in."""

    def __init__(self, name, *arguments, options=(), kernel="linux-6.1", out=None, templates=None):
        """name: a sample's, or a path.

        out: its folder of results; None: a new one.
        templates: the folder of templates, if it is not the one of all tests.
        """
        path = name if isinstance(name, Path) else sample(name)
        self.work = place.folder(path.name)
        self.files = self.work
        self.folder = out or self.work / "results"
        words = [place.wyvern(), "analyze", "--template", template(kernel), "--qemu", place.qemu(),
                 "--out", self.folder, *options, path, *arguments]
        self.started = time.monotonic()
        with open(self.work / "stdout", "wb") as stdout, open(self.work / "stderr", "wb") as stderr:
            self.process = subprocess.Popen([str(word) for word in words],
                                            env=environment(templates), stderr=stderr,
                                            stdin=subprocess.DEVNULL, stdout=stdout)

    def errors(self):
        return (self.work / "stderr").read_text(errors="replace")

    def until_printed(self, text):
        """Waits for a text on the guest's console."""
        console = self.folder / "console.log"
        self.until(lambda: console.exists() and text.encode() in console.read_bytes(),
                   f"the guest printed \"{text}\"")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def wait(self, patience=PATIENCE):
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failed(f"still running after {patience} s; stderr:\n{self.errors()}"
                         f"files: {self.work}") from None
        return Result(code, self.folder, (self.work / "stdout").read_bytes(), self.errors(),
                      time.monotonic() - self.started)


def analyze(name, *arguments, **options):
    """Analyzes a sample to the end."""
    with Analysis(name, *arguments, **options) as analysis:
        return analysis.wait()


# What is left over ------------------------------------------------------------------------------


def guests(templates):
    """The processes that have this folder in their command line: clones, and what starts them."""
    wanted = f"{templates}/".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if wanted in line:
            found[int(entry.name)] = line.replace(b"\0", b" ").decode(errors="replace")
    return found


def no_guest_is_left(templates, patience=5):
    """No process of a clone is there, after so many seconds at the latest."""
    deadline = time.monotonic() + patience
    while (left := guests(templates)) and time.monotonic() < deadline:
        time.sleep(0.05)
    if left:
        raise Failed(f"processes that are left after {patience} s: {left}")


# Where files could be left behind.
PLACES = ("/dev/shm", "/tmp", "/var/tmp", "/run/user/%d" % os.getuid())


def state():
    """All that an analysis could leave behind: files, sockets, shared memory, our own open files."""
    found = {}
    for folder in PLACES:
        if os.path.isdir(folder):
            found[folder] = {name for name in os.listdir(folder)
                             if re.search("wyvern|qemu|bwrap|vl[.]", name)}
    found["unix sockets"] = {line.split()[-1] for line in
                             Path("/proc/net/unix").read_text().splitlines()[1:]
                             if re.search("wyvern|qemu|monitor", line)}
    found["System V"] = {line.split()[1] for kind in ("shm", "sem", "msg")
                         for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]}
    found["mounts"] = {line for line in Path("/proc/self/mountinfo").read_text().splitlines()
                       if "wyvern" in line or "bwrap" in line}
    found["open files"] = set(os.listdir("/proc/self/fd"))
    return found


# Files that other tests may have open for a moment, in this very process.
OTHERS_FILES = 8


def _new(before, after):
    new = {kind: after[kind] - before[kind] for kind in after if kind != "open files"}
    return {kind: names for kind, names in new.items() if names}


def nothing_is_left(templates, before, patience=5):
    """Nothing is there that was not there before. What others had there for a moment goes again."""
    no_guest_is_left(templates)
    deadline = time.monotonic() + patience
    while _new(before, after := state()) and time.monotonic() < deadline:
        time.sleep(0.1)
    check.equal(_new(before, after), {}, "what is left behind")
    check.true(len(after["open files"]) <= len(before["open files"]) + OTHERS_FILES,
               f"open files: {len(before['open files'])} before, {len(after['open files'])} after")


# Checking results -------------------------------------------------------------------------------

TEXT, NUMBER, INTEGER = str, (int, float), int
MAYBE_TEXT = (str, type(None))

# Members of summary.json, by the path to them.
SUMMARY = {
    "sample": dict, "sample.path": TEXT, "sample.name": TEXT, "sample.size": INTEGER,
    "sample.md5": TEXT, "sample.sha1": TEXT, "sample.sha256": TEXT, "sample.arguments": list,
    "sample.guest_path": TEXT, "sample.user": TEXT,
    "template": dict, "template.name": TEXT, "template.kernel": TEXT, "template.memory": INTEGER,
    "template.vcpus": INTEGER, "template.created": TEXT,
    "versions": dict, "versions.wyvern": TEXT, "versions.qemu": TEXT,
    "plugins": list, "events": dict,
    "dropped": INTEGER, "suppressed": INTEGER, "unpaired": INTEGER, "overflowed": INTEGER,
    "unreadable": INTEGER, "incomplete": INTEGER, "malformed": INTEGER,
    "end": TEXT, "exit_code": INTEGER, "sample_exit": (dict, type(None)), "error": MAYBE_TEXT,
    "console": dict, "console.bytes": INTEGER, "console.truncated": bool, "console.tail": list,
    "files": (dict, type(None)), "network": TEXT, "jail": TEXT, "started": TEXT, "durations": dict,
    "durations.clone": NUMBER, "durations.hand_in": NUMBER, "durations.arm": NUMBER,
    "durations.sample": NUMBER, "durations.total": NUMBER,
}

# Members of its "files", which is null without the plugin filedelete.
SUMMARY_FILES = {"count": INTEGER, "contents": INTEGER, "bytes": INTEGER, "partial": INTEGER,
                 "refused": INTEGER, "dropped": list, "deleted": list}

ISO_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


def _members(value, path=""):
    """The paths of all members; what is in events, sample_exit and files is looked at elsewhere."""
    for key, member in value.items():
        name = f"{path}{key}"
        yield name, member
        if isinstance(member, dict) and name not in ("events", "sample_exit", "files"):
            yield from _members(member, f"{name}.")


def summary_is_sound(result, durations=True):
    """All members are there, of the right kind, no others; and they agree with the rest.

    durations: whether the sample was started, so that all of them are known.
    """
    summary = result.summary
    members = dict(_members(summary))
    check.equal(sorted(members), sorted(SUMMARY), "members of summary.json")
    for name, kind in SUMMARY.items():
        if not durations and name.startswith("durations.") and members[name] is None:
            continue
        check.true(isinstance(members[name], kind), f"summary.json: {name} is {members[name]!r}")

    if summary["files"]:
        check.equal({name: isinstance(value, SUMMARY_FILES.get(name, ()))
                     for name, value in summary["files"].items()},
                    dict.fromkeys(SUMMARY_FILES, True), "members of summary.json's files")

    data = Path(summary["sample"]["path"]).read_bytes()
    check.equal(summary["sample"]["size"], len(data), "size of the sample")
    for name in ("md5", "sha1", "sha256"):
        check.equal(summary["sample"][name], hashlib.new(name, data).hexdigest(), name)
    counts = Counter(row["Plugin"] for row in result.rows)
    check.equal(+Counter(summary["events"]), +counts, "events by Plugin")
    check.equal(summary["exit_code"], result.code, "exit_code")
    check.matches(summary["started"], ISO_TIME, "started")
    check.matches(summary["template"]["created"], ISO_TIME, "created")
    for name in ("dropped", "suppressed", "overflowed", "unreadable", "incomplete", "malformed"):
        check.equal(summary[name], 0, name)
    if durations:
        total = summary["durations"]["total"]
        check.true(0 < total <= result.seconds + 0.1, f"it took {result.seconds} s: {total}")
        for name, seconds in summary["durations"].items():
            check.true(0 <= seconds <= total, f"durations: {name} {seconds}, total {total}")
    console = (result.folder / "console.log").read_bytes()
    check.true(len(console) <= summary["console"]["bytes"], "bytes of the console")
    check.equal(summary["console"]["truncated"], len(console) < summary["console"]["bytes"],
                "whether the console was cut")


def results_are_sound(result, files=frozenset(RESULTS), **how):
    lacking = set() if result.summary["files"] else {"files"}
    check.equal({path.name for path in result.folder.iterdir()}, files - lacking,
                "files of results")
    summary_is_sound(result, **how)


# The sample "deterministic" ---------------------------------------------------------------------

BEGIN, END = "-7", "-8"  # what it closes around the calls that it writes down
UNKNOWN = "?"


def written_down(console):
    """The calls of each process, as the sample itself tells them: (name, result)."""
    calls = {}
    for pid, name, result in re.findall(r"^call (\d+) (\w+) (\S+)$", console, re.MULTILINE):
        calls.setdefault(int(pid), []).append((name, result if result == UNKNOWN else int(result)))
    count = check.matches(console, r"^calls (\d+)$", "the console")
    check.equal(sum(map(len, calls.values())), int(count[1]), "calls on the console")
    return calls


def told(rows):
    """The same, as the events tell them."""
    results = {row["EventUID"]: row["Ret"] for row in rows if row["Plugin"] == "sysret"}
    calls, open_ = {}, set()
    for row in sorted((row for row in rows if row["Plugin"] == "syscall"),
                      key=lambda row: int(row["EventUID"], 16)):
        pid, method = row["PID"], row["Method"]
        mark = row.get("fd") if method == "close" else None
        if mark == BEGIN:
            open_.add(pid)
        elif mark == END:
            open_.discard(pid)
        elif pid in open_:
            result = UNKNOWN if method == "rt_sigreturn" else results.get(row["EventUID"])
            calls.setdefault(pid, []).append((method, result))
    return calls


# A position in memory, which is random; the arguments that have short numbers in hex stay.
ADDRESS = re.compile(r"0x[0-9a-f]{6,16}")
RETURNS_ADDRESS = ("brk", "mmap")

# A kernel thread that is made meanwhile takes a number, as does a file without a name.
INODE = re.compile(r":\[\d+\]")
PROCESSES = ("PID", "PPID", "TID", "NewPid", "TargetPID", "TargetTID", "TargetPPID", "PGID", "upid",
             "pid")
RETURNS_PROCESS = ("fork", "wait4", "getpid", "gettid", "getppid", "set_tid_address")


def normalized(result):
    """The sample's and its descendants' events as texts that are the same in every run of a sample
    that does the same each time: without times, numbers of events and processes, and places in
    memory."""
    texts = []
    pids = tree_of_rows(result.rows, result.sample_exit()["pid"])
    numbers = {pid: f"process {number}" for number, pid in enumerate(sorted(pids))}
    for row in result.rows:
        if row["Method"] == "RunningProcess" or row["PID"] not in pids:
            continue
        row = {key: value for key, value in row.items()
               if key not in ("TimeStamp", "EventUID", "CR3", "vCPU")}
        if row["Method"] in RETURNS_ADDRESS and "Ret" in row:
            row["Ret"] = "address"
        for key in (*PROCESSES, *(["Ret"] if row["Method"] in RETURNS_PROCESS else [])):
            if key in row and str(row[key]).isdigit():
                row[key] = numbers.get(int(row[key]), row[key])
        texts.append(INODE.sub(":[number]", ADDRESS.sub("address", json.dumps(row))))
    return texts


def deterministic_is_right(result):
    """Everything that the sample did is told, and nothing else; it and its children ended so."""
    result.expect(0, "sample-ended")
    check.equal(result.sample_exit()["status"], 0, "its exit status")
    expected, actual = written_down(result.console()), told(result.rows)
    check.equal(sorted(actual), sorted(expected), "processes")
    for pid, calls in expected.items():
        check.same_order(actual[pid], calls, f"calls of process {pid}")
    check.true(sum(map(len, expected.values())) > 200, "calls")
    ends = sorted(row["ExitStatusStr"] for row in result.of("procmon", "do_exit"))
    check.equal(ends, sorted(["EX_OK", "3", "5", "SIGKILL"]), "how its processes ended")
    first = next(row for row in result.rows if row["Method"] != "RunningProcess")
    check.equal((first["Plugin"], first["PID"]), ("syscall", result.sample_exit()["pid"]),
                "the first event is the sample's own exec")
