# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripts of docs/scale.md, as they stand there: what a task of Slurm's and a pod of a Kubernetes
Job would run."""

import json
import os
import re
import shutil
import signal
import subprocess
import textwrap
import time

from harness import check, place
from harness.analyze import (PATIENCE, environment, no_guest_is_left, own_template, sample)
from harness.declare import test


def code(mark, language):
    """The code behind a mark in the page."""
    page = (place.ROOT / "docs" / "scale.md").read_text()
    return check.matches(page, rf"<!-- {mark} -->\n```{language}\n((?:.|\n)*?)^```$", mark)[1]


class Site:
    """Samples, templates and a folder for results, as a site would have them."""

    def __init__(self, *names):
        work = place.folder("site")
        self.samples, self.results, bin_ = (work / name for name in ("samples", "results", "bin"))
        for folder in (self.samples, self.results, bin_):
            folder.mkdir()
        for number, name in enumerate(names):
            shutil.copy(sample(name), self.samples / f"{number}-{name}")
        self.list = self.samples / "list"
        self.list.write_text("".join(f"{self.samples}/{number}-{name}\n"
                                     for number, name in enumerate(names)))
        wrapper = bin_ / "wyvern"
        # the QEMU of the tests, and nothing else that the scripts do not say
        wrapper.write_text(f'#!/bin/sh\nverb=$1\nshift\nexec "{place.wyvern()}" "$verb" --qemu '
                           f'"{place.qemu()}" "$@"\n')
        wrapper.chmod(0o755)
        self.templates = own_template(name="default")
        self.environment = environment(self.templates, PATH=f"{bin_}:{os.environ['PATH']}")

    def start(self, words, **variables):
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, env=self.environment | variables)

    def run(self, words, **variables):
        process = self.start(words, **variables)
        errors = process.communicate(timeout=PATIENCE)[1].decode()
        return process.returncode, errors

    def ends(self):
        """What is there in the end: folders of results, with how each ended."""
        return {path.name: json.loads((path / "summary.json").read_text())["end"]
                for path in sorted(self.results.iterdir())}


def slurm(site, index):
    script = site.results.parent / "wyvern.sbatch"
    script.write_text(code("slurm", "bash"))
    return site.run(["bash", script], SLURM_ARRAY_TASK_ID=str(index), SAMPLES=str(site.list),
                    RESULTS=str(site.results))


def pod(site):
    """The command of a pod, with the site's folders in place of the volumes."""
    text = code("kubernetes", "yaml")
    script = textwrap.dedent(check.matches(text, r"args:\n\s+- \|\n((?:\s{14}.*\n)+)", "args")[1])
    check.contains(text, 'command: ["/bin/sh", "-uc"]', "the pod's command")
    script = script.replace("/samples/", f"{site.samples}/").replace("/results/", f"{site.results}/")
    return ["/bin/sh", "-uc", script]


EXPECTED = {"000000": "sample-ended", "000001": "guest-crashed", "000002": "sample-not-started"}


def harmful(site):
    """A sample that crashes its guest without being asked: a script."""
    path = site.samples / "1-panic"
    path.write_text("#!/bin/sh\necho c >/proc/sysrq-trigger\n")


@test()
def slurm_array():
    site = Site("exit7", "panic", "missing-interpreter")
    harmful(site)
    for index in range(4):  # there is no fourth sample
        check.equal(slurm(site, index)[0], 0, f"exit code of task {index}")
    check.equal(site.ends(), EXPECTED, "results")
    # a task that is started again has nothing to do
    before = (site.results / "000000" / "summary.json").stat().st_mtime_ns
    check.equal(slurm(site, 0)[0], 0, "exit code")
    check.equal((site.results / "000000" / "summary.json").stat().st_mtime_ns, before, "results")


@test()
def slurm_task_that_fails():
    """What is no result is the task's own exit code, and leaves nothing."""
    site = Site("exit7")
    shutil.rmtree(site.templates / "default")
    (site.templates / "default").mkdir()
    status, errors = slurm(site, 0)
    check.equal(status, 2, f"exit code; stderr:\n{errors}")
    check.equal(list(site.results.iterdir()), [], "results")


@test()
def kubernetes_pods():
    site = Site("exit7", "panic", "missing-interpreter")
    harmful(site)
    for index in range(4):
        status, errors = site.run(pod(site), JOB_COMPLETION_INDEX=str(index), HOSTNAME=f"pod-{index}")
        check.equal(status, 0, f"exit code of pod {index}; stderr:\n{errors}")
    check.equal(site.ends(), EXPECTED, "results")


@test()
def kubernetes_pod_is_stopped():
    """SIGTERM goes to the shell: the results until then are there."""
    site = Site("sleeper")
    process = site.start(pod(site), JOB_COMPLETION_INDEX="0", HOSTNAME="pod")
    deadline = time.monotonic() + PATIENCE
    while (not any(b"sleeping" in path.read_bytes()
                   for path in site.results.glob("*/console.log")) and time.monotonic() < deadline):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    errors = process.communicate(timeout=30)[1].decode()
    check.equal(process.returncode, 0, f"exit code; stderr:\n{errors}")
    check.equal(site.ends(), {"000000": "interrupted"}, "results")
    no_guest_is_left(site.templates)


@test()
def scripts_of_the_page():
    """No option of theirs is unknown, and bash finds nothing wrong with them."""
    for mark, language in (("slurm", "bash"), ("kubernetes", "yaml")):
        text = code(mark, language)
        check.true(re.search(r"wyvern analyze --quiet -t 60 --out", text), f"{mark}: its command")
    done = subprocess.run(["bash", "-n"], input=code("slurm", "bash"), text=True, check=False,
                          capture_output=True)
    check.equal((done.returncode, done.stderr), (0, ""), "what bash says")
