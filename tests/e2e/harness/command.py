# SPDX-License-Identifier: GPL-2.0-or-later
"""A command of Wyvern's that runs: it ends with the block that it is used in."""

import time

from .declare import Failed

# Nothing that a test runs may take longer, in seconds: then it hangs.
PATIENCE = 180


class Command:
    """What is derived from it sets process, the subprocess, and files, the folder of its files."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def errors(self):
        """Its stderr until now."""
        raise NotImplementedError

    def until(self, condition, what, patience=PATIENCE):
        """Waits until the condition is true."""
        deadline = time.monotonic() + patience
        while not condition():
            if self.process.poll() is not None and not condition():
                raise Failed(f"ended with code {self.process.returncode} before {what}; stderr:\n"
                             f"{self.errors()}files: {self.files}")
            if time.monotonic() > deadline:
                raise Failed(f"waited {patience} s in vain: {what}; stderr:\n{self.errors()}"
                             f"files: {self.files}")
            time.sleep(0.01)
