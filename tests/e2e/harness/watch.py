# SPDX-License-Identifier: GPL-2.0-or-later
"""Running `wyvern run`: starting it, talking to it while it runs, and what it leaves behind."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import facts, formats, place
from .command import PATIENCE, Command
from .declare import Failed
from .guest import Guest


@dataclass
class Result:
    """What is left when the command has ended."""

    code: int
    errors: str  # its stderr
    folder: Path
    seconds: float
    output: bytes | None = None  # events as they were written; None: in the file
    _rows: list = field(default_factory=list)

    def text(self):
        return self.output if self.output is not None else (self.folder / "events").read_bytes()

    @property
    def rows(self):
        """The events, if they are json."""
        if not self._rows:
            self._rows = formats.parse_json(self.text())
        return self._rows

    def facts(self):
        return facts.read(self.folder / "truth")

    def console(self):
        return (self.folder / "console").read_text(errors="replace")

    def expect(self, code):
        """Fails unless the command ended with this exit code."""
        if self.code != code:
            raise Failed(f"exit code {self.code}, expected {code}; stderr:\n{self.errors}"
                         f"console: {self.console()[-600:]}\nfiles: {self.folder}")
        return self

    def said(self):
        """The command's own lines on stderr, without "wyvern: "."""
        return [line.removeprefix("wyvern: ") for line in self.errors.splitlines()
                if line.startswith("wyvern: ")]


class Watch(Command):
    """A `wyvern run` that runs; ends with the block that it is used in."""

    def __init__(self, guest: Guest, *options, stdout=None, output=None, command=None):
        """options: of the command.

        stdout: a descriptor that gets the events; otherwise they go to a file, `output` or one in
        the folder.
        command: what to start instead, with the guest's QEMU arguments behind it.
        """
        self.folder = place.folder(guest.scenario)
        self.files = self.folder
        for name in ("console", "truth"):
            (self.folder / name).touch()
        if command is None:
            command = [place.wyvern(), "run", "--qemu", place.qemu(), "-o", "json"]
            if stdout is None:
                command += ["--output", output or self.folder / "events"]
            command += [*options, "--"]
        command += guest.qemu_arguments(self.folder / "console", self.folder / "truth")
        self.started = time.monotonic()
        with open(self.folder / "errors", "wb") as errors:
            self.process = subprocess.Popen([str(word) for word in command],
                                            stdin=subprocess.DEVNULL,
                                            stdout=stdout if stdout is not None else errors,
                                            stderr=errors)

    def begin(self):
        """Lets the scenario begin: this guest's does so by itself."""

    def errors(self):
        return (self.folder / "errors").read_text(errors="replace")

    def facts(self):
        return facts.read(self.folder / "truth")

    def until_fact(self, kind, count=1):
        self.until(lambda: sum(fact["kind"] == kind for fact in self.facts()) >= count,
                   f"{count} times the fact \"{kind}\"")

    def until_said(self, text):
        self.until(lambda: text in self.errors(), f"it said \"{text}\"")

    def written(self):
        """How many bytes of events are in the folder's file."""
        events = self.folder / "events"
        return events.stat().st_size if events.exists() else 0

    def rows_until_now(self):
        """The events of the folder's file, if they are json; the last may be on its way."""
        events = self.folder / "events"
        data = events.read_bytes() if events.exists() else b""
        return formats.parse_json(data[:data.rfind(b"\n") + 1])

    def qemu(self):
        """The process id of the command's QEMU, once that has started."""
        pid = self.process.pid
        found = []

        def look():
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                # before it there is another, which is only asked what it can do
                if b"-plugin" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                    found.append(int(child))
            return bool(found)

        self.until(look, "it started QEMU")
        return found[0]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE) -> Result:
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failed(f"still running after {patience} s; stderr:\n{self.errors()}"
                         f"files: {self.folder}") from None
        return Result(code, self.errors(), self.folder, time.monotonic() - self.started)


def run(guest, *options, patience=PATIENCE, **channels) -> Result:
    """Runs a guest under watch to its end."""
    with Watch(guest, *options, **channels) as watch:
        return watch.wait(patience)


def is_running(pid):
    """Whether a process is there and not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def is_sleeping(pid):
    """Whether some thread of a process sleeps for a time: as a vCPU does that waits for room in a
    ring, and no other thread of QEMU."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        number = (task / "syscall").read_text().split()[0]
        if number in ("35", "230"):  # nanosleep, clock_nanosleep
            return True
    return False


def kill(pid):
    os.kill(pid, signal.SIGKILL)
