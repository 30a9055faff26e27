#!/usr/bin/env python3
"""Deletes lines whose patterns are in memory and written down, and looks for their text.

usage: delete_patterns.py --server build/release/skald

From the answer to a request on /patterns tells nothing of what it means, nor does the query that Logs Drilldown reads written
patterns by; lines that come late for it make no patterns. So it is after kill -9. When the requests are processed no file
of the data folder holds a marker, in log and packs neither; patterns of all other lines are there. A cancelled request
hides nothing more that was written down. The last line is 'N passed, N failed', a check each. Standard library only.
"""
import argparse
import json
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from checks import Checks  # noqa: E402
from delete_bytes import COMPACTOR, PROCESSED_S, files_with, statuses, wait_until  # noqa: E402
from skald_process import SkaldProcess  # noqa: E402
from written_patterns import DRILLDOWN, SETTINGS  # noqa: E402

SECOND = 10**9
# Of each stream, what its lines say, ten seconds apart. Words that begin with Qz are to be found nowhere.
LINES = {
    "whole": ["Qzwhole order %d taken"],
    "by-line": ["Qzline of user %d", "Qzname, the whole line", "a line to keep"],
    "by-time": ["turn %d ended"],
    "cancelled": ["round %d ended"],
    "untouched": ["hour %d began"],
}
COUNT = 60  # Half of them is what the server tells of at least.
REQUESTS = [
    ('{app="whole"}', COUNT),
    ('{app="by-line"} |~ "Qz(line|name)"', COUNT),
    ('{app="by-time"}', COUNT // 2),
    ('{app="cancelled"}', COUNT),
]
LATE = {"whole": "Qzlate of the stream", "by-line": "Qzline, late"}


class Shop:
    """One service, of whose streams each is an app."""

    def __init__(self, server, begin_s):
        self.server, self.begin_s = server, begin_s

    def push(self, app, text):
        entries = [((self.begin_s + 10 * i) * SECOND, text % i if "%" in text else text) for i in range(COUNT)]
        status, body = self.server.push({"service_name": "shop", "app": app}, entries)
        assert status == 204, (status, body)

    def delete(self, query, lines):
        """Of the first lines."""
        params = {"query": query, "start": self.begin_s, "end": self.begin_s + 10 * lines - 1}
        status, body = self.server.request("/loki/api/v1/delete", params, method="POST")
        assert status == 204, (status, body)

    def cancel(self, query):
        requests = json.loads(self.server.request("/loki/api/v1/delete")[1])
        number = next(request["request_id"] for request in requests if request["query"] == query)
        params = {"request_id": number, "force": "true"}
        status, body = self.server.request("/loki/api/v1/delete", params, method="DELETE")
        assert status == 204, (status, body)

    def patterns(self):
        """How many lines each pattern has."""
        params = {"query": "{service_name=\"shop\"}", "start": self.begin_s - 600, "end": self.begin_s + 1800, "step": "10s"}
        status, body = self.server.request("/loki/api/v1/patterns", params)
        assert status == 200, (status, body)
        return {p["pattern"]: sum(count for _, count in p["samples"]) for p in json.loads(body)["data"]}

    def written(self):
        """Lines of each pattern that is written down, as Logs Drilldown may ask for it."""
        query = "sum by (detected_pattern) (sum_over_time({__pattern__=\"shop\"} | logfmt | unwrap count [2h]))"
        params = {"query": query, "time": self.begin_s + 3600}
        status, body = self.server.request("/loki/api/v1/query", params, headers=DRILLDOWN)
        assert status == 200, (status, body)
        return {one["metric"]["detected_pattern"]: int(float(one["value"][1])) for one in json.loads(body)["data"]["result"]}


def patterns_of(apps):
    return {text.replace("%d", "<_>"): COUNT for app in apps for text in LINES[app]}


LEFT = {"a line to keep": COUNT, "turn <_> ended": COUNT // 2, "hour <_> began": COUNT}


def push_and_write(shop, checks):
    """Some of what is written is in packs, some in the log alone."""
    for app, texts in LINES.items():
        for text in texts:
            shop.push(app, text)
        if app == "by-line":
            checks.equal_soon("patterns are written down", patterns_of(("whole", "by-line")), shop.written)
            shop.server.flush()
    checks.equal_soon("all patterns are told of", patterns_of(LINES), shop.patterns)
    checks.equal_soon("and written down", patterns_of(LINES), shop.written)


def check_cancelled(shop, checks):
    """Memory has forgotten a part of a pattern, and what was written of it is seen again."""
    before = shop.patterns()
    shop.delete('{app="untouched"}', COUNT // 2)
    checks.equal("half the lines are deleted", dict(before, **{"hour <_> began": COUNT // 2}), shop.patterns())
    shop.cancel('{app="untouched"}')
    checks.equal("and are told of once that is cancelled", before, shop.patterns())


def check_deleted(shop, checks):
    for query, lines in REQUESTS:
        shop.delete(query, lines)
    checks.equal("deleted lines have no patterns any more", LEFT, shop.patterns())
    checks.equal("nor what was written of them", LEFT, shop.written())
    for app, text in LATE.items():
        shop.push(app, text)
    shop.push("by-line", "late, but kept")
    shop.push("untouched", "the last line")  # When it is there all before it has been looked at.
    later = dict(LEFT, **{"late, but kept": COUNT, "the last line": COUNT})
    checks.equal_soon("late lines that are hidden make none", later, shop.patterns)
    checks.equal_soon("and none are written", later, shop.written)
    return later


def run(server, root, checks):
    data = os.path.join(root, "data")
    shop = Shop(server, int(time.time()) // 60 * 60 - 1800)
    push_and_write(shop, checks)
    check_cancelled(shop, checks)
    left = check_deleted(shop, checks)

    server.kill()
    server.start()
    checks.equal("after kill -9", left, shop.patterns())
    shop.cancel('{app="cancelled"}')
    left = dict(left, **patterns_of(["cancelled"]))
    checks.equal("a cancelled request hides what was written no more", left, shop.patterns())

    checks.check("all are processed", wait_until(lambda: set(statuses(server)) == {"processed"}, PROCESSED_S), statuses(server))
    checks.equal("patterns are the same then", (left, left), (shop.patterns(), shop.written()))
    server.stop()
    for marker in "Qzwhole", "Qzline", "Qzname", "Qzlate":
        found = files_with(data, marker, True)
        checks.check("no file holds " + marker, not found, found)
    checks.check("others are there", files_with(data, "a line to keep", True))
    server.start()
    checks.equal("after a restart", left, shop.patterns())
    server.stop()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="skald-delete-patterns-") as root:
        server = SkaldProcess(os.path.abspath(a.server), root, SETTINGS + COMPACTOR)
        try:
            server.start()
            run(server, root, checks)
        finally:
            server.kill()
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
