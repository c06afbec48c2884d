# SPDX-License-Identifier: GPL-2.0-or-later
"""From the NT guest's facts to the rows of system calls: `syscall` and `sysret`.

The names of arguments are those of the prototypes; how a value is written is docs/windows.md's. Of
arguments that the facts tell no more of than a number, it is checked that they are texts.
"""

import functools
import itertools
import re
from collections import defaultdict

from . import check, nt, nt_names
from .declare import Failed
from .nt_compare import number_of
from .nt_expect import Expected, text_of
from .nt_processes import Processes
from .place import ROOT

OWN = ("Module", "vCPU", "CR3", "Syscall", "NArgs", "PreviousMode", "FromModule",
       "Caller", "Ret", "Info")
COMMON = ("Plugin", "TimeStamp", "PID", "PPID", "TID", "UserName", "UserId", "ProcessName",
          "Method", "EventUID")

# They do not return when they succeed, so their returns are not told: docs/internals.md.
NOT_AWAITED = ("NtContinue", "NtContinueEx", "NtRaiseException", "NtCallbackReturn")

PSEUDO_HANDLES = {-1: "NtCurrentProcess", -2: "NtCurrentThread"}


@functools.cache
def prototypes():
    """{function: names of its arguments}"""
    found = {}
    with open(ROOT / "data" / "nt" / "prototypes.tsv", encoding="utf-8") as file:
        for line in file:
            if not line.startswith(("#", "name\t")):
                name, _, *arguments = line.rstrip("\n").split("\t")
                found[name] = [argument.split(":")[2] for argument in arguments]
    return found


def arguments_of(row):
    return {name: value for name, value in row.items() if name not in COMMON + OWN}


# Values -----------------------------------------------------------------------------------------


# What stands for a number: names, perhaps with bits that have none, and times.
NAMED = re.compile(r"[A-Z][A-Za-z0-9_]*(\|[A-Z]\w*)*(\|0x[0-9a-f]+)?|-?[0-9.]+s|infinite"
                   r"|[0-9]{4}-[0-9T:.Z-]+")


def is_number(text, value, widths=(32, 64)):
    """Decimal or hex, with or without a sign."""
    try:
        return any((int(text, 0) - value) % (1 << bits) == 0 for bits in widths)
    except ValueError:
        return False


def is_value(text, value):
    """A number of whatever width, or what stands for one."""
    return is_number(text, value, (8, 16, 32, 64)) or NAMED.fullmatch(text) is not None


def is_text(got, told):
    """A text as it is in memory, or as much of it as can be read or shown."""
    text = text_of(told["text"])
    if told["whole"] and got == text:
        return True
    shown = got.removesuffix("...")
    return (not told["whole"] or shown != got) and (
        text.startswith(shown) or shown.startswith(text[:-1]))


def is_object(text, told):
    """What stands in a handle's brackets: type, and name."""
    kind, _, name = text.partition(":")
    return ("type" in told and kind == text_of(told["type"])
            and name == text_of(told.get("name", "")))


def is_handle(text, told):
    value = int(told["value"], 16)
    signed = value - (1 << 64) if value >> 63 else value - (1 << 32) if value >> 31 == 1 else value
    if signed in PSEUDO_HANDLES:
        return PSEUDO_HANDLES[signed] in text or is_number(text, value)
    match = re.fullmatch(r"(0x[0-9a-f]+|0|NULL)(?:<(.*)>)?", text, re.DOTALL)
    if not match or (match[1] != "NULL" and int(match[1], 16) != value):
        return False
    return is_object(match[2], told) if match[2] is not None else "type" not in told


def is_path(text, told):
    """OBJECT_ATTRIBUTES."""
    name = told.get("object_name")
    root = told.get("root_object")
    if name and not name["whole"]:
        return True
    wanted = text_of(name["text"]) if name else ""
    if root:
        wanted = text_of(root.get("name", "")).rstrip("\\") + "\\" * bool(wanted) + wanted
    return wanted[:200] in text


def is_client_id(text, told):
    process, thread = int(told["process"], 16), int(told["thread"], 16)
    return text == f"{{UniqueProcess={process}, UniqueThread={thread}}}"


def is_attribute_list(text, told):
    """Whole; or of one that has no end, as much of it as makes sense."""
    rows = list(itertools.takewhile(lambda row: row["number"] in nt_names.PROCESS_ATTRIBUTES,
                                    told["attribute_list"]))
    wanted = "[" + ", ".join(
        f"{nt_names.PROCESS_ATTRIBUTES[row['number']]}={{Size={row['size']}, "
        f"Value={'NULL' if row['value'] == '0x0' else row['value']}}}" for row in rows)
    return text == wanted + "]" if rows == told["attribute_list"] else text.startswith(wanted)


# Texts of a process's parameters, by what the facts and what rows call them.
PARAMETERS = {"image_path": "ImagePathName", "command_line": "CommandLine", "dll_path": "DllPath",
              "directory": "CurrentDirectory"}
SHORT = 500  # characters, of a text that is shown whatever else there is to show


def is_parameters(text, told):
    texts = {name: text_of(told[key]["text"]) for key, name in PARAMETERS.items()
             if told[key]["whole"] and told[key]["length"] < SHORT}
    return not told["reachable"] or all(
        not value or '{name}="{value}"'.format(name=name, value=value.replace('"', '""')) in text
        for name, value in texts.items())


KINDS = {
    "c": is_client_id, "A": is_attribute_list, "P": is_parameters,
    "H": is_handle, "h": is_handle, "o": is_path,
    "u": lambda text, told: is_text(text, told["text"]) if told.get("text") else True,
    "s": lambda text, told: nt_names.STATUS[int(told["status"], 16)] in text,
    "number": lambda text, told: is_value(text, int(told["value"], 16)),
}


def kind_of(told):
    """What a fact about memory is about, by what it says."""
    if "type" in told or ("value" in told and "memory" not in told):
        return "H"
    if "status" in told:
        return "s"
    for key, kind in (("object_name", "o"), ("root", "o"), ("process", "c"),
                      ("attribute_list", "A"), ("command_line", "P")):
        if key in told:
            return kind
    if "text" in told:
        return "u"
    return "number" if "value" in told else None


def leads_nowhere(text, address):
    return text == "NULL" or is_number(text, address)


# Rows -------------------------------------------------------------------------------------------


# With two CPUs another thread may open a handle, or write to memory, between Wyvern's look and the
# guest's: so often the two may see different things. With one CPU they never do.
CHANGED_MAX = 12


class Syscalls(Expected):
    """What is expected of one run."""

    def __init__(self, told, **options):
        super().__init__(**options)
        self.is_64 = any(fact.get("bits") == 64 for fact in told)
        self.processes = Processes(told)
        self.races = any(fact.get("cpu") for fact in told)
        self.changed = []

    def module(self, fact):
        """FromModule; None: the kernel calls, or the modules of the program are not there."""
        process = self.processes.at(fact["pid"], fact)
        if "from" not in fact or "thread_pid" in fact or process.modules_lost:
            return None
        at = int(fact["from"], 16)
        return next((module["name"] for module in process.modules
                     if 0 <= at - int(module["base"], 16) < int(module["size"], 16)), "(none)")

    def is_wow64(self, fact):
        return (self.is_64 and "from" in fact
                and self.processes.at(fact["pid"], fact).fact["bitness"] == 32)

    def common(self, plugin, fact):
        return {"Plugin": plugin, "PID": fact["pid"], "PPID": fact["ppid"], "TID": fact["tid"],
                "UserName": "SessionID", "UserId": fact["session"],
                "ProcessName": self.name(text_of(fact["path"])), "Method": fact["function"],
                "Module": "nt", "Syscall": fact["service"]}

    def entry(self, row, fact):
        # of the four that are in registers nothing tells how many an older kernel has
        count = max(len(fact["arguments"]), 4 if self.is_64 else 0)
        names = prototypes()[fact["function"]][:count]
        wanted = self.common("syscall", fact) | {
            "vCPU": fact["cpu"], "CR3": fact["cr3"], "NArgs": len(names),
            "PreviousMode": fact["mode"].capitalize()}
        yield from self.same(row, wanted)
        if self.is_wow64(fact):
            yield from self.same(row, {"Caller": "wow64"})
        found = arguments_of(row)
        if list(found) != names:
            yield f"the arguments {list(found)}, not {names}"
        if row.get("FromModule") != self.module(fact):
            yield f"FromModule: {row.get('FromModule')}, not {self.module(fact)}"

    def back(self, row, fact):
        yield from self.same(row, self.common("sysret", fact) | {
            "vCPU": fact["return_cpu"], "CR3": fact["cr3"]})
        result = int(fact["result"], 16)
        if int(str(row["Ret"]), 0) % (1 << 32) != result:
            yield f"Ret: {row['Ret']}, not {fact['result']}"
        if row.get("Info") != nt_names.STATUS.get(result, row.get("Info")):
            yield f"Info: {row.get('Info')}, not {nt_names.STATUS[result]}"

    @staticmethod
    def same(row, wanted):
        for name, value in wanted.items():
            if row.get(name) != value:
                yield f"{name}: {row.get(name)!r}, not {value!r}"

    @staticmethod
    def plain(found, fact):
        """What is written of arguments of which the facts tell nothing but the number."""
        for index, (name, told) in enumerate(zip(found, fact["arguments"])):
            text = found[name]
            # of structures the facts say nothing here
            if str(index) not in fact["in"] and not (
                    text in ("NULL", "") or text[0] in "{[" or is_value(text, int(told, 16))):
                yield f"{name}: {check.brief(text)}, not {told}"

    def named(self, told, fact):
        """Processes and threads have no names: what stands for them is who they are."""
        if told.get("type") not in ("Process", "Thread"):
            return told
        process = self.processes.at(told["pid"], fact)
        name = f"{told['pid']} {self.name(text_of(process.fact['path']))}"
        return told | {"name": f"{told['tid']} of {name}" if "tid" in told else name}

    def values(self, found, fact, moment):
        """What is written of arguments that the facts tell more of."""
        names = prototypes()[fact["function"]]
        for index, told in fact.get(moment, {}).items():
            name = names[int(index)]
            text, address = found.get(name), int(fact["arguments"][int(index)], 16)
            if text is None:
                continue
            if not isinstance(text, str):
                yield f"{name} is no text: {text!r}"
                continue
            kind = kind_of(told)
            if kind is None or (moment == "in" and told.get("memory", "present") != "present"):
                continue
            if not KINDS[kind](text, self.named(told, fact)) and not (
                    kind != "H" and leads_nowhere(text, address)):
                line = f"{name}, {moment}: {check.brief(text)}, not {check.brief(told)}"
                if not self.races:
                    yield line
                elif len(self.changed) < CHANGED_MAX:
                    self.changed.append(line)
                else:
                    yield f"{line}, as in {CHANGED_MAX} other places"

    def differences(self, entry, back, fact):
        yield from self.entry(entry, fact)
        entered = arguments_of(entry)
        # a pointer to what the call fills in is, at its entry, the address or what is there
        yield from self.values({name: text for name, text in entered.items()
                                if not self.is_output(fact, name)}, fact, "in")
        yield from self.plain(entered, fact)
        if "result" not in fact or fact["function"] in NOT_AWAITED:
            if back:
                yield f"it returns: {back}"
            return
        if not back:
            yield "it does not return"
            return
        yield from self.back(back, fact)
        if int(fact["result"], 16) < 0xc0000000:
            yield from self.values(arguments_of(back), fact, "out")

    @staticmethod
    def is_output(fact, name):
        index = prototypes()[fact["function"]].index(name)
        return str(index) in fact.get("out", {})


# Comparing --------------------------------------------------------------------------------------


def by_thread(rows):
    """{thread: its calls: pairs of an entry and a return, in the order in which they began}"""
    entries, returns = defaultdict(list), {}
    for row in sorted(rows, key=number_of):
        if row["Plugin"] == "syscall":
            entries[row["TID"]].append(row)
        else:
            check.true(row["EventUID"] not in returns, f"it returns once: {row}")
            returns[row["EventUID"]] = row
    calls = {tid: [(row, returns.pop(row["EventUID"], None)) for row in of_thread]
             for tid, of_thread in entries.items()}
    check.equal(list(returns.values())[:3], [], "returns of calls that nobody made")
    return calls


def services(told):
    return [fact for fact in nt.calls(told) if "service" in fact]


def all_rows(result, returns=True, names=None):
    """All that the plugin has to tell of a run that has ended well.

    returns: whether there are rows of returns. names: only these calls are told.
    """
    told = nt.finished(result.facts())
    expected, calls = Syscalls(told), by_thread(result.rows)
    wanted = defaultdict(list)
    for fact in services(told):
        if names is None or fact["function"] in names:
            wanted[fact["tid"]].append(fact)
    check.true(wanted, "there are facts")
    lines = []
    for tid in wanted.keys() | calls.keys():
        got, facts = calls.get(tid, []), wanted.get(tid, [])
        methods = [entry["Method"] for entry, _ in got]
        check.same_order(methods, [fact["function"] for fact in facts], f"calls of thread {tid}")
        for (entry, back), fact in zip(got, facts):
            if not returns:
                check.equal(back, None, "a return")
                fact = {key: value for key, value in fact.items() if key != "result"}
            lines += [f"{fact['function']} ({fact['sequence']}) = {fact.get('result')}: {line}"
                      for line in expected.differences(entry, back, fact)]
    if lines:
        raise Failed("\n".join([f"{len(lines)} differences:", *lines[:25]]))
