# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a generator of data/ on tables that a test makes up."""

import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"


def generate(script, tables):
    """Runs it on the texts of a folder's files by their names: (code, C text, depfile, said)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in tables.items():
            path = Path(folder, "tables", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        output, depfile = Path(folder, "out.c"), Path(folder, "out.d")
        run = subprocess.run(
            [sys.executable, DATA / script, output, depfile, Path(folder, "tables")],
            capture_output=True,
            text=True,
            check=False,
        )
        texts = [path.read_text(encoding="utf-8") if path.exists() else None
                 for path in (output, depfile)]
        return run.returncode, *texts, run.stderr


def check_refused(test, script, tables, changes, names_file=True):
    """Of each (file, old text, new text, reason) the generator must refuse the tables with it.

    names_file: it says which file is wrong.
    """
    for name, old, new, reason in changes:
        changed = tables[name].replace(old, new, 1)
        test.assertNotEqual(changed, tables[name])
        code, text, _, said = generate(script, {**tables, name: changed})
        test.assertEqual((code, text), (1, None), (name, new))
        test.assertIn(reason, said)
        test.assertIn(Path(name).name if names_file else script, said)


def check_sets(test, folder, prefix, sources):
    """Each set of names of the project's own is used by a table, or by code under its C name."""
    text = "".join(path.read_text(encoding="utf-8") for path in
                   [*(DATA / folder).glob("*.tsv"), *(DATA.parent / sources).rglob("*.c")])
    for path in [*(DATA / folder).glob("flags/*.tsv"), *(DATA / folder).glob("values/*.tsv")]:
        test.assertRegex(text, rf"(\t|{prefix}){path.stem}\b", path.stem)
