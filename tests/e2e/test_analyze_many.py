# SPDX-License-Identifier: GPL-2.0-or-later
"""`wyvern analyze` of many samples: at once, with failing ones among them, and one after another."""

import json
import shutil
import signal
import subprocess
import time

from harness import check, place
from harness.analyze import (HARM, PATIENCE, Analysis, RESULTS, Result, analyze, command,
                             deterministic_is_right, environment, no_guest_is_left, normalized,
                             nothing_is_left, own_template, sample, state, template,
                             template_files)
from harness.declare import test

OPTIONS = "--settle", "0"


def many(*words, out, jobs, options=OPTIONS, **how):
    """Analyzes samples at the same time."""
    return command("analyze", "--template", template(), "--qemu", place.qemu(), "--out", out,
                   "--jobs", jobs, *options, *words, **how)


def result_of(folder):
    """One sample's results in the folder of all."""
    summary = json.loads((folder / "summary.json").read_text())
    return Result(summary["exit_code"], folder, b"", "", summary["durations"]["total"])


@test()
def failing_ones_stop_nobody():
    """Each has its folder and its end; the exit code is the highest."""
    out = place.folder("many") / "results"
    names = ["exit7", "panic-refused", "missing-interpreter", "segfault", "hello.sh"]
    folder = place.folder("samples")
    for name in names:
        shutil.copy(sample("panic" if name == "panic-refused" else name), folder / name)
    done = many(*(folder / name for name in names), folder / "absent", out=out, jobs=2)
    check.equal(done.returncode, 6, f"exit code; stderr:\n{done.stderr}")
    ends = {name: result_of(out / name) for name in names}
    check.equal({name: (result.summary["end"], (result.sample_exit() or {}).get("status"))
                 for name, result in ends.items()},
                {"exit7": ("sample-ended", 7), "panic-refused": ("sample-ended", 99),
                 "missing-interpreter": ("sample-not-started", None),
                 "segfault": ("sample-ended", None), "hello.sh": ("sample-ended", 5)},
                "how they ended")
    for name in [*names, "absent"]:
        check.contains(done.stderr, name, "stderr")
    check.contains(done.stderr, "6 of 6", "stderr")
    check.equal(done.stdout, "", "events on stdout")


@test()
def folder_of_samples():
    """A folder: its files; two of one name get folders of their own."""
    one, two = place.folder("one"), place.folder("two")
    for folder in (one, two):
        shutil.copy(sample("exit7"), folder / "same")
    shutil.copy(sample("tiny"), one / "tiny")
    (one / "below").mkdir()
    out = place.folder("many") / "results"
    done = many(one, two, out=out, jobs=2)
    check.equal(done.returncode, 0, f"exit code; stderr:\n{done.stderr}")
    check.equal(sorted(path.name for path in out.iterdir()), ["same", "same.2", "tiny"], "folders")
    for path in out.iterdir():
        check.true(RESULTS <= {file.name for file in path.iterdir()}, f"files of {path.name}")


@test()
def asked_to_stop():
    """What runs ends, what has not begun does not begin."""
    out, templates = place.folder("many") / "results", own_template()
    folder = place.folder("samples")
    for number in range(6):
        shutil.copy(sample("sleeper"), folder / f"sleeper-{number}")
    words = [place.wyvern(), "analyze", "--template", template(), "--qemu", place.qemu(), "--out",
             out, "--jobs", "2", "-t", "0", folder]
    with open(out.parent / "stderr", "wb") as stderr:
        process = subprocess.Popen([str(word) for word in words], env=environment(templates),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=stderr)
    try:
        deadline = time.monotonic() + PATIENCE
        while (sum(b"sleeping" in path.read_bytes() for path in out.glob("*/console.log")) < 2 and
               time.monotonic() < deadline):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
    finally:
        process.kill()
        process.wait()
    check.equal(code, 0, f"exit code; stderr:\n{(out.parent / 'stderr').read_text()}")
    summaries = [json.loads(path.read_text()) for path in out.glob("*/summary.json")]
    check.equal([summary["end"] for summary in summaries], ["interrupted"] * 2, "ends")
    no_guest_is_left(templates)


def at_once(count):
    """So many clones of one template run at the same time; each tells all that its sample does, and
    nothing of another's."""
    folder, out = place.folder("samples"), place.folder("many") / "results"
    templates = own_template()
    for number in range(count):
        shutil.copy(sample("deterministic"), folder / f"sample-{number:02}")
    before = template_files(templates)
    done = many(folder, out=out, jobs=count, options=("--settle", "1"), timeout=600,
                templates=templates)
    check.equal(done.returncode, 0, f"exit code; stderr:\n{done.stderr}")
    results = [result_of(path) for path in sorted(out.iterdir())]
    check.equal(len(results), count, "results")
    for result in results:
        deterministic_is_right(result)
        check.equal(result.of("procmon", "begin_new_exec")[0]["FileName"],
                    f"/tmp/{result.folder.name}", "the first exec")
    check.equal(template_files(templates), before, "the template's files")
    no_guest_is_left(templates)


@test()
def four_at_once():
    at_once(4)


@test(full=True)
def twenty_at_once():
    at_once(20)


def in_a_row(count):
    """Nothing is left over of any; the same events in all of them."""
    templates = own_template()
    # files that a process had open are closed after its end
    options = "--settle", "0.3"
    first = analyze("deterministic", options=options, templates=templates)
    deterministic_is_right(first)
    expected = normalized(first)
    before = state()
    for _ in range(count):
        result = analyze("deterministic", options=(*options, "--quiet"), templates=templates)
        deterministic_is_right(result)
        check.same_rows(normalized(result), expected, "events of another run")
        shutil.rmtree(result.folder)
    nothing_is_left(templates, before)


@test()
def ten_in_a_row():
    in_a_row(10)


@test(full=True)
def two_hundred_in_a_row():
    in_a_row(200)


@test()
def killed():
    """The command that starts the others is killed: none of theirs goes on."""
    templates = own_template()
    with Analysis("sleeper", options=("--jobs", "2", "-t", "0"), templates=templates) as analysis:
        analysis.until(lambda: any(b"sleeping" in path.read_bytes()
                                   for path in analysis.folder.glob("*/console.log")),
                       "the sample sleeps")
        analysis.kill()
    no_guest_is_left(templates)


@test()
def harm_beside_others():
    """A guest that crashes, and one that fills its disk, do nothing to the clone beside them."""
    processes = [Analysis("panic", HARM), Analysis("filldisk", HARM), Analysis("deterministic")]
    results = []
    for process in processes:
        with process:
            results.append(process.wait())
    results[0].expect(5, "guest-crashed")
    results[1].expect(0, "sample-ended")
    deterministic_is_right(results[2])
