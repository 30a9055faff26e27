"""pino-loki: JSON, a stream for each line, lines that are pino's JSON."""
import json

from workshop import entries, equal

PACKAGES = ("pino@10.4.0", "pino-loki@3.0.0")


def run(server, shop):
    shop.node("pino_loki.mjs", PACKAGES, [server.url])
    found = [(labels, json.loads(line)) for labels, line, _ in entries(server, '{app="pino"}')]
    equal(["started", "lost <connection>", "done"], [line["msg"] for _, line in found], "messages in order")
    equal(["info", "error", "info"], [labels["level"] for labels, _ in found], "levels")
    equal(7, found[1][1]["attempt"], "a field")
    status, body = server.request("/loki/api/v1/query", {"query": 'sum by (level) (count_over_time({app="pino"} | json [1h]))'})
    counts = {s["metric"]["level"]: s["value"][1] for s in json.loads(body)["data"]["result"]}
    equal({"info": "2", "error": "1"}, counts, "counts by level")
