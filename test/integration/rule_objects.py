#!/usr/bin/env python3
"""Rules in the object store: there after kill -9, as Loki keeps them, and beside damaged ones.

usage: rule_objects.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import base64
import json
import os
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, field, serving  # noqa: E402

PATIENCE_S = 60
SETTINGS = CONFIG + """
ruler: {poll_interval: 200ms}
ruler_storage:
  backend: filesystem
  filesystem: {dir: "%(data)s/store"}
"""
GROUP = """name: "%s"
interval: 90s
rules:
- alert: A
  expr: 'sum(count_over_time({app="ü"} |= "x" [5m])) > 0'
  for: 5m
  labels: {severity: page}
  annotations: {summary: "{{ $value }} lines\\nand more"}
- record: app:lines
  expr: vector(1)
"""
NAMES = ["plain", "with blank", "sla/sh", "ünïcode", "?>", "..x"]

checks = Checks()


def spell(name):
    return base64.urlsafe_b64encode(name.encode()).decode()


class Rules:
    """The rules of a server and the folder in which they are."""

    def __init__(self, server):
        self.server, self.folder = server, os.path.join(server.folder, "data", "store", "rules", "fake")

    def call(self, *names, body=None, method="GET"):
        path = "".join("/" + urllib.parse.quote(name, safe="") for name in names)
        status, text = self.server.request("/loki/api/v1/rules" + path, body=body, method=method)
        return status, text.decode()

    def put(self, name_space, group):
        return self.call(name_space, body=(GROUP % group).encode(), method="POST")[0]

    def path(self, name_space, group):
        return os.path.join(self.folder, spell(name_space), spell(group))

    def write(self, name_space, group, data):
        os.makedirs(os.path.dirname(self.path(name_space, group)), exist_ok=True)
        with open(self.path(name_space, group), "wb") as f:
            f.write(data)

    def running(self):
        data = json.loads(self.server.request("/prometheus/api/v1/rules")[1])["data"]
        return sorted((g["file"], g["name"]) for g in data["groups"])

    def soon_running(self, what, want):
        end = time.monotonic() + PATIENCE_S
        while self.running() != want and time.monotonic() < end:
            time.sleep(0.1)
        checks.equal(what, want, self.running())


def stored_by_loki():
    """A group as Loki writes one: a duration of no length and fields that mean nothing here among it."""
    rule = field(1, b"vector(1)") + field(2, b"loki:rule") + field(4, b"") + field(5, field(1, b"team") + field(2, b"a"))
    return field(1, b"theirs") + field(2, b"loki") + field(3, b"\x08\x3c") + field(4, rule) + field(6, b"fake") + field(9, b"")


def check_restart(rules):
    checks.equal("nothing is there", (404, "no rule groups found\n"), rules.call())
    for name in NAMES:
        checks.equal("%s is written" % name, 202, rules.put(name, name))
        checks.check("%s has its key" % name, os.path.isfile(rules.path(name, name)))
    want = sorted((name, name) for name in NAMES)
    rules.soon_running("all groups run", want)
    listed, single = rules.call(), rules.call("sla/sh", "sla/sh")
    checks.equal("a group is shown", 200, single[0])
    rules.server.kill()
    rules.server.start()
    checks.equal("all are listed after kill -9", listed, rules.call())
    checks.equal("one is shown after kill -9", single, rules.call("sla/sh", "sla/sh"))
    rules.soon_running("all groups run after kill -9", want)
    for name in NAMES[1:]:
        checks.equal("%s is deleted" % name, 202, rules.call(name, method="DELETE")[0])
    rules.soon_running("one group is left", [("plain", "plain")])


def check_foreign(rules):
    rules.write("loki", "theirs", stored_by_loki())
    rules.soon_running("a group of Loki's runs", [("loki", "theirs"), ("plain", "plain")])
    want = "name: theirs\ninterval: 1m\nrules:\n    - record: loki:rule\n      expr: vector(1)\n      labels:\n        team: a\n"
    checks.equal("a group of Loki's is shown", (200, want), rules.call("loki", "theirs"))


def check_damage(rules):
    rules.write("loki", "bad", stored_by_loki()[:-9])
    rules.write("plain", "plain", b"\xff")
    checks.equal("a group is written beside damaged ones", 202, rules.put("new", "new"))
    rules.soon_running("what ran runs on, what is new runs", [("loki", "theirs"), ("new", "new"), ("plain", "plain")])
    status, text = rules.call()
    checks.equal("others are listed", (200, True, True), (status, "name: theirs" in text, "name: new" in text))
    for name_space, group in (("loki", "bad"), ("plain", "plain")):
        key = "fake/%s/%s" % (spell(name_space), spell(group))
        checks.check("the listing names the damaged %s" % group, "# damaged: %s: " % key in text, text)
        status, error = rules.call(name_space, group)
        checks.equal("so does its own page", (500, True), (status, key in json.loads(error)["error"]))
    rules.server.kill()
    rules.server.start()
    rules.soon_running("after kill -9 what is whole runs", [("loki", "theirs"), ("new", "new")])
    checks.equal("a damaged group is written anew", 202, rules.put("plain", "plain"))
    checks.equal("another is deleted", 202, rules.call("loki", "bad", method="DELETE")[0])
    rules.soon_running("all is well again", [("loki", "theirs"), ("new", "new"), ("plain", "plain")])
    checks.check("and nothing is damaged", "damaged" not in rules.call()[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    with serving(args.server, SETTINGS) as server:
        rules = Rules(server)
        check_restart(rules)
        check_foreign(rules)
        check_damage(rules)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
