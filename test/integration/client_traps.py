#!/usr/bin/env python3
"""Does to the real binary what clients do and quick implementations get wrong. TRAPS.md says which trap is held where.

usage: client_traps.py --server build/release/skald

A function a trap, named by its number in that list. The last line is 'N passed, N failed', a check each.
"""
import argparse
import http.client
import json
import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess, field, snappy_push  # noqa: E402

SECOND = 10**9
HOUR = 3600 * SECOND
NOW = time.time_ns()
FLAG = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
RULES = "/api/prom/rules"
GROUP = """name: late
rules:
  - {alert: Second, expr: 'sum(rate({app="a"}[1m])) > 2', for: 90s, annotations: {summary: "{{ $value }}"}}
  - {record: "app:lines:rate", expr: 'sum(rate({app="a"}[1m]))', labels: {team: x}}
  - {alert: First, expr: 'sum(rate({app="a"}[1m])) > 1', for: 0s}
interval: 60s
"""
# As it comes back: nothing added, the order kept, durations in normal form.
GROUP_READ = """name: late
interval: 1m
rules:
    - alert: Second
      expr: sum(rate({app="a"}[1m])) > 2
      for: 1m30s
      annotations:
        summary: '{{ $value }}'
    - record: app:lines:rate
      expr: sum(rate({app="a"}[1m]))
      labels:
        team: x
    - alert: First
      expr: sum(rate({app="a"}[1m])) > 1
"""
CONFIG = CONFIG.replace("limits_config:", "pattern_ingester: {enabled: true}\ndistributor: {max_recv_msg_size: 1048576}\nlimits_config:") \
    .replace("reject_old_samples: false", "reject_old_samples: true\n  reject_old_samples_max_age: 30h\n  max_query_series: 20") \
    + "ruler: {enable_api: true}\nruler_storage: {backend: filesystem, filesystem: {dir: %(data)s/rules}}\n"

checks = Checks()


def ask(server, method, target, headers=None, body=None):
    """(status, {header: value}, body) with no header that is not named; targets go out as they are."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http, timeout=60)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def get(server, path, params=None, headers=None):
    return ask(server, "GET", path + ("?" + urllib.parse.urlencode(params, doseq=True) if params else ""), headers)


def result(server, path, params, headers=None):
    """data.result of a query."""
    status, _, body = get(server, path, params, headers)
    assert status == 200, (status, body[:300])
    return json.loads(body)["data"]["result"]


def metric(server, name):
    """The sum of a metric's samples whose text begins with `name`."""
    text = server.request("/metrics")[1].decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def trap_01_ten_digits_are_seconds(server):
    for query in ("vector(1)+vector(1)", "vector(1) + vector(1)"):
        found = result(server, "/loki/api/v1/query", {"query": query, "time": "4000000000", "direction": "backward"})
        checks.equal("save and test", [{"metric": {}, "value": [4000000000, "2"]}], found)


def trap_02_flags_before_result(server):
    params = {"query": '{app="html"}', "start": NOW - HOUR, "end": NOW + SECOND}
    _, _, with_flag = get(server, "/loki/api/v1/query_range", params, FLAG)
    checks.check("flags precede the result", 0 < with_flag.find(b'"encodingFlags"') < with_flag.find(b'"result":'), with_flag[:300])
    values = [v for s in json.loads(with_flag)["data"]["result"] for v in s["values"]]
    checks.check("every entry has a third element", values and all(len(v) == 3 and isinstance(v[2], dict) for v in values), values)
    values = [v for s in result(server, "/loki/api/v1/query_range", params) for v in s["values"]]
    checks.check("without the flag there are two", values and all(len(v) == 2 for v in values), values)


def trap_03_and_16_rules_as_grafana_reads_them(server):
    status, headers, body = get(server, RULES)
    checks.equal("no rules: the text that means so", (404, b"no rule groups found\n"), (status, body))
    status, _, body = get(server, RULES + "/test/test")
    checks.check("the probe of Grafana", status == 404 and b"group does not exist" in body, (status, body))
    status, headers, body = ask(server, "POST", RULES + "/a%20b", {"Content-Type": "application/yaml"}, GROUP.encode())
    checks.equal("a group is written", (202, {"status": "success", "data": None, "errorType": "", "error": ""}), (status, json.loads(body)))
    checks.check("the answer to a write is JSON", "json" in headers["content-type"], headers)
    status, headers, body = get(server, RULES + "/a%20b/late")
    checks.equal("a group comes back with nothing added", (200, GROUP_READ), (status, body.decode()))
    checks.check("what is read is YAML", "yaml" in headers["content-type"], headers)
    status, _, body = get(server, RULES)
    checks.check("by namespace", status == 200 and body.startswith(b"a b:\n"), body)
    checks.equal("it is deleted", 202, ask(server, "DELETE", RULES + "/a%20b/late")[0])
    for path in ("rules", "alerts"):
        status, headers, body = get(server, "/prometheus/api/v1/" + path)
        checks.check("states are JSON", status == 200 and "json" in headers["content-type"], (status, headers))


def trap_04_parsers_of_fields(server):
    params = {"query": '{app="fields"}', "start": NOW - HOUR, "end": NOW + SECOND}
    fields = {f["label"]: f for f in json.loads(get(server, "/loki/api/v1/detected_fields", params)[2])["fields"]}
    for name, parsers in (("trace_id", None), ("method", ["json"]), ("took", ["logfmt"])):
        checks.check("the field %s names its parsers" % name, "parsers" in fields.get(name, {}), fields)
        checks.equal("parsers of %s" % name, parsers, fields.get(name, {}).get("parsers"))


def trap_05_and_07_protobuf_is_known_by_its_type(server):
    body = snappy_push({"app": "types"}, [(NOW, "line")])
    as_json = json.dumps({"streams": [{"stream": {"app": "types"}, "values": [[str(NOW), "line"]]}]}).encode()
    for headers, data in (({"Content-Type": "application/x-protobuf"}, body),
                          ({"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}, body),
                          ({"Content-Type": "application/x-protobuf; charset=utf-8"}, body),
                          ({"Content-Type": "application/json"}, as_json),
                          ({"Content-Type": "application/json; charset=utf-8"}, as_json)):
        status, _, answer = ask(server, "POST", "/loki/api/v1/push", headers, data)
        checks.equal("a push as %r" % headers, (204, b""), (status, answer))


def trap_06_otlp_answers(server):
    status, _, _ = ask(server, "POST", "/otlp/v1/logs", {"Content-Type": "application/x-protobuf"}, otlp_record(b"a line"))
    checks.equal("an export", 204, status)
    status, _, body = ask(server, "POST", "/otlp/v1/logs", {"Content-Type": "application/x-protobuf; charset=utf-8"}, otlp_record(b"x"))
    checks.check("a type with parameters is refused, not failed", 400 <= status < 500, (status, body))
    status, headers, body = ask(server, "POST", "/otlp/v1/logs", {"Content-Type": "application/x-protobuf"}, b"\xff\xff\xff")
    # A google.rpc.Status: the message is its field 2.
    checks.check("an error is protobuf with a message", status == 400 and body[:1] in (b"\x08", b"\x12") and b"\x12" in body, (status, body))


def otlp_record(line):
    """ExportLogsServiceRequest with one record."""
    record = b"\x09" + NOW.to_bytes(8, "little") + field(5, field(1, line))
    return field(1, field(2, field(2, record)))


def trap_08_the_source_among_empty_tags(server):
    server.push({"app": "wide"}, [(NOW, "n=%d" % i) for i in range(40)])
    server.push({"__aggregated_metric__": "wide"}, [(NOW, "count=1")])
    params = {"query": 'sum by (n) (count_over_time({app="wide"} | logfmt [1h]))', "time": NOW + SECOND}
    internal = {"query": '{__aggregated_metric__="wide"}', "start": NOW - HOUR, "end": NOW + SECOND}
    for tags in ("Source=grafana-lokiexplore-app", "noop=,user=,dashboard_id=,Source=grafana-lokiexplore-app,panel_id="):
        status, _, body = get(server, "/loki/api/v1/query", params, {"X-Query-Tags": tags})
        answer = json.loads(body) if status == 200 else {}
        checks.equal("part of too many series for " + tags,
                     ["maximum number of series (20) reached for a single query; returning partial results"], answer.get("warnings"))
        checks.equal("internal streams for " + tags, 1, len(result(server, "/loki/api/v1/query_range", internal, {"X-Query-Tags": tags})))
    for tags in ("", "noop=,user=,Source=,panel_id=", "Source=somebody-else"):
        checks.equal("too many series for %r" % tags, 400, get(server, "/loki/api/v1/query", params, {"X-Query-Tags": tags})[0])
        checks.equal("internal streams for %r" % tags, [], result(server, "/loki/api/v1/query_range", internal, {"X-Query-Tags": tags}))


def trap_10_codes_that_fluent_bit_acts_on(server):
    def push(values):
        body = json.dumps({"streams": [{"stream": {"app": "bit"}, "values": values}]}).encode()
        return ask(server, "POST", "/loki/api/v1/push", {"Content-Type": "application/json", "User-Agent": "Fluent-Bit"}, body)
    old, new = [str(NOW - 31 * HOUR), "old"], [str(NOW), "new"]
    status, _, body = push([old, new])
    checks.check("what is too old is dropped by 400, the reason in line one", status == 400 and b"has timestamp too old" in body.split(b"\n")[0], (status, body))
    lines = [v[1] for s in result(server, "/loki/api/v1/query_range", {"query": '{app="bit"}', "start": NOW - 40 * HOUR}) for v in s["values"]]
    checks.equal("what is good beside it is stored", ["new"], lines)
    checks.equal("no JSON", 400, ask(server, "POST", "/loki/api/v1/push", {"Content-Type": "application/json"}, b"{")[0])
    checks.equal("a body too large is 413", 413, push([[str(NOW), "x" * (1 << 21)]])[0])


def trap_11_times_and_names_of_each_client(server):
    at = NOW // SECOND * SECOND
    server.push({"app": "times"}, [(at - 2 * SECOND, "one"), (at - SECOND, "two")])
    iso = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at // SECOND - 60))
    forms = {"logcli": {"start": at - 60 * SECOND, "end": at, "direction": "FORWARD", "limit": 30},
             "Perses": {"start": at // SECOND - 60, "end": at // SECOND, "direction": "forward", "step": "1"},
             "Terraform": {"start": "%d.5" % (at // SECOND - 60), "end": "%d.0" % (at // SECOND), "direction": "Forward"},
             "Drilldown": {"start": iso, "end": at, "direction": "forward"}}
    for client, params in forms.items():
        found = result(server, "/loki/api/v1/query_range", dict(params, query='{app="times"}'))
        checks.equal("lines for " + client, ["one", "two"], [v[1] for s in found for v in s["values"]])
        params = {k: v for k, v in params.items() if k in ("start", "end")}
        for name in ("match", "match[]"):
            status, _, body = get(server, "/loki/api/v1/series", dict(params, **{name: '{app="times"}'}))
            checks.equal("series by %s for %s" % (name, client), [{"app": "times", "service_name": "times"}], json.loads(body)["data"])
        status, _, body = get(server, "/loki/api/v1/label/app/values", dict(params, query='{app="times"}'))
        checks.equal("values for " + client, ["times"], json.loads(body)["data"])
        status, _, body = get(server, "/loki/api/v1/index/stats", dict(params, query='{app="times"}'))
        checks.equal("streams for " + client, 1, json.loads(body)["streams"])


def trap_12_letters_of_html(server):
    params = {"query": '{app="html"}', "start": NOW - HOUR, "end": NOW + SECOND}
    _, _, body = get(server, "/loki/api/v1/query_range", params)
    checks.check("as Loki escapes them", rb"\u003ca href=x\u003e \u0026 more" in body, body[:400])
    checks.check("and whole when decoded", '<a href=x> & more' in body.decode("unicode_escape"), body[:400])


def trap_13_no_stream_shards(server):
    status, _, body = get(server, "/loki/api/v1/label/__stream_shard__/values", {"query": '{app="html"}'})
    checks.equal("no shards are no error", (200, "success", []), (status, json.loads(body)["status"], json.loads(body).get("data", [])))


def trap_18_upgrades_that_nobody_asked_for(server):
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"}
    body = snappy_push({"app": "loki4j"}, [(NOW, "line")])
    status, headers, _ = ask(server, "POST", "/loki/api/v1/push", dict(offer, **{"Content-Type": "application/x-protobuf"}), body)
    checks.equal("a push by the client of the JDK", (204, None), (status, headers.get("upgrade")))
    checks.equal("a query by it", 200, get(server, "/loki/api/v1/labels", None, offer)[0])


def trap_20_numbers_and_strings(server):
    params = {"query": '{app="html"}', "start": NOW - HOUR, "end": NOW + SECOND}
    stats = json.loads(get(server, "/loki/api/v1/index/stats", params)[2])
    checks.check("statistics are numbers", set(stats) >= {"streams", "chunks", "bytes", "entries"} and all(type(v) is int for v in stats.values()), stats)
    for path, asked in (("volume", params), ("volume_range", dict(params, step=60))):
        one = result(server, "/loki/api/v1/index/" + path, asked)[0]
        sample = one["value"] if "value" in one else one["values"][0]
        checks.check("%s is a number and a string" % path, isinstance(sample[0], (int, float)) and isinstance(sample[1], str), one)


def trap_21_the_type_of_metrics(server):
    for accept in (None, "text/plain;version=0.0.4", "*/*"):
        _, headers, _ = get(server, "/metrics", None, {"Accept": accept} if accept else {})
        checks.check("metrics for " + str(accept), headers["content-type"].startswith("text/plain; version=0.0.4"), headers)
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    _, headers, body = get(server, "/metrics", None, {"Accept": accept})
    checks.check("OpenMetrics", headers["content-type"].startswith("application/openmetrics-text; version=1.0.0") and body.endswith(b"# EOF\n"), headers)


def trap_22_profiles_that_are_not_there(server):
    for profile in ("block", "goroutine", "mutex", "trace", "threadcreate"):
        checks.equal("the profile " + profile, 404, get(server, "/debug/pprof/" + profile)[0])


def trap_23_no_cors(server):
    origin = {"Origin": "http://perses.example", "Access-Control-Request-Method": "GET"}
    for method, target in (("GET", "/loki/api/v1/labels"), ("GET", "/loki/api/v1/query_range?query=%7Bapp%3D%22html%22%7D"), ("GET", "/loki/api/v1/query?query="),
                           ("GET", "/ready"), ("GET", "/nowhere"), ("OPTIONS", "/loki/api/v1/query_range"), ("OPTIONS", "/loki/api/v1/push")):
        status, headers, _ = ask(server, method, target, origin)
        checks.equal("headers for other origins, " + method + " " + target, [], [h for h in headers if h.startswith("access-control")])
        if method == "OPTIONS":
            checks.equal("a preflight of " + target, 405, status)


def trap_24_a_client_that_goes_away(server):
    """A query of some minutes of work ends within seconds once its client is gone."""
    for i in range(10):
        server.push_snappy({"app": "work", "part": str(i)}, [(NOW - n * 1000, "line %d of some length" % n) for n in range(10000)])
    one = 'sum(count_over_time({app="work"} | regexp "(?P<a>.+) (?P<b>.+) (?P<c>.+)" | line_format "{{.a}}{{.b}}" [1h]))'
    target = "/loki/api/v1/query?" + urllib.parse.urlencode({"query": " + ".join([one] * 400), "time": NOW + SECOND})
    request = ("GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % target).encode()
    before = metric(server, 'loki_logql_querystats_latency_seconds_count{range="instant",status_code="499"')
    with socket.create_connection(("127.0.0.1", server.http)) as client:
        client.sendall(request)
        wait_until(lambda: metric(server, "loki_query_frontend_queries_in_progress") > 0)
    checks.check("no query goes on", wait_until(lambda: metric(server, "loki_query_frontend_queries_in_progress") == 0, 20))
    after = metric(server, 'loki_logql_querystats_latency_seconds_count{range="instant",status_code="499"')
    checks.equal("it is told as cancelled", 1, after - before)


def wait_until(holds, timeout_s=60):
    end = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def trap_25_the_canary_is_one_series(server):
    """Lines of a day, some of them flushed, pushed by the canary one at a time."""
    labels = {"name": "loki-canary", "stream": "stdout"}
    headers = {"Content-Type": "application/x-protobuf", "User-Agent": "canary-push/test"}
    times = [NOW - hour * HOUR - n * SECOND for hour in range(23, -1, -1) for n in (2, 1)]
    for i, at in enumerate(times):
        line = str(at) + " " + "p" * (100 - len(str(at)))
        checks.equal("the canary's push", 204, ask(server, "POST", "/loki/api/v1/push", headers, snappy_push(labels, [(at, line)]))[0])
        if i == len(times) // 2:
            server.flush()
    query = 'count_over_time({stream="stdout",name="loki-canary"}[24h])'
    for headers in ({}, {"Cache-Control": "no-cache"}, FLAG):
        found = result(server, "/loki/api/v1/query", {"query": query, "time": NOW}, headers)
        checks.equal("one series of all lines", [str(len(times))], [s["value"][1] for s in found])
    params = {"query": '{stream="stdout",name="loki-canary"}', "start": NOW - 24 * HOUR, "end": NOW, "limit": 1000}
    checks.equal("one stream of them", [len(times)], [len(s["values"]) for s in result(server, "/loki/api/v1/query_range", params)])


def trap_26_queries_of_tens_of_kib(server):
    values = "|".join("value-%d" % i for i in range(6000))
    params = {"query": '{app=~"html|%s"}' % values, "start": NOW - HOUR, "end": NOW + SECOND}
    checks.check("it is long", len(params["query"]) > 60000, len(params["query"]))
    checks.equal("and is answered", 1, len(result(server, "/loki/api/v1/query_range", params)))


def with_authentication(binary, folder):
    """Traps that need tenants: probes come without one, and an empty header is none."""
    server = SkaldProcess(binary, folder, CONFIG.replace("auth_enabled: false", "auth_enabled: true"))
    try:
        server.start()
    except AssertionError as e:
        checks.check("the server asks nobody for a tenant to be ready", False, e)
        return
    try:
        # 9: Vector and Kubernetes.
        checks.equal("ready for Vector", 200, get(server, "/ready")[0])
        status, headers, body = get(server, "/loki/api/v1/status/buildinfo")
        checks.check("build information for Kubernetes", status == 200 and "version" in json.loads(body), (status, body))
        # 10: Fluent Bit tries again.
        body = b'{"streams":[]}'
        checks.equal("a push without a tenant", (401, b"no org id\n"), ask(server, "POST", "/loki/api/v1/push", {"Content-Type": "application/json"}, body)[::2])
        # 15: Terraform.
        for path in ("/loki/api/v1/rules", "/loki/api/v1/labels", "/prometheus/api/v1/rules"):
            missing, empty = get(server, path)[::2], get(server, path, None, {"X-Scope-OrgID": ""})[::2]
            checks.equal("an empty tenant, " + path, (401, missing), (empty[0], empty))
    finally:
        server.kill()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-traps-")
    for name in ("one", "tenants"):
        os.mkdir(os.path.join(folder, name))
    server = SkaldProcess(a.server, os.path.join(folder, "one"), CONFIG)
    try:
        server.start()
        server.push({"app": "html"}, [(NOW - SECOND, "<a href=x> & more")])
        server.push({"app": "fields"}, [(NOW, '{"method":"GET"}', {"trace_id": "1"}), (NOW, "took=5ms ok=1")])
        for name, trap in sorted(globals().items()):
            if name.startswith("trap_"):
                try:
                    trap(server)
                except (AssertionError, KeyError, IndexError, ValueError, OSError, http.client.HTTPException) as e:
                    checks.check(name, False, "%s: %s" % (type(e).__name__, e))
        with_authentication(a.server, os.path.join(folder, "tenants"))
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
