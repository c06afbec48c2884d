# SPDX-License-Identifier: GPL-2.0-or-later
"""From facts to events: what procmon has to show of a scenario's process tree, field by field.

Texts are bytes here; as_json() makes of an event what the json row must be. Expected are all
fields of all events but the time and the number.
"""

from dataclasses import dataclass

from . import names
from .facts import raw, root

# Longer texts are cut there and marked.
TEXT_MAX = 64 * 1024

CLONE_PARENT = 0x8000

# Errors by which one can tell that a process is not root any more.
NOT_ROOT = ("EPERM", "EAGAIN")


@dataclass(frozen=True)
class Event:
    method: str
    pid: int
    ppid: int
    tid: int
    user: int
    process: bytes
    fields: tuple  # pairs of a name and a number or bytes


def cut(text):
    return text[:TEXT_MAX] + b"..." if len(text) > TEXT_MAX else text


def _name_of_image(path):
    return path.rpartition(b"/")[2]


class Tree:
    """The scenario's processes: whose child each is, what it runs, who its user is."""

    def __init__(self, facts, full_paths=False):
        self.facts = facts
        self.root = root(facts)
        self.name = (lambda path: path) if full_paths else _name_of_image
        self.scenario = b"/scenarios/truth"
        self.creators = {self.root: (1, 0)}  # of each process, and its clone's flags
        self.execs = {fact["pid"]: fact for fact in facts if fact["kind"] == "exec"}
        self.last_exits = {fact["pid"]: fact for fact in facts if fact["kind"] == "exit"}
        self.users = set()
        self.adopted = {}
        for fact in facts:
            if fact["kind"] == "clone" and "child" in fact:
                self.creators[fact["child"]] = fact["pid"], int(fact["flags"], 16)
            elif fact.get("error") in NOT_ROOT and fact["kind"] in ("clone", "refused"):
                self.users.add(fact["pid"])
            elif fact["kind"] == "signal":
                self.adopted[fact["to_pid"]] = fact["to_ppid"]

    def parent(self, pid):
        creator, flags = self.creators[pid]
        return self.parent(creator) if flags & CLONE_PARENT else creator

    def user(self, pid):
        if pid in self.execs:
            return self.execs[pid]["ouid"]
        if pid in self.users:
            return 1000
        return self.user(self.creators[pid][0]) if pid in self.creators else 0

    def image_at_exit(self, fact):
        """What a process runs in the end; its other threads end before it executes anything."""
        done = self.execs.get(fact["pid"])
        if done is None or "error" in done or fact is not self.last_exits[fact["pid"]]:
            return self.name(self.scenario)
        return self.name(raw(done["image"]))

    # Facts to events ----------------------------------------------------------------------------

    def _event(self, fact, method, process, fields, ppid=None):
        pid = fact["pid"]
        return Event(method, pid, self.parent(pid) if ppid is None else ppid, fact["tid"],
                     self.user(pid), process, tuple(fields))

    def clone(self, fact):
        new = fact["child"] if "child" in fact else fact["error"].encode()
        return self._event(fact, "kernel_clone", self.name(self.scenario), (
            ("Flags", names.clone_flags(int(fact["flags"], 16)).encode()),
            ("Signal", fact["exit_signal"]),
            ("SignalStr", names.signal(fact["exit_signal"]).encode()),
            ("NewPid", new)))

    def exec(self, fact):
        fields = [
            ("ThreadName", raw(fact["thread"])),
            ("CommandLine", cut(b" ".join(map(raw, fact["argv"])))),
            ("ImagePathName", raw(fact["image"])),
            *((name, fact[name]) for name in ("ouid", "osuid", "oeuid", "suid", "euid")),
        ]
        if fact["env"]:
            fields.append(("Environment", cut(b",".join(map(raw, fact["env"])))))
        fields.append(("interp", raw(fact["interp"])))
        if fact["fdpath"]:
            fields.append(("fdpath", raw(fact["fdpath"])))
        fields += [("FileName", raw(fact["filename"])), ("PGID", fact["pgid"])]
        if fact["secure"]:
            fields.append(("secureexec", 1))
        before = b"/init" if fact["pid"] == self.root else self.scenario
        return self._event(fact, "begin_new_exec", self.name(before), fields)

    def exec_by_process(self, fact):
        """The same where begin_new_exec is not to be had: what the process itself still knows."""
        event = self.exec(fact)
        return Event("do_execveat_common", event.pid, event.ppid, event.tid, event.user,
                     event.process, tuple((name, value) for name, value in event.fields
                                          if name not in ("interp", "fdpath", "secureexec")))

    def exit(self, fact):
        status, text = names.exit_status(fact["status"])
        return self._event(fact, "do_exit", self.image_at_exit(fact), (
            ("ThreadName", raw(fact["thread"])),
            ("ExitStatus", status),
            ("ExitStatusStr", text.encode())), self.adopted.get(fact["pid"]))

    def signal(self, fact):
        return self._event(fact, "do_send_sig_info", self.name(self.scenario), (
            ("ThreadName", raw(fact["thread"])),
            ("TargetPID", fact["to_pid"]),
            ("TargetTID", fact["to_tid"]),
            ("TargetPPID", fact["to_ppid"]),
            ("TargetProcessName", self.name(self.scenario)),
            ("TargetThreadName", raw(fact["to_thread"])),
            ("Signal", fact["signal"]),
            ("SignalStr", names.signal(fact["signal"]).encode())))

    def events(self):
        """All that are expected, in the order of the facts."""
        makers = {"clone": self.clone, "exec": self.exec, "exit": self.exit,
                  "signal": self.signal}
        return [makers[fact["kind"]](fact) for fact in self.facts if fact["kind"] in makers]


def _text(value):
    """As json shows bytes: U+FFFD for what is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def as_json(event):
    """The json row as pairs of key and value, in order, without time and number."""
    return (("Plugin", "procmon"), ("PID", event.pid), ("PPID", event.ppid), ("TID", event.tid),
            ("UserName", "UID"), ("UserId", event.user), ("ProcessName", _text(event.process)),
            ("Method", event.method), *((name, _text(value)) for name, value in event.fields))


def of_row(row):
    """A json row in the same form."""
    return tuple((key, value) for key, value in row.items()
                 if key not in ("TimeStamp", "EventUID"))


def tree_of_rows(rows, top):
    """The process ids below `top` (and it), as the events themselves tell them."""
    pids = {top}
    # a child's number can be told after the child's own events: until nothing new is found
    while True:
        found = {row["NewPid"] for row in rows if row["Method"] == "kernel_clone"
                 and row["PID"] in pids and isinstance(row["NewPid"], int)}
        if found <= pids:
            return pids
        pids |= found


def rows_of_tree(rows, top):
    """What procmon tells of the process `top` and those below it."""
    rows = [row for row in rows if row["Plugin"] == "procmon"]
    pids = tree_of_rows(rows, top)
    return [row for row in rows if row["PID"] in pids and row["Method"] != "RunningProcess"]
