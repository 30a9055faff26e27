#!/usr/bin/env python3
"""Reads the log of a real server for the lines that operators search it for.

usage: log_lines.py --server build/release/skald

A row of the table says what makes a line, what it is found by, and what it must have, in the order in which it must have it.
The last line is 'N passed, N failed'.
"""
import argparse
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, snappy_push, serving  # noqa: E402

FIELD = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S*)')
GO_DURATION = r"-?(\d+h)?(\d+m)?[\d.]+(s|ms|µs|ns)|0s"
SIZE = r"[\d.]+([kMGT]?B)"
NUMBER = r"\d+"
NOW = time.time_ns()
RANGE = {"start": NOW - 3600 * 10**9, "end": NOW + 10**9}
TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADERS = {"X-Query-Tags": "Source=grafana,user=,Dashboard=d1", "User-Agent": "logcli/3",
           "traceparent": "00-%s-b7ad6b7169203331-01" % TRACE, "X-Loki-Disable-Pipeline-Wrappers": "true"}
CONFIG = CONFIG.replace("log_level: info", "log_level: debug").replace("max_query_length: 0", "max_query_length: 30d") \
    .replace("limits_config:", "frontend: {log_queries_longer_than: 1ns, query_stats_enabled: true}\noperational_config: {log_push_request: true, log_hash_of_labels: true}\nlimits_config:") \
    + "compactor: {retention_enabled: true, delete_request_store: filesystem}\n"

ORIGIN = {"org_id": "fake", "traceID": TRACE}
COMMON = {"component": "frontend", **ORIGIN, "latency": "fast|slow"}
TIME = {"start": r"\d{4}-.*Z", "end": r"\d{4}-.*Z", "start_delta": GO_DURATION, "end_delta": GO_DURATION}


def cache(name, *fields):
    """A cache's fields: those of times and lengths are durations."""
    return {"cache_%s_%s" % (name, field): GO_DURATION if field in ("download_time", "query_length_served") else NUMBER
            for field in fields}


def metadata(kind, own=None, of_time=None, cached=None):
    """The line of a question about metadata: with its own keys, and with those of the cache of that name."""
    return {**COMMON, "query_type": kind, "user_agent": "logcli/3", "splits": NUMBER, **TIME, **(of_time or {}),
            "length": GO_DURATION, "duration": GO_DURATION, "status": "200", **(own or {}), "query": ".*", "query_hash": NUMBER,
            "total_entries": NUMBER,
            **(cache(cached + "_results", "req", "hit", "stored", "download_time", "query_length_served") if cached else {})}


QUERY = {
    **COMMON, "user_agent": "logcli/3", "query": ".+", "query_hash": NUMBER, "query_type": "metric|filter|limited",
    "range_type": "instant|range", "length": GO_DURATION, "start_delta": GO_DURATION, "end_delta": GO_DURATION, "step": GO_DURATION,
    "duration": GO_DURATION, "status": "200", "limit": NUMBER, "returned_lines": NUMBER, "throughput": SIZE, "total_bytes": SIZE,
    "total_bytes_structured_metadata": SIZE, "lines_per_second": NUMBER, "total_lines": NUMBER, "post_filter_lines": NUMBER,
    "total_entries": NUMBER, "store_chunks_download_time": GO_DURATION, "queue_time": GO_DURATION, "querier_exec_time": GO_DURATION,
    "splits": NUMBER, "shards": NUMBER, "query_referenced_structured_metadata": "true|false",
    "pipeline_wrapper_filtered_lines": NUMBER, "chunk_refs_fetch_time": GO_DURATION,
    **cache("chunk", "req", "hit", "bytes_stored", "bytes_fetched", "download_time"), **cache("index", "req", "hit", "download_time"),
    **cache("stats_results", "req", "hit", "download_time"), **cache("volume_results", "req", "hit", "download_time"),
    **cache("result", "req", "hit", "download_time", "query_length_served"),
    **cache("task_result", "req", "hit", "bytes", "download_time", "query_length_served"),
    "ingester_chunk_refs": NUMBER, "ingester_chunk_downloaded": NUMBER, "ingester_chunk_matches": NUMBER, "ingester_requests": NUMBER,
    "ingester_recv_wait_time": GO_DURATION, "ingester_chunk_head_bytes": SIZE, "ingester_chunk_compressed_bytes": SIZE,
    "ingester_chunk_decompressed_bytes": SIZE, "ingester_post_filter_lines": NUMBER, "congestion_control_latency": GO_DURATION,
    "index_total_chunks": NUMBER, "index_post_bloom_filter_chunks": NUMBER, "index_bloom_filter_ratio": r"[\d.]+",
    "index_used_bloom_filters": "true|false", "index_shard_resolver_duration": GO_DURATION, "index_bloom_filter_time": GO_DURATION,
    "index_chunk_refs_lookup_time": GO_DURATION, "source": "grafana", "dashboard": "d1", "disable_pipeline_wrappers": "true",
    "has_labelfilter_before_parser": "false", "index_total_streams": NUMBER}
EXECUTING = {**ORIGIN, "query": ".+", "query_hash": NUMBER, "type": "instant|range", "length": GO_DURATION, "step": GO_DURATION,
             "source": "grafana", "dashboard": "d1"}
FAILED = {**ORIGIN, "query": ".+", "query_hash": NUMBER, "query_type": ".*", "range_type": "instant|range", "length": GO_DURATION,
          "status": "400", "duration": GO_DURATION, "total_bytes": SIZE, "failure_category": ".+", "failure_reason": ".+"}

# path, parameters; by what the line is found; what it must have besides.
REQUESTS = [
    ("query_range", {"query": '{app="a"} |= "line"', **RANGE}, {"query": '{app="a"} |= "line"', "query_type": "filter"},
     {**QUERY, "status": "200", "range_type": "range", "returned_lines": "2"}),
    ("query", {"query": 'sum(count_over_time({app="a"}[1h]))'}, {"query": 'sum(count_over_time({app="a"}[1h]))', "query_type": "metric"},
     {**QUERY, "status": "200", "range_type": "instant"}),
    ("query", {"query": 'sum(rate({app="a"}[1m]))'}, {"msg": "executing query", "query": 'sum(rate({app="a"}[1m]))'}, {**EXECUTING, "type": "instant"}),
    ("query_range", {"query": '{app="b"}', **RANGE}, {"msg": "executing query", "query": '{app="b"}'},
     {**EXECUTING, "type": "range"}),
    ("query_range", {"query": '{app="a"} |', **RANGE}, {"msg": "failed query usage", "query": '{app="a"} |'},
     {**FAILED, "failure_category": "syntax", "range_type": "range"}),
    ("query", {"query": '{app="a"}'}, {"msg": "failed query usage", "query": '{app="a"}'},
     {**FAILED, "failure_category": "user_error", "query_type": "limited", "range_type": "instant"}),
    ("query_range", {"query": '{app="l"}', **RANGE, "start": NOW - 31 * 86400 * 10**9}, {"msg": "failed query usage", "query": '{app="l"}'},
     {**FAILED, "failure_category": "limit", "failure_reason": "the query time range exceeds the limit .*"}),
    ("query_range", {"query": '{app="c"}', **RANGE, "limit": "7"}, {"msg": "slow query detected", "param_query": '{app="c"}'},
     {"traceID": TRACE, "method": "GET", "host": r"127\.0\.0\.1:\d+", "path": "/loki/api/v1/query_range", "time_taken": GO_DURATION, "param_limit": "7"}),
    ("labels", RANGE, {"query_type": "labels", "label": ""}, metadata("labels", {"label": ""}, cached="label")),
    ("label/app/values", {**RANGE, "query": '{app=~".+"}'}, {"query_type": "labels", "label": "app"}, 
     {**metadata("labels", {"label": "app"}, cached="label"), "query": re.escape('{app=~".+"}')}),
    ("series", {"match[]": '{app="a"}', **RANGE}, {"query_type": "series"}, metadata("series", {"match": re.escape('{app="a"}')}, cached="series")),
    ("index/stats", {"query": '{app="a"}', **RANGE}, {"query_type": "stats"}, {**metadata("stats"), "query": re.escape('{app="a"}')}),
    ("index/volume_range", {"query": '{app="a"}', **RANGE, "step": "60", "limit": "9"}, {"query_type": "volume", "step": "1m0s"},
     metadata("volume", of_time={"range_type": "range", "step": GO_DURATION, "limit": "9"}, cached="volume")),
    ("index/volume", {"query": '{app="a"}', **RANGE, "limit": "9"}, {"query_type": "volume", "range_type": "instant"},
     metadata("volume", of_time={"range_type": "instant", "step": GO_DURATION, "limit": "9"}, cached="volume")),
]

checks = Checks()


def fields_of(line):
    return {k: json.loads(v) if v.startswith('"') else v for k, v in FIELD.findall(line)}


def lines(server):
    with open(server.log, encoding="utf-8") as f:
        return [fields_of(line) for line in f if line.startswith("ts=")]


def find(server, by):
    """The one line that has what it is found by, which may be written a moment after the answer; None if there is none."""
    end = time.monotonic() + 10
    while True:
        found = [one for one in lines(server) if all(one.get(k) == v for k, v in by.items())]
        if found or time.monotonic() > end:
            return found[-1] if found else None
        time.sleep(0.05)


def check_line(server, by, wanted):
    line = find(server, by)
    if not checks.check("a line with %r" % by, line is not None, server.log_tail()):
        return
    wanted = {"ts": r"\d{4}-\d\d-\d\dT.*", "level": "debug|info|error", "msg": ".+", **wanted}
    for name, pattern in wanted.items():
        checks.check("%s of the line with %r" % (name, by), re.fullmatch(pattern, line.get(name, "<absent>")), line)
    checks.equal("the order of keys of the line with %r" % by, list(wanted), [key for key in line if key in wanted])


def check_pushes(server):
    body = snappy_push({"app": "a"}, [(NOW - 2 * 10**9, "line one"), (NOW - 10**9, "line two")])
    headers = {"Content-Type": "application/x-protobuf", "User-Agent": "promtail/2.9", "X-Forwarded-For": "10.0.0.7, 10.0.0.1",
               "traceparent": HEADERS["traceparent"]}
    checks.equal("a push", 204, server.request("/loki/api/v1/push", body=body, headers=headers)[0])
    check_line(server, {"msg": "push request parsed"},
               {"level": "debug", **ORIGIN, "path": "/loki/api/v1/push", "contentType": "application/x-protobuf", "contentEncoding": "",
                "bodySize": SIZE, "streams": "1", "entries": "2", "streamLabelsSize": "9B", "entriesSize": "16B", "structuredMetadataSize": "0B",
                "totalSize": "25B", "totalExpandedSize": "34B", "mostRecentLagMs": NUMBER, "presumedAgentIp": r"10\.0\.0\.7",
                "userAgent": "promtail/2.9", "hashOfLabels": NUMBER})
    checks.equal("a push that is refused", 400, server.push({"app": "a"}, [(NOW, "x" * 300000)])[0])
    check_line(server, {"msg": "write operation failed"}, {"level": "error", "details": "max entry size .*", "org_id": "fake"})


def check_use(server):
    """What the tenant's queries cost, as frontend.query_stats_enabled has it counted."""
    text = server.request("/metrics")[1].decode()
    for name in ("loki_query_seconds_total", "loki_query_fetched_series_total", "loki_query_fetched_chunks_bytes_total"):
        checks.check(name, re.search(r'^%s\{user="fake"\} ' % name, text, re.M), text[:200])
    for name, labels in (("loki_querier_worker_concurrency", ""), ("loki_querier_worker_inflight_queries", ""),
                         ("loki_query_scheduler_queue_length", '{user="fake"}'),
                         ("loki_distributor_expanded_bytes_received_total", '{format="loki",tenant="fake"}'),
                         ("loki_distributor_push_stats_count",
                          '{content_encoding="",content_type="application/x-protobuf",content_version="",format="loki",tenant="fake"}')):
        checks.check(name, "\n" + name + labels + " " in text, [line for line in text.splitlines() if line.startswith(name)])


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with serving(a.server, CONFIG) as server:
        check_pushes(server)
        for path, params, by, wanted in REQUESTS:
            server.request("/loki/api/v1/" + path, params, headers=HEADERS)
            check_line(server, by, wanted)
        deletion = {"query": '{app="a"}', "start": str(NOW // 10**9 - 60)}
        checks.equal("a delete request", 204, server.request("/loki/api/v1/delete", deletion, method="POST")[0])
        check_line(server, {"msg": "delete request for user added"},
                   {"delete_request_id": r"\w+", "user": "fake", "query": re.escape('{app="a"}'), "interval": ".+"})
        check_use(server)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
