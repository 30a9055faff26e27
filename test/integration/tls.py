#!/usr/bin/env python3
"""Serves HTTP over TLS with certificates that openssl makes, and lets curl, Python and a live tail in, or not.

usage: tls.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from certificates import context, make_certificates  # noqa: E402
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess, serving  # noqa: E402
from websocket_client import WebSocket  # noqa: E402

checks = Checks()


def config(folder, more=""):
    """The usual one with TLS."""
    tls = "server:\n  http_tls_config: {cert_file: %s/server.pem, key_file: %s/server.key%s}\n" % (folder, folder, more)
    return CONFIG.replace("server:\n", tls)


def curl(folder, *arguments):
    """(exit code, body and status)"""
    run = subprocess.run(["curl", "-sS", "-m", "20", "-w", " %{http_code} %{http_version}", *arguments], cwd=folder, capture_output=True, text=True)
    return run.returncode, run.stdout


def check_everyone(server, folder):
    """TLS without certificates of clients: pushes, queries, a live tail, and what is no TLS."""
    ready = server.url + "/ready"
    checks.equal("curl", (0, "ready\n 200 1.1"), curl(folder, "--cacert", "ca.pem", ready))
    checks.equal("curl that would speak HTTP/2", (0, "ready\n 200 1.1"), curl(folder, "--http2", "--cacert", "ca.pem", ready))
    checks.equal("a client that does not know the authority", 60, curl(folder, ready)[0])
    checks.equal("TLS 1.1", 35, curl(folder, "-k", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", ready)[0])
    plain = ready.replace("https", "http")
    checks.equal("plain HTTP", (0, "Client sent an HTTP request to an HTTPS server.\n 400 1"), curl(folder, plain))
    checks.equal("a plain push", 400, int(curl(folder, "-d", "x" * 100000, plain)[1].split()[-2]))
    now = time.time_ns()
    target = "/loki/api/v1/tail?" + urllib.parse.urlencode({"query": '{app="tls"}', "start": now - 10**9})
    with WebSocket("127.0.0.1", server.http, target, tls=server.tls) as tail:
        lines = ["line %d %s" % (i, "x" * 2000) for i in range(400)]
        checks.equal("push", 204, server.push({"app": "tls"}, [(now + i, line) for i, line in enumerate(lines)])[0])
        got = []
        while len(got) < len(lines):
            kind, text = tail.receive(20)
            got += [line for s in json.loads(text)["streams"] for _, line in s["values"]] if kind == "text" else [kind]
        checks.equal("the tail", lines, got)
    answer = server.request("/loki/api/v1/query_range", {"query": '{app="tls"}', "limit": 1000, "start": now - 1, "end": now + 10**9})
    values = [v for s in json.loads(answer[1])["data"]["result"] for v in s["values"]]
    checks.equal("a long answer", len(lines), len(values))


def check_known(server, folder):
    """Only clients with a certificate of the authority."""
    ready = server.url + "/ready"
    trusting = ["--cacert", "ca.pem"]
    checks.equal("a known client", (0, "ready\n 200 1.1"), curl(folder, *trusting, "--cert", "client.pem", "--key", "client.key", ready))
    checks.equal("no certificate", "000", curl(folder, *trusting, ready)[1].split()[0])
    checks.equal("a stranger", "000", curl(folder, *trusting, "--cert", "stranger.pem", "--key", "stranger.key", ready)[1].split()[0])
    checks.equal("and the known one still", 200, server.request("/ready")[0])


def check_refused(binary, folder):
    """What the start says of files that will not do."""
    server_pem, server_key = folder + "/server.pem", folder + "/server.key"
    rows = [  # What is put in the place of what, more settings, what is said.
        (server_pem, "/none/cert.pem", "", "cert_file: cannot read /none/cert.pem"),
        (server_key, "/none/key.pem", "", "key_file: cannot read /none/key.pem"),
        (server_pem, folder + "/names", "", "cert_file: %s/names holds nothing in PEM" % folder),
        (server_pem, server_key, "", "cert_file: %s: " % server_key),
        (server_key, folder + "/client.key", "", "key_file: %s/client.key: key values mismatch" % folder),
        (server_key, "''", "", ": cert_file and key_file go together"),
        ("", "", ", client_auth_type: RequireAndVerifyClientCert", "client_ca_file: RequireAndVerifyClientCert needs it"),
    ]
    for old, new, more, text in rows:
        wrong = config(folder, more)
        with tempfile.TemporaryDirectory(prefix="skald-tls-") as data:
            server = SkaldProcess(binary, data, wrong.replace(old, new) if old else wrong)
            run = subprocess.run([binary, "-config.file=" + server.config], cwd=data, capture_output=True, text=True, timeout=30)
            checks.equal(text, (1, True), (run.returncode, "server.http_tls_config" in run.stderr and text in run.stderr))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="skald-tls-") as folder:
        make_certificates(folder)
        known = ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: %s/ca.pem" % folder
        for more, client, check in (("", None, check_everyone), (known, "client", check_known)):
            with serving(a.server, config(folder, more), context(folder, client)) as server:
                check(server, folder)
                server.stop()
        check_refused(os.path.abspath(a.server), folder)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
