#!/usr/bin/env python3
"""TLS of HTTP and gRPC: files that are replaced, versions and ciphers, certificates as text in the configuration.

usage: tls_settings.py --server build/release/skald

Certificates are looked at as a client sees them. The last line is 'N passed, N failed', a check each.
"""
import argparse
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from certificates import context, make_certificates, sign  # noqa: E402
from checks import Checks  # noqa: E402
from skald_process import CONFIG, serving  # noqa: E402

NOT_RELOADED = "a certificate was not reloaded; the one in force stays so"
AES_128, AES_256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"

checks = Checks()


def config(tls, more=""):
    """The usual one, with `tls` as the settings of both protocols and `more` beside them."""
    return CONFIG.replace("server:\n", "server:\n  http_tls_config: %s\n  grpc_tls_config: %s\n%s" % (tls, tls, more))


def files(folder):
    return "{cert_file: %s/server.pem, key_file: %s/server.key}" % (folder, folder)


def text(folder, name):
    with open(os.path.join(folder, name)) as f:
        return f.read()


def shown(folder, port, newest=ssl.TLSVersion.TLSv1_3, ciphers=None):
    """The certificate that a port shows, as PEM; None if it does not agree with the client."""
    client = context(folder)
    client.set_alpn_protocols(["h2", "http/1.1"])
    client.maximum_version = newest
    if ciphers:
        client.set_ciphers(ciphers)
    try:
        with socket.create_connection(("127.0.0.1", port), 20) as raw, client.wrap_socket(raw, server_hostname="localhost") as s:
            return ssl.DER_cert_to_PEM_cert(s.getpeercert(True))
    except (ssl.SSLError, ConnectionError):
        return None


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def replace(folder, certificate, key):
    """Puts a certificate and a key of the folder in the place of the server's."""
    for source, target in ((certificate + ".pem", "server.pem"), (key + ".key", "server.key")):
        shutil.copy(os.path.join(folder, source), os.path.join(folder, "new"))
        os.replace(os.path.join(folder, "new"), os.path.join(folder, target))


def reloads(server):
    """The gauge of both settings."""
    lines = server.request("/metrics")[1].decode().splitlines()
    return sorted(line for line in lines if line.startswith("skald_tls_last_reload_successful{"))


def gauges(value):
    return ['skald_tls_last_reload_successful{setting="server.%s_tls_config"} %d' % (p, value) for p in ("grpc", "http")]


def check_reload(server, folder):
    """A new pair, one that does not fit, and another good one, below an open connection."""
    ports = {"HTTP": server.http, "gRPC": server.grpc}
    open_connection = http.client.HTTPSConnection("127.0.0.1", server.http, context=context(folder), timeout=60)
    open_connection.request("GET", "/ready")
    checks.equal("before", b"ready\n", open_connection.getresponse().read())
    first = text(folder, "server.pem")
    for name, port in ports.items():
        checks.equal(name + " before", first, shown(folder, port))
    sign(folder, "second")
    replace(folder, "second", "second")
    second = text(folder, "second.pem")
    for name, port in ports.items():
        checks.check(name + " shows the new certificate", wait_until(lambda: shown(folder, port) == second))
    open_connection.request("GET", "/ready")
    checks.equal("the connection from before", b"ready\n", open_connection.getresponse().read())
    checks.equal("it worked", gauges(1), reloads(server))
    sign(folder, "third")
    replace(folder, "third", "stranger")
    checks.check("a key of another is told", wait_until(lambda: text(server.folder, "server.log").count(NOT_RELOADED) == 2), server.log_tail())
    for setting in ("server.http_tls_config", "server.grpc_tls_config"):
        checks.check(setting + " is named", "%s.key_file: %s/server.key: key values mismatch" % (setting, folder) in server.log_tail(), server.log_tail())
    checks.equal("and counted", gauges(0), reloads(server))
    for name, port in ports.items():
        checks.equal(name + " keeps what it had", second, shown(folder, port))
    replace(folder, "third", "third")
    for name, port in ports.items():
        checks.check(name + " shows the third", wait_until(lambda: shown(folder, port) == text(folder, "third.pem")))
    checks.equal("it works again", gauges(1), reloads(server))


def check_newest(server, folder):
    """tls_min_version: VersionTLS13"""
    for name, port in (("HTTP", server.http), ("gRPC", server.grpc)):
        checks.equal(name + " over TLS 1.2", None, shown(folder, port, newest=ssl.TLSVersion.TLSv1_2))
        checks.check(name + " over TLS 1.3", shown(folder, port))


def check_ciphers(server, folder):
    """tls_cipher_suites with one of TLS 1.2"""
    for name, port in (("HTTP", server.http), ("gRPC", server.grpc)):
        checks.check(name + " with the cipher", shown(folder, port, ssl.TLSVersion.TLSv1_2, AES_256))
        checks.equal(name + " with another", None, shown(folder, port, ssl.TLSVersion.TLSv1_2, AES_128))
        checks.check(name + " over TLS 1.3", shown(folder, port))


def check_texts(server, folder):
    """cert and key in the configuration itself"""
    for name, port in (("HTTP", server.http), ("gRPC", server.grpc)):
        checks.equal(name, text(folder, "server.pem"), shown(folder, port))
    said = server.request("/config")[1].decode()
    checks.equal("keys are not shown", (2, False), (said.count('key: "<secret>"'), "PRIVATE KEY" in said))


def check_verified(binary, folder):
    """What -verify-config says of settings that gRPC does not keep to."""
    run = subprocess.run([binary, "-verify-config", "-server.grpc-tls-cert-path=a", "-server.grpc-tls-key-path=b", "-server.tls-min-version=VersionTLS11",
                          "-server.tls-cipher-suites=TLS_AES_128_GCM_SHA256"], cwd=folder, capture_output=True, text=True, timeout=30)
    checks.equal("exit code", 0, run.returncode)
    for want in ("server.tls_min_version: VersionTLS11 holds for HTTP alone", "server.tls_cipher_suites: those of TLS 1.3"):
        checks.check(want, want in run.stderr + run.stdout, run.stderr)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="skald-tls-") as folder:
        make_certificates(folder)
        texts = json.dumps({"cert": text(folder, "server.pem"), "key": text(folder, "server.key")})
        rows = (
            (config(texts), check_texts),
            (config(files(folder), "  tls_min_version: VersionTLS13\n"), check_newest),
            (config(files(folder), "  tls_cipher_suites: TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"), check_ciphers),
            (config(files(folder)), check_reload),
        )
        for settings, check in rows:
            with serving(a.server, settings, context(folder)) as server:
                check(server, folder)
                server.stop()
        check_verified(os.path.abspath(a.server), folder)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
