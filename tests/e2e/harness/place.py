# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are: the build, the guests' parts (fetched or made once), and folders to work in."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .declare import Failed, Skip, folders, shared

ROOT = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("WYVERN_CACHE", ROOT / ".cache"))
KERNELS = ("linux-5.10", "linux-6.1", "linux-6.12", "linux-7")

# What scripts/fetch-guest says when a thing can not be had here.
CANNOT_BE_HAD = 77

build = ROOT / "build"
_installed = None
_numbers = itertools.count(1)


def start(build_folder, installed=None):
    """Says which build is tested; throws away what earlier runs have left behind.

    installed: where the command is, if it is not to be taken from the build folder.
    """
    global build, _installed
    build = Path(build_folder).resolve()
    _installed = installed
    shutil.rmtree(build / "e2e", ignore_errors=True)


def wyvern():
    return _installed or build / "wyvern"


def plugin():
    return build / "libwyvern-qemu.so"


def qemu():
    """The QEMU that is used where a test names none."""
    return os.environ.get("WYVERN_QEMU", "qemu-system-x86_64")


def folder(name):
    """A new folder to work in."""
    path = build / "e2e" / f"{next(_numbers):04}-{name}"
    path.mkdir(parents=True)
    folders.get([]).append(path)
    return path


def script(name, *arguments):
    """Runs a script of the project. What it says is the reason when it can not do its work."""
    done = subprocess.run([ROOT / "scripts" / name, *map(str, arguments)], capture_output=True,
                          text=True)
    if done.returncode == CANNOT_BE_HAD:
        raise Skip(done.stderr.strip().splitlines()[-1])
    if done.returncode:
        raise Failed(f"scripts/{name} {' '.join(map(str, arguments))} failed:\n{done.stderr}")


@shared
def kernel(name):
    """The file of a stock kernel."""
    script("fetch-guest", name)
    return CACHE / "kernels" / name / "vmlinuz"


def needs_kernel_option(name, option):
    """Skips the test where a stock kernel was built without a thing."""
    if f"{option}=y" not in (kernel(name).parent / "config").read_text().splitlines():
        raise Skip(f"{name} is built without {option}")


@shared
def initrd(strace=False):
    """The guests' root file system, with strace in it or without."""
    path = CACHE / "guests" / f"linux{'-strace' if strace else ''}.cpio.gz"
    script("make-initramfs", *(["--strace"] if strace else []), path)
    return path


@shared
def kernel_without_btf():
    path = CACHE / "guests" / "vmlinux-without-btf"
    script("make-kernel-without-btf", path)
    return path


@shared
def nt_guest(layout):
    """The folder of the NT test guest that is laid out so: guest, ntoskrnl.exe, and the PDB."""
    path = CACHE / "guests" / "nt" / layout.stem
    script("make-nt-guest", layout, path)
    return path


@shared
def new_qemu():
    """A QEMU that is newer than the machine's own."""
    script("fetch-guest", "qemu-new")
    return CACHE / "qemu-new" / "qemu-system-x86_64"


@shared
def profile(name):
    """A Volatility 3 profile of a stock kernel, made from the kernel itself."""
    made = CACHE / "guests" / f"{name}.isf.json"
    maker = ROOT / "tests" / "tools" / "make-isf.py"
    newest = max(os.path.getmtime(maker), os.path.getmtime(kernel(name)))
    if made.exists() and os.path.getmtime(made) > newest:
        return made
    work = folder(f"profile-{name}")
    made.parent.mkdir(parents=True, exist_ok=True)
    for command in (
        [ROOT / "scripts" / "lib" / "extract-vmlinux.py", kernel(name), work / "vmlinux"],
        [maker, work / "vmlinux", work / "profile.json"],
    ):
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"{command[0].name} failed:\n{done.stderr}")
    partial = made.with_suffix(f".{os.getpid()}")
    shutil.move(work / "profile.json", partial)
    partial.rename(made)
    return made
