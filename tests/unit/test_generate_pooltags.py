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
TAG_ROW = re.compile(r'\t\{ (0x[0-9a-f]{8}), (NULL|"[^"]+"), "([^"]+)" \},')
PATTERN_ROW = re.compile(r'\t\{ (0x[0-9a-f]{8}), (0x[0-9a-f]{8}), (NULL|"[^"]+"), "([^"]+)" \},')


def filler(count):
    """Rows that make a table long enough: tags from zaaa on, and one pattern after them."""
    letters = itertools.product(string.ascii_lowercase, repeat=3)
    rows = [f"z{''.join(three)}\t\tTag of no use\n" for three in itertools.islice(letters, count)]
    return "".join(rows) + "zz*\t\tPattern of no use\n"


FILLER = filler(2198)


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


class Tables:
    """The two tables that an output has, read back."""

    def __init__(self, text):
        tags, patterns = text.split("const struct wv_pooltag_pattern wv_pooltag_patterns[] = {\n")
        self.tags = [
            (int(tag, 0), source, description)
            for tag, source, description in TAG_ROW.findall(tags)
        ]
        self.patterns = [
            (int(tag, 0), int(mask, 0), source, description)
            for tag, mask, source, description in PATTERN_ROW.findall(patterns)
        ]
        self.counts = [int(count) for count in re.findall(r"_count = ([0-9]+);", text)]

    def look_up(self, tag):
        """What the plugin would find for four characters: (source, description), or None."""
        value = int.from_bytes(tag.encode("ascii"), "little")
        for row in self.tags:
            if row[0] == value:
                return row[1:]
        for row in self.patterns:
            if value & row[1] == row[0]:
                return row[2:]
        return None


class GeneratePooltags(unittest.TestCase):
    """One table at a time."""

    def test_tags(self):
        code, text, said = generate(
            HEAD + "AbC\tb.sys/c.dll\tShort one\n# between\nDcba\t\tNobody knows\n" + FILLER
        )
        self.assertEqual((code, said), (0, ""))
        self.assertIn('#include "plugins/poolmon/tags.h"\n', text)
        # The blank that pads it is its highest byte, so that it comes first.
        self.assertIn(
            "const struct wv_pooltag wv_pooltags[] = {\n"
            '\t{ 0x20436241, "b.sys/c.dll", "Short one" },\n',
            text,
        )
        self.assertIn('\t{ 0x61626344, NULL, "Nobody knows" },\n', text)
        self.assertIn("const unsigned wv_pooltags_count = 2200;\n", text)
        self.assertIn("const unsigned wv_pooltag_patterns_count = 1;\n", text)
        values = [row[0] for row in Tables(text).tags]
        self.assertEqual(len(values), 2200)
        self.assertEqual(values, sorted(set(values)))

    def test_patterns(self):
        rows = ["A?c\tShort", "A?cd\tHole", "A??d\tWide hole", "Ab*\tStar", "Ab?d\tLate hole"]
        rows = sorted(row.replace("\t", "\tx.sys\t") + " in order\n" for row in rows)
        code, text, said = generate(HEAD + "".join(rows) + FILLER)
        self.assertEqual((code, said), (0, ""))
        tables = Tables(text)
        self.assertEqual(
            tables.patterns,
            [
                (0x64006241, 0xFF00FFFF, '"x.sys"', "Late hole in order"),
                (0x20630041, 0xFFFF00FF, '"x.sys"', "Short in order"),
                (0x64630041, 0xFFFF00FF, '"x.sys"', "Hole in order"),
                (0x00006241, 0x0000FFFF, '"x.sys"', "Star in order"),
                (0x00007A7A, 0x0000FFFF, "NULL", "Pattern of no use"),
                (0x64000041, 0xFF0000FF, '"x.sys"', "Wide hole in order"),
            ],
        )
        self.assertEqual(tables.look_up("Abcd")[1], "Late hole in order")
        self.assertEqual(tables.look_up("Abc ")[1], "Short in order")
        self.assertEqual(tables.look_up("Axcd")[1], "Hole in order")
        self.assertEqual(tables.look_up("Abxy")[1], "Star in order")
        self.assertIsNone(tables.look_up("Axyz"))

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
        self.assertIn(f'"{longest}"', text)
        self.assertIn('\t{ 0x62202042, NULL, "A b c d e f g h" },\n', text)

    def test_refused_tables(self):
        self.assertIn("source of the facts", generate(HEAD.replace("Source:", "From") + FILLER)[2])
        self.assertIn("the columns are not", generate("# Source: x\ntag\tsource\n" + FILLER)[2])
        self.assertIn("2199 rows where at least 2200 belong", generate(HEAD + FILLER)[2])
        self.assertIn("0 rows where", generate("# Source: x\n")[2])
        tags_only = filler(2201).replace("zz*\t\tPattern of no use\n", "")
        self.assertIn("or none with them", generate(HEAD + tags_only)[2])

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
        tables = Tables(text)
        rows = [line for line in table.splitlines() if not line.startswith("#")][1:]
        self.assertEqual(tables.counts, [len(tables.tags), len(tables.patterns)])
        self.assertEqual(sum(tables.counts), len(rows))
        self.assertEqual(tables.look_up("Proc"), ('"ntoskrnl.exe"', "Process objects"))
        for tag, (source, word) in {
            "Fat ": ('"fastfat.sys"', "FAT"),
            "Irp+": ('"ntoskrnl.exe"', "verifier"),
            "Dh 0": ("NULL", "DirectDraw"),
            "Gh15": ('"win32k.sys"', "surfaces"),
            "NtFC": ('"ntfs.sys"', "Create"),
            "Nt99": ('"ntfs.sys"', "unlisted"),
            "Bu12": ('"burneng.sys"', "Adaptec"),
            "uLab": ('"http.sys"', "Freed"),
        }.items():
            with self.subTest(tag=tag):
                found = tables.look_up(tag)
                self.assertEqual(found[0], source)
                self.assertIn(word, found[1])
        self.assertIsNone(tables.look_up("\x01\x02\x03\x04"))


if __name__ == "__main__":
    unittest.main()
