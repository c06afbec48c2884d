# SPDX-License-Identifier: GPL-2.0-or-later
"""`wyvern template`: made, listed, shown and deleted; interrupted; and refused where it does not
fit."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from harness import check, place
from harness.analyze import (command, create,
                             environment, must, no_guest_is_left, sample, store, template)
from harness.declare import Skip, test

QUICK = "--settle", "0"


def names(templates):
    """What is in a folder of templates, hidden things too, but for the file that locks it."""
    return sorted(path.name for path in Path(templates).iterdir() if path.name != ".lock")


# Made, listed, shown, deleted -------------------------------------------------------------------


@test()
def life():
    templates = place.folder("templates")
    check.equal(json.loads(must(command("template", "list", "--json", templates=templates)).stdout),
                [], "the list of none")
    done = must(create("a.b-c_1", templates=templates, options=("--memory", "256M", "--vcpus", "2")))
    check.contains(done.stderr, "a.b-c_1", "what it says")
    listed = json.loads(must(command("template", "list", "--json", templates=templates)).stdout)
    shown = json.loads(must(command("template", "show", "a.b-c_1", "--json",
                                    templates=templates)).stdout)
    check.equal(listed, [shown], "list and show")
    check.equal((shown["name"], shown["memory"], shown["vcpus"]), ("a.b-c_1", 256 << 20, 2),
                "what it is")
    release = (place.kernel("linux-6.1").parent / "version").read_text().split()[0]
    check.contains(release, shown["kernel"], "its kernel")
    for text in (must(command("template", "list", templates=templates)).stdout,
                 must(command("template", "show", "a.b-c_1", templates=templates)).stdout):
        check.contains(text, "a.b-c_1", "text")
        check.contains(text, "256M", "text")
    use = sum(path.stat().st_blocks * 512 for path in (templates / "a.b-c_1").iterdir())
    check.true(use < 256 << 20, f"it takes {use} bytes: less than its memory")
    must(command("template", "delete", "a.b-c_1", templates=templates))
    check.equal(names(templates), [], "what is left")


@test()
def exists_already():
    """It stays as it is, and that is said before anything is booted; --force replaces it."""
    templates = place.folder("templates")
    must(create("x", templates=templates))
    before = (templates / "x" / "template.ini").read_bytes()
    started = time.monotonic()
    done = must(create("x", templates=templates), 2)
    check.true(time.monotonic() - started < 1.5, "it is refused at once")
    check.contains(done.stderr, "x", "stderr")
    check.equal((templates / "x" / "template.ini").read_bytes(), before, "the template")
    must(create("x", templates=templates, options=("--force",)))
    check.true((templates / "x" / "template.ini").read_bytes() != before, "it is a new one")
    check.equal(names(templates), ["x"], "what is there")


@test()
def deleted_while_a_clone_runs():
    templates = place.folder("templates")
    must(create("x", templates=templates))
    process = subprocess.Popen(
        [place.wyvern(), "analyze", "--template", "x", "--qemu", place.qemu(), "--out",
         templates.parent / f"{templates.name}-out", "--quiet", "-t", "4", sample("sleeper")],
        env=environment(templates), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    must(command("template", "delete", "x", templates=templates))
    check.equal(process.wait(30), 3, "the clone runs to its time limit")
    check.equal(names(templates), [], "what is left")


WRONG = {
    "name with a slash": (("create", "a/b"), "a/b"),
    "hidden name": (("create", ".x"), ".x"),
    "name like an option": (("create", "--", "-x"), "-x"),
    "empty name": (("create", ""), ""),
    "long name": (("create", "x" * 300), "xxx"),
    "memory": (("create", "x", "--memory", "lots"), "lots"),
    "little memory": (("create", "x", "--memory", "1M"), "1M"),
    "vcpus": (("create", "x", "--vcpus", "0"), "--vcpus"),
    "kernel": (("create", "x", "--kernel", "/absent/vmlinuz"), "/absent/vmlinuz"),
    "root": (("create", "x", "--rootfs", "/absent/root"), "/absent/root"),
    "qemu": (("create", "x", "--qemu", "/absent/qemu"), "/absent/qemu"),
    "two names": (("create", "x", "y"), "y"),
    "show": (("show", "absent"), "absent"),
    "delete": (("delete", "absent"), "absent"),
    "delete nothing": (("delete",), "template"),
    "delete beyond": (("delete", ".."), ".."),
    "action": (("destroy",), "destroy"),
    "none": ((), "template"),
}


@test(what=tuple(WRONG))
def refused(what):
    words, said = WRONG[what]
    templates = place.folder("templates")
    done = must(command("template", *words, templates=templates), 2)
    check.contains(done.stderr, said, "stderr")
    check.equal(names(templates), [], "what is left")


@test()
def no_kernel_in_it():
    """A file that does not boot: an error within reason, and nothing left."""
    templates = place.folder("templates")
    kernel = place.folder("kernel") / "vmlinuz"
    kernel.write_bytes(b"MZ" + b"\0" * 100000)
    done = command("template", "create", "x", "--kernel", kernel, "--qemu", place.qemu(),
                   templates=templates)
    check.true(done.returncode in (1, 2, 4, 5), f"exit code {done.returncode}; {done.stderr}")
    check.equal(names(templates), [], "what is left")
    no_guest_is_left(templates)


# Interrupted ------------------------------------------------------------------------------------


def interrupted(number, seconds):
    templates = place.folder("templates")
    process = subprocess.Popen(
        [place.wyvern(), "template", "create", "x", "--kernel", place.kernel("linux-6.1"), "--qemu",
         place.qemu()], env=environment(templates), stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    no_guest_is_left(templates)
    return templates, process.returncode, errors.decode()


MOMENTS = 0.05, 0.5, 1.5, 2.5


@test(number=(signal.SIGINT,), seconds=MOMENTS)
@test(number=(signal.SIGTERM,), seconds=(1,))
def asked_to_stop(number, seconds):
    """Nothing is left of it. If it was made already, it is whole."""
    templates, code, errors = interrupted(number, seconds)
    if code == 0:
        check.equal(names(templates), ["x"], "what is there")
        return
    check.equal(names(templates), [], f"what is left; exit code {code}, stderr:\n{errors}")


@test(seconds=MOMENTS)
def killed(seconds):
    """No template of that name is there; what else was left goes with the next one."""
    templates, code, _ = interrupted(signal.SIGKILL, seconds)
    listed = json.loads(must(command("template", "list", "--json", templates=templates)).stdout)
    if code == 0:
        return
    check.equal(listed, [], "templates")
    must(create("x", templates=templates))
    check.equal(names(templates), ["x"], "what is there in the end")


@test()
def two_at_once():
    """Of one name: one of them is there, whole, and works."""
    templates = place.folder("templates")
    words = [place.wyvern(), "template", "create", "x", "--kernel", place.kernel("linux-6.1"),
             "--qemu", place.qemu()]
    both = [subprocess.Popen(words, env=environment(templates), stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        process.communicate(timeout=120)
    check.true(0 in [process.returncode for process in both], "one is made")
    check.equal(names(templates), ["x"], "what is there")
    must(command("template", "show", "x", templates=templates))


# What does not fit ------------------------------------------------------------------------------


def other_qemu(version):
    """The QEMU of the tests, which says that it is another version."""
    path = place.folder("qemu") / "qemu-system-x86_64"
    real = shutil.which(place.qemu()) or place.qemu()
    path.write_text(f"""#!/bin/sh
case " $* " in
*" -version "* | *" --version "* | *" -help "* | *" --help "*)
	"{real}" "$@" | sed 's/version [0-9][0-9.]*/version {version}/' ;;
*) exec "{real}" "$@" ;;
esac
""")
    path.chmod(0o755)
    return path


@test()
def another_qemu():
    """Devices' states are only of use to the version that saved them."""
    qemu = other_qemu("10.7.3")
    work = place.folder("work")
    done = command("analyze", "--template", template(), "--qemu", qemu, *QUICK, sample("exit7"),
                   cwd=work)
    must(done, 2)
    check.contains(done.stderr, "10.7.3", "stderr")
    check.contains(done.stderr, "template", "stderr")
    check.equal(list(work.iterdir()), [], "files that were made")


@test(name=("template.ini", "state", "ram"))
def a_file_is_missing(name):
    templates = place.folder("templates")
    shutil.copytree(store() / template(), templates / "x", symlinks=True)
    (templates / "x" / name).unlink()
    done = command("analyze", "--template", "x", "--qemu", place.qemu(), *QUICK, "--out",
                   templates / "out", sample("exit7"), templates=templates)
    must(done, 2)
    check.contains(done.stderr, "x", "stderr")


@test(name=("template.ini", "state"))
def a_file_is_damaged(name):
    """An error that is said, and no guest that goes on."""
    templates = place.folder("templates")
    shutil.copytree(store() / template(), templates / "x", symlinks=True)
    data = (templates / "x" / name).read_bytes()
    (templates / "x" / name).write_bytes(data[:len(data) // 3])
    done = command("analyze", "--template", "x", "--qemu", place.qemu(), *QUICK, "--out",
                   templates / "out", sample("exit7"), templates=templates, timeout=60)
    check.true(done.returncode in (1, 2, 5), f"exit code {done.returncode}; stderr:\n{done.stderr}")
    check.contains(done.stderr, "wyvern: ", "stderr")
    no_guest_is_left(templates)


# Roots ------------------------------------------------------------------------------------------


def root_folder():
    """A root with a shell and the C library of this machine."""
    root = place.folder("root") / "root"
    for name in ("bin", "etc", "lib64", "lib/x86_64-linux-gnu", "tmp", "proc", "sys", "dev"):
        (root / name).mkdir(parents=True)
    place.script("fetch-guest", "busybox")
    shutil.copy(place.CACHE / "busybox/bin/busybox", root / "bin/busybox")
    for name in ("sh", "ls", "cat"):
        (root / "bin" / name).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\nsomeone:x:1234:1234::/tmp:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\nsomeone:x:1234:\nstaff:x:50:someone\n")
    done = subprocess.run(["ldd", sample("dynamic")], text=True, capture_output=True, check=True)
    for word in done.stdout.split():
        if word.startswith("/"):
            target = root / "lib64" if "ld-linux" in word else root / "lib/x86_64-linux-gnu"
            shutil.copy(os.path.realpath(word), target / os.path.basename(word))
    return root


def tar(root):
    path = root.parent / "root.tar.gz"
    subprocess.run(["tar", "-C", root, "-czf", path, "."], check=True)
    return path


def image(root):
    if not (shutil.which("mkfs.ext4") or os.path.exists("/sbin/mkfs.ext4")):
        raise Skip("there is no mkfs.ext4 here")
    path = root.parent / "root.img"
    with open(path, "wb") as file:
        file.truncate(64 << 20)
    subprocess.run([shutil.which("mkfs.ext4") or "/sbin/mkfs.ext4", "-q", "-d", root, path], check=True)
    return path


ROOTS = {"folder": lambda root: root, "tar": tar, "image": image}


@test(kind=tuple(ROOTS))
def own_root(kind):
    """Dynamically linked samples run; one that lacks a library ends with the linker's own words."""
    templates = place.folder("templates")
    root = ROOTS[kind](root_folder())
    must(create("x", templates=templates, options=("--rootfs", root)))

    def run(name, *options):
        out = templates.parent / f"{templates.name}-{name}-{len(options)}"
        done = command("analyze", "--template", "x", "--qemu", place.qemu(), *QUICK, "--quiet",
                       "--out", out, *options, sample(name), templates=templates)
        return must(done), json.loads((out / "summary.json").read_text()), \
            (out / "console.log").read_text(errors="replace").replace("\r", "")

    _, summary, console = run("dynamic")
    check.equal(summary["sample_exit"]["status"], 9, f"its exit status; console:\n{console}")
    check.contains(console, "dynamically linked", "the console")
    _, summary, console = run("lacking")
    check.equal(summary["sample_exit"]["status"], 127, "the linker's exit status")
    check.contains("\n".join(summary["console"]["tail"]), "libwyvern-absent.so", "the console's tail")
    # a user by name, with groups
    _, summary, console = run("reader-of-args", "--user", "someone")
    check.matches(console, r"^uid=1234 euid=1234 gid=1234 egid=1234$", "the console")
    check.matches(console, r"^group\[\d\]=50$", "the console")


@test()
def disk_is_not_shared():
    """Each clone writes on a disk of its own: nothing of it is there in the next."""
    templates = place.folder("templates")
    root = image(root_folder())
    before = root.read_bytes()
    must(create("x", templates=templates, options=("--rootfs", root)))
    files = {path.name: path.read_bytes() for path in (templates / "x").iterdir()
             if path.name != "ram"}
    script = place.folder("script") / "writer.sh"
    script.write_text("#!/bin/sh\n[ ! -e /left ] || exit 9\necho here >/left && cat /left && exit 4\n")
    for number in range(2):
        out = templates.parent / f"{templates.name}-{number}"
        must(command("analyze", "--template", "x", "--qemu", place.qemu(), *QUICK, "--quiet",
                     "--out", out, script, templates=templates))
        summary = json.loads((out / "summary.json").read_text())
        check.equal(summary["sample_exit"]["status"], 4, f"exit status of run {number}")
    check.true(root.read_bytes() == before, "the image is as it was")
    check.true(files == {path.name: path.read_bytes() for path in (templates / "x").iterdir()
                         if path.name != "ram"}, "the template is as it was")


# Other machines ---------------------------------------------------------------------------------


@test()
def several_vcpus():
    templates = place.folder("templates")
    must(create("x", templates=templates, options=("--vcpus", "2", "--memory", "1G")))
    out = templates.parent / f"{templates.name}-out"
    done = command("analyze", "--template", "x", "--qemu", place.qemu(), *QUICK, "--quiet", "--out",
                   out, sample("deterministic"), templates=templates)
    must(done)
    summary = json.loads((out / "summary.json").read_text())
    check.equal((summary["template"]["vcpus"], summary["template"]["memory"]), (2, 1 << 30),
                "the machine")
    check.equal(summary["sample_exit"]["status"], 0, "its exit status")


@test()
def is_made_when_there_is_none():
    """The first `wyvern analyze` makes the template "default"."""
    templates, work = place.folder("templates"), place.folder("work")
    done = command("analyze", "--qemu", place.qemu(), *QUICK, "--quiet", sample("exit7"),
                   templates=templates, cwd=work)
    must(done)
    check.equal(names(templates), ["default"], "templates")
    check.true((work / "exit7.wyvern" / "summary.json").exists(), "there are results")
