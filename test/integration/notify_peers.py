#!/usr/bin/env python3
"""Alerts and samples arrive in Debian's Alertmanager and Prometheus, while the sender is killed and both are away.

usage: test/integration/notify_peers.py --driver build/release/notify_driver [--cache build/clients]
Every sample that was taken is in Prometheus with its value, and nothing else; Alertmanager knows just the alerts that
fire. Exit status 77 if the two servers are not to be had.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "clients"))
from receivers import ALERTMANAGER, PROMETHEUS, Receivers  # noqa: E402
from workshop import Skipped, Workshop, equal, eventually  # noqa: E402


class Sender:
    """The driver over one folder, killed and started again."""

    def __init__(self, binary, receivers, folder):
        self.command = [binary, receivers.url(ALERTMANAGER), receivers.url(PROMETHEUS), os.path.join(folder, "queue")]
        self.log = open(os.path.join(folder, "driver.log"), "ab")
        self.begin, self.sent = int(time.time()) - 600, []
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def restart(self):
        self.kill()
        self.start()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        equal("OK", self.process.stdout.readline().strip(), line)

    def sample(self):
        at = self.begin + len(self.sent)
        self.say("sample %d %d" % (at * 1000, len(self.sent)))
        self.sent.append((float(at), float(len(self.sent))))


def both_begin_away(sender, receivers):
    sender.say("fire Early")
    sender.sample()
    sender.sample()
    sender.restart()  # With both samples unsent.
    receivers.start()
    sender.sample()
    sender.say("fire Early")  # As the ruler does, which knows its alerts across restarts.
    eventually(lambda: equal(["Early"], sorted(receivers.alerts()), "alerts"))
    link = receivers.alerts()["Early"]["generatorURL"]
    assert urllib.parse.unquote(link).startswith('http://grafana.example/explore?left={"queries":[{"expr":"{app=\\"a\\"}"'), link
    check_samples(sender, receivers)


def both_are_away_for_a_while(sender, receivers):
    receivers.stop()
    for _ in range(3):
        sender.sample()
    sender.say("fire Late")
    sender.say("resolve Early")
    sender.restart()
    sender.sample()
    sender.say("fire Late")
    sender.say("resolve Early")
    time.sleep(1)
    receivers.start()
    check_samples(sender, receivers)
    eventually(lambda: equal(["Late"], sorted(receivers.alerts()), "alerts"))


def the_sender_is_killed_again_and_again(sender, receivers):
    for i in range(40):
        sender.sample()
        if i % 5 == 0:
            time.sleep(0.03 * (i % 4))  # Before, in and after a request.
            sender.restart()
    check_samples(sender, receivers)
    sender.say("resolve Late")
    eventually(lambda: equal([], sorted(receivers.alerts()), "alerts"))


def check_samples(sender, receivers):
    eventually(lambda: equal(sender.sent, receivers.samples("recorded", sender.begin + 600), "samples"))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--driver", required=True)
    p.add_argument("--cache", default=os.path.join(HERE, "..", "..", "build", "clients"))
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-peers-")
    sender = receivers = None
    try:
        receivers = Receivers(Workshop(a.cache, os.path.join(folder, "shop")))
        sender = Sender(a.driver, receivers, folder)
        for step in (both_begin_away, both_are_away_for_a_while, the_sender_is_killed_again_and_again):
            begin = time.monotonic()
            step(sender, receivers)
            print("%s: %.1f s" % (step.__name__, time.monotonic() - begin), flush=True)
            receivers.check_logs(sender_was_killed=step is the_sender_is_killed_again_and_again)
    except Skipped as e:
        print("skipped: %s" % e)
        return 77
    finally:
        if sender:
            sender.kill()
        if receivers:
            receivers.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
