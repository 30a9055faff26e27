#!/usr/bin/env python3
"""Patterns that are written down: told of once, with what memory has, over kill -9, flushes and stops of the real binary.

usage: pattern_history.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import serving  # noqa: E402
from written_patterns import DRILLDOWN, SETTINGS  # noqa: E402

SECOND = 10**9

checks = Checks()


class Shop:
    """Pushes lines of a service, and knows how often each pattern must be told of."""

    def __init__(self, server, begin_s):
        self.server, self.begin_s, self.sent = server, begin_s, 0

    def push(self, lines):
        """`lines` of each pattern, ten seconds apart."""
        for kind, text in (("web", "level=info msg=\"order %d taken\" took=%dms"), ("db", "level=error msg=\"query %d lost\" rows=%d")):
            entries = [((self.begin_s + 10 * ((self.sent + i) % 60)) * SECOND + self.sent + i, text % (self.sent + i, i)) for i in range(lines)]
            status, body = self.server.push({"service_name": "shop", "kind": kind}, entries)
            assert status == 204, (status, body)
        self.sent += lines

    def patterns(self, selector="{service_name=\"shop\"}", step="1m", start=0, end=600):
        params = {"query": selector, "start": self.begin_s + start, "end": self.begin_s + end, "step": step}
        status, body = self.server.request("/loki/api/v1/patterns", params)
        assert status == 200, (status, body)
        return json.loads(body)["data"]

    def totals(self, **question):
        """Lines of each pattern and level, largest first."""
        return [(p["level"], sum(count for _, count in p["samples"])) for p in self.patterns(**question)]

    def want(self):
        return [("error", self.sent), ("info", self.sent)]


def counter(server, name):
    lines = server.request("/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name + "{"))


def written_count(server, begin_s):
    """The sum of what is written down, as Logs Drilldown may ask for it."""
    params = {"query": "sum(sum_over_time({__pattern__=\"shop\"} | logfmt | unwrap count [2h]))", "time": begin_s + 3600}
    status, body = server.request("/loki/api/v1/query", params, headers=DRILLDOWN)
    assert status == 200, (status, body)
    result = json.loads(body)["data"]["result"]
    return float(result[0]["value"][1]) if result else 0


def run(server, begin_s):
    shop = Shop(server, begin_s)
    shop.push(120)
    checks.equal_soon("patterns from memory", shop.want(), shop.totals)
    checks.equal_soon("all is written down", 240.0, lambda: written_count(server, begin_s))
    checks.equal("once, beside memory", shop.want(), shop.totals())
    before = shop.patterns(step="10s")

    server.kill()
    server.start()
    checks.equal("after kill -9, as before", before, shop.patterns(step="10s"))
    checks.equal("of one stream", [("error", 120)], shop.totals(selector="{service_name=~\"sh.*\", kind=\"db\"}"))
    checks.equal("of another service", [], shop.totals(selector="{service_name=\"shop\", kind=\"none\"}"))
    checks.equal("of half the time", [("error", 60), ("info", 60)], shop.totals(start=0, end=299))
    checks.equal("steps are aligned", [[(begin_s + 60 * i) // 60 * 60, 12] for i in range(10)], shop.patterns()[0]["samples"])

    shop.push(60)
    checks.equal_soon("with memory of the next process", shop.want(), shop.totals)
    checks.equal_soon("which is written, too", 360.0, lambda: written_count(server, begin_s))
    checks.equal("and told of once", shop.want(), shop.totals())
    server.flush()
    checks.equal("from packs", shop.want(), shop.totals())

    shop.push(60)
    checks.equal_soon("what is not yet written", shop.want(), shop.totals)
    server.stop()
    server.start()
    checks.equal("is written at the stop", shop.want(), shop.totals())
    server.kill()
    server.start()
    checks.equal("and survives a second kill", shop.want(), shop.totals())

    status, body = server.request("/loki/api/v1/query_range", {"query": "{__pattern__=\"shop\"}", "start": begin_s, "end": begin_s + 600})
    checks.equal("nobody else sees the entries", (200, []), (status, json.loads(body)["data"]["result"]))
    bounds = {"start": begin_s, "end": begin_s + 600}
    for path, mine in (("labels", "__pattern__"), ("label/__pattern__/values", "shop"), ("series", {"__pattern__": "shop"})):
        for headers, sees in (({}, False), (DRILLDOWN, True)):
            status, body = server.request("/loki/api/v1/" + path, bounds, headers=headers)
            checks.equal("%s tells %s of them" % (path, "Drilldown" if sees else "nobody else"), (200, sees), (status, mine in (json.loads(body).get("data") or [])))
    checks.equal("nothing was dropped", 0, counter(server, "loki_pattern_ingester_unwritten_patterns_dropped_total"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    with serving(args.server, SETTINGS) as server:
        run(server, int(time.time()) // 60 * 60 - 1800)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
