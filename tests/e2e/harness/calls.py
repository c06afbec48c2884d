# SPDX-License-Identifier: GPL-2.0-or-later
"""System calls: the rows of the scenario "decoded", found by its facts and compared with them."""

from dataclasses import dataclass

from . import check
from .declare import Failed
from .expect import TEXT_MAX
from .facts import raw

# Fields of the plugin that are no arguments, in their order. 64-bit calls have no Type, and those
# that did not fail no Info.
OWN = {"syscall": ("Module", "vCPU", "CR3", "Syscall", "Type", "NArgs"),
       "sysret": ("Module", "vCPU", "CR3", "Syscall", "Type", "Ret", "Info")}
COMMON = {"Plugin", "TimeStamp", "PID", "PPID", "TID", "UserName", "UserId", "ProcessName",
          "Method", "EventUID", "VCPU"}


@dataclass
class Call:
    entry: dict
    back: dict | None  # None: it does not return


def arguments(row):
    """The arguments of a row, in their order."""
    own = OWN[row["Plugin"]]
    return {key: value for key, value in row.items() if key not in own and key not in COMMON}


def text_of(value):
    """All formats alike: of bytes, what json makes of them."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def texts(row):
    return {key: text_of(value) for key, value in arguments(row).items()}


def number_of(value):
    return int(text_of(value), 0) if isinstance(value, (str, bytes)) else value


class Calls:
    """The calls of all processes that have one thread."""

    def __init__(self, rows):
        self.by_pid = {}
        self.marks = {}  # the call after each closing of a descriptor: which process, which call
        for row in rows:
            if row["Plugin"] == "syscall":
                self.entered(row)
            elif row["Plugin"] == "sysret":
                self.returned(row)

    def entered(self, row):
        calls = self.by_pid.setdefault(row["PID"], [])
        calls.append(Call(row, None))
        if row["Method"] == "close" and "fd" in row:
            self.marks[text_of(row["fd"])] = row["PID"], len(calls)

    def returned(self, row):
        calls = self.by_pid.get(row["PID"])
        if not calls or calls[-1].back is not None:
            raise Failed(f"a return without a call: {row}")
        calls[-1].back = row

    def of_fact(self, fact):
        """The call that a fact is about."""
        if str(fact["mark"]) not in self.marks:
            raise Failed(f"there is no mark before {fact}")
        pid, at = self.marks[str(fact["mark"])]
        check.equal(pid, fact["pid"], f"the process of {fact}")
        if at >= len(self.by_pid[pid]):
            raise Failed(f"there is no call behind the mark of {fact}")
        return self.by_pid[pid][at]


def wanted_texts(pairs):
    """Names and texts as a row has them: long ones are cut."""
    texts = [raw(text) for text in pairs]
    texts = [text[:TEXT_MAX] + b"..." if len(text) > TEXT_MAX else text for text in texts]
    return dict(zip(map(text_of, texts[::2]), map(text_of, texts[1::2])))


def differences(fact, call):
    """What a call's rows say otherwise than its fact; nothing, if all is well."""
    entry, back = call.entry, call.back
    if not fact["name"]:  # it must not have been told
        return [f"told: {entry}"] if number_of(entry["Syscall"]) in (-1, 0xffffffff) else []
    kind = fact["type"] or None
    pairs = [("Method", entry["Method"], fact["name"]),
             ("Syscall", number_of(entry["Syscall"]), fact["number"]),
             ("Type", text_of(entry.get("Type")), kind)]
    found = texts(entry)
    pairs.append(("NArgs", number_of(entry["NArgs"]), len(found)))
    if back is None:
        return [f"it does not return: {entry}"]
    pairs += [("Method of sysret", back["Method"], fact["name"]),
              ("Type of sysret", text_of(back.get("Type")), kind),
              ("Ret", number_of(back["Ret"]), fact["result"]),
              ("Info", text_of(back.get("Info")), fact.get("error")),
              ("EventUID", back.get("EventUID"), entry.get("EventUID"))]
    if fact["what"] == "constants":  # nobody knows which of them are there on entry
        pairs += both("in or out", found | texts(back), wanted_texts(fact["in"]))
    else:
        pairs += both("in", found, wanted_texts(fact["in"]))
        pairs += both("out", texts(back), wanted_texts(fact["out"]))
    return [f"{name}: {actual!r}, not {wanted!r}" for name, actual, wanted in pairs
            if actual != wanted]


def both(direction, found, wanted):
    """Values under the names that either side has; and the names' order."""
    yield f"names of arguments, {direction}", list(found), list(wanted)
    for name in found.keys() & wanted.keys():
        yield f"{name}, {direction}", found[name], wanted[name]


def compare(facts, rows):
    """Fails with all differences at once."""
    check.true(facts, "there are facts")
    calls = Calls(rows)
    lines = []
    for fact in facts:
        lines += [f"{fact['name']} = {fact['result']}: {line}"
                  for line in differences(fact, calls.of_fact(fact))]
    if lines:
        raise Failed("\n".join([f"{len(lines)} differences in {len(facts)} calls:", *lines]))
