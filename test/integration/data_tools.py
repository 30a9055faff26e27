#!/usr/bin/env python3
"""Looks at, checks, saves and restores the data of a server that is kept busy: inspect, verify, snapshot, restore.

usage: data_tools.py --server build/release/skald

Snapshots are taken while lines are pushed, flushed and compacted all the time. A server on what was restored must have
each line that was acknowledged before its snapshot exactly once. The last line is 'N passed, N failed', a check each.
Standard library only.
"""
import argparse
import collections
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

# So small and quick that memory is flushed, segments of the log end and packs are compacted while a snapshot is made.
BUSY = CONFIG + """
ingester:
  chunk_block_size: 4096
  chunk_target_size: 16384
  memory_bytes: 300000
  flush_check_period: 30ms
  wal: {max_bytes: 200000, checkpoint_duration: 100ms}
compactor: {compaction_interval: 50ms}
"""
SNAPSHOTS = 6
STREAMS = 8
START = 1_764_000_000 * 10**9


class Pusher(threading.Thread):
    """Pushes numbered lines until it is told to stop; `acked` grows after each answer."""

    def __init__(self, server):
        super().__init__()
        self.server, self.acked, self.stopping, self.failure = server, 0, False, None

    def run(self):
        try:
            while not self.stopping:
                first = self.acked
                entries = [(START + n * 10**6, "line %d %s" % (n, "padding" * 20)) for n in range(first, first + 100)]
                answer = self.server.push({"app": "busy", "shard": str(first // 100 % STREAMS)}, entries)
                assert answer[0] == 204, answer
                self.acked = first + 100
        except Exception as error:  # noqa: BLE001: reported by the main thread
            self.failure = error


def tool(binary, *arguments):
    return subprocess.run([binary] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


def check_restored(binary, folder, checks, number, acked):
    """`folder`/data is what was restored."""
    name = "snapshot %d" % number
    verified = tool(binary, "verify", os.path.join(folder, "data"), "--json")
    found = json.loads(verified.stdout)
    checks.check(name + " is sound", verified.returncode == 0 and found["entries"] + found["wal_entries"] >= acked, verified.stdout)
    server = SkaldProcess(binary, folder).start()
    try:
        lines = collections.Counter(int(line.split()[1]) for _, line in server.read_all('{app="busy"}', START, START + 10**15))
    finally:
        server.kill()
    missing = [n for n in range(acked) if n not in lines]
    checks.check(name + ": nothing acknowledged is missing", not missing, "%d of %d: %s" % (len(missing), acked, missing[:5]))
    twice = [n for n, count in lines.items() if count > 1]
    checks.check(name + ": no line is there twice", not twice, twice[:5])


def snapshots_under_load(binary, server, root, checks):
    pusher = Pusher(server)
    pusher.start()
    taken = []
    try:
        for number in range(SNAPSHOTS):
            time.sleep(0.4)
            acked = pusher.acked
            made = tool(binary, "snapshot", "s%d" % number, "--url=" + server.url)
            if checks.check("snapshot %d is made" % number, made.returncode == 0, made.stdout):
                taken.append((number, acked, json.loads(made.stdout)))
        running = tool(binary, "verify", os.path.join(server.folder, "data"))
        checks.check("verify beside a busy server", running.returncode == 0, running.stdout)
        running = tool(binary, "inspect", "all", os.path.join(server.folder, "data"), "--json")
        checks.check("inspect beside a busy server", running.returncode == 0 and json.loads(running.stdout)["packs"], running.stdout)
    finally:
        pusher.stopping = True
        pusher.join()
    checks.check("pushes went on", pusher.failure is None and pusher.acked > 0, pusher.failure)
    for number, acked, made in taken:
        folder = os.path.join(root, "restored-%d" % number)
        os.mkdir(folder)
        restored = tool(binary, "restore", made["path"], os.path.join(folder, "data"))
        checks.check("snapshot %d is restored" % number, restored.returncode == 0, restored.stdout)
        check_restored(binary, folder, checks, number, acked)
    elsewhere = os.path.join(root, "elsewhere", "requests")
    restored = tool(binary, "restore", taken[-1][2]["path"], os.path.join(root, "split", "data"),
                    "-compactor.working-directory=" + elsewhere)
    checks.check("delete requests go where the server looks for them", restored.returncode == 0 and
                 os.path.isdir(elsewhere) and
                 not os.path.exists(os.path.join(root, "split", "data", "compactor")), restored.stdout)
    # A server may be started on a snapshot itself, which is used up then.
    folder = os.path.join(root, "direct")
    os.mkdir(folder)
    shutil.move(taken[-1][2]["path"], os.path.join(folder, "data"))
    check_restored(binary, folder, checks, taken[-1][0], taken[-1][1])
    return taken


def refusals(binary, server, taken, checks):
    for parameters, status in ({"name": "s0"}, 409), ({"name": "../up"}, 400), ({"name": ".hidden"}, 400), ({"name": "a.partial"}, 400):
        answer = server.request("/api/v1/snapshot", parameters, method="POST")
        checks.check("a snapshot of name %s" % parameters["name"], answer[0] == status, answer)
    checks.check("a snapshot by GET", server.request("/api/v1/snapshot")[0] == 405)
    chosen = server.request("/api/v1/snapshot", method="POST")
    checks.check("a snapshot without a name", chosen[0] == 200 and os.path.isdir(json.loads(chosen[1])["path"]), chosen)
    path = taken[0][2]["path"]
    for arguments, code, text in [
            (("restore", path, server.folder), 1, "exists already"),
            (("restore", server.folder, server.folder + "/new"), 1, "no whole snapshot"),
            (("restore", path), 2, "restore takes"),
            (("snapshot", "s0", "--url=" + server.url), 1, "exists already"),
            (("snapshot", "--url=http://127.0.0.1:1"), 1, "127.0.0.1"),
            (("verify", "/nowhere"), 1, "/nowhere does not exist"),
            (("verify", "/etc"), 1, "no packs in /etc/chunks"),
            (("inspect", "packs", "/etc"), 1, "no packs in /etc/chunks"),
            (("inspect", "a", "b"), 2, "two folders"),
            (("inspect", "-help"), 0, "usage: skald inspect")]:
        done = tool(binary, *arguments)
        checks.check(" ".join(arguments), done.returncode == code and text in done.stdout, (done.returncode, done.stdout))


def second_server(binary, server, checks):
    """What the first has not finished is not the second's to tidy up."""
    data = os.path.join(server.folder, "data")
    unfinished = os.path.join(data, "chunks", "packs", "local", "1.0.tmp")
    with open(unfinished, "w") as f:
        f.write("a pack on its way")
    second = tool(binary, "-common.path-prefix=" + data, "-server.http-listen-port=0", "-server.grpc-listen-port=0")
    checks.check("a second server is refused", second.returncode == 1 and
                 "is in use by another skald (pid %d)" % server.process.pid in second.stdout, second.stdout)
    if checks.check("and touches nothing", os.path.exists(unfinished)):
        os.remove(unfinished)


def parts_of_a_snapshot(binary, path, root, checks):
    pack = sorted(glob.glob(path + "/chunks/packs/*/*"))[0]
    os.rename(pack, root + "/away")
    refused = tool(binary, "restore", path, root + "/part")
    checks.check("a snapshot without a pack is not restored", refused.returncode == 1 and
                 os.path.basename(pack) + " is missing" in refused.stdout and not glob.glob(root + "/part*"), refused.stdout)
    os.rename(root + "/away", pack)


def damage(binary, data, checks):
    sound = tool(binary, "verify", data, "--deep", "--json")
    checks.check("verify --deep of a stopped server", sound.returncode == 0 and json.loads(sound.stdout)["sound"], sound.stdout)
    pack = sorted(glob.glob(data + "/chunks/packs/*/*"))[0]
    with open(pack, "r+b") as f:
        f.seek(os.path.getsize(pack) // 2)
        byte = f.read(1)
        f.seek(-1, os.SEEK_CUR)
        f.write(bytes([byte[0] ^ 1]))
    found = tool(binary, "verify", data)
    checks.check("verify names a damaged pack", found.returncode == 1 and "fault: " + pack in found.stdout, found.stdout)
    shown = tool(binary, "inspect", "packs", data)
    checks.check("inspect goes on behind damage", shown.returncode == 0 and os.path.basename(pack) in shown.stdout, shown.stdout)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    binary, checks = os.path.abspath(a.server), Checks()
    root = tempfile.mkdtemp(prefix="skald-maintenance-")
    os.mkdir(os.path.join(root, "server"))
    server = SkaldProcess(binary, os.path.join(root, "server"), BUSY).start()
    try:
        taken = snapshots_under_load(binary, server, root, checks)
        refusals(binary, server, taken, checks)
        second_server(binary, server, checks)
        parts_of_a_snapshot(binary, taken[0][2]["path"], root, checks)
        server.flush()
        server.stop()
        damage(binary, os.path.join(server.folder, "data"), checks)
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
