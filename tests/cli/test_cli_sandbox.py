#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""template, analyze and tree from outside, without a guest: all that they refuse.

    test_cli_sandbox.py WYVERN [unittest's arguments]
"""
import json
import os
import signal
import sys
import unittest

import test_cli
from test_cli import Case, GuestCase, has_option, run


class Templates(Case):
    """Templates are in a folder of the test's own."""

    def setUp(self):
        super().setUp()
        self.store = self.path("templates")
        before = os.environ.get("WYVERN_TEMPLATES")
        os.environ["WYVERN_TEMPLATES"] = self.store
        self.addCleanup(self.restore, before)

    @staticmethod
    def restore(before):
        if before is None:
            del os.environ["WYVERN_TEMPLATES"]
        else:
            os.environ["WYVERN_TEMPLATES"] = before

    def template(self, name, **changes):
        """Something that passes for a template of the pretended QEMU."""
        folder = os.path.join(self.store, name)
        os.makedirs(folder)
        keys = {"form": 1, "needs_profile": "false", "qemu": "10.0.2", "wyvern": "0.1.0", "kernel": "6.1.0",
                "kernel_file": "/boot/vmlinuz", "root": "busybox", "append": "quiet",
                "created": "2026-11-21T09:00:00Z", "memory": 1 << 20, "vcpus": 1, "disk": "false",
                "disk_is_qcow2": "false", "monitor": "", "machine": "-machine;pc;", **changes}
        with open(os.path.join(folder, "template.ini"), "w", encoding="utf-8") as out:
            out.write("[template]\n" + "".join(f"{key}={value}\n" for key, value in keys.items()
                                               if value is not None))
        with open(os.path.join(folder, "ram"), "wb") as ram:
            ram.truncate(1 << 20)
        with open(os.path.join(folder, "state"), "wb") as state:
            state.write(b"state")
        return folder


class Template(Templates):
    def test_help(self):
        for words in (["--help"], ["create", "--help"], ["list", "-h"], ["show", "-h"],
                      ["delete", "-h"]):
            result = run("template", *words)
            self.assertEqual(result.returncode, 0)
            self.assertTrue(result.stdout.startswith("Usage: wyvern template "))
            for line in result.stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_actions(self):
        self.assertEqual(run("template").returncode, 2)
        self.assert_one_line(run("template", "bogus"), 2, '"bogus"')
        self.assert_one_line(run("template", "delete"), 2, "which template")
        self.assert_one_line(run("template", "delete", "none"), 2, "none")
        self.assert_one_line(run("template", "show", "none"), 2, "no template none")
        self.assert_one_line(run("template", "show", "a", "b"), 2, '"b"')
        self.assert_one_line(run("template", "list", "a"), 2, '"a"')

    def test_names(self):
        for name in ("", "..", "a/b", ".hidden", "a b", "a\n", "x" * 300):
            with self.subTest(name=name):
                self.assertEqual(run("template", "show", name).returncode, 2)
                self.assertEqual(run("template", "create", name).returncode, 2)
                self.assertEqual(run("template", "delete", name).returncode, 2)

    def test_values(self):
        for size in ("", "x", "63M", "1K", "-1", "999999999999G", "512MM", "1.5G"):
            self.assert_one_line(run("template", "create", "a", f"--memory={size}"), 2, "--memory")
        for vcpus in ("0", "-1", "65"):
            self.assert_one_line(run("template", "create", "a", f"--vcpus={vcpus}"), 2, "--vcpus")
        self.assertEqual(run("template", "create", "a", "--vcpus=x").returncode, 2)

    def test_list_and_show(self):
        result = run("template", "list")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertIn("no templates", result.stderr)
        self.assertEqual(json.loads(run("template", "list", "--json").stdout), [])
        self.template("one", kernel="6.1.0\x1b[31m")
        self.template("two", form="7")
        text = run("template", "list").stdout
        self.assertRegex(text, r"(?m)^one ")
        self.assertRegex(text, r"(?m)^two +unusable: .*another form")
        self.assertNotIn("\x1b", text)
        listed = json.loads(run("template", "list", "--json").stdout)
        self.assertEqual([one["name"] for one in listed], ["one"])
        shown = json.loads(run("template", "show", "one", "--json").stdout)
        self.assertEqual(shown["memory"], 1 << 20)
        self.assertEqual(shown["machine"], ["-machine", "pc"])
        self.assertIn("busybox", run("template", "show", "one").stdout)

    def test_damaged(self):
        self.template("nothing", memory=None)
        self.assert_one_line(run("template", "show", "nothing"), 2, "damaged")
        folder = self.template("short")
        with open(os.path.join(folder, "ram"), "r+b") as ram:
            ram.truncate(100)
        self.assert_one_line(run("template", "show", "short"), 2, "ram", "damaged")
        folder = self.template("stateless")
        os.unlink(os.path.join(folder, "state"))
        self.assert_one_line(run("template", "show", "stateless"), 2, "state", "missing")

    def test_delete(self):
        folder = self.template("one")
        self.assertEqual(run("template", "delete", "one").returncode, 0)
        self.assertFalse(os.path.exists(folder))

    def test_create_refuses(self):
        qemu = self.qemu("exit 1")
        common = ["template", "create", "a", "--qemu", qemu]
        self.assert_one_line(run("template", "create", "a", "--qemu", self.path("no")), 2,
                             "was not found")
        for root in (self.path("missing"), self.file("small", b"x"), "/dev/null"):
            result = run(*common, "--kernel", self.file("kernel", b"x"), "--rootfs", root)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertEqual([name for name in os.listdir(self.store)
                              if os.path.isdir(os.path.join(self.store, name))], [])

    def test_create_where_qemu_fails(self):
        os.makedirs(self.path("root"))
        result = run("template", "create", "a", "--qemu", self.qemu("exit 1"), "--kernel",
                     self.file("kernel", b"x"), "--rootfs", self.path("root"))
        self.assertEqual(result.returncode, 5, result.stderr)
        self.assertIn("ended before it was ready", result.stderr)
        self.assertEqual([name for name in os.listdir(self.store)
                          if os.path.isdir(os.path.join(self.store, name))], [])


class Analyze(Templates, GuestCase):
    """Everything that is wrong is said in one line, and QEMU is not started."""

    def setUp(self):
        super().setUp()
        self.started = self.path("started")
        self.good = self.qemu(f"touch {self.started}")
        self.sample = self.file("sample", b"#!/bin/sh\n")
        self.out = self.path("out")
        self.template("default")

    def tearDown(self):
        self.assertFalse(os.path.exists(self.started), "QEMU was started")

    def refuse(self, options, *words, code=2, sample=None):
        self.assert_one_line(run("analyze", "--qemu", self.good, "--out", self.out, *options,
                                 sample or self.sample), code, *words)

    def test_arguments(self):
        self.assert_one_line(run("analyze"), 2, "no sample")
        self.assert_one_line(run("analyze", "--"), 2, "no sample")
        self.assert_one_line(run("analyze", "--bogus", "x"), 2, "--bogus")
        self.refuse([], "missing", sample=self.path("missing"))
        self.refuse([], "not a file", sample="/dev/null")

    def test_values(self):
        self.refuse(["-o", "xml"], '"xml"')
        self.refuse(["--net", "bogus"], '"bogus"')
        self.refuse(["--net", "pcapx"], '"pcapx"')
        self.refuse(["--env", "novalue"], '"novalue"')
        self.refuse(["--env", "=x"], '"=x"')
        self.refuse(["--path", "relative"], '"relative"')
        self.refuse(["--path", "/tmp/"], '"/tmp/"')
        self.refuse(["--settle=-1"], "--settle")
        self.refuse(["--time-limit=-1"], "--time-limit")
        for jobs in ("0", "x", "1001", "-1"):
            self.refuse([f"--jobs={jobs}"], "--jobs")
        self.refuse(["-a", "bogus"], '"bogus"')
        self.refuse(["--quiet=yes"], "--quiet takes no value")

    def test_dump(self):
        if not has_option("analyze", "dump"):
            self.skipTest("this build has no filedelete")
        self.refuse(["--dump", self.path("files")], "--dump", "files")
        self.assertFalse(os.path.exists(self.path("files")))
        for option in ("--dump-max-size", "--dump-max-total"):
            self.refuse([f"{option}=much"], option, '"much"')
        os.makedirs(self.path("out/files"))
        self.file("out/files/x")
        self.refuse([], "out/files", "not empty")

    def test_templates(self):
        self.refuse(["--template", "none"], "no template none", "wyvern template create none")
        self.refuse(["--template", "../x"], "../x")
        self.template("old", qemu="9.2.0")
        self.refuse(["--template", "old"], "9.2.0", "10.0.2", "wyvern template create old --force")
        self.assertFalse(os.path.exists(self.out))

    def test_results(self):
        os.makedirs(self.out)
        self.file("out/summary.json", b"{}")
        self.refuse([], "has results already")

    def test_options_end_at_the_sample(self):
        # what follows the sample is its own, whatever it looks like
        self.template("old", qemu="9.2.0")
        result = run("analyze", "--qemu", self.good, "--template", "old", self.sample, "--quiet=1",
                     "--bogus")
        self.assert_one_line(result, 2, "9.2.0")


class AnalyzeEnds(Templates, GuestCase):
    def test_qemu_fails(self):
        self.template("default")
        out = self.path("out")
        result = run("analyze", "--no-jail", "--qemu", self.qemu("echo oh no >&2; exit 1"), "--out",
                     out, self.file("sample", b"x"))
        self.assertEqual(result.returncode, 5, result.stderr)
        self.assertIn("oh no", result.stderr)
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            summary = json.load(file)
        self.assertEqual((summary["end"], summary["exit_code"]), ("failed", 5))
        self.assertIn(summary["error"], result.stderr)
        if has_option("analyze", "dump"):
            self.assertEqual(os.listdir(os.path.join(out, "files")), [])
            self.assertEqual(summary["files"],
                             {"count": 0, "contents": 0, "bytes": 0, "partial": 0, "refused": 0,
                              "dropped": [], "deleted": []})

    def test_no_files(self):
        if not has_option("analyze", "dump"):
            self.skipTest("this build has no filedelete")
        self.template("default")
        out = self.path("out")
        run("analyze", "--no-jail", "--no-plugin", "filedelete", "--qemu", self.qemu("exit 1"),
            "--out", out, self.file("sample", b"x"))
        self.assertNotIn("files", os.listdir(out))
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            self.assertIsNone(json.load(file)["files"])

    def test_many(self):
        self.template("default")
        folder = self.path("many")
        os.makedirs(folder)
        for name in "abc":
            self.file(f"many/{name}", b"x")
        result = run("analyze", "--no-jail", "--qemu", self.qemu("exit 1"), "--jobs", "2", "--out",
                     self.path("results"), folder, self.path("missing"))
        self.assertEqual(result.returncode, 5, result.stderr)
        self.assertIn("4 of 4 analyzed", result.stderr)
        self.assertEqual(sorted(os.listdir(self.path("results"))), ["a", "b", "c", "missing"])
        with open(self.path("results/missing/wyvern.log"), encoding="utf-8") as log:
            self.assertIn("cannot read the sample", log.read())
        os.makedirs(self.path("empty"))
        self.assert_one_line(run("analyze", self.path("empty")), 2, "no file")


class Tree(Case):
    def test_wrong(self):
        self.assertEqual(run("tree").returncode, 2)
        self.assertEqual(run("tree", self.path("missing")).returncode, 2)
        self.assertEqual(run("tree", self.file("empty")).returncode, 0)
        self.assertEqual(run("tree", self.file("bad", b"\xff\x00{}\n[1]\n")).returncode, 2)

    def test_closed_output(self):
        event = {"Plugin": "procmon", "TimeStamp": "1.000000", "PID": 5, "PPID": 1, "TID": 5,
                 "UserName": "UID", "UserId": 0, "ProcessName": "x", "Method": "begin_new_exec",
                 "EventUID": "0x1", "CommandLine": "/x", "ImagePathName": "/x"}
        events = self.file("events.jsonl", json.dumps(event) + "\n")
        self.assertIn("/x", run("tree", events).stdout)
        with open("/dev/full", "wb") as full:
            self.assertEqual(run("tree", events, stdout=full).returncode, 1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    test_cli.WYVERN = os.path.abspath(sys.argv.pop(1))
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    unittest.main(verbosity=1)
