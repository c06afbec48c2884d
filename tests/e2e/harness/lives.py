# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reader of json rows makes of procmon's on Windows: which processes there were, and when.

It is what DRAKVUF Sandbox does: processes that ran before, and those whose creation went well, each
until its address space is cleaned. PIDs are used again, so a row of any plugin is the process's
that had its PID when the row's call began. Rows that would make that reader give up make this one
fail.
"""

from dataclasses import dataclass

from .declare import Failed


@dataclass
class Life:
    """A process: its EventUIDs are from `first` to `last`, None if it has not ended."""

    pid: int
    parent: "Life | None"
    image: str
    command_line: str | None
    first: int
    last: int | None = None
    exit_status: int | None = None
    killer: "Life | None" = None

    @property
    def name(self):
        """Of the file that it runs, without its folder."""
        return self.image.rpartition("\\")[2]

    def has(self, number):
        return self.first <= number and (self.last is None or number <= self.last)


def number_of(row):
    return int(row["EventUID"], 16)


def unescaped(text):
    """A command line, as it was: in rows it is written as in the language C."""
    try:
        return text.encode().decode("unicode_escape")
    except UnicodeDecodeError as error:
        raise Failed(f"a command line that can not be read, {error}: {text[:300]!r}") from None


class Lives:
    """All processes that procmon's rows tell of."""

    def __init__(self, rows):
        self.all = []
        self._by_pid = {}
        for row in rows:
            if row["Plugin"] == "procmon":
                self.READERS.get(row["Method"], Lives._other)(self, row)

    def _latest(self, row, key="PID"):
        """The process that a row speaks of: it was told before."""
        lives = self._by_pid.get(row[key])
        if not lives:
            raise Failed(f"{key} is of a process that nobody knows: {row}")
        return lives[-1]

    def _begin(self, pid, *about):
        life = Life(pid, *about)
        lives = self._by_pid.setdefault(pid, [])
        if lives and (lives[-1].last is None or lives[-1].last >= life.first):
            raise Failed(f"process {pid} begins, and had not ended: {lives[-1]}")
        lives.append(life)
        self.all.append(life)

    def _running(self, row):
        # a parent may have ended long ago
        parent = self._by_pid.get(row["PPID"], [None])[-1]
        self._begin(row["PID"], parent, row["RunningProcess"], None, 0)

    def _created(self, row):
        if int(row["Status"], 16) == 0:
            self._begin(row["NewPid"], self._latest(row), row.get("ImagePathName", "Unnamed"),
                        row.get("CommandLine"), number_of(row))

    def _terminated(self, row):
        if row["ExitPid"] is None:
            return
        life = self._latest(row, "ExitPid")
        life.killer = self._latest(row)
        life.exit_status = int(row["ExitStatus"], 16)

    def _cleaned(self, row):
        self._latest(row, "ExitPid").last = number_of(row)

    def _other(self, row):
        self._latest(row)

    READERS = {
        "RunningProcess": _running,
        "NtCreateUserProcess": _created,
        "NtCreateProcessEx": _created,
        "NtTerminateProcess": _terminated,
        "MmCleanProcessAddressSpace": _cleaned,
    }

    def of(self, row):
        """Whose a row is."""
        found = [life for life in self._by_pid.get(row["PID"], [])
                 if life.has(number_of(row))]
        if len(found) != 1:
            raise Failed(f"the row may be of any of {found}: {row}")
        return found[0]
