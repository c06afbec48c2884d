# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks with file systems for the Linux guests, and the kernels' modules that they need."""

import gzip
import os
import re
import shutil
import subprocess

from . import place
from .declare import Failed, Skip, shared

# File systems that tests know. One kernel is tested with them all, the others with the usual ones,
# and with the rest when there is time.
SYSTEMS = ("ext4", "tmpfs", "overlay", "xfs", "btrfs")
USUAL = SYSTEMS[:3]
RARE = SYSTEMS[3:]
MAIN = "linux-6.1"
OTHERS = [kernel for kernel in place.KERNELS if kernel != MAIN]

# Where mkfs is on machines whose PATH is a user's.
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

SIZE = 1 << 30  # sparse; XFS wants 300 MB at least

# The features are those that the oldest kernel has.
_MAKERS = {
    "ext4": ["mkfs.ext4", "-q", "-F", "-O", "none,has_journal,ext_attr,resize_inode,dir_index,"
             "filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,"
             "extra_isize,metadata_csum"],
    # blocks that are smaller than pages
    "ext3": ["mkfs.ext3", "-q", "-F", "-b", "1024", "-O", "none,has_journal,ext_attr,resize_inode,"
             "dir_index,filetype,sparse_super,large_file"],
    "xfs": ["mkfs.xfs", "-q", "-m", "crc=1,finobt=1,rmapbt=0,reflink=1,bigtime=0,inobtcount=0",
            "-i", "sparse=1,nrext64=0"],
    "btrfs": ["mkfs.btrfs", "-q"],
}

# On the disk of which system another one has its files.
_BASE = {"overlay": "ext4"}

# Whose module a system is in, if not in its own.
_DRIVERS = {"ext3": "ext4"}


@shared
def image(system):
    """A disk's image, that nobody writes into: each guest has its own changes."""
    path = place.CACHE / "guests" / "disks" / f"{system}.img"
    recipe = path.with_suffix(".recipe")
    wanted = " ".join([*_MAKERS[system], str(SIZE)])
    if path.exists() and recipe.exists() and recipe.read_text() == wanted:
        return path
    program, *options = _MAKERS[system]
    maker = shutil.which(program, path=_PATH)
    if not maker:
        raise Skip(f"no {program} here")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    with open(partial, "wb") as file:
        file.truncate(SIZE)
    done = subprocess.run([maker, *options, partial], capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{wanted}: {done.stderr}")
    partial.rename(path)
    recipe.write_text(wanted)
    return path


def disk_of(system):
    """The system whose disk this one needs, or None."""
    base = _BASE.get(system, system)
    return base if base in _MAKERS else None


def disks(systems):
    """Whose disks a guest has, in the order of its devices."""
    return list(dict.fromkeys(disk for disk in map(disk_of, systems) if disk))


def arguments(systems):
    """How a scenario is told of them: SYSTEM or SYSTEM=DEVICE."""
    devices = {disk: f"/dev/vd{letter}" for disk, letter in zip(disks(systems), "abcdefgh")}
    return [f"{system}={devices[disk_of(system)]}" if disk_of(system) else system
            for system in systems]


def machine(systems):
    """QEMU's arguments; what guests write is thrown away."""
    return [word for disk in disks(systems) for word in (
        "-drive", f"file={image(disk)},format=raw,if=virtio,snapshot=on")]


def _needs(module):
    found = re.search(rb"\0depends=([^\0]*)\0", module.read_bytes())
    return found[1].decode().replace("-", "_").split(",") if found and found[1] else []


def modules(kernel, systems):
    """The modules for them, each behind those that it needs. What the kernel has built in is no
    module."""
    folder = place.kernel(kernel).parent / "modules"
    ordered = []

    def add(name):
        module = folder / f"{name}.ko"
        if name in ordered or not module.exists():
            return
        for need in _needs(module):
            add(need)
        ordered.append(name)

    for system in systems:
        for name in (*(("virtio_pci", "virtio_blk") if disk_of(system) else ()),
                     disk_of(system), system):
            if name:
                add(_DRIVERS.get(name, name))
    return ordered


@shared
def initrd(kernel, names):
    """The guests' root file system with these modules of a kernel."""
    base = place.initrd()
    if not names:
        return base
    folder = place.kernel(kernel).parent / "modules"
    entries = ["dir /modules 0755"]
    entries += [f"file /modules/{name}.ko 0644 {folder / name}.ko" for name in names]
    out = place.folder(f"modules-{kernel}")
    made = subprocess.run([place.ROOT / "scripts" / "lib" / "make-cpio.py", out / "modules"],
                          input="\n".join(entries), text=True, capture_output=True)
    if made.returncode:
        raise Failed(f"make-cpio.py failed:\n{made.stderr}")
    # the kernel unpacks one archive behind the other, faster without gzip, but aligned then
    first = base.read_bytes()
    with open(out / "initrd", "wb") as file, gzip.open(out / "modules") as archive:
        file.write(first + bytes(-len(first) % 4))
        file.write(archive.read())
    return out / "initrd"
