#!/usr/bin/env python3
"""Pushes this machine's own logs line by line and reads them back, byte for byte: from memory, from packs, after a restart.

usage: real_logs.py --server build/release/skald [FILE ...]     default: all under /var/log and dpkg's own files

A stream a file. Files that are not UTF-8 (wtmp, compressed ones) are unpacked or skipped by name. The last line is
'N passed, N failed', a check each.
"""
import argparse
import glob
import gzip
import lzma
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from skald_process import SkaldProcess  # noqa: E402

START_NS = 1_750_000_000 * 10**9
STEP_NS = 1_000_003
LINES_A_PUSH = 2000
MAX_FILE_BYTES = 32 << 20


def default_files():
    found = [p for p in glob.glob("/var/log/**", recursive=True) if os.path.isfile(p)]
    found += glob.glob("/var/lib/dpkg/status") + glob.glob("/var/lib/dpkg/available") + glob.glob("/etc/services")
    found += sorted(glob.glob("/usr/share/doc/lib*/changelog*.gz"))[:40]
    return sorted(set(found))


def read_lines(path):
    """The lines of a text file, or None if it is none."""
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(os.path.splitext(path)[1], open)
    try:
        with opener(path, "rb") as f:
            text = f.read(MAX_FILE_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError, EOFError, lzma.LZMAError):
        return None
    return [line for line in text.split("\n") if line] or None


def push_all(server, files):
    expected = {}
    for path in files:
        lines = read_lines(path)
        if lines is None:
            print("skipped (no text): " + path)
            continue
        entries = [(START_NS + i * STEP_NS, line) for i, line in enumerate(lines)]
        for i in range(0, len(entries), LINES_A_PUSH):
            status, body = server.push({"job": "real", "filename": path}, entries[i:i + LINES_A_PUSH])
            assert status == 204, (path, status, body)
        expected[path] = entries
    return expected


def check(server, expected, when):
    passed = failed = 0
    for path, entries in expected.items():
        got = server.read_all('{filename="%s"}' % path, START_NS, entries[-1][0] + 1)
        if got == entries:
            passed += 1
            continue
        failed += 1
        wrong = next((i for i, (a, b) in enumerate(zip(got, entries)) if a != b), min(len(got), len(entries)))
        print("%s: %s: %d of %d lines, the first difference at line %d" % (when, path, len(got), len(entries), wrong + 1))
    print("%s: %d files equal, %d not" % (when, passed, failed))
    return passed, failed


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("files", nargs="*")
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-real-logs-")
    server = SkaldProcess(a.server, folder).start()
    results = []
    try:
        expected = push_all(server, a.files or default_files())
        lines = sum(map(len, expected.values()))
        print("%d files, %d lines, %.1f MB" % (len(expected), lines, sum(len(e[1].encode()) for f in expected.values() for e in f) / 1e6))
        results.append(check(server, expected, "in memory"))
        server.flush()
        results.append(check(server, expected, "in packs"))
        server.kill()
        server.start()
        results.append(check(server, expected, "after kill -9 and restart"))
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    passed, failed = map(sum, zip(*results))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
