"""Debian's Prometheus and Alertmanager, as receivers of samples and alerts: started, stopped, and asked what they have."""
import json
import os
import re
import urllib.parse
import urllib.request

from workshop import Daemon, equal, free_port

PROMETHEUS, ALERTMANAGER = "prometheus", "prometheus-alertmanager"
FLAGS = {PROMETHEUS: "--web.enable-remote-write-receiver", ALERTMANAGER: "--cluster.listen-address="}
STORAGE = {PROMETHEUS: "--storage.tsdb.path=", ALERTMANAGER: "--storage.path="}
# Whom Alertmanager tells at once, and again when an alert is resolved.
ROUTE = """
route: {receiver: hook, group_by: [alertname, app], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: hook%s}]
"""
HOOK = ', webhook_configs: [{url: "http://127.0.0.1:%d/", send_resolved: true}]'


class Receivers:
    """Both keep their ports and their data while they are stopped."""

    def __init__(self, shop, hook_port=None):
        self.shop = shop
        self.ports = {PROMETHEUS: free_port(), ALERTMANAGER: free_port()}
        # Alertmanager reads its templates where Debian installs them: it does not run unpacked.
        self.programs = {PROMETHEUS: shop.debian(PROMETHEUS, (PROMETHEUS,)),
                         ALERTMANAGER: (shop.program(ALERTMANAGER), dict(os.environ))}
        self.config = {PROMETHEUS: shop.file("prometheus.yml", "{}"),
                       ALERTMANAGER: shop.file("alertmanager.yml", ROUTE % (HOOK % hook_port if hook_port else ""))}
        self.running, self.logs = {}, []

    def url(self, name):
        return "http://127.0.0.1:%d" % self.ports[name]

    def start(self):
        for name, (program, env) in self.programs.items():
            command = [program, "--config.file=" + self.config[name], STORAGE[name] + os.path.join(self.shop.folder, name), FLAGS[name],
                       "--web.listen-address=127.0.0.1:%d" % self.ports[name]]
            daemon = Daemon(command, os.path.join(self.shop.folder, "%s-%d.log" % (name, len(self.logs))), env)
            self.running[name] = daemon
            self.logs.append(daemon)
        for name, daemon in self.running.items():
            daemon.wait_for_port(self.ports[name])

    def stop(self):
        for daemon in self.running.values():
            daemon.__exit__()
        self.running = {}

    def get(self, name, path, params=None):
        try:
            with urllib.request.urlopen(self.url(name) + path + "?" + urllib.parse.urlencode(params or {}), timeout=10) as answer:
                return json.load(answer)
        except OSError as e:
            raise AssertionError("%s: %s" % (name, e))

    def samples(self, series, end):
        """[(time, value), ...] of a series in the hour before `end`."""
        found = self.get(PROMETHEUS, "/api/v1/query", {"query": series + "[1h]", "time": end})["data"]["result"]
        assert len(found) == 1, found
        return [(float(at), float(value)) for at, value in found[0]["values"]]

    def now(self, series):
        """The label sets of a series that has not ended."""
        return [found["metric"] for found in self.get(PROMETHEUS, "/api/v1/query", {"query": series})["data"]["result"]]

    def alerts(self):
        """The alerts that are active, by name."""
        return {a["labels"]["alertname"]: a for a in self.get(ALERTMANAGER, "/api/v2/alerts") if a["status"]["state"] == "active"}

    def check_logs(self, sender_was_killed=False):
        """A request of a sender that was killed may be taken up beside or after the one that repeats it: what it has is late then."""
        bad = [line for daemon in self.logs for line in daemon.text().splitlines()
               if re.search(r"out.of.order|duplicate|too old|level=error", line, re.IGNORECASE)
               and not (sender_was_killed and "Out of order sample" in line)]
        equal([], bad, "what the receivers complained about")
