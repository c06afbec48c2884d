# SPDX-License-Identifier: GPL-2.0-or-later
"""From the NT guest's facts to procmon's events: all eight functions, field by field.

A value that the facts do not settle is a function that says whether a row's value will do: of a
text that ends where memory does, or of a list that is as long as its maker pretends.
"""

from collections import defaultdict

from . import check, nt, nt_names
from .declare import Failed
from .nt_compare import number_of, summary
from .nt_expect import Expected, half, number, text_of
from .nt_processes import Processes
from .nt_rows import ABSENT

# Texts of a process's parameters, and the fields that show them.
TEXTS = (("image_path", "ImagePathName"), ("dll_path", "DllPath"), ("directory", "CWD"))

# So many rows of a list of privileges are wanted; a list that says that it has more may be cut.
PRIVILEGES_MAX = 36


def json_of(value):
    """A value as json has it."""
    return f"{value:#x}" if isinstance(value, type(number("0"))) else value


def behind(fact, argument, moment="in"):
    """What was told of the memory that an argument points to."""
    return fact.get(moment, {}).get(str(argument), {})


def argument(fact, index):
    return int(fact["arguments"][index], 16)


def succeeded(fact):
    return int(fact["result"], 16) < 0x40000000


class Procmon(Expected):
    """What is expected of one run: told are all of its facts."""

    def __init__(self, told, **options):
        super().__init__(**options)
        self.processes = Processes(told)

    def name_of(self, pid, fact):
        process = self.processes.at(pid & ~3, fact)
        return self.name(text_of(process.fact["path"])) if process else None

    # Texts ---------------------------------------------------------------------------------------

    @staticmethod
    def text(told, reachable):
        """reachable: otherwise the kernel does not look at it, and nobody has to."""
        if told is None:
            return None
        text = text_of(told["text"])
        if not reachable:
            return lambda got: got in (None, text)
        if told["whole"]:
            return text
        # where memory ends, or where the facts do: what comes before is all the same
        return lambda got: (got is None and not text) or (
            isinstance(got, str) and (got.startswith(text[:-1]) or text.startswith(got[:-3])))

    @classmethod
    def command_line(cls, *told):
        """Its readers undo escapes in it."""
        text = cls.text(*told)
        return lambda got: fits(got and got.encode("ascii").decode("unicode_escape"), text)

    # Functions -----------------------------------------------------------------------------------

    def created(self, fact, index, id_name):
        """The new object's id and handle, which only a call that went well has."""
        told = behind(fact, index, "out") if succeeded(fact) else {}
        return number(told["value"]) if told else None, told.get(id_name)

    def bitness(self, pid, fact):
        return self.processes.at(pid, fact).fact["bitness"] if pid is not None else None

    def create_user_process(self, fact):
        process, pid = self.created(fact, 0, "pid")
        thread, tid = self.created(fact, 1, "tid")
        texts = behind(fact, 8)
        reachable = texts.get("reachable", True)
        return (("Status", number(fact["result"])), ("NewProcessHandle", process), ("NewPid", pid),
                ("NewThreadHandle", thread), ("NewTid", tid),
                ("CommandLine", self.command_line(texts.get("command_line"), reachable)),
                *((field, self.text(texts.get(name), reachable)) for name, field in TEXTS),
                ("Bitness", self.bitness(pid, fact)))

    def create_process(self, fact):
        process, pid = self.created(fact, 0, "pid")
        values = [number(value) for value in fact["arguments"]]
        return (("Status", number(fact["result"])), ("ProcessHandle", process),
                ("DesiredAccess", half(fact["arguments"][1])), ("ObjectAttributes", values[2]),
                ("ParentProcess", values[3]), ("Flags", half(fact["arguments"][4])),
                ("SectionHandle", values[5]), ("DebugPort", values[6]),
                ("ExceptionPort", values[7]), ("JobMemberLevel", argument(fact, 8) & 0xffffffff),
                ("NewPid", pid), ("Bitness", self.bitness(pid, fact)))

    def terminate(self, fact):
        told = behind(fact, 0)
        pid = told.get("pid") if told.get("type") == "Process" else None
        if not argument(fact, 0):
            pid = fact["pid"]
        status = half(fact["arguments"][1])
        return (("ExitPid", pid), ("ExitStatus", status),
                ("ExitStatusStr", nt_names.STATUS[status]))

    @staticmethod
    def clean(fact):
        return (("ExitPid", fact["process_pid"]),)

    def _opened(self, fact, handle):
        told = behind(fact, 0, "out") if succeeded(fact) else {}
        client = behind(fact, 3)
        asked = client.get("process")
        if asked is None:
            pid = None
        else:
            # without a process's id it is that of the thread, or the caller's own
            pid = int(half(asked)) or client.get("owner") or fact["pid"]
        return ((handle, number(told["value"]) if told else None),
                ("DesiredAccess", half(fact["arguments"][1])),
                ("ObjectAttributes", number(fact["arguments"][2])),
                ("ClientID", pid), ("ClientName", None if pid is None else self.name_of(pid, fact)))

    def open_process(self, fact):
        return self._opened(fact, "ProcessHandle")

    def open_thread(self, fact):
        asked = behind(fact, 3).get("thread")
        return (*self._opened(fact, "ThreadHandle"),
                ("UniqueThread", None if asked is None else int(asked, 16)))

    @staticmethod
    def protect(fact):
        return (("ProcessHandle", number(fact["arguments"][0])),
                ("NewProtectWin32", nt_names.protection(argument(fact, 3) & 0xffffffff)))

    @staticmethod
    def privileges(fact):
        """The list that a call brings; ABSENT: it needs none."""
        if argument(fact, 1) & 0xff or not argument(fact, 2):
            return ABSENT
        told = behind(fact, 2)
        if "count" not in told:
            return None
        rows = [{nt_names.privilege(int(row["luid"], 16)):
                 nt_names.privilege_flags(int(row["attributes"], 16))}
                for row in told["privileges"]]
        if len(rows) == told["count"] <= PRIVILEGES_MAX:
            return rows
        return lambda got: isinstance(got, list) and got[:1] == rows[:1]

    def adjust_privileges(self, fact):
        handle = argument(fact, 0)
        bits = 64 if handle >> 32 else 32
        return (("ProcessHandle", handle - (1 << bits) if handle >> (bits - 1) else handle),
                ("DisableAll", 1 if argument(fact, 1) & 0xff else 0),
                ("NewState", self.privileges(fact)))

    MAKERS = {
        "NtCreateUserProcess": create_user_process,
        "NtCreateProcessEx": create_process,
        "NtTerminateProcess": terminate,
        "MmCleanProcessAddressSpace": clean,
        "NtOpenProcess": open_process,
        "NtOpenThread": open_thread,
        "NtProtectVirtualMemory": protect,
        "NtAdjustPrivilegesToken": adjust_privileges,
    }

    def pairs(self, fact):
        """The pairs of key and wanted value of a row, from the common ones on."""
        maker = self.MAKERS[fact["function"]]
        fields = maker(fact) if isinstance(maker, staticmethod) else maker(self, fact)
        return (("Plugin", "procmon"), ("PID", fact["pid"]), ("PPID", fact["ppid"]),
                ("TID", fact["tid"]), ("UserName", "SessionID"), ("UserId", fact["session"]),
                ("ProcessName", self.name(text_of(fact["path"]))), ("Method", fact["function"]),
                *((name, json_of(value)) for name, value in fields if value is not ABSENT))


# Comparing --------------------------------------------------------------------------------------


def fits(got, wanted):
    """Whether a value is the wanted one, or, if that is a function, will do."""
    return wanted(got) if callable(wanted) else got == wanted and type(got) is type(wanted)


def differences(row, wanted):
    """What a row says otherwise than is wanted of it."""
    got = {key: value for key, value in row.items() if key not in ("TimeStamp", "EventUID")}
    if list(got) != [key for key, _ in wanted]:
        return [f"the fields {list(got)}, not {[key for key, _ in wanted]}"]
    return [f"{key}: {check.brief(got[key])}, not {check.brief(value)}" for key, value in wanted
            if not fits(got[key], value)]


def same_rows(rows, wanted, what):
    """Compares rows, in their order, with what is wanted of each."""
    lines = []
    for at, (row, pairs) in enumerate(zip(rows, wanted)):
        lines += [f"{what}, number {at + 1}, {dict(pairs)['Method']}: {line}"
                  for line in differences(row, pairs)]
    if len(rows) != len(wanted):
        lines.append(f"{what}: {len(rows)} rows, not {len(wanted)}")
    return lines


def compare_calls(rows, calls, pairs_of, cpus):
    """Compares rows, in the order in which their calls began, with the facts about the calls.

    The order is known of one thread's calls, and, where only one CPU ran, of all. Returns pairs of
    a row and its fact.
    """
    numbers = [row["EventUID"] for row in rows]
    check.equal(len(set(numbers)), len(numbers), "calls that are told once")
    threads = defaultdict(lambda: ([], []))
    for index, items in enumerate((rows, calls)):
        for item in items:
            tid = item["TID"] if index == 0 else item["tid"]
            threads["all rows" if cpus == 1 else f"thread {tid}"][index].append(item)
    lines = [line for what, (of_thread, facts) in threads.items()
             for line in same_rows(of_thread, [pairs_of(fact) for fact in facts], what)]
    if lines:
        raise Failed("\n".join([f"{len(lines)} differences in {len(calls)} calls:",
                                *lines[:20]]))
    return [pair for of_thread, facts in threads.values() for pair in zip(of_thread, facts)]


def start_rows(rows, told):
    """The rows about processes that there are when the kernel is found."""
    processes = [fact for fact in told[:told.index(next(
        fact for fact in told if fact["kind"] == "call"))] if fact["kind"] == "process"]
    check.equal([(row["PID"], row["PPID"], row["RunningProcess"], row["Bitness"]) for row in rows],
                [(fact["pid"], fact["ppid"], text_of(fact["path"]).rpartition("\\")[2],
                  fact["bitness"]) for fact in processes if fact["listed"]], "running processes")


def all_rows(result, guest):
    """All that procmon has to tell of a run that has ended well."""
    told = nt.finished(result.facts())
    expected = Procmon(told)
    rows = sorted(result.rows, key=number_of)
    running = [row for row in rows if row["Method"] == "RunningProcess"]
    start_rows(running, told)
    check.equal(rows[:len(running)], running, "what is told before any call")
    rows, calls = rows[len(running):], nt.calls(told, Procmon.MAKERS)
    check.true(calls, "there are facts")
    compare_calls(rows, calls, expected.pairs, guest.cpus)
    summary(result, ("procmon",))
