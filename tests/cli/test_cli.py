#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command from outside, without a guest: plugins, doctor, and all that `run` refuses.

    test_cli.py WYVERN [unittest's arguments]

Programs that pretend to be QEMU stand in for it, so that each kind of it can be had anywhere.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

WYVERN = None
KINDS = ["number", "hex", "string", "name", "flags", "result", "list"]

HELP = """QEMU emulator version {version} (Debian)
-sandbox on[,obsolete=allow|deny]
-plugin [file=]<file>[,<argname>=<argvalue>]
"""


def run(*arguments, **options):
    """Runs the command; its output as text, whatever bytes there are in it."""
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([WYVERN, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          encoding="utf-8", errors="surrogateescape", timeout=60, check=False,
                          **options)


class Case(unittest.TestCase):
    """Temporary files, pretended QEMUs, and the checks that many tests need."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="wyvern-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, content=b""):
        with open(self.path(name), "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def qemu(self, body="exit 0", version="10.0.2", help_text=HELP, name="qemu"):
        """A program that answers --help as QEMU does, and else runs the body (sh)."""
        text = help_text.format(version=version)
        path = self.file(name, f"#!/bin/sh\nif [ \"$1\" = --help ]; then\ncat <<'END'\n{text}END\n"
                               f"exit 0\nfi\n{body}\n")
        os.chmod(path, 0o755)
        return path

    def assert_one_line(self, result, code, *words):
        """It ended with this code and said why in one line with these words, and nothing else."""
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout or "", "")
        self.assertRegex(result.stderr, r"\Awyvern: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)


class GuestCase(Case):
    """What gets as far as QEMU's start, which no build without plugins does."""

    def setUp(self):
        super().setUp()
        if not json.loads(run("plugins", "--json").stdout)["plugins"]:
            self.skipTest("this build has no plugins")


def has_option(command, option):
    """Whether this build has that option; those of its plugins depend on it."""
    return f" --{option} " in run(command, "--help").stdout


def wait_for(path):
    """Until the file is there and not empty."""
    deadline = time.monotonic() + 30
    while not os.path.exists(path) or not os.path.getsize(path):
        if time.monotonic() > deadline:
            raise AssertionError(f"{path} did not come")
        time.sleep(0.01)


class Main(Case):
    def test_no_command(self):
        result = run()
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "")
        for command in ("run", "analyze", "template", "tree", "profile", "plugins", "doctor"):
            self.assertRegex(result.stderr, rf"(?m)^  {command} ")

    def test_help(self):
        for word in ("--help", "-h", "help"):
            self.assertEqual(run(word).returncode, 0)
            self.assertIn("doctor", run(word).stdout)

    def test_version(self):
        result = run("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"\Awyvern \d+\.\d+\.\d+\n\Z")

    def test_unknown_command(self):
        self.assert_one_line(run("watch"), 2, '"watch"', "--help")
        self.assert_one_line(run("a\nb\x1b[31m\u009b"), 2, '"a?b?[31m?"')
        self.assert_one_line(run(b"\xff\xc3"), 2, '"??"')

    def test_help_of_commands(self):
        for command in ("run", "analyze", "tree", "plugins", "doctor"):
            for option in ("--help", "-h"):
                result = run(command, option)
                self.assertEqual(result.returncode, 0)
                self.assertTrue(result.stdout.startswith(f"Usage: wyvern {command} "))
                self.assertEqual(result.stderr, "")
                for line in result.stdout.splitlines():
                    self.assertLessEqual(len(line), 80, line)

    def test_output_that_can_not_be_written(self):
        for arguments in (["--help"], ["run", "--help"], ["plugins"], ["plugins", "--json"],
                          ["doctor", "--qemu", self.qemu()]):
            with open("/dev/full", "wb") as full:
                result = run(*arguments, stdout=full)
            self.assert_one_line(result, 1, "cannot write to standard output", "No space left")

    def test_output_that_is_closed(self):
        result = subprocess.run(["sh", "-c", 'exec "$0" plugins >&-', WYVERN],
                                stderr=subprocess.PIPE, encoding="utf-8", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot write to standard output", result.stderr)


class Plugins(Case):
    def test_json(self):
        result = run("plugins", "--json")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr, "")
        about = json.loads(result.stdout)
        self.assertEqual([kind["name"] for kind in about["kinds"]], KINDS)
        self.assertEqual([one["name"] for one in about["formats"]],
                         ["default", "csv", "kv", "json"])
        common = [field["name"] for field in about["common"]]
        self.assertEqual(len(common), len(set(common)))
        for one in about["formats"]:
            self.assertTrue(one["meaning"])
            self.assertTrue(one["notes"])
            self.assertEqual(set(one["common"]) - set(common), set())
            self.assertEqual(len(one["common"]), len(set(one["common"])))
        used = {name for one in about["formats"] for name in one["common"]}
        self.assertEqual(used, set(common))
        for field in about["common"]:
            self.check_field(field)
        for plugin in about["plugins"]:
            self.check_plugin(plugin)

    def check_field(self, field):
        self.assertRegex(field["name"], r"\A\w+\Z")
        self.assertIn(field["kind"], KINDS)
        self.assertRegex(field["meaning"], r"\A[^\n]+\.\Z", field["name"])

    def check_plugin(self, plugin):
        self.assertTrue(plugin["summary"])
        self.assertTrue(plugin["guests"])
        self.assertTrue(plugin["events"])
        for option in plugin["options"]:
            self.assertTrue(option["meaning"])
        for guest in plugin["guests"]:
            self.assertIn(guest["name"], ("Linux", "Windows"))
            self.assertTrue(guest["traps"])
            for trap in guest["traps"]:
                self.assertNotEqual(bool(trap["functions"]), bool(trap["found"]))
                self.assertIs(trap["entry"], True)
                self.assertTrue(trap["cost"])
        for event in plugin["events"]:
            self.assertTrue(event["plugin"] and event["guests"])
            # methods that the guest defines are not known before
            self.assertEqual(bool(event["methods"]), not event["defined"])
            self.assertTrue(event["meaning"].endswith("."))
            names = [field["name"] for field in event["fields"]]
            self.assertEqual(len(names), len(set(names)))
            for field in event["fields"]:
                self.check_field(field)
                self.assertIn(field["optional"], (True, False))

    def test_text_and_markdown_have_it_all(self):
        about = json.loads(run("plugins", "--json").stdout)
        text, page = run("plugins").stdout, run("plugins", "--markdown").stdout
        for plugin in about["plugins"]:
            self.assertIn(f"{plugin['name']}: {plugin['summary']}\n", text)
            self.assertIn(f"### {plugin['name']}\n", page)
            for option in plugin["options"]:
                self.assertIn(f"    --{option['name']}", text)
                self.assertIn(f"`--{option['name']}", page)
                self.assertIn(f"--{option['name']}", run("run", "--help").stdout)
            for guest in plugin["guests"]:
                for trap in guest["traps"]:
                    what = trap["found"] or " or ".join(trap["functions"])
                    self.assertRegex(text, rf"(?m)^    {what} ")
                    self.assertIn(f"\n| {trap['found'] or '`'}", page)
                    for function in trap["functions"]:
                        self.assertIn(f"`{function}`", page)
                    for key in ("with", "without"):
                        if trap[f"only_{key}"]:
                            self.assertIn(f"({key} {trap[f'only_{key}']})", text)
                            self.assertIn(f"in kernels {key} `{trap[f'only_{key}']}`", page)
            for event in plugin["events"]:
                self.assertIn(event["meaning"], text)
                self.assertIn(event["meaning"], page)
                for field in event["fields"]:
                    self.assertRegex(text, rf"[ \[]{field['name']}[\],\n]")
                    self.assertIn(f"| `{field['name']}` | {field['kind']}", page)
        if not about["plugins"]:
            self.assertIn("no plugins", text)
            self.assertIn("This build has none.", page)

    def test_samples_in_markdown_are_what_the_encoders_print(self):
        page = run("plugins", "--markdown").stdout
        blocks = re.findall(r"```\n(.*?)```", page, re.DOTALL)
        self.assertEqual(len(blocks), 4)
        row = json.loads(blocks[3])
        self.assertEqual(row["Plugin"], "sample")
        self.assertIsNone(row["Unreadable"])
        self.assertNotIn("Absent", row)
        about = json.loads(run("plugins", "--json").stdout)
        self.assertEqual(list(row)[:10], about["formats"][3]["common"])
        header = blocks[1].splitlines()[0].split(",")
        self.assertEqual(header[:11], about["formats"][1]["common"])

    def test_wrong(self):
        self.assert_one_line(run("plugins", "--bogus"), 2, "--bogus", "plugins --help")
        self.assert_one_line(run("plugins", "procmon"), 2, '"procmon"', "plugins --help")
        self.assert_one_line(run("plugins", "--json", "--markdown"), 2, "only one")
        self.assert_one_line(run("plugins", "--json=x"), 2)


class Doctor(Case):
    def check(self, program, *arguments):
        """The checks by name, after seeing that code, text and JSON agree."""
        plain = run("doctor", "--qemu", program, *arguments)
        result = run("doctor", "--json", "--qemu", program, *arguments)
        self.assertEqual(result.stderr, "")
        about = json.loads(result.stdout)
        self.assertEqual(result.returncode, 0 if about["usable"] else 2)
        self.assertEqual(plain.returncode, result.returncode)
        lines = plain.stdout.splitlines()
        self.assertEqual(len(lines), len(about["checks"]) + 1)
        for line, check in zip(lines, about["checks"]):
            self.assertEqual(line.split()[0], check["state"])
            self.assertIn(check["name"], line)
            self.assertIn(check["state"], ("ok", "warning", "missing"))
            self.assertEqual(check["advice"] is None, check["state"] == "ok", check)
        self.assertEqual(about["usable"],
                         all(check["state"] != "missing" for check in about["checks"]))
        self.assertEqual("can not be" in lines[-1], not about["usable"])
        return {check["name"]: check for check in about["checks"]}

    def test_good(self):
        checks = self.check(self.qemu())
        self.assertIn("plugins", checks)
        for name in ("QEMU", "TCG plugins", "sandbox", "monitor", "shared memory",
                     "loading", "machine", "profiles"):
            self.assertEqual(checks[name]["state"], "ok", name)
        self.assertIn("memory", checks)
        self.assertIn("jail", checks)
        self.assertIn("kernel", checks)

    @unittest.skipUnless(shutil.which("qemu-system-x86_64"), "there is no QEMU")
    def test_this_machine(self):
        started = time.monotonic()
        checks = self.check("qemu-system-x86_64")
        self.assertLess(time.monotonic() - started, 10)
        for name in ("loading", "machine"):
            self.assertEqual(checks[name]["state"], "ok", checks[name]["found"])

    @unittest.skipUnless(shutil.which("qemu-system-i386"), "there is no other QEMU")
    def test_another_architecture(self):
        checks = self.check("qemu-system-i386")
        self.assertEqual(checks["loading"]["state"], "missing")
        self.assertIn("x86_64", checks["loading"]["found"])

    def test_no_qemu(self):
        checks = self.check(self.path("nothing"))
        self.assertEqual(checks["QEMU"]["state"], "missing")
        self.assertIn("was not found", checks["QEMU"]["found"])
        self.assertIn("install", checks["QEMU"]["advice"])
        self.assertNotIn("loading", checks)

    def test_old_qemu(self):
        checks = self.check(self.qemu(version="9.1.3"))
        self.assertEqual(checks["QEMU"]["state"], "missing")
        self.assertIn("9.1.3", checks["QEMU"]["found"])
        self.assertIn("9.2", checks["QEMU"]["advice"])
        self.assertEqual(self.check(self.qemu(version="9.2.0"))["QEMU"]["state"], "ok")

    def test_plugin_api(self):
        for version, api in (("9.2.0", 4), ("10.0.2", 4), ("10.1.0", 5), ("10.2.1", 5),
                             ("11.0.0", 6), ("11.1.3", 7), ("12.0.0", 7)):
            found = self.check(self.qemu(version=version))["TCG plugins"]["found"]
            self.assertTrue(found.endswith(f"API {api}"), (version, found))

    def test_qemu_without_plugins(self):
        program = self.qemu(help_text=HELP.replace("-plugin ", "-plug "))
        self.assertEqual(self.check(program)["TCG plugins"]["state"], "missing")

    def test_qemu_without_sandbox(self):
        seen = self.path("seen")
        program = self.qemu(f'echo "$@" >>{seen}', help_text=HELP.replace("-sandbox ", "-x "))
        self.assertEqual(self.check(program)["sandbox"]["state"], "warning")
        with open(seen, encoding="utf-8") as lines:
            self.assertNotIn("-sandbox", lines.read())

    def test_not_a_qemu(self):
        for program in ("true", "cat", self.file("data")):
            checks = self.check(program)
            self.assertEqual(checks["QEMU"]["state"], "missing")

    def test_qemu_that_does_not_load_the_monitor(self):
        program = self.qemu('echo "first line" >&2; echo "second line" >&2; exit 1')
        checks = self.check(program)
        self.assertEqual(checks["loading"]["state"], "missing")
        self.assertEqual(checks["loading"]["found"], "first line; second line")

    def test_qemu_that_dies_silently(self):
        checks = self.check(self.qemu("kill -9 $$"))
        self.assertEqual(checks["loading"]["state"], "missing")
        self.assertIn("0x9", checks["loading"]["found"])

    def test_qemu_that_hangs(self):
        program = self.qemu('case "$*" in *session=*) exec sleep 100;; esac')
        started = time.monotonic()
        result = run("doctor", "--json", "--qemu", program)
        self.assertLess(time.monotonic() - started, 20)
        checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
        self.assertEqual(result.returncode, 2)
        self.assertEqual(checks["loading"]["state"], "ok")
        self.assertEqual(checks["machine"]["state"], "missing")
        self.assertIn("did not end", checks["machine"]["found"])

    def test_wrong(self):
        self.assert_one_line(run("doctor", "--bogus"), 2, "--bogus")
        self.assert_one_line(run("doctor", "now"), 2, '"now"')
        self.assert_one_line(run("doctor", "--qemu"), 2, "--qemu")


class RunRefuses(GuestCase):
    """Everything that is wrong is said in one line, and QEMU is not started."""

    def setUp(self):
        super().setUp()
        self.started = self.path("started")
        self.good = self.qemu(f"touch {self.started}")

    def tearDown(self):
        self.assertFalse(os.path.exists(self.started), "QEMU was started")

    def refuse(self, options, *words, code=2, qemu=None, guest=("disk.img",)):
        arguments = ["run", "--qemu", qemu or self.good, *options, "--", *guest]
        self.assert_one_line(run(*arguments), code, *words)

    def test_arguments(self):
        self.assert_one_line(run("run"), 2, "no QEMU arguments")
        self.assert_one_line(run("run", "--"), 2, "no QEMU arguments")
        self.assert_one_line(run("run", "-o", "json"), 2, "no QEMU arguments")
        self.assert_one_line(run("run", "disk.img"), 2, '"disk.img"', "after --")
        self.assert_one_line(run("run", "disk.img", "--", "x"), 2, '"disk.img"', "after --")
        self.assert_one_line(run("run", "-kernel", "x"), 2, "-kernel", "after --")
        self.assert_one_line(run("run", "--bogus", "--", "x"), 2, "--bogus", "run --help")
        self.assert_one_line(run("run", "-o"), 2, "-o")

    def test_values(self):
        self.refuse(["-o", "xml"], '"xml"', "json")
        self.refuse(["-o", ""], '""')
        self.refuse(["-o", "JSON"], '"JSON"')
        self.refuse(["-a", "bogus"], '"bogus"')
        self.refuse(["-x", "bogus"], '"bogus"')
        self.refuse(["--drop-when-slow=yes"], "--drop-when-slow")
        for seconds in ("0", "-1", "x", "", "1x", "nan", "inf", "1e99"):
            self.refuse([f"--time-limit={seconds}"], "--time-limit", f'"{seconds}"')
        for count in ("-1", "x", "", "1.5", "99999999999999999999999"):
            self.refuse([f"--traps-ttl={count}"], "--traps-ttl", f'"{count}"')
        self.refuse([b"--output=\xff"], "--output", "UTF-8")
        self.refuse([b"--process=\xff"], "--process", "UTF-8")

    def test_no_plugin_left(self):
        names = [plugin["name"] for plugin in json.loads(run("plugins", "--json").stdout)["plugins"]]
        self.refuse([f"--no-plugin={name}" for name in names], "no plugin")

    def test_files(self):
        missing = self.path("missing")
        self.refuse(["-c", missing], missing, "No such file")
        self.refuse(["-c", self.folder], self.folder)
        self.refuse(["-r", missing], missing, "No such file")
        self.refuse(["-r", self.folder], self.folder)
        self.refuse(["-r", self.file("empty")], "empty", code=4)
        self.refuse(["-r", self.file("text", "not a profile")], "text", code=4)
        self.refuse(["-r", self.file("brace", "{}")], "brace", code=4)
        self.refuse(["-r", self.file("bad.xz", b"\xfd7zXZ\0garbage")], "bad.xz", code=4)
        self.refuse(["--output", self.path("no/such/folder")], "no/such/folder")
        self.refuse(["--output", self.folder], "directory")
        self.refuse(["--output", ""], "cannot open")
        if "--procmon-filter-file" in run("run", "--help").stdout:
            self.refuse(["--procmon-filter-file", missing], "--procmon-filter-file", missing)
            self.refuse(["--procmon-filter-file", self.folder], "--procmon-filter-file")

    def test_dump(self):
        if not has_option("run", "dump"):
            self.skipTest("this build has no filedelete")
        for option in ("--dump-max-size", "--dump-max-total"):
            for size in ("0", "", "x", "-1", "1T", "1.5M", "1MB", "K", "99999999999G"):
                self.refuse([f"{option}={size}"], option, f'"{size}"')
        self.refuse(["--dump-written=yes"], "--dump-written")
        self.refuse(["--dump", self.folder], self.folder, "not empty")
        self.refuse(["--dump", self.file("text")], "Not a directory")
        self.refuse(["--dump", self.path("no/such")], "No such file")
        self.refuse(["--dump", ""], "No such file")
        self.refuse([b"--dump=\xff"], "--dump", "UTF-8")

    def test_configuration(self):
        for content, words in ((b"", ["group"]),
                               (b"format=json\n", ["group"]),
                               (b"[other]\nformat=json\n", ["group"]),
                               (b"[wyvern]\nno equals sign\n", ["no equals sign"]),
                               (b"[wyvern]\nbogus=1\n", ["bogus"]),
                               (b"[wyvern]\no=json\n", ["key o"]),
                               (b"[wyvern]\ntime-limit=1\n", ["time-limit"]),
                               (b"[wyvern]\nconfig=x\n", ["config"]),
                               (b"[wyvern]\nformat=xml\n", ['"xml"']),
                               (b"[wyvern]\nplugin=bogus\n", ['"bogus"']),
                               (b"[wyvern]\nprocess=a\\q\n", ["process"]),
                               (b"[wyvern]\nprocess=\xff\n", ["process"]),
                               (b"[wyvern]\noutput=\xff\n", ["output"]),
                               (b"[wyvern]\noutput=a\\q\n", ["output"]),
                               (b"[wyvern]\ndrop_when_slow=maybe\n", ["drop_when_slow"]),
                               (b"[wyvern]\ntime_limit=soon\n", ["soon"]),
                               (b"[wyvern]\ntraps_ttl=-1\n", ["-1"])):
            with self.subTest(content=content):
                self.refuse(["-c", self.file("config", content)], *words)

    def test_qemu(self):
        self.refuse([], "was not found", qemu=self.path("nothing"))
        self.refuse([], "was not found", qemu=self.folder)
        self.assert_one_line(run("run", "--qemu", "", "--", "x"), 2, "was not found")
        self.refuse([], "is not a QEMU", qemu="true")
        self.refuse([], "9.1.0", "9.2 or newer", qemu=self.qemu(version="9.1.0", name="old"))
        self.refuse([], "TCG plugins",
                    qemu=self.qemu(help_text=HELP.replace("-plugin ", "-x "), name="plain"))
        broken = self.file("broken", "#!/no/such/program\n")
        os.chmod(broken, 0o755)
        self.refuse([], "broken", qemu=broken)

    def test_qemu_arguments(self):
        for guest in (["-enable-kvm"], ["--enable-kvm"], ["-accel", "kvm"], ["-M", "q35,accel=kvm"],
                      ["-machine", "accel=kvm:tcg"]):
            self.refuse([], "KVM", guest=guest)
        self.refuse([], "-daemonize", guest=["-daemonize"])


class RunEnds(GuestCase):
    """How it ends when QEMU does, with a QEMU that runs no guest."""

    def run_guest(self, body, *options, guest=("disk.img",), **more):
        return run("run", "--qemu", self.qemu(body, **more), *options, "--", *guest)

    def test_qemu_fails(self):
        result = self.run_guest("echo 'no such disk' >&2; exit 1")
        self.assertEqual(result.returncode, 2)
        self.assertIn("no such disk\n", result.stderr)
        self.assertIn("exit status 1 before a kernel was found", result.stderr)

    def test_qemu_ends(self):
        result = self.run_guest("exit 0")
        self.assertEqual(result.returncode, 4)
        self.assertIn("ended before a kernel was found", result.stderr)
        self.assertRegex(result.stderr.splitlines()[-1], r"\Awyvern: events: .*; dropped: 0\Z")

    def test_dump(self):
        if not has_option("run", "dump"):
            self.skipTest("this build has no filedelete")
        folder = self.path("files")
        for _ in range(2):  # nothing came, so it is empty, and good for the next run
            result = self.run_guest("exit 0", "--dump", folder)
            self.assertEqual(result.returncode, 4)
            self.assertEqual(result.stderr.splitlines()[-1],
                             "wyvern: files: 0; different contents: 0 (0 bytes)")
            self.assertEqual(os.listdir(folder), [])
            self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)

    def test_qemu_is_killed(self):
        result = self.run_guest("kill -9 $$")
        self.assertEqual(result.returncode, 5)
        self.assertIn("killed by signal 9", result.stderr)

    def test_qemu_is_killed_with_ignored_children(self):
        result = run("run", "--qemu", self.qemu("kill -9 $$"), "--", "x",
                     preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(result.returncode, 5)

    def test_time_limit_without_a_kernel(self):
        result = self.run_guest("exec sleep 100", "-t", "0.2")
        self.assertEqual(result.returncode, 4)
        self.assertIn("no kernel was found within 0.2 s", result.stderr)

    def test_output_of_qemu(self):
        self.assertEqual(self.run_guest("echo hello").stdout, "")
        self.assertIn("hello\n", self.run_guest("echo hello").stderr)
        result = self.run_guest("echo hello", "--output", self.path("events"))
        self.assertEqual(result.stdout, "hello\n")
        self.assertEqual(os.path.getsize(self.path("events")), 0)

    def signalled(self, body, *numbers):
        """The exit code and the seconds it took from the first signal on."""
        ready = self.path("ready")
        with subprocess.Popen([WYVERN, "run", "--qemu", self.qemu(f"echo >{ready}; {body}"),
                               "--", "x"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            wait_for(ready)
            time.sleep(0.1)
            started = time.monotonic()
            for number in numbers:
                process.send_signal(number)
                time.sleep(0.1)
            process.communicate(timeout=30)
            return process.returncode, time.monotonic() - started

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            code, seconds = self.signalled("exec sleep 100", number)
            self.assertEqual(code, 0)
            self.assertLess(seconds, 3)

    def test_second_signal_kills(self):
        code, seconds = self.signalled("trap '' TERM; while :; do sleep 1; done",
                                       signal.SIGTERM, signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertLess(seconds, 3)

    def test_deaf_qemu_is_killed(self):
        code, seconds = self.signalled("trap '' TERM; while :; do sleep 1; done", signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertGreater(seconds, 4)
        self.assertLess(seconds, 9)

    def test_qemu_does_not_outlive_the_command(self):
        pid_file = self.path("pid")
        with subprocess.Popen([WYVERN, "run", "--qemu",
                               self.qemu(f"echo $$ >{pid_file}; exec sleep 100"), "--", "x"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            wait_for(pid_file)
            process.kill()
        with open(pid_file, encoding="utf-8") as text:
            pid = int(text.read())
        deadline = time.monotonic() + 5
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as text:
                if text.read().rsplit(")", 1)[1].split()[0] == "Z":
                    break  # dead; nobody reaps it in some containers
            time.sleep(0.02)
        else:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))


class QemuArguments(GuestCase):
    """What QEMU is started with."""

    def arguments(self, *guest, version="10.0.2", options=()):
        seen = self.path("seen")
        program = self.qemu(f'for a; do printf "%s\\n" "$a"; done >{seen}\n'
                            f"echo api $WYVERN_PLUGIN_API >>{seen}", version=version)
        run("run", "--qemu", program, *options, "--", *guest)
        with open(seen, encoding="utf-8") as text:
            return text.read().splitlines()

    def value(self, arguments, option):
        self.assertEqual(arguments.count(option), 1, arguments)
        return arguments[arguments.index(option) + 1]

    def test_defaults(self):
        arguments = self.arguments("disk.img")
        self.assertRegex(self.value(arguments, "-plugin"), r"libwyvern-qemu\.so,session=\d+\Z")
        self.assertEqual(self.value(arguments, "-accel"), "tcg,thread=multi")
        self.assertEqual(self.value(arguments, "-nic"), "none")
        self.assertIn("spawn=deny", self.value(arguments, "-sandbox"))
        self.assertEqual(self.value(arguments, "-machine"), "memory-backend=wyvern-ram")
        self.assertIn("share=on,size=128M", self.value(arguments, "-object"))
        self.assertEqual(arguments[-2:], ["disk.img", "api 4"])
        self.assertEqual(self.arguments("x", version="11.1.0")[-1], "api 7")

    def test_closed_output(self):
        """The session's descriptor does not take the place of a closed standard output."""
        seen = self.path("seen")
        result = subprocess.run(["sh", "-c", 'exec "$0" run --qemu "$1" -- x <&- >&-', WYVERN,
                                 self.qemu(f'echo "$@" >{seen}')],
                                stderr=subprocess.PIPE, encoding="utf-8", timeout=30, check=False)
        self.assertEqual(result.returncode, 4, result.stderr)  # no event: nothing to write
        with open(seen, encoding="utf-8") as text:
            self.assertGreater(int(re.search(r"session=(\d+)", text.read())[1]), 2)

    def test_memory(self):
        for value, size in (("512", "512M"), ("512M", "512M"), ("1.5G", "1.5G"),
                            ("size=1G", "1G"), ("size=512,slots=2,maxmem=1G", "512M"),
                            ("256,slots=2,maxmem=1G", "256M"), ("slots=2,size=2G", "2G")):
            arguments = self.arguments("-m", value)
            self.assertTrue(self.value(arguments, "-object").endswith(f",size={size}"), value)
        arguments = self.arguments("-m", "1G", "--m", "2G")
        self.assertTrue(self.value(arguments, "-object").endswith(",size=2G"))

    def test_what_the_user_says_counts(self):
        self.assertEqual(self.value(self.arguments("-accel", "tcg"), "-accel"), "tcg")
        self.assertNotIn("-accel", self.arguments("-machine", "q35,accel=tcg"))
        self.assertEqual(self.value(self.arguments("-nic", "user"), "-nic"), "user")
        self.assertNotIn("-nic", self.arguments("-netdev", "user,id=n"))
        self.assertEqual(self.value(self.arguments("-sandbox", "off"), "-sandbox"), "off")
        backend = "memory-backend-file,id=r,mem-path=x,share=on,size=1G"
        arguments = self.arguments("-object", backend, "-machine", "memory-backend=r")
        self.assertEqual(self.value(arguments, "-object"), backend)
        self.assertEqual(self.value(arguments, "-machine"), "memory-backend=r")
        self.assertNotIn("-object", self.arguments("-mem-path", "/dev/shm"))
        self.assertEqual(self.arguments("-object", "memory-backend-memfd,id=n,size=1M").count(
            "-object"), 2)  # one that is not the machine's RAM

    def test_configuration(self):
        config = self.file("config", "[wyvern]\nqemu = /no/such\ntime_limit = 0.1\n")
        self.assertEqual(self.arguments("x", options=["-c", config])[-2], "x")


@unittest.skipUnless(shutil.which("bash"), "there is no bash")
class Completion(Case):
    """What bash offers."""

    FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "../../data/completions/wyvern.bash")

    def offers(self, *words):
        script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_wyvern "$1" "${!#}" "${@: -2:1}"; printf "%s\\n" "${COMPREPLY[@]}"')
        result = subprocess.run(["bash", "-c", script, self.FILE, WYVERN, *words],
                                stdout=subprocess.PIPE, encoding="utf-8", check=True)
        return result.stdout.split()

    def test_offers(self):
        self.assertEqual(self.offers("p"), ["profile", "plugins"])
        self.assertEqual(self.offers("run", "--traps"), ["--traps-ttl"])
        self.assertEqual(self.offers("analyze", "--sett"), ["--settle"])
        self.assertEqual(self.offers("template", "cr"), ["create"])
        self.assertEqual(self.offers("template", "create", "--ker"), ["--kernel"])
        self.assertEqual(self.offers("profile", ""), ["show", "convert", "fetch"])
        self.assertEqual(self.offers("profile", "show", "--mis"), ["--missing"])
        self.assertEqual(self.offers("profile", "show", ""), [])
        self.assertEqual(self.offers("doctor", "--"), ["--qemu", "--json", "--help", "--"])
        self.assertEqual(self.offers("run", "-o", "c"), ["csv"])
        about = json.loads(run("plugins", "--json").stdout)
        self.assertEqual(self.offers("run", "-a", ""),
                         [plugin["name"] for plugin in about["plugins"]])
        self.assertEqual(self.offers("run", "--", "--"), [])
        self.assertEqual(self.offers("run", "--output", ""), [])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WYVERN = os.path.abspath(sys.argv.pop(1))
    # Under nohup it is ignored, which the command respects and its tests do not expect.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    unittest.main(verbosity=1)
