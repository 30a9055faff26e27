#!/usr/bin/env python3
"""Alerts go on after kill -9, from a state that is torn, and from that of the first version.

usage: rule_state.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, serving  # noqa: E402

PATIENCE_S = 60
SETTINGS = CONFIG + """
ruler: {poll_interval: 200ms, disable_rule_group_label: true, evaluation_threads: 2}
ruler_storage:
  backend: filesystem
  filesystem: {dir: "%(data)s/store"}
"""
GROUP = """name: %s
interval: 1s
rules:
- alert: A
  expr: vector(1)
"""
NAMES = ["one", "other"]

checks = Checks()


class Alerts:
    """The alerts of a server, one a group, and the file of their state."""

    def __init__(self, server):
        self.server = server
        self.path = os.path.join(server.folder, "data", "ruler-state")

    def since(self):
        """Since when the alert of each group that fires does."""
        groups = json.loads(self.server.request("/prometheus/api/v1/rules")[1])["data"]["groups"]
        return {g["name"]: a["activeAt"] for g in groups for r in g["rules"] for a in r["alerts"] if a["state"] == "firing"}

    def soon(self, what, holds):
        end = time.monotonic() + PATIENCE_S
        while not holds() and time.monotonic() < end:
            time.sleep(0.05)
        checks.check(what, holds())

    def damages(self):
        for line in self.server.request("/metrics")[1].decode().splitlines():
            if line.startswith("skald_ruler_state_damages_total "):
                return float(line.split()[1])
        return 0


def check_kill(alerts):
    for name in NAMES:
        status = alerts.server.request("/loki/api/v1/rules/n", body=(GROUP % name).encode(), method="POST")[0]
        checks.equal("group %s is written" % name, 202, status)
    alerts.soon("its alert fires", lambda: len(alerts.since()) == len(NAMES))
    since = alerts.since()
    alerts.server.kill()
    alerts.server.start()
    checks.equal("alerts go on after kill -9", since, alerts.since())
    checks.equal("a state of which nothing is missing is not damaged", 0, alerts.damages())
    return since


def check_torn(alerts, since):
    alerts.server.kill()
    with open(alerts.path, "ab") as f:
        f.write(b"\xf5ALT torn")
    alerts.server.start()
    checks.equal("alerts go on where the state is torn", since, alerts.since())
    checks.equal("which is counted", 1, alerts.damages())
    alerts.soon("and cut off", lambda: b"torn" not in open(alerts.path, "rb").read())


def check_first_version(alerts):
    alerts.server.kill()
    os.remove(alerts.path)
    now_ns = time.time_ns()
    alert = {"labels": {"alertname": "A"}, "annotations": {}, "value": "1", "state": 2, "active_at": now_ns - 10**12,
             "fired_at": now_ns - 10**12, "resolved_at": 0, "keep_firing_since": 0, "last_sent": now_ns}
    group = {"tenant": "fake", "namespace": "n", "group": "one", "rules": [{"rule": "A", "labels": {}, "alerts": [alert]}]}
    with open(alerts.path + ".json", "w") as f:
        json.dump({"version": 1, "saved_at": now_ns, "groups": [group]}, f)
    alerts.server.start()
    begin = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime((now_ns - 10**12) // 10**9))
    checks.check("alerts of the first version go on", alerts.since().get("one", "").startswith(begin), alerts.since())
    alerts.soon("their file is replaced", lambda: os.path.exists(alerts.path) and not os.path.exists(alerts.path + ".json"))
    alerts.soon("other alerts begin anew", lambda: len(alerts.since()) == len(NAMES))
    since = alerts.since()
    alerts.server.stop()
    alerts.server.start()
    checks.equal("all go on after a stop", since, alerts.since())


def check_metrics(alerts):
    text = alerts.server.request("/metrics")[1].decode()
    checks.check("groups have their metrics in common", '\nloki_prometheus_rule_group_rules{user="fake"} 2\n' in text)
    checks.check("without the label of one", "rule_group=" not in text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    with serving(args.server, SETTINGS) as server:
        alerts = Alerts(server)
        since = check_kill(alerts)
        check_torn(alerts, since)
        check_first_version(alerts)
        check_metrics(alerts)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
