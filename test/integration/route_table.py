#!/usr/bin/env python3
"""Asks the real binary every path that Loki has, with every method, with a tenant and without.

usage: route_table.py --server build/release/skald

A row of the table is a path, its methods, whether it wants a tenant, and what a plain request gets: status and content type.
Methods that a row does not name get 405 with an empty body. The last line is 'N passed, N failed'.
"""
import argparse
import http.client
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
EVERY = METHODS
TENANT = {"X-Scope-OrgID": "t"}
JSON, JSON_UTF8, JSON_UPPER = ("application/json" + charset for charset in ("", "; charset=utf-8", "; charset=UTF-8"))
TEXT, HTML = "text/plain; charset=utf-8", "text/html"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
QUERY = "?query=%7Bapp%3D%22a%22%7D"
GROUP = b"name: g\nrules: [{alert: A, expr: 'sum(rate({app=\"a\"}[1m])) > 1'}]\n"
PUSH = b'{"streams":[{"stream":{"app":"a"},"values":[["%d","line"]]}]}' % time.time_ns()

# path and query; methods; whether a tenant is wanted; {method: (status, content type)}, None for any method.
TABLE = [
    ("/loki/api/v1/push", "POST", True, {None: (204, None)}),
    ("/api/prom/push", "POST", True, {None: (204, None)}),
    ("/otlp/v1/logs", "POST", True, {None: (422, "application/octet-stream")}),
    ("/loki/api/v1/query" + QUERY, "GET POST", True, {None: (400, TEXT)}),
    ("/loki/api/v1/query?query=vector(1)", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/query_range" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/prom/query" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/labels", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/label", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/label/app/values", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/prom/label", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/prom/label/app/values", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/series", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/prom/series", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/index/stats" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/index/volume" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/index/volume_range" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/index/shards" + QUERY + "&targetBytesPerShard=1MB", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/patterns" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/detected_labels", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/detected_fields" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/detected_field/level/values" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/loki/api/v1/tail" + QUERY, "GET POST", True, {None: (400, TEXT)}),  # It asks for no WebSocket.
    ("/api/prom/tail" + QUERY, "GET POST", True, {None: (400, TEXT)}),
    ("/loki/api/v1/format_query" + QUERY, "GET POST", False, {None: (200, JSON_UTF8)}),
    ("/loki/api/v1/delete" + QUERY + "&start=1700000000", "PUT POST GET DELETE", True, {"GET": (200, JSON), "DELETE": (404, TEXT), None: (204, None)}),
    ("/loki/api/v1/cache/generation_numbers", "GET", True, {None: (200, TEXT)}),
    ("/loki/api/v1/cache/generation_numbers/increase", "POST", True, {None: (204, None)}),
    ("/loki/api/v1/rules", "GET", True, {None: (404, TEXT)}),
    ("/api/prom/rules", "GET", True, {None: (404, TEXT)}),
    ("/loki/api/v1/rules/ns", "GET POST DELETE", True, {"GET": (404, TEXT), "POST": (202, JSON), "DELETE": (202, JSON)}),
    ("/api/prom/rules/ns", "GET POST DELETE", True, {"GET": (404, TEXT), "POST": (202, JSON), "DELETE": (202, JSON)}),
    ("/loki/api/v1/rules/ns/g", "GET DELETE", True, {"GET": (404, TEXT), "DELETE": (202, JSON)}),
    ("/api/prom/rules/ns/g", "GET DELETE", True, {"GET": (404, TEXT), "DELETE": (202, JSON)}),
    ("/prometheus/api/v1/rules", "GET", True, {None: (200, JSON)}),
    ("/prometheus/api/v1/alerts", "GET", True, {None: (200, JSON)}),
    ("/loki/api/v1/drilldown-limits", "GET", True, {None: (200, JSON)}),
    ("/config/tenant/v1/limits", "GET", True, {None: (200, None)}),
    ("/loki/api/v1/status/buildinfo", "GET", False, {None: (200, JSON_UTF8)}),
    ("/ready", "GET", False, {None: (200, TEXT)}),
    ("/metrics", "GET", False, {None: (200, PROMETHEUS)}),
    ("/config", "GET", False, {None: (200, TEXT)}),
    ("/config?mode=diff", "GET", False, {None: (200, TEXT)}),
    ("/config?mode=defaults", "GET", False, {None: (200, TEXT)}),
    ("/services", "GET", False, {None: (200, TEXT)}),
    ("/log_level", "GET POST", False, {"GET": (200, JSON_UTF8), "POST": (400, JSON_UTF8)}),
    ("/log_level?log_level=info", "GET POST", False, {None: (200, JSON_UTF8)}),
    ("/flush", "GET POST", False, {None: (204, None)}),
    ("/flush/tenant", "POST", True, {None: (204, None)}),
    ("/ingester/prepare_shutdown", "GET POST DELETE", False, {None: (500, TEXT)}),  # There is no shutdown_marker_path.
    ("/ingester/prepare_partition_downscale", "GET POST DELETE", False, {None: (405, None)}),
    ("/ring", "GET POST", False, {None: (200, HTML)}),
    ("/distributor/ring", "GET POST", False, {None: (200, HTML)}),
    ("/scheduler/ring", "GET POST", False, {None: (200, HTML)}),
    ("/ruler/ring", "GET POST", False, {None: (200, HTML)}),
    ("/pattern/ring", "GET POST", False, {None: (200, HTML)}),
    ("/indexgateway/ring", "GET POST", False, {None: (200, HTML)}),
    ("/compactor/ring", EVERY, False, {None: (200, HTML)}),
    ("/compactor/ui/api/v1/deletes", EVERY, False, None),
    ("/memberlist", EVERY, False, {None: (200, "text/plain")}),
    ("/debug/pprof/", "GET POST", False, {None: (200, HTML + "; charset=utf-8")}),
    ("/debug/pprof/goroutine", "GET POST", False, {None: (404, TEXT)}),
    ("/debug/fgprof", "GET POST", False, {None: (404, TEXT)}),
    # Skald's own.
    ("/api/v1/cardinality", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/v1/explain" + QUERY, "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/v1/field_stats" + QUERY + "&field=level", "GET POST", True, {None: (200, JSON_UPPER)}),
    ("/api/v1/snapshot?name=s", "POST", False, {None: (200, JSON_UPPER)}),
]
UNKNOWN = ["/nowhere", "/loki/api/v1", "/loki/api/v1/queries", "/LOKI/api/v1/push", "/loki/api/v1/push/",
           "/debug/pprof/a/b", "/ready/x"]
RULE_STORAGE = "ruler_storage: {backend: filesystem, filesystem: {dir: %(data)s/rules}}\n"
RULE_PATHS = ["/loki/api/v1/rules", "/api/prom/rules/ns", "/prometheus/api/v1/rules", "/prometheus/api/v1/alerts"]
# What each of them does not know without.
WITHOUT = {
    "deletes": ("retention_enabled: true", "retention_enabled: false", ["/loki/api/v1/delete", "/loki/api/v1/cache/generation_numbers"]),
    "rules": ("enable_api: true", "enable_api: false", RULE_PATHS),
    "a storage of rules": (RULE_STORAGE, "", RULE_PATHS),
    "patterns": ("pattern_ingester: {enabled: true}", "pattern_ingester: {enabled: false}", ["/pattern/ring"]),
    "instrumentation": ("register_instrumentation: true", "register_instrumentation: false", ["/metrics", "/debug/pprof/", "/debug/pprof/profile"]),
}
CONFIG = CONFIG.replace("auth_enabled: false", "auth_enabled: true").replace("server:\n", "server:\n  register_instrumentation: true\n") \
    .replace(", rules_directory: %(data)s/rules", "") \
    + "compactor: {retention_enabled: true, delete_request_store: filesystem}\nruler: {enable_api: true}\n" + RULE_STORAGE \
    + "pattern_ingester: {enabled: true}\n"

checks = Checks()


def check(what, problem):
    checks.check(what, not problem, problem)


def ask(server, method, target, headers):
    """(status, content type, body)"""
    body = {"/loki/api/v1/push": PUSH, "/api/prom/push": PUSH}.get(target, b"")
    headers = dict(headers)
    if method == "POST" and "/rules/" in target:
        body = GROUP
    if body and body is PUSH:
        headers["Content-Type"] = "application/json"
    if target.startswith("/otlp"):
        headers["Content-Type"], body = "application/json", b'{"resourceLogs":[]}'
    connection = http.client.HTTPConnection("127.0.0.1", server.http, timeout=30)
    try:
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()
    finally:
        connection.close()


def check_row(server, target, methods, tenant, answers):
    methods = methods.split() if isinstance(methods, str) else methods
    for method in METHODS:
        status, kind, body = ask(server, method, target, TENANT)
        what = method + " " + target
        if method not in methods:
            check(what, "" if (status, body) == (405, b"") else "want 405 without a body, got %s %r" % (status, body[:200]))
        elif answers is not None:
            want = answers.get(method) or answers[None]
            same = status == want[0] and (want[1] is None or kind == want[1])
            check(what, "" if same else "want %s %s, got %s %s %r" % (*want, status, kind, body[:200]))
    if tenant:
        got = ask(server, methods[0], target, {})
        empty = ask(server, methods[0], target, {"X-Scope-OrgID": ""})
        check("no tenant, " + target, "" if got == empty == (401, TEXT, b"no org id\n") else "got %r and %r" % (got, empty))
    else:
        status = ask(server, methods[0], target, {})[0]
        check("no tenant, " + target, "it is 401" if status == 401 else "")


def check_rule_limits(binary):
    """What is said of one rule group more than a tenant may have."""
    with tempfile.TemporaryDirectory(prefix="skald-routes-") as folder:
        server = SkaldProcess(binary, folder, CONFIG.replace("limits_config:\n", "limits_config:\n  ruler_max_rule_groups_per_tenant: 1\n")).start()
        try:
            got = [ask(server, "POST", "/loki/api/v1/rules/" + namespace, TENANT) for namespace in ("a", "b")]
            check("one group", "" if got[0][0] == 202 else "got %r" % (got[0],))
            check("one group too many", "" if got[1] == (400, TEXT, b"per-user rule groups limit (limit: 1 actual: 2) exceeded\n") else "got %r" % (got[1],))
        finally:
            server.kill()


def check_without(binary, what, old, new, paths):
    assert old in CONFIG, old
    with tempfile.TemporaryDirectory(prefix="skald-routes-") as folder:
        server = SkaldProcess(binary, folder, CONFIG.replace(old, new)).start()
        try:
            for path in paths:
                got = ask(server, "GET", path, TENANT)
                check("without " + what + ": " + path, "" if got == (404, TEXT, b"404 page not found\n") else "got %r" % (got,))
        finally:
            server.kill()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="skald-routes-") as folder:
        server = SkaldProcess(a.server, folder, CONFIG).start()
        try:
            for row in TABLE:
                check_row(server, *row)
            for path in UNKNOWN:
                got = ask(server, "GET", path, TENANT)
                check(path, "" if got == (404, TEXT, b"404 page not found\n") else "got %r" % (got,))
            check_row(server, "/ingester/shutdown?terminate=false", "GET POST", False, {"POST": (503, TEXT), None: (204, None)})
            server.stop()
        finally:
            server.process.kill()
    check_rule_limits(a.server)
    for what, row in WITHOUT.items():
        check_without(a.server, what, *row)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
