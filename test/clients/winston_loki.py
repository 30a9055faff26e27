"""winston-loki: pushes in protobuf and in JSON, with label strings that are neither sorted nor escaped."""
import json

from workshop import entries, equal

PACKAGES = ("winston@3.19.0", "winston-loki@6.1.7", "snappy@7.4.3")


def run(server, shop):
    for mode in ("protobuf", "json"):
        shop.node("winston_loki.mjs", PACKAGES, [server.url, mode])
        found = entries(server, '{job="winston", mode="%s"}' % mode)
        equal([("error", "disk full on sda1"), ("info", 'order "17" placed\nfor <b>ümit</b>'), ("warn", "slow")],
              sorted((labels["level"], line_of(line)) for labels, line, _ in found), mode)
    equal(["4bf92f3577b34da6"], [m["trace_id"] for _, _, m in entries(server, '{job="winston", mode="json"} |= "order"')], "structured metadata")


def line_of(line):
    """The message of a line: JSON with what was logged beside it, or the text alone."""
    return json.loads(line)["message"] if line.startswith("{") else line
