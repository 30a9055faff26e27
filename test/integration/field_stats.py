#!/usr/bin/env python3
"""Asks a real server for statistics of fields: from memory and from packs, with limits and with errors.

usage: field_stats.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, serving  # noqa: E402

START_NS = 1_750_000_000 * 10**9
LINES = 6000
RANGE = {"start": str(START_NS), "end": str(START_NS + 3600 * 10**9)}
PATH = "/api/v1/field_stats"

checks = Checks()


def push(server):
    for cluster in ("eu", "us"):
        entries = []
        for i in range(LINES // 2):
            broken = cluster == "eu" and i % 100 == 0
            line = {"level": "error" if broken else "info", "took": "%dms" % (i % 200 + 1), "id": "r-%s-%d" % (cluster, i)}
            node = "n7" if broken else "n%d" % (i % 10)
            entries.append((START_NS + i * 10**6, json.dumps(line), {"node": node}))
        for at in range(0, len(entries), 1000):
            status, body = server.push({"app": "shop", "cluster": cluster}, entries[at:at + 1000])
            assert status == 204, (status, body)


def ask(server, **params):
    status, body = server.request(PATH, dict(RANGE, **params))
    assert status == 200, (status, body)
    return json.loads(body)["data"]


def by_name(data):
    return {field["name"]: field for field in data["fields"]}


def check_answers(server, when):
    data = ask(server, query='{app="shop"} |= "error"')
    fields = by_name(data)
    checks.equal(when + ": lines", LINES // 200, data["lines"])
    checks.equal(when + ": one cluster", [{"value": "eu", "count": LINES // 200, "share": 1}], fields["cluster"]["values"])
    checks.equal(when + ": one node", [{"value": "n7", "count": LINES // 200, "share": 1}], fields["node"]["values"])
    checks.equal(when + ": sources", ["label", "structured_metadata", "parsed"],
          [fields[name]["source"] for name in ("cluster", "node", "level")])
    checks.equal(when + ": what the selector fixes is last", "app", data["fields"][-1]["name"])
    checks.equal(when + ": ids tell the least of the rest", "id", data["fields"][-2]["name"])

    data = ask(server, query='{app="shop"}', fields="took,id,level,nope", top="2")
    took, ids, level, nope = data["fields"]
    checks.equal(when + ": all lines", LINES, data["lines"])
    checks.equal(when + ": numbers", ("seconds", LINES, 0.001, 0.2, 0.1, 0.18, 0.198),
          (took["numeric"]["unit"], took["numeric"]["count"], took["numeric"]["min"], took["numeric"]["max"],
           *took["numeric"]["quantiles"].values()))
    checks.equal(when + ": exact", (200, False), (took["distinct"], took["approximate"]))
    checks.equal(when + ": many values are estimated", True, ids["approximate"] and abs(ids["distinct"] - LINES) < LINES * 0.06)
    checks.equal(when + ": top", 2, len(took["values"]))
    checks.equal(when + ": shares", [("info", LINES - LINES // 200, 1 - 1 / 200), ("error", LINES // 200, 1 / 200)],
          [(v["value"], v["count"], round(v["share"], 9)) for v in level["values"]])
    checks.equal(when + ": a field that is nowhere", ("none", 0, 0), (nope["source"], nope["present"], nope["distinct"]))
    checks.equal(when + ": figures of the query", LINES, data["stats"]["summary"]["totalPostFilterLines"])


def check_errors(server):
    for params, text in (({"query": "{"}, "parse error"), ({"query": 'rate({app="shop"}[1m])'}, "only log queries"),
                         ({"query": '{app="shop"}', "top": "0"}, "must be a positive value"),
                         ({"query": '{app="shop"}', "top": "1001"}, "at most 1000"),
                         ({"query": '{app="shop"}', "parser": "xml"}, "'auto' or 'none'"),
                         ({"query": '{pod="x"}', "end": "x"}, "could not parse 'end' parameter"),
                         ({"query": '{app="shop"}', "start": "1700000000", "end": "1750000000"}, "query time range exceeds")):
        status, body = server.request(PATH, dict(RANGE, **params))
        checks.equal("status of %r" % params, 400, status)
        checks.equal("text of %r" % params, True, text in body.decode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    with serving(args.server, CONFIG.replace("max_query_length: 0", "max_query_length: 30d")) as server:
        push(server)
        check_answers(server, "in memory")
        server.flush()
        server.stop()
        server.start()
        check_answers(server, "from packs")
        check_errors(server)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
