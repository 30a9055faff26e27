#!/usr/bin/env python3
"""Fills a small disk of its own under a server that may use a share of it, and fills it further from beside.

usage: retention_by_share.py --server build/release/skald

The disk is a tmpfs in a mount namespace, which no other process sees. Twice the share is pushed: the oldest lines go, the
disk never holds more than the share and one pack, all that is newer than the oldest line seen is there once. Then a file of
someone else's takes a part of the disk: more goes, the newest stays, pushes are taken. Where no namespace is to be had the
test is skipped (exit status 77). The last line is 'N passed, N failed', a check each. Standard library only.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from checks import Checks  # noqa: E402
from retention_by_size import BOUNDED, CONNECTIONS, LINE_BYTES, STORED_SHARE, Pusher, check_kept, folder_bytes, metric, oldest_seen  # noqa: E402
from skald_process import SkaldProcess  # noqa: E402

SKIPPED = 77
DISK_BYTES = 160 << 20
SHARE = 0.6
SECONDS = 15
PATIENCE_S = 60
SETTINGS = BOUNDED.replace("retention_max_bytes: %%BOUND%%", "retention_max_disk_share: %s" % SHARE)


def in_namespace(folder):
    """Runs this script again where a tmpfs is mounted on `folder`; returns its exit status, or None if that is not allowed."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    mount = "mount -t tmpfs -o size=%d skald-test %s" % (DISK_BYTES, folder)
    try:
        tried = subprocess.run(unshare + ["sh", "-c", mount], capture_output=True, text=True)
    except FileNotFoundError as e:
        print("skipped: %s" % e)
        return None
    if tried.returncode != 0:
        print("skipped: no disk of its own: %s" % tried.stderr.strip())
        return None
    again = [sys.executable, os.path.abspath(__file__)] + sys.argv[1:] + ["--disk", folder]
    return subprocess.run(unshare + ["sh", "-c", mount + ' && exec "$@"', "sh"] + again).returncode


def used_bytes(disk):
    space = os.statvfs(disk)
    return (space.f_blocks - space.f_bfree) * space.f_frsize


class Watcher(threading.Thread):
    """Looks at how much of the disk is in use again and again."""

    def __init__(self, disk):
        super().__init__(daemon=True)
        self.disk, self.most, self.looks, self.stopping = disk, 0, 0, False

    def run(self):
        while not self.stopping:
            self.most, self.looks = max(self.most, used_bytes(self.disk)), self.looks + 1
            time.sleep(0.05)


class Fill:
    """A server over the disk and what it has taken."""

    def __init__(self, server, disk, checks):
        self.server, self.disk, self.checks = server, disk, checks
        self.bound, self.acked = int(SHARE * DISK_BYTES), []

    def push(self, stored_bytes, seconds):
        pushers = [Pusher(self.server, n, stored_bytes / STORED_SHARE / seconds / CONNECTIONS, seconds) for n in range(CONNECTIONS)]
        for p in pushers:
            p.start()
        for p in pushers:
            p.join()
            self.checks.check("all pushes are taken", p.failure is None, p.failure)
            self.acked += p.acked

    def largest_pack(self):
        return folder_bytes(os.path.join(self.disk, "data"))[1]

    def settled(self):
        """Whether the disk comes to be used no more than it may be."""
        end = time.monotonic() + PATIENCE_S
        while used_bytes(self.disk) > self.bound and time.monotonic() < end:
            time.sleep(0.1)
        return used_bytes(self.disk) <= self.bound

    def check_kept(self, when):
        oldest = oldest_seen(self.server)
        check_kept(self.server, self.acked, oldest, when, self.checks)
        return oldest


def check_filled(fill):
    watcher = Watcher(fill.disk)
    watcher.start()
    fill.push(2 * fill.bound, SECONDS)
    fill.server.flush()
    fits = fill.settled()
    watcher.stopping = True
    watcher.join()
    print("%.1f MB pushed; %.1f MB of %.1f MB may be in use, %.1f MB were at most in %d looks" % (
        len(fill.acked) * LINE_BYTES / 1e6, fill.bound / 1e6, DISK_BYTES / 1e6, watcher.most / 1e6, watcher.looks))
    fill.checks.check("the disk fits in the end", fits, used_bytes(fill.disk))
    fill.checks.check("and fitted all the while", watcher.most <= fill.bound + fill.largest_pack(), watcher.most)
    oldest = fill.check_kept("when full")
    fill.checks.check("the oldest went", oldest > min(fill.acked)[0])
    kept = sum(t >= oldest for t, _ in fill.acked) * LINE_BYTES * STORED_SHARE
    fill.checks.check("much is kept", kept > 0.3 * fill.bound, kept)
    return oldest


def check_filled_from_beside(fill, oldest):
    """Of what the server may use, half is taken by someone else; then nearly all; then it is free again."""
    other = os.path.join(fill.disk, "other")
    for share in 0.5, 0.95:
        when = "with %d %% taken by another" % (share * 100)
        with open(other, "wb") as f:
            f.write(bytes(int(share * fill.bound)))
        if share < 0.9:
            fill.checks.check("the disk fits " + when, fill.settled(), used_bytes(fill.disk))
        fill.push(4 << 20, 2)
        fill.server.flush()
        again = fill.check_kept(when)
        fill.checks.check("more went " + when, again > oldest, (again, oldest))
        oldest = again
    os.remove(other)
    fill.push(16 << 20, 3)
    fill.server.flush()
    again = fill.check_kept("when there is room again")
    fill.checks.check("what went stays away", again >= oldest, (again, oldest))
    fill.checks.check("what went is counted", metric(fill.server, 'skald_retention_dropped_chunks_total{reason="room"}') > 0)
    fill.server.kill()
    fill.server.start()
    fill.checks.equal("after a kill too", again, fill.check_kept("after a kill"))


def run(binary, disk, checks):
    server = SkaldProcess(binary, disk, SETTINGS)
    fill = Fill(server, disk, checks)
    try:
        server.start()
        check_filled_from_beside(fill, check_filled(fill))
        with open(server.log) as log:
            checks.check("and logged with the setting", "bound_by=retention_max_disk_share" in log.read().replace('"', ""))
        server.stop()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
        if checks.failed:
            print(server.log_tail())


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--disk", help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.disk is None:
        with tempfile.TemporaryDirectory(prefix="skald-share-") as folder:
            status = in_namespace(folder)
        sys.exit(SKIPPED if status is None else status)
    checks = Checks()
    run(os.path.abspath(a.server), a.disk, checks)
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
