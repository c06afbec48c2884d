# SPDX-License-Identifier: GPL-2.0-or-later
"""The limit of what is possible: callbacks that do nothing, where system calls come and go."""

import sys

from guest import run

# Where `syscalls` takes a 64-bit call, by preference.
FUNCTIONS = ["x64_sys_call", "do_syscall_64"]


def plugin_path(options):
    return options.empty_callback.replace(",", ",,")


def symbol_address(options, folder):
    """The guest's own kernel tells where it has the function."""
    facts = run(options, folder, "symbols", ",".join(FUNCTIONS)).facts
    found = {fact["name"]: fact["address"] for fact in facts if fact["kind"] == "symbol"}
    for name in FUNCTIONS:
        if name in found:
            return name, found[name]
    sys.exit("bench: the guest's kernel has none of " + ", ".join(FUNCTIONS))


def return_address(options, folder, function):
    """Where most of the function's calls return to."""
    log = run(options, folder, "getppid", "1000",
              plugin=f"{plugin_path(options)},at={function},callers=on").log
    rows = [line.split() for line in log.splitlines() if line.startswith("return ")]
    if not rows:
        sys.exit("bench: nobody calls the function that was found\n" + log)
    return max(rows, key=lambda row: int(row[2]))[1]


def places(options, folder):
    """The arguments that make the plugin call at the function's entry and at its return."""
    name, entry = symbol_address(options, folder)
    back = return_address(options, folder, entry)
    print(f"empty callbacks at {name} ({entry}) and where it returns to ({back})", flush=True)
    return f"{plugin_path(options)},at={entry},at={back}"
