#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""data/generate.py: what it makes of a table, and which tables it refuses."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
HEAD = "# Source: here\nvalue\tname\tmeaning\n"


def generate(table, name="things.tsv", options=()):
    """Runs the generator on one table; (exit code, output or None, what it said)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(table, encoding="utf-8")
        output = Path(folder, "out.c")
        run = subprocess.run(
            [sys.executable, DATA / "generate.py", *options, output, path],
            capture_output=True,
            text=True,
            check=False,
        )
        text = output.read_text(encoding="utf-8") if output.exists() else None
        return run.returncode, text, run.stderr


class Generate(unittest.TestCase):
    """One table at a time."""

    def test_table(self):
        code, text, said = generate(HEAD + "1\tONE\tx\n# between\n0x10\ttwo words (2)\ty\n")
        self.assertEqual((code, said), (0, ""))
        self.assertIn('static const struct wv_name things[] = {\n\t{ 0x1, "ONE" },\n', text)
        self.assertIn('\t{ 0x10, "two words (2)" },\n};\n', text)
        self.assertIn("const struct wv_name_table wv_names_things = { things, 2 };\n", text)
        self.assertNotIn("x", text.split("ONE")[1].split("}")[0])

    def test_bits(self):
        code, text, said = generate(HEAD + "3\tBOTH\t\n1\tONE\t\n2\tTWO\t\n0x7\tALL\t\n",
                                    options=["--bits"])
        self.assertEqual((code, said), (0, ""))
        self.assertIn('{ 0x1, "ONE" },\n\t{ 0x2, "TWO" },\n};', text)
        self.assertNotIn("BOTH", text)
        code, text, said = generate(HEAD + "3\tBOTH\t\n", options=["--bits"])
        self.assertEqual((code, text), (1, None))
        self.assertIn("no rows", said)

    def test_refused(self):
        for rows, complaint in {
            "": "no rows",
            "1\tONE\n": "things.tsv:3: 2 columns where 3 belong",
            "2\tTWO\t\n1\tONE\t\n": "things.tsv:4: 1 does not rise",
            "1\tONE\t\n0x1\tTWO\t\n": "things.tsv:4: 0x1 does not rise",
            "-1\tONE\t\n": "is not a number",
            "one\tONE\t\n": "is not a number",
            "0x10000000000000000\tONE\t\n": "more than 64 bits",
            '1\tO"NE\t\n': "is not a name",
            "1\tO\\NE\t\n": "is not a name",
            "1\t\t\n": "is not a name",
        }.items():
            with self.subTest(rows=rows):
                code, text, said = generate(HEAD + rows)
                self.assertEqual((code, text), (1, None))
                self.assertIn(complaint, said)

    def test_refused_heads(self):
        self.assertIn("source of the facts", generate("value\tname\n1\tONE\n")[2])
        self.assertIn("do not start with", generate("# Source: x\nname\tvalue\nA\t1\n")[2])
        self.assertIn("as a C name", generate(HEAD + "1\tONE\t\n", "my-things.tsv")[2])

    def test_usage(self):
        run = subprocess.run(
            [sys.executable, DATA / "generate.py"], capture_output=True, text=True, check=False
        )
        self.assertEqual(run.returncode, 2)
        self.assertIn("Usage:", run.stderr)


if __name__ == "__main__":
    unittest.main()
