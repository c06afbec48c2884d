#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""data/generate_pooltags.py: what it makes of a table, which it refuses, and the real one."""

import itertools
import re
import string
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
HEAD = "# Source: here\ntag\tsource\tdescription\n"
TEXT = r'\{ "([^"]*)", ([0-9]+) \}'
ROW = re.compile(rf"\t\{{ (0x[0-9a-f]{{8}}), (0x[0-9a-f]{{8}}), {TEXT}, {TEXT} \}},")
EXACTLY = 0xFFFFFFFF


def filler(count):
    """Rows that make a table long enough: tags from zaaa on."""
    letters = itertools.product(string.ascii_lowercase, repeat=3)
    threes = map("".join, itertools.islice(letters, count))
    return "".join(f"z{three}\tx.sys\tTag of no use\n" for three in threes)


FILLER = filler(2201)


def generate(table):
    """Runs the generator on one table; (exit code, output or None, what it said)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tags.tsv")
        path.write_text(table, encoding="utf-8")
        output = Path(folder, "out.c")
        run = subprocess.run(
            [sys.executable, DATA / "generate_pooltags.py", output, path],
            capture_output=True,
            text=True,
            check=False,
        )
        text = output.read_text(encoding="utf-8") if output.exists() else None
        return run.returncode, text, run.stderr


def rows_of(text):
    """The rows that an output has: (tag, mask, source, description)."""
    rows = []
    for tag, mask, source, source_size, description, size in ROW.findall(text):
        assert len(source) == int(source_size) and len(description) == int(size)
        rows.append((int(tag, 0), int(mask, 0), source, description))
    return rows


class GeneratePooltags(unittest.TestCase):
    """One table at a time."""

    def test_rows(self):
        rows = ["Ab?e\t\tHole in it", "AbC\tb.sys/c.dll\tShort one", "Ac*\tx.sys\tStar at end"]
        last = ["Dcba\t\tNobody knows", "E?\tx.sys\tShort hole"]
        table = "\n".join(rows + ["# between"] + last)
        code, text, said = generate(HEAD + table + "\n" + FILLER)
        self.assertEqual((code, said), (0, ""))
        self.assertIn('#include "plugins/poolmon/tags.h"\n', text)
        self.assertIn("const struct poolmon_tag poolmon_known_tags[] = {\n", text)
        self.assertIn("const unsigned poolmon_known_tags_count = 2206;\n", text)
        self.assertEqual(
            rows_of(text)[:5],
            [
                (0x65006241, 0xFF00FFFF, "", "Hole in it"),
                (0x20436241, EXACTLY, "b.sys/c.dll", "Short one"),
                (0x00006341, 0x0000FFFF, "x.sys", "Star at end"),
                (0x61626344, EXACTLY, "", "Nobody knows"),
                (0x20200045, 0xFFFF00FF, "x.sys", "Short hole"),
            ],
        )
        self.assertEqual(len(rows_of(text)), 2206)

    def test_refused(self):
        for rows, complaint in {
            "Abcd\tOne thing\n": "tags.tsv:3: 2 columns where 3 belong",
            "\n": "tags.tsv:3: 1 columns where 3 belong",
            "Abcde\t\tOne thing\n": "tags.tsv:3: 'Abcde' has more than 4 characters",
            "\t\tOne thing\n": "is not a tag",
            "Ab \t\tOne thing\n": "is not a tag",
            " Abc\t\tOne thing\n": "is not a tag",
            "Ab\x7fc\t\tOne thing\n": "is not a tag",
            "Ab\u00e9\t\tOne thing\n": "not ASCII",
            "A*bc\t\tOne thing\n": "that is not its last character",
            "????\t\tOne thing\n": "no character of its own",
            "*\t\tOne thing\n": "no character of its own",
            "Abcd\tNTFS.sys\tOne thing\n": "is not the name of a file",
            "Abcd\tntfs\tOne thing\n": "is not the name of a file",
            "Abcd\ta.sys/\tOne thing\n": "is not the name of a file",
            "Abcd\t\t\n": "does not do as a description",
            "Abcd\t\tone thing\n": "does not do as a description",
            "Abcd\t\tOne thing.\n": "does not do as a description",
            "Abcd\t\tOne  thing\n": "does not do as a description",
            'Abcd\t\tOne "thing\n': "does not do as a description",
            "Abcd\t\tOne \\thing\n": "does not do as a description",
            "Abcd\t\tThing\n": "has not 2 to 8 words",
            "Abcd\t\tA b c d e f g h i\n": "has not 2 to 8 words",
            "Abcd\t\tOne " + "x" * 57 + "\n": "has more than 60 characters",
            "Abcd\t\tOne thing\nAbcd\t\tTwo things\n": "tags.tsv:4: 'Abcd' is there already",
            "Ab*\t\tOne thing\nAb??\t\tTwo things\n": "'Ab??' is there already, in line 3",
            "Abce\t\tOne thing\nAbcd\t\tTwo things\n": "tags.tsv:4: 'Abcd' does not rise",
        }.items():
            with self.subTest(rows=rows):
                code, text, said = generate(HEAD + rows + FILLER)
                self.assertEqual((code, text), (1, None))
                self.assertIn(complaint, said)

    def test_limits_accepted(self):
        longest = "One " + "x" * 56
        code, text, said = generate(HEAD + f"Abcd\t\t{longest}\nB  b\t\tA b c d e f g h\n" + FILLER)
        self.assertEqual((code, said), (0, ""))
        self.assertEqual(
            rows_of(text)[:2],
            [(0x64636241, EXACTLY, "", longest), (0x62202042, EXACTLY, "", "A b c d e f g h")],
        )

    def test_refused_tables(self):
        self.assertIn("source of the facts", generate(HEAD.replace("Source:", "From") + FILLER)[2])
        self.assertIn("the columns are not", generate("# Source: x\ntag\tsource\n" + FILLER)[2])
        self.assertIn("0 rows with a source", generate("# Source: x\n")[2])
        unknown = "Abcd\t\tOne thing\n"
        self.assertIn(
            "2200 rows with a source, not 2201 or more", generate(HEAD + unknown + filler(2200))[2]
        )

    def test_usage(self):
        run = subprocess.run(
            [sys.executable, DATA / "generate_pooltags.py"],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(run.returncode, 2)
        self.assertIn("Usage:", run.stderr)

    def test_real_table(self):
        table = (DATA / "pooltags.tsv").read_text(encoding="ascii")
        code, text, said = generate(table)
        self.assertEqual((code, said), (0, ""))
        rows = rows_of(text)
        lines = [line for line in table.splitlines() if not line.startswith("#")][1:]
        self.assertEqual(len(rows), len(lines))
        self.assertIn(f"_count = {len(lines)};", text)
        self.assertGreater(sum(1 for row in rows if row[1] == EXACTLY and row[2]), 2200)
        found = {row[:2]: row[2:] for row in rows}
        for tag, mask, source, description in [
            (b"Proc", EXACTLY, "ntoskrnl.exe", "Process objects"),
            (b"Fat ", EXACTLY, "fastfat.sys", "FAT"),
            (b"Irp+", EXACTLY, "ntoskrnl.exe", "verifier"),
            (b"Dh 0", EXACTLY, "", "DirectDraw"),
            (b"NtFC", EXACTLY, "ntfs.sys", "Create"),
            (b"Gh\x005", 0xFF00FFFF, "win32k.sys", "surfaces"),
            (b"Bu\0\0", 0x0000FFFF, "burneng.sys", "Adaptec"),
            (b"uL\0\0", 0x0000FFFF, "http.sys", "Freed"),
        ]:
            with self.subTest(tag=tag):
                row = found[int.from_bytes(tag, "little"), mask]
                self.assertEqual(row[0], source)
                self.assertIn(description, row[1])


if __name__ == "__main__":
    unittest.main()
