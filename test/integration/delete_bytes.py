#!/usr/bin/env python3
"""Deletes lines of every kind and searches every byte that the server keeps for them.

usage: delete_bytes.py --server build/release/skald

Lines with markers are pushed; some are flushed, some compacted, some left in memory and log. They are deleted by line
filter, by structured metadata, by time, and as a whole stream. When a request is processed no file of the data folder holds
its marker: not as it is, and not in what a reader made from FORMAT.md alone unpacks of log and packs; of a stream that is gone
neither label names nor values are left, in no table of the index either. All other lines are there once, and counted, before and after a restart, and a snapshot taken while a request is pending hides what it hides. The last line is
'N passed, N failed', a check each. Standard library only.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import format_reader  # noqa: E402
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

COMPACTOR = """
compactor:
  compaction_interval: 500ms
  retention_enabled: true
  delete_request_store: filesystem
  delete_request_cancel_period: 0s
"""
DELETING = CONFIG + COMPACTOR
# Labels of the stream that goes, as index and packs have them: nothing else has these letters.
WHOLE = {"Zk3_name": "Pw9-value"}
START = 1_764_020_000 * 10**9  # Two hours before midnight, UTC.
MINUTE = 60 * 10**9
# Requests are taken up a minute after they were made.
PROCESSED_S = 120


def line(i, marker):
    return "request %d of %s took %d ms" % (i, marker, i * 7 % 1000)


def make_streams(part):
    """[(labels, entries)]: the third line of each ten has a marker, which is in metadata for one stream."""
    at = START + part * 7 * MINUTE
    streams = []
    for app in "by-line", "by-label", "by-time", "whole", "untouched":
        entries = []
        for i in range(200):
            ns, marker = at + i * 10**9, "gone-%s-%d" % (app, part) if i % 10 == 3 else "kept-%s-%d" % (app, part)
            if app == "by-label":
                entries.append((ns, line(i, "nothing"), {"trace": marker}))
            else:
                entries.append((ns, line(i, "gone-whole-%d" % part if app == "whole" else marker)))
        streams.append((dict(WHOLE if app == "whole" else {}, app=app), entries))
    return streams


REQUESTS = [
    ('{app="by-line"} |= "gone-"', {}),
    ('{app="by-label"} | trace=~"gone-.*"', {"max_interval": "1h"}),
    ('{app="whole"}', {}),
    ('{app="by-time"}', {"end": (START + 7 * MINUTE) // 10**9}),  # All of the first part, whatever its lines.
]


def is_deleted(app, entry):
    if app == "by-time":
        return entry[0] <= START + 7 * MINUTE
    return app == "whole" or any("gone-" in str(part) for part in entry[1:]) and app in ("by-line", "by-label")


def unpacked(path):
    """What a file of the store holds, as a reader of FORMAT.md has it."""
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(".wal"):
        return repr(format_reader.read_wal_segment(data, int(os.path.basename(path).split(".")[0]))).encode()
    return repr([chunk["rows"] for chunk in format_reader.read_pack(data)]).encode() if "/packs/" in path else b""


def files_with(folder, marker, unpack):
    found = []
    for root, _, names in os.walk(folder):
        for path in (os.path.join(root, name) for name in names if not name.startswith("delete_requests")):  # Which says what was asked for.
            try:
                with open(path, "rb") as f:
                    if marker.encode() in f.read() or (unpack and marker.encode() in unpacked(path)):
                        found.append(path)
            except FileNotFoundError:
                pass
    return found


def value(server, function, app):
    """Of all lines of an app that are to be seen."""
    query = 'sum(%s({app="%s"}[1h]))' % (function, app)
    status, body = server.request("/loki/api/v1/query", {"query": query, "time": START // 10**9 + 3000})
    assert status == 200, (status, body)
    result = json.loads(body)["data"]["result"]
    return int(result[0]["value"][1]) if result else 0


def check_visible(server, parts, checks, when):
    for app in "by-line", "by-label", "by-time", "whole", "untouched":
        expected = [entry[:2] for labels, entries in parts if labels["app"] == app for entry in entries if not is_deleted(app, entry)]
        got = server.read_all('{app="%s"}' % app, START - MINUTE, START + 10**13)
        checks.check("%s: {app=%s}" % (when, app), collections.Counter(got) == collections.Counter(expected), (len(got), len(expected)))
        # Neither needs lines: packs are read without them.
        checks.equal("%s: count of %s" % (when, app), len(expected), value(server, "count_over_time", app))
        size = sum(len(entry[1].encode()) for entry in expected)
        checks.equal("%s: bytes of %s" % (when, app), size, value(server, "bytes_over_time", app))


def statuses(server):
    return [request["status"] for request in json.loads(server.request("/loki/api/v1/delete")[1])]


def apps(server):
    status, body = server.request("/loki/api/v1/label/app/values", {"start": START // 10**9, "end": START // 10**9 + 3600})
    assert status == 200, (status, body)
    return json.loads(body).get("data") or []


def label_texts():
    return [text for pair in WHOLE.items() for text in pair]


def push(server, part):
    streams = make_streams(part)
    for labels, entries in streams:
        answer = server.push(labels, entries)
        assert answer[0] == 204, answer
    return streams


def wait_until(what, seconds):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.2)
    return what()


def push_compacted_flushed_and_fresh(server, chunks):
    parts = push(server, 0)
    server.flush()
    # The keys of compacted packs end in their day.
    compacted = wait_until(lambda: any("-20" in name for _, _, names in os.walk(chunks) for name in names), 20)
    assert compacted, "nothing is compacted"
    parts += push(server, 1)
    server.flush()
    # A start has the index write what it knows to a table.
    server.stop()
    server.start()
    return parts + push(server, 2)


def check_metrics(server, checks):
    """What dashboards read of all this."""
    text = server.request("/metrics")[1].decode()
    for name in ("loki_compactor_delete_requests_received_total", "loki_compactor_delete_requests_processed_total",
                 "loki_compactor_delete_requests_chunks_selected_total", "loki_compactor_deleted_lines"):
        value = next((float(line.split()[1]) for line in text.splitlines() if line.startswith(name + '{user="fake"} ')), 0)
        checks.check(name, value >= len(REQUESTS), value)


def run(binary, root, checks):
    server = SkaldProcess(binary, root, DELETING).start()
    data = os.path.join(root, "data")
    try:
        parts = push_compacted_flushed_and_fresh(server, data + "/chunks")
        checks.check("the log holds what is to be deleted", files_with(data + "/wal", "gone-by-line-2", False))
        for text in label_texts():
            checks.check("a table of the index holds " + text, any(p.endswith(".sst") for p in files_with(data + "/index", text, False)))
        for query, parameters in REQUESTS:
            parameters = {"query": query, "start": START // 10**9, "end": int(time.time()), **parameters}
            checks.check("request " + query, server.request("/loki/api/v1/delete", parameters, method="POST")[0] == 204)
        parts += push(server, 3)  # Late, and hidden all the same.
        check_visible(server, parts, checks, "at once")
        status, body = server.request("/api/v1/snapshot", {"name": "pending"}, method="POST")
        checks.check("a snapshot", status == 200, body)
        restored = os.path.join(root, "restored")
        os.mkdir(restored)
        shutil.move(json.loads(body)["path"], os.path.join(restored, "data"))
        check_snapshot(binary, restored, parts, checks)

        checks.check("all are processed", wait_until(lambda: set(statuses(server)) == {"processed"}, PROCESSED_S), statuses(server))
        check_visible(server, parts, checks, "processed")
        check_metrics(server, checks)
        checks.check("a stream of which nothing is left is not listed", wait_until(lambda: "whole" not in apps(server), 20), apps(server))
        checks.check("the others are", set(apps(server)) == {"by-line", "by-label", "by-time", "untouched"}, apps(server))
        for text in label_texts():
            checks.check("no file of the index holds " + text, wait_until(lambda: not files_with(data + "/index", text, False), 20))
        markers = label_texts() + sorted({"gone-%s-%d" % (app, part) for app in ("by-line", "by-label", "whole") for part in range(4)} | {"kept-by-time-0"})
        for marker in markers:
            found = files_with(data, marker, False)
            checks.check("no file holds " + marker, not found, found)
        server.stop()
        for marker in markers:
            found = files_with(data, marker, True)
            checks.check("no file holds %s, packed" % marker, not found, found)
        for marker in "kept-by-line-0", "kept-untouched-2", "gone-untouched-1":
            checks.check("there is %s still" % marker, files_with(data, marker, True))
        verified = subprocess.run([binary, "verify", data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        checks.check("verify", verified.returncode == 0, verified.stdout)
        server.start()
        check_visible(server, parts, checks, "after a restart")
        entries = [(START + 5, "gone-by-line, but later")]
        server.push({"app": "by-line"}, entries)
        checks.check("what arrives later stays", server.read_all('{app="by-line"} |= "later"', START, START + MINUTE) == entries)
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()


def check_snapshot(binary, folder, parts, checks):
    """A snapshot hides what was pending when it was made."""
    server = SkaldProcess(binary, folder, CONFIG).start()
    try:
        check_visible(server, parts, checks, "in a snapshot")
    finally:
        server.kill()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    root = tempfile.mkdtemp(prefix="skald-delete-")
    checks = Checks()
    try:
        run(os.path.abspath(a.server), root, checks)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
