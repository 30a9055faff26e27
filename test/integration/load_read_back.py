#!/usr/bin/env python3
"""Loads generated logs over several connections and reads every line back: from memory, after kill -9, from packs.

usage: load_read_back.py --server build/release/skald --loadgen build/release/skald-loadgen

SKALD_LOAD_MEGABYTES (50) is how much. The last line is 'N passed, N failed', a reading each.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from skald_process import SkaldProcess  # noqa: E402

MEGABYTES = int(os.environ.get("SKALD_LOAD_MEGABYTES", "50"))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--loadgen", required=True)
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-load-")
    server = SkaldProcess(a.server, folder).start()
    command = [a.loadgen, "--url", server.url, "--bytes", str(MEGABYTES * 10**6), "--start", str(int(time.time()) - 7200)]
    passed = failed = 0

    def step(name, *flags):
        nonlocal passed, failed
        done = subprocess.run(command + list(flags), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print("%s: %s" % (name, done.stdout.strip()))
        passed, failed = passed + (done.returncode == 0), failed + (done.returncode != 0)

    try:
        step("pushed")
        step("in memory", "--check")
        server.kill()
        server.start()
        step("after kill -9 and restart", "--check")
        server.flush()
        step("in packs", "--check")
        server.kill()
        server.start()
        step("in packs, after kill -9 and restart", "--check")
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
