#!/usr/bin/env python3
"""Asks for deletes while tails are open and rules run, and looks at what these still see.

usage: delete_effects.py --server build/release/skald

Two requests hide lines, one by a line filter, one by structured metadata; both can still be cancelled, so that nothing is
gone from the store. From the answer on tails are not sent what the requests hide, be it older or pushed later for their
time; recorded samples no longer count it, a series that had nothing else ends, and alerts that it made fire are resolved. So
it is after kill -9, until a request is cancelled: then all comes back. Samples and alerts are read where the server sends them.
The last line is 'N passed, N failed', a check each. Standard library only.
"""
import argparse
import json
import os
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from rule_sink import RuleSink  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402
from websocket_client import WebSocket  # noqa: E402

SETTINGS = CONFIG + """
compactor: {retention_enabled: true, delete_request_store: filesystem}
ruler:
  storage: {type: local, local: {directory: "%(data)s/given_rules"}}
  poll_interval: 1s
  alertmanager_url: SINK
  remote_write: {enabled: true, clients: {sink: {url: "SINK/write"}}}
"""
# What a rule sees of all lines, of those that each request hides, and that alerts follow.
RULES = """
groups:
  - name: deleted
    interval: 1s
    rules:
      - {record: lines, expr: 'sum(count_over_time({app="a"}[2h]))'}
      - {record: secrets, expr: 'sum(count_over_time({app="a"} |= "secret" [2h]))'}
      - {record: traced, expr: 'sum(count_over_time({app="a"} | trace="t1" [2h]))'}
      - {alert: Secret, expr: 'sum(count_over_time({app="a"} |= "secret" [2h])) > 0'}
      - {alert: Lines, expr: 'sum(count_over_time({app="a"}[2h])) > 0'}
"""
BY_LINE, BY_METADATA = '{app="a"} |= "secret"', '{app="a"} | trace="t1"'
PATIENCE_S = 60
SECOND = 10**9


class Logs:
    """Lines of one app, each with a time of its own: in the hour that requests are for, or after it."""

    def __init__(self, server):
        self.server = server
        self.end_s = int(time.time()) - 600  # Of the requests.
        self.start_s = self.end_s - 3600
        self.inside_ns, self.outside_ns = self.start_s * SECOND, (self.end_s + 1) * SECOND

    def push(self, *lines, after=False):
        """`lines` are texts or (text, trace); each at the next time inside what is deleted, or after it."""
        entries = []
        for line in lines:
            text, trace = (line, None) if isinstance(line, str) else line
            at = self.outside_ns if after else self.inside_ns
            self.outside_ns, self.inside_ns = self.outside_ns + after, self.inside_ns + (not after)
            entries.append((at, text, {"trace": trace}) if trace else (at, text))
        answer = self.server.push({"app": "a"}, entries)
        assert answer[0] == 204, answer

    def delete(self, query):
        params = {"query": query, "start": self.start_s, "end": self.end_s}
        answer = self.server.request("/loki/api/v1/delete", params, method="POST")
        assert answer[0] == 204, answer

    def cancel(self, query):
        requests = json.loads(self.server.request("/loki/api/v1/delete")[1])
        number = next(request["request_id"] for request in requests if request["query"] == query)
        answer = self.server.request("/loki/api/v1/delete", {"request_id": number}, method="DELETE")
        assert answer[0] == 204, answer


class Tail:
    """A tail that is live once it is made: a line of an app of its own has come by then."""

    def __init__(self, server, filters="", **params):
        query = '{app=~"a|marker"}' + filters
        self.socket = WebSocket("127.0.0.1", server.http, "/loki/api/v1/tail?" + urllib.parse.urlencode(dict(params, query=query)))
        self.lines = []
        marker = "secret marker %d" % time.time_ns()
        assert server.push({"app": "marker"}, [(time.time_ns(), marker)])[0] == 204
        self.read_to(marker)

    def read_to(self, last):
        end = time.monotonic() + PATIENCE_S
        while last not in self.lines:
            kind, payload = self.socket.receive(end - time.monotonic())
            assert kind == "text", (kind, payload)
            frame = json.loads(payload)
            self.lines += [value[1] for stream in frame["streams"] for value in stream["values"]]

    def until(self, last):
        """What has come of the app up to a line that is known to come, sorted; nothing of it is given again."""
        self.read_to(last)
        lines, self.lines = self.lines, []
        return sorted(line for line in lines if "marker" not in line)

    def close(self):
        self.socket.socket.close()


def eventually(checks, what, want, got):
    end = time.monotonic() + PATIENCE_S
    while got() != want and time.monotonic() < end:
        time.sleep(0.1)
    checks.equal(what, want, got())


def recorded(sink, name, since_ms=0):
    """The latest value of a series; None where it has ended, "none" where nothing came since."""
    values = [value for at, value in sink.samples(name) if at > since_ms]
    return values[-1] if values else "none"


def firing(server):
    alerts = json.loads(server.request("/prometheus/api/v1/alerts")[1])["data"]["alerts"]
    return sorted(alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing")


def is_resolved(sink, name):
    alert = sink.alert(name)
    end = alert["endsAt"] if alert else ""
    return bool(end) and end <= time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 1)) and not end.startswith("0001-")


def check_before(server, sink, logs, checks):
    logs.push("plain 1", "secret 1", "secret 2", ("traced 1", "t1"), ("plain 2", "t2"))
    for name, value in (("lines", 5), ("secrets", 2), ("traced", 1)):
        eventually(checks, "%s is recorded" % name, value, lambda name=name: recorded(sink, name))
    eventually(checks, "both alerts fire", ["Lines", "Secret"], lambda: firing(server))
    eventually(checks, "Alertmanager hears of it", True, lambda: sink.alert("Secret") is not None)


def check_hidden(server, sink, logs, checks):
    tail = Tail(server)
    logs.push("plain 3", "secret 3")
    checks.equal("a tail has all before", ["plain 3", "secret 3"], tail.until("secret 3"))
    filtered = Tail(server, ' |= "secret"')
    logs.delete(BY_LINE)
    logs.delete(BY_METADATA)
    eventually(checks, "the recording counts what is left", 3, lambda: recorded(sink, "lines"))
    for name in "secrets", "traced":
        eventually(checks, "the series %s ends" % name, None, lambda name=name: recorded(sink, name))
    eventually(checks, "the other alert goes on", ["Lines"], lambda: firing(server))
    eventually(checks, "Alertmanager hears that one is resolved", True, lambda: is_resolved(sink, "Secret"))
    checks.check("and not the other", not is_resolved(sink, "Lines"), sink.alert("Lines"))

    since_ms = time.time() * 1000
    logs.push("secret 4", ("traced 4", "t1"), "plain 4", ("plain 5", "t2"))
    checks.equal("a tail is not sent what comes late for it", ["plain 4", "plain 5"], tail.until("plain 5"))
    eventually(checks, "nor does the recording count it", 5, lambda: recorded(sink, "lines"))
    seen = {value for at, value in sink.samples("lines") if at > since_ms}
    checks.check("at no time", seen <= {3.0, 5.0}, seen)
    checks.equal("the alert stays away", ["Lines"], firing(server))
    logs.push("secret 5", after=True)
    checks.equal("what is after the request's time is sent", ["secret 5"], tail.until("secret 5"))
    checks.equal("a tail of such lines has had nothing else", ["secret 5"], filtered.until("secret 5"))
    eventually(checks, "and recorded", 1, lambda: recorded(sink, "secrets"))
    past = Tail(server, start=logs.start_s * SECOND, limit=100)
    logs.push("end", after=True)
    checks.equal("a new tail has of the past what is left",
                 ["end", "plain 1", "plain 2", "plain 3", "plain 4", "plain 5", "secret 5"], past.until("end"))
    for one in tail, filtered, past:
        one.close()


def check_killed_and_cancelled(server, sink, logs, checks):
    server.kill()
    since_ms = time.time() * 1000
    server.start()
    tail = Tail(server)
    logs.push("secret 6", "plain 6")
    checks.equal("hidden from a tail after kill -9", ["end", "plain 6", "secret 5"], tail.until("plain 6"))
    eventually(checks, "and from the recording", 8, lambda: recorded(sink, "lines", since_ms))
    seen = {value for at, value in sink.samples("lines") if at > since_ms}
    checks.check("from its first sample on", seen <= {7.0, 8.0}, seen)
    logs.cancel(BY_LINE)
    eventually(checks, "a cancelled request shows its lines again", 13, lambda: recorded(sink, "lines"))
    eventually(checks, "all of them", 6, lambda: recorded(sink, "secrets"))
    logs.push("secret 7", ("traced 7", "t1"), "plain 7")
    checks.equal("to tails too, but for the other request's", ["plain 7", "secret 7"], tail.until("plain 7"))
    eventually(checks, "and the alert fires again", ["Lines", "Secret"], lambda: firing(server))
    tail.close()


def give_rules(server):
    folder = os.path.join(server.folder, "data", "given_rules", "fake")
    os.makedirs(folder)
    with open(os.path.join(folder, "rules.yaml"), "w") as f:
        f.write(RULES)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    checks, sink = Checks(), RuleSink()
    with tempfile.TemporaryDirectory(prefix="skald-effects-") as folder:
        server = SkaldProcess(a.server, folder, SETTINGS.replace("SINK", sink.url))
        give_rules(server)
        try:
            server.start()
            logs = Logs(server)
            for step in check_before, check_hidden, check_killed_and_cancelled:
                step(server, sink, logs, checks)
            server.stop()
        finally:
            server.kill()
            sink.close()
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
