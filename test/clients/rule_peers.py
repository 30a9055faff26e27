"""Prometheus and Alertmanager: what rules make arrives, through kills of the server and while the two are away.

A rule that records a sample a second and an alert on error lines run over a server that is killed; both receivers are
stopped for a while, with a kill in between. No evaluation of the server's life may lack its sample, no alert its message,
and nobody is told anything twice. Lines begin and end alerts, not time, and a server that is short of CPU may leave out
evaluations, which it counts: the test holds on a busy machine.
"""
import json
import os
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from receivers import ALERTMANAGER, PROMETHEUS, Receivers
from workshop import CONFIG, SkaldProcess, equal, eventually

RULES = """
groups:
  - name: peers
    interval: 1s
    rules:
      - alert: Errors
        expr: >-
          sum by (app) (count_over_time({app=~".+"} |= "error" [1h])) > 0
          unless sum by (app) (count_over_time({app=~".+"} |= "mended" [1h]))
        labels: {severity: page}
        annotations: {summary: "{{ $value }} errors in {{ $labels.app }}"}
      - record: app:lines:count
        expr: sum by (app) (count_over_time({app="counted"}[1h]))
"""
ALERT = {"alertname": "Errors", "severity": "page"}
SETTINGS = """
ruler:
  storage: {type: local, local: {directory: "%(rules)s"}}
  poll_interval: 1s
  resend_delay: 10s
  external_url: http://grafana.example
  datasource_uid: logs
  alertmanager_url: http://127.0.0.1:%(alertmanager)d
  remote_write:
    enabled: true
    clients:
      prometheus: {url: "http://127.0.0.1:%(prometheus)d/api/v1/write", queue_config: {max_backoff: 1s}}
"""


class Hook:
    """What Alertmanager tells people: [(app, status, alert), ...]."""

    def __init__(self):
        self.told = told = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told.extend((a["labels"]["app"], a["status"], a) for a in body["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def statuses(self, app):
        return [status for name, status, _ in self.told if name == app]


def push(server, app, line):
    equal(204, server.push({"app": app}, [(time.time_ns(), line)])[0], "a push")


def firing(hook, app):
    equal(["firing"], hook.statuses(app), "what people were told of " + app)


def resolved(hook, app):
    equal(["firing", "resolved"], hook.statuses(app), "what people were told of " + app)


def check_link(alert):
    """The link leads to Explore with the rule's expression."""
    match = re.fullmatch(r"http://grafana\.example/explore\?left=(.*)", alert["generatorURL"])
    assert match, alert
    query = json.loads(urllib.parse.unquote(match.group(1)))["queries"][0]
    equal({"type": "loki", "uid": "logs"}, query["datasource"], "the link's data source")
    assert '|= "error"' in query["expr"], query


def alert_series(peers, app, labels):
    equal(labels, peers.now('ALERTS{app="%s"}' % app), "series of the alert on " + app)


def samples(peers):
    return peers.samples('app:lines:count{app="counted"}', time.time() + 5)


def left_out(server):
    """The evaluations that the process has left out because it was late, and says so."""
    found = re.findall(r"^loki_prometheus_rule_group_iterations_missed_total\{.*\} (\d+)$", server.request("/metrics")[1].decode(), re.M)
    return sum(int(n) for n in found)


def check_samples(peers, dead, missed, until):
    """Every second from the first sample on has one and the right one, but for those in which no server ran or that it left out."""
    found = samples(peers)
    times = [at for at, _ in found]
    assert times[-1] >= until, "samples up to %s, want %s" % (times[-1], until)
    equal({1.0}, {value for _, value in found}, "what was counted")
    equal(sorted(set(times)), times, "the order of samples")
    missing = [before + i for before, after in zip(times, times[1:]) for i in range(1, round(after - before))]
    lost = [at for at in missing if not any(begin <= at <= end for begin, end in dead)]
    assert len(lost) <= missed, "seconds without a sample, though a server ran and left out %d: %s" % (missed, lost)


def run(default, shop):
    hook = Hook()
    peers = Receivers(shop, hook.port)
    rules = os.path.dirname(os.path.dirname(shop.file("rules/fake/peers.yaml", RULES)))
    settings = SETTINGS % {"alertmanager": peers.ports[ALERTMANAGER], "prometheus": peers.ports[PROMETHEUS], "rules": rules}
    folder = os.path.join(shop.folder, "server")
    os.makedirs(folder)
    server, dead, missed = SkaldProcess(default.binary, folder, CONFIG + settings), [], 0

    def kill_and_start():
        nonlocal missed
        begin = time.time()
        missed += left_out(server)
        server.kill()
        server.start()
        dead.append((begin - 2, time.time() + 2))  # An evaluation under way, and the first one after the start.

    try:
        peers.start()
        server.start()
        push(server, "counted", "a line")
        push(server, "one", "an error")
        eventually(lambda: firing(hook, "one"))
        check_link(hook.told[0][2])
        eventually(lambda: samples(peers))
        eventually(lambda: alert_series(peers, "one", [{**ALERT, "app": "one", "alertstate": "firing", "__name__": "ALERTS"}]))
        push(server, "three", "an error")
        eventually(lambda: firing(hook, "three"))
        kill_and_start()
        push(server, "one", "mended")
        eventually(lambda: resolved(hook, "one"))
        eventually(lambda: alert_series(peers, "one", []))  # Ended, not forgotten after five minutes.

        peers.stop()
        push(server, "two", "an error")
        push(server, "three", "mended")
        time.sleep(5)  # Longer than what a kill may cost, so that what is queued is seen to last.
        kill_and_start()
        time.sleep(2)
        peers.start()
        eventually(lambda: firing(hook, "two"))
        eventually(lambda: resolved(hook, "three"))  # Though the server that saw it was killed before it could say so.
        push(server, "two", "mended")
        eventually(lambda: resolved(hook, "two"))
        until = time.time()
        eventually(lambda: check_samples(peers, dead, missed + left_out(server), until))
        for app in ("one", "two", "three"):
            resolved(hook, app)  # And nothing more.
        peers.check_logs()
    finally:
        peers.stop()
        hook.server.shutdown()
        if server.process and server.process.poll() is None:
            server.kill()
