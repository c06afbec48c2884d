# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest: its kernel, its scenario, its machine; and the QEMU arguments that they make."""

from dataclasses import dataclass

from . import disks, place


@dataclass
class Guest:
    kernel: object = "linux-6.1"  # a name that fetch-guest knows, a file, or None
    scenario: str = "truth"
    arguments: tuple = ()  # of the scenario
    cpus: int = 1
    memory: str = "512"
    append: str = ""  # more for the kernel's command line
    quiet: bool = True
    reboots: bool = False  # QEMU goes on when the guest restarts
    systems: tuple = ()  # file systems, whose disks and modules it has
    machine: tuple = ()  # more QEMU arguments

    def kernel_file(self):
        return place.kernel(self.kernel) if isinstance(self.kernel, str) else self.kernel

    def modules(self):
        return disks.modules(self.kernel, self.systems) if self.systems else []

    def initrd(self):
        if self.modules():
            return disks.initrd(self.kernel, tuple(self.modules()))
        return place.initrd(self.scenario == "straced")

    def command_line(self):
        # a busy host makes QEMU's timer look broken to the kernel's check
        words = ["console=ttyS0", "panic=-1", "no_timer_check", f"wyvern.scenario={self.scenario}"]
        if self.quiet:
            words.append("quiet")
        if self.modules():
            words.append("wyvern.modules=" + ",".join(self.modules()))
        if self.arguments:
            words.append("wyvern.args=" + ",".join(map(str, self.arguments)))
        return " ".join([*words, *self.append.split()])

    def qemu_arguments(self, console, truth):
        """console, truth: the files that the two serial ports write to."""
        arguments = ["-m", self.memory, "-smp", str(self.cpus), "-display", "none",
                     "-nodefaults", "-no-user-config"]
        if self.kernel:
            arguments += ["-kernel", self.kernel_file(),
                          "-initrd", self.initrd(),
                          "-append", self.command_line()]
        if not self.reboots:
            arguments.append("-no-reboot")
        for name, path in (("console", console), ("truth", truth)):
            arguments += ["-chardev", f"file,id={name},path={path}", "-serial", f"chardev:{name}"]
        return [str(word)
                for word in [*arguments, *disks.machine(self.systems), *self.machine]]
