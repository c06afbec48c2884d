# SPDX-License-Identifier: GPL-2.0-or-later
"""From the NT guest's facts to events: what poolmon, objmon and exmon have to show, by field."""

from . import nt_names
from .facts import raw
from .nt_rows import ABSENT, Hex, Row

# The functions of which each plugin tells, and what poolmon adds with --poolmon-all.
FUNCTIONS = {
    "poolmon": ("ExAllocatePoolWithTag",),
    "objmon": ("ObCreateObject", "NtDuplicateObject"),
    "exmon": ("KiDispatchException",),
}
POOLMON_ALL = ("ExAllocatePoolWithTag", "ExAllocatePoolWithQuotaTag", "ExAllocatePool2",
               "ExFreePoolWithTag")

# Where an object's type can be, to be read from outside: what is in transition still is in memory.
READABLE = ("present", "transition")

REGISTERS_64 = ("rip", "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "rbp", "rsp", "r8", "r9", "r10",
                "r11")
REGISTERS_32 = ("eip", "eax", "ebx", "ecx", "edx", "edi", "esi", "ebp", "esp")


def number(text):
    return Hex(text, 16)


def half(text):
    """A number of 32 bits, in a word whose other half may be anything."""
    return Hex(int(text, 16) & 0xffffffff)


def text_of(text):
    """What was UTF-16 in the guest: halves of pairs that stand alone can not be shown."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Expected:
    """What is expected of one run."""

    def __init__(self, poolmon_all=False, full_paths=False):
        self.poolmon_all = poolmon_all
        self.name = (lambda path: path) if full_paths else lambda path: path.rpartition("\\")[2]

    # Pool -----------------------------------------------------------------------------------------

    def _pool(self, fact, fields, address):
        tag = raw(fact["tag"])
        source, description = nt_names.known_tag(tag)
        return (("VCPU", fact["cpu"]), ("CR3", number(fact["cr3"])),
                ("Tag", nt_names.tag_text(tag)), *fields,
                ("Source", source or ABSENT), ("Description", description or ABSENT),
                ("Address", address))

    def _allocation(self, fact, kind):
        return self._pool(fact, (kind, ("Size", int(fact["size"], 16))),
                          number(fact["result"]) if self.poolmon_all else ABSENT)

    def allocation(self, fact):
        return self._allocation(fact, ("Type", nt_names.pool_type(int(fact["type"], 16))))

    def allocation_by_flags(self, fact):
        return self._allocation(fact, ("Flags", nt_names.pool_flags(int(fact["flags"], 16))))

    def release(self, fact):
        return self._pool(fact, (), number(fact["block"]))

    # Objects --------------------------------------------------------------------------------------

    def creation(self, fact):
        readable = fact["type_memory"] in READABLE
        return (("Key", nt_names.tag_text(raw(fact["key"])) if readable and fact["key"] else None),
                ("TypeName", text_of(fact["type_name"]) if readable and fact["type_name"]
                 else None))

    def duplication(self, fact):
        process, source, target_process, _, *flags = fact["arguments"]
        target = fact["out"].get("3", {}).get("value")
        return (("SourceProcessHandle", number(process)),
                ("SourceHandle", number(source)),
                ("TargetProcessHandle", number(target_process)),
                ("TargetHandle", number(target) if target else None),
                *zip(("DesiredAccess", "HandleAttributes", "Options"), map(half, flags)),
                ("Status", nt_names.STATUS[int(fact["result"], 16)]))

    # Exceptions -----------------------------------------------------------------------------------

    def exception(self, fact):
        code = number(fact["code"])
        of_user = fact["previous_mode"] == 1
        registers = REGISTERS_64 if "rip" in fact else REGISTERS_32
        return (("KernelRSP", number(fact["stack"])),
                ("ExceptionRecord", number(fact["record"])),
                ("ExceptionCode", code),
                ("ExceptionName", nt_names.STATUS[code]),
                ("FirstChance", fact["first_chance"]),
                *((name.upper(), number(fact[name])) for name in registers),
                ("Name", self.name(text_of(fact["path"])) if of_user else ABSENT))

    # All ------------------------------------------------------------------------------------------

    MAKERS = {
        "ExAllocatePoolWithTag": allocation,
        "ExAllocatePoolWithQuotaTag": allocation,
        "ExAllocatePool2": allocation_by_flags,
        "ExFreePoolWithTag": release,
        "ObCreateObject": creation,
        "NtDuplicateObject": duplication,
        "KiDispatchException": exception,
    }

    def functions(self, plugins):
        """The functions that these plugins trap, each with its plugin."""
        return {function: plugin for plugin in plugins
                for function in (POOLMON_ALL if plugin == "poolmon" and self.poolmon_all
                                 else FUNCTIONS[plugin])}

    def row(self, plugin, fact):
        """The event that a call's fact has to have."""
        # what is told when a call returns is told of the CPU that it returns on
        cpu = fact.get("return_cpu", fact["cpu"])
        return Row(plugin, fact["function"], cpu, number(fact["cr3"]), fact["session"],
                   fact["pid"], fact["ppid"], fact["tid"], self.name(text_of(fact["path"])),
                   self.MAKERS[fact["function"]](self, fact))
