# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows: where a kernel's profile comes from, and what is said when there is none."""

import contextlib
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from harness import check, nt, nt_compare, place
from harness.declare import test
from harness.nt_expect import Expected

ALL = Expected(poolmon_all=True)


def store(build, name="store"):
    """A symbol store that has the PDB of one build."""
    path, pdb = place.folder(name), nt.pdb(build)
    folder = path / pdb.name / pdb.key
    folder.mkdir(parents=True)
    shutil.copy(nt.pdb_file(build), folder / pdb.name)
    return path


def environment(**more):
    """One in which the user's own stores are not found."""
    return {"_NT_SYMBOL_PATH": "", "XDG_CACHE_HOME": place.folder("cache"), **more}


@contextlib.contextmanager
def server(folder):
    """A symbol server on this machine: its URL, and the paths that it is asked for."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def log_message(self, *_):
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}", asked
        finally:
            httpd.shutdown()
            thread.join()


def is_complete(result, guest):
    nt_compare.all_rows(result.expect(0), guest, expected=ALL)


# Good ones --------------------------------------------------------------------------------------


@test(build=nt.BUILDS)
def pdb(build):
    guest = nt.Guest(build, cpus=2, seed=5)
    result = nt.run(guest, "-r", nt.pdb_file(build), "--poolmon-all")
    is_complete(result, guest)
    check.matches("\n".join(result.said()),
                  r"^Windows \(.*\): \d+ symbols \(pdb\), \d+ types \(pdb\)", "stderr")


@test(build=nt.BUILDS)
def symbol_server(build):
    """The PDB is fetched, and kept: the second time nobody is asked for it."""
    guest, pdb = nt.Guest(build, cpus=2, seed=6), nt.pdb(build)
    variables = environment()
    with server(store(build)) as (url, asked):
        options = "--symbol-server", url, "--poolmon-all"
        is_complete(nt.to_the_end(nt.WatchIn(variables, guest, *options)), guest)
        check.equal(asked, [f"/{pdb.name}/{pdb.key}/{pdb.name}"], "what the server is asked for")
        again = nt.Guest(build, "objects", seed=6)
        is_complete(nt.to_the_end(nt.WatchIn(variables, again, *options)), again)
        check.equal(len(asked), 1, "how often it is asked")


@test(way=("variable", "variable of a cache", "option"))
def symbol_store(way):
    guest = nt.Guest("22000-x64", "objects", seed=7)
    folder = store(guest.build)
    if way == "option":
        watched = nt.WatchIn(environment(), guest, "--symbol-path", folder)
    else:
        path = folder if way == "variable" else f"cache*{folder};srv*https://invalid.invalid/x"
        watched = nt.WatchIn(environment(_NT_SYMBOL_PATH=path), guest)
    nt_compare.all_rows(nt.to_the_end(watched).expect(0), guest)


# Bad ones ---------------------------------------------------------------------------------------


def is_refused(watched, *texts):
    with watched:
        result = watched.wait().expect(4)
    for text in texts:
        check.contains(result.errors, text, "stderr")
    check.equal(result.rows, [], "events")


@test(build=nt.BUILDS)
def none(build):
    """What is missing is told by the names that a symbol server knows."""
    pdb = nt.pdb(build)
    is_refused(nt.WatchIn(environment(), nt.Guest(build)), pdb.name, pdb.key)


@test()
def of_another_build():
    guest = nt.Guest("19041-x64")
    path = nt.LAYOUTS["22000-x64"]
    is_refused(nt.Watch(guest, "-r", path), str(path), "another kernel", nt.pdb("22000-x64").key,
               nt.pdb(guest.build).key)


@test()
def pdb_of_another_build():
    path = nt.pdb_file("17763-x64")
    is_refused(nt.Watch(nt.Guest("19041-x64"), "-r", path), str(path), "another kernel",
               nt.pdb("17763-x64").key)


@test()
def store_with_the_wrong_file():
    """A file lies where the PDB should, but is another one."""
    pdb, folder = nt.pdb("19041-x64"), store("19041-x64")
    shutil.copy(nt.pdb_file("17763-x64"), folder / pdb.name / pdb.key / pdb.name)
    is_refused(nt.WatchIn(environment(), nt.Guest("19041-x64"), "--symbol-path", folder), pdb.key)


@test()
def server_without_it():
    with server(store("17763-x64")) as (url, asked):
        is_refused(nt.WatchIn(environment(), nt.Guest("19041-x64"), "--symbol-server", url),
                   nt.pdb("19041-x64").key, url)
        check.true(asked, "it is asked")


@test()
def server_that_is_not_there():
    is_refused(nt.WatchIn(environment(), nt.Guest("19041-x64"), "--symbol-server",
                          "http://127.0.0.1:9"), nt.pdb("19041-x64").key, "127.0.0.1")
