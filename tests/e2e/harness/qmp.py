# SPDX-License-Identifier: GPL-2.0-or-later
"""Asking a QEMU that runs, through its QMP socket."""

import json
import socket
import tempfile
from pathlib import Path


class Monitor:
    """A place for the socket; short, for such a path is limited to 107 bytes."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="wv")
        self.path = Path(self._folder.name) / "qmp"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def arguments(self):
        """What makes QEMU listen."""
        return "-qmp", f"unix:{self.path},server=on,wait=off"

    def ask(self, command):
        """The answer to a command for people, as text."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(self.path))
            with connection.makefile("rw") as stream:
                stream.readline()  # the greeting
                self._execute(stream, "qmp_capabilities")
                return self._execute(stream, "human-monitor-command", {"command-line": command})

    @staticmethod
    def _execute(stream, command, arguments=None):
        stream.write(json.dumps({"execute": command, "arguments": arguments or {}}))
        stream.flush()
        while True:
            answer = json.loads(stream.readline())
            if "event" not in answer:
                return answer["return"]
