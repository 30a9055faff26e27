#!/usr/bin/env python3
"""Takes profiles of a busy server and reads them, with `go tool pprof` as well where there is Go.

usage: pprof.py --server build/release/skald

Says what it had to leave out. Standard library only.
"""
import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from skald_process import SkaldProcess  # noqa: E402


def keep_busy(server, stop):
    now = time.time_ns()
    lines = [(now - i * 1000, '{"n":%d,"text":"%s"}' % (i, "x" * 200)) for i in range(20000)]
    assert server.push({"app": "busy"}, lines)[0] == 204
    while not stop.is_set():
        params = {"query": 'sum(count_over_time({app="busy"} | json | n > 5 [1h]))', "time": time.time()}
        server.request("/loki/api/v1/query", params)


def take(server, path):
    """The profile's bytes; they are gzip'd and hold what the headers say."""
    status, body = server.request(path)
    assert status == 200, (path, status, body)
    raw = gzip.decompress(body)
    assert b"skald" in raw, path
    return body


def top(folder, body, name):
    """What `go tool pprof` makes of a profile; None where there is no Go."""
    go = shutil.which("go")
    if go is None:
        print("left out: go tool pprof, as there is no Go here")
        return None
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(body)
    # Go builds the tool at its first use, and keeps it.
    environment = dict(os.environ, PPROF_TMPDIR=folder, GOTOOLCHAIN="local")
    run = subprocess.run([go, "tool", "pprof", "-top", "-nodecount=40", path], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def check_cpu(server, folder):
    stop = threading.Event()
    load = threading.Thread(target=keep_busy, args=(server, stop))
    load.start()
    try:
        results = {}
        first = threading.Thread(target=lambda: results.update(cpu=take(server, "/debug/pprof/profile?seconds=3")))
        first.start()
        time.sleep(1)
        status, body = server.request("/debug/pprof/profile?seconds=1")
        assert status == 500 and b"one at a time" in body, (status, body)
        first.join()
    finally:
        stop.set()
        load.join()
    text = top(folder, results["cpu"], "cpu.pb.gz")
    if text is not None:
        assert "Type: cpu" in text, text
        assert "skald::" in text, text


def check_heap(server, folder):
    status, body = server.request("/debug/pprof/heap")
    assert status == 404 and body.startswith(b"no heap profile"), (status, body)
    if b"MALLOC_CONF" not in body:
        print("left out: heap profiles, which this binary's allocator does not take")
        return
    server.stop()
    os.environ["MALLOC_CONF"] = "prof:true,prof_accum:true,lg_prof_sample:14"
    try:
        server.start()
    finally:
        del os.environ["MALLOC_CONF"]
    text = top(folder, take(server, "/debug/pprof/heap"), "heap.pb.gz")
    if text is not None:
        assert "Type: inuse_space" in text, text
        assert "skald::" in text, text


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="skald-pprof-") as folder:
        server = SkaldProcess(a.server, folder).start()
        try:
            status, body = server.request("/debug/pprof/")
            assert status == 200 and b"profile?seconds" in body, (status, body)
            for name in ("goroutine", "block", "mutex", "trace", "nothing"):
                status, body = server.request("/debug/pprof/" + name)
                assert status == 404 and name.encode() in body, (status, body)
            status, body = server.request("/debug/pprof/profile?seconds=100000")
            assert status == 400 and b"seconds" in body, (status, body)
            check_cpu(server, folder)
            check_heap(server, folder)
            server.stop()
        finally:
            server.process.kill()
    print("profiles are read")


if __name__ == "__main__":
    main()
