#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`wyvern profile` from outside: show, convert, and fetch from a server on loopback.

    test_cli_profile.py WYVERN WRITE_SAMPLES [unittest's arguments]

$WYVERN_SHARED (else ../shared beside the project's root) has profiles of real Windows kernels; the
tests of those are skipped where it is not there.
"""
import http.server
import json
import lzma
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

WYVERN = None
WRITE_SAMPLES = None
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("WYVERN_SHARED", ROOT.parent / "shared")) / "windows" / "isf"
LAYOUTS = ROOT / "tests" / "guests" / "nt" / "layouts"

GUID = "A3A2A1A0A5A4A7A6A8A9AAABACADAEAF"
KEY = GUID + "1"
DASHED = "{a3a2a1a0-a5a4-a7a6-a8a9-aaabacadaeaf}1"

# What not every kernel has: the first Windows 10 with it is 2004, build 19041.
SINCE_19041 = {"ExAllocatePool2"}


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder, and keeps what was asked for."""

    def __init__(self, folder):
        self.asked = []
        server = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=folder)

            def do_GET(self):
                server.asked.append(self.path)
                super().do_GET()

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self):
        self.shutdown()
        self.server_close()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="wyvern-profile-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.cache = self.path("cache")
        subprocess.run([WRITE_SAMPLES, self.folder], check=True)
        self.image, self.pdb = self.path("small.exe"), self.path("small.pdb")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run_profile(self, *arguments, **environment):
        """`wyvern profile` with no settings of the machine's but those given."""
        settings = {name: value for name, value in os.environ.items()
                    if name != "_NT_SYMBOL_PATH" and not name.lower().endswith("_proxy")}
        settings.update(XDG_CACHE_HOME=self.cache, **environment)
        return subprocess.run([WYVERN, "profile", *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, encoding="utf-8", timeout=60, check=False,
                              env=settings)

    def good(self, *arguments, **environment):
        result = self.run_profile(*arguments, **environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def show(self, *arguments):
        return json.loads(self.good("show", "--json", *arguments))

    def assert_one_line(self, result, code, *words):
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Awyvern: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)


class Usage(Case):
    def test_no_action(self):
        result = self.run_profile()
        self.assertEqual(result.returncode, 2)
        for action in ("show", "convert", "fetch"):
            self.assertRegex(result.stderr, rf"(?m)^  {action} ")

    def test_help(self):
        self.assertIn("Usage: wyvern profile ACTION", self.good("--help"))
        for action in ("show", "convert", "fetch"):
            text = self.good(action, "--help")
            self.assertTrue(text.startswith(f"Usage: wyvern profile {action} "))
            for line in text.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_mistakes(self):
        for arguments in (("draw",), ("show",), ("show", "--nosuch", self.pdb), ("convert",),
                          ("convert", self.pdb), ("convert", self.pdb, "a", "b"), ("fetch",),
                          ("fetch", "a.pdb", KEY, "x"), ("show", self.path("nosuch")),
                          ("convert", self.path("nosuch"), self.path("out.json")),
                          ("fetch", self.path("nosuch")),
                          ("fetch", "--symbol-server", "ftp://x", KEY),
                          ("show", self.image, "NtCreateFile")):
            self.assert_one_line(self.run_profile(*arguments), 2)

    def test_not_a_profile(self):
        with open(self.path("text"), "w", encoding="ascii") as out:
            out.write("hello")
        self.assert_one_line(self.run_profile("show", self.path("text")), 4, "neither a PDB")
        with open(self.path("cut.exe"), "wb") as out:
            out.write(b"MZ")
        self.assert_one_line(self.run_profile("show", self.path("cut.exe")), 4)


class Show(Case):
    def test_pdb(self):
        facts = self.show(self.pdb)
        self.assertEqual((facts["form"], facts["PDB"], facts["key"], facts["machine"]),
                         ("PDB", "small.pdb", KEY, "x86-64"))
        self.assertGreater(facts["symbols"], 0)
        self.assertEqual(facts["types"], 13)
        self.assertIsInstance(facts["load_seconds"], float)

    def test_text(self):
        text = self.good("show", self.pdb)
        self.assertRegex(text, rf"(?m)^key +{KEY}$")
        self.assertRegex(text, r"(?m)^    symbol +PsActiveProcessHead +MISSING, and with it: ")
        self.assertRegex(text, r"(?m)^    member +_EPROCESS\.ActiveProcessLinks +0x18$")
        found = len(re.findall(r"(?m)^    .* 0x[0-9a-f]+( \(\w+\))?$", text))
        missing = len(re.findall("MISSING", text))
        self.assertIn(f": {found} found, {missing} missing, ", text)
        missing_only = self.good("show", "--missing", self.pdb)
        self.assertEqual(len(re.findall("MISSING", missing_only)), missing)
        self.assertNotIn("ActiveProcessLinks", missing_only)

    def test_needs(self):
        needs = {need["name"]: need for need in self.show(self.pdb)["needs"]}
        links = needs["_EPROCESS.ActiveProcessLinks"]
        self.assertEqual((links["state"], links["value"], links["plugin"]), ("found", "0x18", None))
        self.assertEqual(needs["PsActiveProcessHead"]["state"], "missing")
        self.assertEqual(needs["_EPROCESS.UniqueProcessId"]["essential"], True)
        self.assertTrue(all(need["state"] == "missing" for need in
                            self.show("--missing", self.pdb)["needs"]))

    def test_names(self):
        self.assertEqual(self.show(self.pdb, "_EPROCESS.Wide", "_LARGE_INTEGER", "UserMode",
                                   "_EPROCESS.ActiveProcessLinks.Blink"), [
            {"name": "_EPROCESS.Wide", "kind": "member", "offset": "0xb3", "size": 5,
             "first_bit": 3, "bits": 37},
            {"name": "_LARGE_INTEGER", "kind": "type", "size": "0x8"},
            {"name": "UserMode", "kind": "enumerator", "value": 1},
            {"name": "_EPROCESS.ActiveProcessLinks.Blink", "kind": "member", "offset": "0x20",
             "size": 8},
        ])
        self.assertEqual(self.good("show", self.pdb, "_EPROCESS.Five"),
                         "_EPROCESS.Five  member  offset 0xac  size 1  first_bit 1  bits 5\n")

    def test_names_that_are_not_there(self):
        result = self.run_profile("show", self.pdb, "_EPROCESS.Nosuch", "_LARGE_INTEGER", "x")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "_LARGE_INTEGER  type  size 0x8\n")
        self.assertEqual(result.stderr, "wyvern: the profile has no _EPROCESS.Nosuch\n"
                                        "wyvern: the profile has no x\n")

    def test_image(self):
        facts = self.show(self.image)
        self.assertEqual((facts["form"], facts["PDB"], facts["key"], facts["PDB_is"]),
                         ("PE32+ image", "small.pdb", KEY, None))
        self.assertIn("no folder of the search path", self.good("show", self.image))
        place = self.path("store", "small.pdb", KEY)
        os.makedirs(place)
        shutil.copy(self.pdb, place)
        facts = self.show("--symbol-path", self.path("store"), self.image)
        self.assertEqual(facts["PDB_is"], os.path.join(place, "small.pdb"))

    def test_linux(self):
        with open(self.path("linux.json"), "w", encoding="ascii") as out:
            out.write('{"metadata": {"format": "6.2.0"}, "symbols": {"init_task": {"address": 1}}}')
        facts = self.show(self.path("linux.json"))
        self.assertNotIn("PDB", facts)
        self.assertIn("task_struct.tasks", [need["name"] for need in facts["needs"]])
        self.assert_one_line(self.run_profile("convert", self.path("linux.json"),
                                              self.path("out.json")), 2, "which PDB")


# The form of an ISF: what an object of each kind has, and what of that it may lack.
TYPES = {
    "pointer": {"subtype"}, "base": {"name"}, "array": {"subtype", "count"}, "struct": {"name"},
    "union": {"name"}, "class": {"name"}, "enum": {"name"}, "function": set(),
    "bitfield": {"bit_position", "bit_length", "type"},
}


class Isf:
    """A document, checked against the form of Volatility 3's format 6.2."""

    def __init__(self, test, path):
        with (lzma.open if path.endswith(".xz") else open)(path, "rt", encoding="utf-8") as file:
            self.all = json.load(file)
        self.test = test
        self.check()

    def check(self):
        test, document = self.test, self.all
        test.assertEqual(set(document),
                         {"metadata", "base_types", "user_types", "enums", "symbols"})
        test.assertEqual(document["metadata"]["format"], "6.2.0")
        test.assertRegex(document["metadata"]["producer"]["version"], r"^\d+\.\d+\.\d+$")
        pdb = document["metadata"]["windows"]["pdb"]
        test.assertEqual({name: type(value) for name, value in pdb.items()},
                         {"GUID": str, "age": int, "database": str, "machine_type": int})
        for base in document["base_types"].values():
            test.assertEqual(set(base), {"size", "signed", "kind", "endian"})
            test.assertIn(base["kind"], ("void", "int", "float", "char", "bool"))
        for name in ("void", "pointer"):
            test.assertIn(name, document["base_types"])
        for enum in document["enums"].values():
            test.assertEqual(set(enum), {"size", "base", "constants"})
            test.assertIn(enum["base"], document["base_types"])
            test.assertTrue(all(type(value) is int for value in enum["constants"].values()))
        for symbol in document["symbols"].values():
            test.assertEqual(set(symbol), {"address"})
        for structure in document["user_types"].values():
            test.assertEqual(set(structure), {"kind", "size", "fields"})
            test.assertIn(structure["kind"], ("struct", "union", "class"))
            for field in structure["fields"].values():
                test.assertEqual(set(field) - {"anonymous"}, {"offset", "type"})
                self.check_type(field["type"])

    def check_type(self, kind):
        self.test.assertEqual(set(kind), TYPES[kind["kind"]] | {"kind"})
        if kind["kind"] == "base":
            self.test.assertIn(kind["name"], self.all["base_types"])
        if kind["kind"] == "enum":
            self.test.assertIn(kind["name"], self.all["enums"])
        if kind["kind"] == "bitfield":
            self.test.assertIn(kind["type"]["kind"], ("base", "enum"))
        for inner in ("subtype", "type"):
            if inner in kind:
                self.check_type(kind[inner])


class Convert(Case):
    def test_pdb(self):
        for name in ("out.json", "out.json.xz"):
            self.assertEqual(self.good("convert", self.pdb, self.path(name)), "")
            document = Isf(self, self.path(name)).all
            self.assertEqual(document["metadata"]["windows"]["pdb"],
                             {"GUID": GUID, "age": 1, "database": "small.pdb",
                              "machine_type": 0x8664})
            before, after = self.show(self.pdb), self.show(self.path(name))
            self.assertEqual(after["form"], "Volatility 3 ISF")
            for key in ("PDB", "key", "machine", "symbols", "types", "needs"):
                self.assertEqual(before[key], after[key])

    def test_output(self):
        self.assert_one_line(self.run_profile("convert", self.pdb, self.path("none", "out.json")),
                             1, self.path("none", "out.json"))
        self.assert_one_line(self.run_profile("convert", self.pdb, self.folder), 1)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        self.assert_one_line(self.run_profile("convert", self.pdb, "/dev/full"), 1)
        self.assertTrue(os.path.exists("/dev/full"))


class Fetch(Case):
    def setUp(self):
        super().setUp()
        self.place("served")
        self.server = Server(self.path("served"))
        self.addCleanup(self.server.stop)
        self.stored = os.path.join(self.cache, "wyvern", "symbols", "small.pdb", KEY, "small.pdb")

    def place(self, folder, name="small.pdb", key=KEY):
        place = self.path(folder, name, key)
        os.makedirs(place)
        shutil.copy(self.pdb, os.path.join(place, name))

    def same(self, path):
        with open(path, "rb") as got, open(self.pdb, "rb") as sent:
            return got.read() == sent.read()

    def test_image(self):
        got = self.good("fetch", "--symbol-server", self.server.url, self.image)
        self.assertEqual(got, self.stored + "\n")
        self.assertTrue(self.same(self.stored))
        self.assertEqual(self.server.asked, [f"/small.pdb/{KEY}/small.pdb"])
        # it is there now: nothing is asked for
        self.assertEqual(self.good("fetch", self.image), got)
        self.assertEqual(self.good("fetch", "--symbol-server", self.server.url, self.image), got)
        self.assertEqual(len(self.server.asked), 1)
        self.assertEqual(self.show(self.image)["PDB_is"], self.stored)
        self.assertEqual(self.show(self.stored)["key"], KEY)

    def test_key(self):
        self.assertEqual(self.good("fetch", "--symbol-server", self.server.url, "small.pdb",
                                   DASHED), self.stored + "\n")

    def test_key_alone(self):
        self.place("served", "ntkrnlmp.pdb")
        got = self.good("fetch", "--symbol-server", self.server.url, KEY.lower())
        self.assertTrue(got.endswith(f"/ntkrnlmp.pdb/{KEY}/ntkrnlmp.pdb\n"))

    def test_path(self):
        path = f"srv*{self.path('store')}*{self.server.url}"
        where = self.path("store", "small.pdb", KEY, "small.pdb") + "\n"
        self.assertEqual(self.good("fetch", self.image, _NT_SYMBOL_PATH=path), where)
        self.assertEqual(self.good("fetch", "--symbol-path", self.path("store"), self.image), where)
        self.assertEqual(len(self.server.asked), 1)
        self.assertFalse(os.path.exists(self.cache))

    def test_never_unasked(self):
        self.assert_one_line(self.run_profile("fetch", self.image), 1, "--symbol-server", KEY)
        self.assert_one_line(self.run_profile("fetch", "--symbol-path", self.path("store"),
                                              self.image), 1, self.path("store"))
        self.assertEqual(self.server.asked, [])

    def test_not_there(self):
        other = "0" * 32 + "1"
        result = self.run_profile("fetch", "--symbol-server", self.server.url, "small.pdb", other)
        self.assert_one_line(result, 1, f"{self.server.url}/small.pdb/{other}/small.pdb", "404")

    def test_another(self):
        other = "0" * 32 + "1"
        self.place("served", key=other)
        result = self.run_profile("fetch", "--symbol-server", self.server.url, "small.pdb", other)
        self.assert_one_line(result, 1, "another PDB")
        self.assertFalse(os.path.exists(self.cache) and any(
            files for _, _, files in os.walk(self.cache)))

    def test_hostile_names(self):
        for name, key in (("../x.pdb", KEY), ("a/b.pdb", KEY), ("small.pdb", "12"), ("", KEY)):
            self.assert_one_line(self.run_profile("fetch", "--symbol-server", self.server.url,
                                                  name, key), 1)
        self.assertEqual(self.server.asked, [])

    def test_image_without_pdb(self):
        with open(self.image, "r+b") as image:
            data = image.read()
            image.seek(data.index(b"RSDS"))
            image.write(b"NB10")
        self.assert_one_line(self.run_profile("fetch", self.image), 1, "which PDB")
        self.assertIn("does not say which PDB", self.good("show", self.image))


class Kernels(Case):
    """What is looked up in real kernels, and in what the NT test guest is laid out by."""

    def assert_all_there(self, path):
        facts = self.show(path)
        missing = {need["name"] for need in facts["needs"] if need["state"] == "missing"}
        build = int(re.search(r"nt-\d+\.\d+\.(\d+)\.", str(path)).group(1))
        self.assertLessEqual(missing, SINCE_19041 if build < 19041 else set(), path)
        return facts

    def test_layouts(self):
        layouts = sorted(LAYOUTS.glob("nt-*.json"))
        self.assertGreaterEqual(len(layouts), 5)
        for path in layouts:
            self.assert_all_there(path)

    def real(self):
        paths = sorted(SHARED.glob("nt-*.json.xz"))
        if not paths:
            self.skipTest(f"no profiles of real kernels in {SHARED}")
        return paths

    def test_real(self):
        for path in self.real():
            facts = self.assert_all_there(path)
            print(f"{path.name}: {facts['load_seconds']} s, {facts['symbols']} symbols, "
                  f"{facts['types']} types", file=sys.stderr)
            self.assertLessEqual(facts["load_seconds"], 1.0)

    def test_load_seconds(self):
        """They are told as the kernel counts them: not more than the process took."""
        path = self.real()[-1]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        facts = self.show(path)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        self.assertGreater(facts["load_seconds"], used / 4)
        self.assertLessEqual(facts["load_seconds"], used + 0.02)

    def test_there_and_back(self):
        """The whole of a real ISF, symbol by symbol and type by type, is in what is written."""
        for path in self.real():
            with lzma.open(path, "rt", encoding="utf-8") as file:
                real = json.load(file)
            self.good("convert", path, self.path("out.json"))
            ours = Isf(self, self.path("out.json")).all
            self.assertEqual(ours["metadata"]["windows"], real["metadata"]["windows"])
            self.assertEqual(ours["base_types"], real["base_types"])
            self.assertEqual(ours["enums"], real["enums"])
            self.assertEqual({name: symbol["address"] for name, symbol in ours["symbols"].items()},
                             {name: symbol["address"] for name, symbol in real["symbols"].items()})
            self.assertEqual(ours["user_types"], self.without_undefined(real["user_types"]))

    @staticmethod
    def without_undefined(types):
        """What is nowhere defined is a struct: what else it could be is not kept."""
        def mend(kind):
            if kind["kind"] == "union" and kind["name"] not in types:
                kind["kind"] = "struct"
            for inner in ("subtype", "type"):
                if inner in kind:
                    mend(kind[inner])

        for structure in types.values():
            for field in structure["fields"].values():
                mend(field["type"])
        return types


if __name__ == "__main__":
    WYVERN, WRITE_SAMPLES = (os.path.abspath(path) for path in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
