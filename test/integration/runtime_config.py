#!/usr/bin/env python3
"""Changes the runtime configuration under a real server: in place, as Kubernetes swaps a ConfigMap, and for the worse.

usage: runtime_config.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

PATIENCE_S = 60
CONFIG = CONFIG.replace("auth_enabled: false", "auth_enabled: true").replace("log_level: info", "log_level: debug") \
    + "runtime_config: {file: '%(data)s/../runtime/runtime-config.yaml', period: 50ms}\n"
# A limit of pushes and one of queries, for the tenant "small"; "other" is never named.
LIMITS = "overrides:\n  small: {max_line_size: %dB, max_entries_limit_per_query: %d}\n"
LOGGED = "configs:\n  small: {log_push_request: %s}\n"
SUCCESSFUL = 'loki_runtime_config_last_reload_successful{config="loki"} '

# What a file may have that is wrong, and what the log must say of it.
WRONG = {
    "no YAML": ("overrides: {small", "runtime-config.yaml"),
    "bytes that are no text": ("\xff\xfe\x00", "runtime-config.yaml"),
    "a list": ("- overrides\n", "no map of settings"),
    "a section that nobody has": (LIMITS % (500, 500) + "override: {}\n", "field override not found"),
    "a section that is a text": ("overrides: many\n", "overrides must map tenants to settings"),
    "a size that is none": ("overrides:\n  small: {max_line_size: wide}\n", "tenant small"),
    "another tenant's limit that is none": (LIMITS % (500, 500) + "  other: {max_query_series: x}\n", "tenant other"),
    "a switch that is none": (LIMITS % (500, 500) + "configs:\n  small: {log_push_request: often}\n", "tenant small"),
}

checks = Checks()


class InPlace:
    """One file whose bytes change."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.path = os.path.join(folder, "runtime-config.yaml")

    def write(self, text):
        """Returns what is in the file then: always as much, as the server may read it between a cut and a write."""
        text = text.ljust(512, "\n")
        with open(self.path, "r+b" if os.path.exists(self.path) else "wb", buffering=0) as f:
            f.write(text.encode("latin-1"))
        return text


class ConfigMap:
    """The file as the kubelet has it: a link through "..data", a link that is moved from one folder to the next."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.folder, self.version = folder, 0
        self.path = os.path.join(folder, "runtime-config.yaml")
        os.symlink(os.path.join("..data", "runtime-config.yaml"), self.path)

    def write(self, text):
        old, self.version = self.version, self.version + 1
        version = "..2026_%d" % self.version
        os.mkdir(os.path.join(self.folder, version))
        with open(os.path.join(self.folder, version, "runtime-config.yaml"), "w", encoding="latin-1") as f:
            f.write(text)
        os.symlink(version, os.path.join(self.folder, "..data_tmp"))
        os.rename(os.path.join(self.folder, "..data_tmp"), os.path.join(self.folder, "..data"))
        shutil.rmtree(os.path.join(self.folder, "..2026_%d" % old), ignore_errors=True)
        return text


class Tenants:
    """What a server lets the tenants "small" and "other" do."""

    def __init__(self, server):
        self.server = server

    def send(self, tenant, line_bytes, mark="x"):
        """(status, text) of a push of one line."""
        values = [[str(time.time_ns()), (mark * line_bytes)[:line_bytes]]]
        body = json.dumps({"streams": [{"stream": {"app": "a"}, "values": values}]}).encode()
        status, text = self.server.request("/loki/api/v1/push", body=body, headers={"X-Scope-OrgID": tenant, "Content-Type": "application/json"})
        return status, text.decode()

    def ask(self, tenant, limit):
        """(status, text) of a query for so many lines."""
        status, text = self.server.request("/loki/api/v1/query_range", {"query": '{app="a"}', "limit": limit}, headers={"X-Scope-OrgID": tenant})
        return status, text.decode()

    def check(self, when, line_bytes, limit):
        """Holds "small" to these limits, its own view of them too, and "other" to none."""
        checks.equal(when + ": a line of the longest", 204, self.send("small", line_bytes)[0])
        status, text = self.send("small", line_bytes + 1)
        checks.check(when + ": a line too long", status == 400 and "max entry size '%d' bytes exceeded" % line_bytes in text, (status, text))
        checks.equal(when + ": the most lines", 200, self.ask("small", limit)[0])
        status, text = self.ask("small", limit + 1)
        want = "max entries limit per query exceeded, limit > max_entries_limit_per_query (%d > %d)" % (limit + 1, limit)
        checks.check(when + ": too many lines", status == 400 and want in text, (status, text))
        shown = self.server.request("/config/tenant/v1/limits", headers={"X-Scope-OrgID": "small"})[1].decode()
        checks.check(when + ": the tenant is shown its limit", "max_entries_limit_per_query: %d\n" % limit in shown, shown)
        checks.equal(when + ": another tenant", (204, 200), (self.send("other", 1000)[0], self.ask("other", 1000)[0]))

    def check_logged(self, when, want):
        """Whether the pushes of "small" are logged, and in no case those of "other"."""
        before = self.logged("small")
        self.send("small", 1)
        self.send("other", 1)
        soon(lambda: not want or self.logged("small") > before)
        checks.equal(when + ": pushes in the log", want, self.logged("small") > before)
        checks.equal(when + ": another tenant's pushes in the log", 0, self.logged("other"))

    def logged(self, tenant):
        return sum("org_id=" + tenant in line.split() for line in log_lines(self.server, 'msg="push request parsed"'))


def soon(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def log_lines(server, says):
    with open(server.log, encoding="utf-8") as f:
        return [line for line in f if says in line]


def metrics(server):
    return server.request("/metrics")[1].decode()


def fell(server):
    """Whether the last reading went wrong."""
    return "\n%s0\n" % SUCCESSFUL in metrics(server)


def in_force(server, text):
    """Whether a file of this content is what the server goes by, and the last reading went well."""
    shown = metrics(server)
    return hashlib.sha256(text.encode()).hexdigest() in shown and "\n%s1\n" % SUCCESSFUL in shown


def check_change(server, tenants, file, when, line_bytes, limit):
    text = file.write(LIMITS % (line_bytes, limit))
    checks.check(when + ": is taken", soon(lambda: in_force(server, text)), server.log_tail())
    tenants.check(when, line_bytes, limit)


def check_wrong(server, tenants, file):
    """Files in error: each leaves what was in force, says so, and is made good again."""
    good = file.write(LIMITS % (30, 3))
    for name, (text, says) in WRONG.items():
        file.write(text)
        checks.check(name + ": the gauge falls", soon(lambda: fell(server)), server.log_tail())
        tenants.check(name, 30, 3)
        said = log_lines(server, "runtime configuration was not reloaded")
        checks.check(name + ": the log says what it is", said and says in said[-1] and "level=error" in said[-1], said[-1:])
        checks.check(name + ": what is in force keeps its hash", hashlib.sha256(good.encode()).hexdigest() in metrics(server))
        file.write(good)
        checks.check(name + ": mended", soon(lambda: in_force(server, good)), server.log_tail())


def check_configs(server, tenants, file):
    tenants.check_logged("without configs", False)
    for switch in ("true", "false", "true"):
        text = file.write(LIMITS % (30, 3) + LOGGED % switch)
        checks.check("configs: %s is taken" % switch, soon(lambda: in_force(server, text)), server.log_tail())
        tenants.check_logged("configs: " + switch, switch == "true")
    file.write("configs:\n  small: {log_push_request: [true]}\n")
    checks.check("configs in error: the gauge falls", soon(lambda: fell(server)))
    tenants.check_logged("configs in error", True)
    tenants.check("configs in error", 30, 3)


def check_gone(server, tenants, file):
    """A file that is no longer there is in error like any other."""
    good = file.write(LIMITS % (30, 3))
    checks.check("no file: it was there", soon(lambda: in_force(server, good)), server.log_tail())
    os.rename(file.path, file.path + ".away")
    checks.check("no file: the gauge falls", soon(lambda: fell(server)), server.log_tail())
    tenants.check("no file", 30, 3)
    os.rename(file.path + ".away", file.path)
    checks.check("no file: it is back", soon(lambda: not fell(server)), server.log_tail())


def check_start(server, file):
    """A file in error at the start ends it, and the message names the file."""
    file.write("overrides:\n  small: {max_line_size: wide}\n")
    ended = subprocess.run([server.binary, "-config.file=" + server.config], capture_output=True, text=True, timeout=PATIENCE_S)
    said = ended.stdout + ended.stderr
    checks.check("a start over a file in error", ended.returncode == 1 and "runtime-config.yaml" in said and "tenant small" in said, (ended.returncode, said))


def run(binary, kind):
    folder = tempfile.mkdtemp(prefix="skald-runtime-")
    server = SkaldProcess(binary, folder, CONFIG)
    tenants, file = Tenants(server), kind(os.path.join(folder, "runtime"))
    os.mkdir(os.path.join(folder, "data"))  # The path to the runtime configuration leads through it.
    try:
        file.write(LIMITS % (20, 2))
        server.start()
        tenants.check("%s at the start" % kind.__name__, 20, 2)
        check_change(server, tenants, file, "%s, narrower" % kind.__name__, 10, 1)
        check_change(server, tenants, file, "%s, wider" % kind.__name__, 30, 3)
        check_wrong(server, tenants, file)
        check_configs(server, tenants, file)
        check_gone(server, tenants, file)
        server.stop()
        check_start(server, file)
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    for kind in (InPlace, ConfigMap):
        run(args.server, kind)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
