#!/usr/bin/env python3
"""Reads /metrics of a server that has had some of everything, as strictly as Prometheus does and more.

usage: metrics.py --server build/release/skald

Holds the text format, the consistency of histograms, that what dashboards and alerts read is there, and that METRICS.md
names all of our own.
Asks `promtool check metrics` too, which install-deps brings, and lets pass only what Loki's names force on us.
Standard library only.
"""
import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from skald_process import SkaldProcess  # noqa: E402

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
# Loki's names that promtool would have otherwise, and what it says of them.
FORCED = {
    "loki_cache_fetched_keys": {'counter metrics should have "_total" suffix'},
    "loki_cache_hits": {'counter metrics should have "_total" suffix'},
    "loki_compactor_pending_delete_requests_count": {'non-histogram and non-summary metrics should not have "_count" suffix'},
    "loki_distributor_lag_ms_total": {"label names should be written in 'snake_case' not 'camelCase'",
                                      "metric names should not contain abbreviated units"},
    "loki_distributor_push_stats_count": {'counter metrics should have "_total" suffix',
                                          'non-histogram and non-summary metrics should not have "_count" suffix'},
    "loki_distributor_push_zero_streams_count": {'counter metrics should have "_total" suffix',
                                                 'non-histogram and non-summary metrics should not have "_count" suffix'},
    "loki_ingester_chunk_bounds_hours": {'use base unit "seconds" instead of "hours"'},
    "loki_query_scheduler_enqueue_count": {'counter metrics should have "_total" suffix',
                                           'non-histogram and non-summary metrics should not have "_count" suffix'},
    "loki_ring_tokens_total": {'non-counter metrics should not have "_total" suffix'},
    "loki_ruler_managers_total": {'non-counter metrics should not have "_total" suffix'},
    "loki_stream_sharding_count": {'counter metrics should have "_total" suffix',
                                   'non-histogram and non-summary metrics should not have "_count" suffix'},
    "loki_blocked_queries": {'counter metrics should have "_total" suffix'},
}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",), "summary": ("", "_sum", "_count")}
# As dashboards and alerts name them, with the labels by which they choose and group.
WANTED = """
loki_request_duration_seconds{method,route,status_code,ws} loki_request_message_bytes{method,route}
loki_response_message_bytes{method,route} loki_inflight_requests{method,route} loki_tcp_connections{protocol} loki_tcp_connections_limit{protocol}
loki_build_info{branch,goarch,goos,goversion,revision,tags,version} loki_panic_total
loki_internal_log_messages_total{level} process_cpu_seconds_total process_resident_memory_bytes
process_start_time_seconds process_open_fds
loki_distributor_bytes_received_total{format,is_internal_stream,policy,retention_hours,tenant}
loki_distributor_structured_metadata_bytes_received_total{format,is_internal_stream,policy,retention_hours,tenant}
loki_distributor_lines_received_total{format,is_internal_stream,policy,tenant}
loki_distributor_lag_ms_total{format,tenant,userAgent} loki_distributor_ingester_appends_total{ingester}
loki_distributor_replication_factor loki_discarded_samples_total{format,policy,reason,retention_hours,tenant}
loki_write_failures_logged_total{org_id}
loki_discarded_bytes_total{format,policy,reason,retention_hours,tenant} loki_bytes_per_line
loki_ingester_memory_streams{tenant} loki_ingester_memory_streams_labels_bytes
loki_ingester_streams_created_total{tenant} loki_ingester_streams_removed_total{tenant} loki_ingester_memory_chunks
loki_ingester_chunks_created_total loki_ingester_chunks_flushed_total{reason}
loki_ingester_chunks_flush_requests_total loki_ingester_chunks_flush_failures_total
loki_ingester_chunks_stored_total{tenant} loki_ingester_chunk_stored_bytes_total{tenant}
loki_ingester_chunks_encoded_total{user} loki_ingester_chunk_size_bytes loki_ingester_chunk_entries
loki_ingester_chunk_utilization loki_ingester_chunk_age_seconds loki_ingester_chunk_bounds_hours
loki_ingester_chunk_compression_ratio loki_ingester_chunk_encode_time_seconds loki_ingester_blocks_per_chunk
loki_ingester_flush_queue_length loki_ingester_shutdown_marker loki_ingester_duplicate_log_bytes_total{tenant}
loki_ingester_wal_records_logged_total loki_ingester_wal_logged_bytes_total loki_ingester_wal_disk_full_failures_total
loki_ingester_wal_duplicate_entries_total loki_ingester_wal_recovered_streams_total
loki_ingester_wal_recovered_bytes_total loki_ingester_wal_bytes_in_use loki_ingester_wal_disk_usage_percent
loki_ingester_wal_replay_active loki_ingester_wal_replay_duration_seconds loki_ingester_checkpoint_creations_total
loki_ingester_checkpoint_deletions_total loki_query_scheduler_queue_length{user}
loki_query_scheduler_enqueue_count{level,user} loki_query_scheduler_queue_duration_seconds
loki_logql_querystats_bytes_processed_total{tenant}
loki_logql_querystats_latency_seconds{range,status_code,type}
loki_logql_querystats_bytes_processed_per_seconds{latency_type,range,sharded,status_code,type}
loki_logql_querystats_chunk_download_latency_seconds{range,status_code,type}
loki_logql_querystats_downloaded_chunk_total{range,status_code,type} loki_logql_querystats_duplicates_total
loki_logql_querystats_ingester_sent_lines_total loki_logql_querystats_failed_query_usage_recorded_total{category}
logql_query_duration_seconds{query_type} loki_query_frontend_queries_in_progress
loki_chunk_store_stored_chunks_total{user} loki_chunk_store_stored_chunk_bytes_total{user}
loki_chunk_store_fetched_chunks_total{user} loki_chunk_store_decode_failures_total{user}
loki_chunk_store_index_entries_per_chunk loki_objstore_bucket_operations_total{bucket,operation}
loki_objstore_bucket_operation_failures_total{bucket,operation}
loki_objstore_bucket_operation_duration_seconds{bucket,operation} loki_boltdb_shipper_compactor_running
loki_boltdb_shipper_compact_tables_operation_duration_seconds
loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds loki_ring_members{name,state}
loki_ring_tokens_total{name} loki_distributor_push_stats_count{content_encoding,content_type,content_version,format,tenant}
loki_distributor_expanded_bytes_received_total{format,tenant} loki_querier_worker_concurrency
loki_querier_worker_inflight_queries loki_distributor_push_zero_streams_count{stage,tenant} loki_stream_sharding_count
loki_ingester_wal_recovered_chunks_total loki_ingester_wal_recovered_entries_total loki_ingester_wal_replay_flushing
loki_querier_tail_active loki_index_request_duration_seconds{operation,status_code}
loki_compactor_pending_delete_requests_count loki_compactor_oldest_pending_delete_request_age_seconds
loki_ruler_sync_rules_total{reason} loki_ruler_managers_total loki_ruler_queries_total loki_ruler_queries_failed_total
loki_distributor_ingester_append_timeouts_total{ingester} loki_chunk_store_deduped_chunks_total
loki_chunk_store_deduped_bytes_total loki_embeddedcache_entries{cache} loki_embeddedcache_memory_bytes{cache}
loki_cache_fetched_keys{name} loki_cache_hits{name} loki_boltdb_shipper_retention_sweeper_marker_files_current
loki_boltdb_shipper_retention_sweeper_marker_file_processing_current_time
""".split()


def work(server):
    now = time.time_ns()
    assert server.push({"app": "a"}, [(now - i, "line %d" % i) for i in range(100)])[0] == 204
    assert server.push({"app": "a"}, [(now, "x" * 300000)])[0] == 400
    server.flush()
    assert server.push({"app": 'odd "name"\\'}, [(now, "fresh")])[0] == 204
    for query in ('{app="a"} |= "line"', 'sum(count_over_time({app="a"}[5m]))', 'count_over_time({app="a"}[5m]) > bool vector(1) or {', '{app="a"} | drop'):
        server.request("/loki/api/v1/query_range", {"query": query, "start": now - 10**12, "end": now + 10**9})
    server.request("/loki/api/v1/query", {"query": '{app="a"}'})
    server.request("/nowhere")


def parse(text):
    """{family: (type, [(name, labels, value), ...])}; asserts the format line by line."""
    assert text.endswith("\n"), "the last line has no end"
    families, family = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in families, "twice: " + line
            family = families[name] = [None, []]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert families.get(name) is family and family[0] is None and kind in SUFFIXES, line
            family[0] = kind
        else:
            m = SAMPLE.match(line)
            assert m, "no sample: " + line
            base, labels_text = m.group(1), m.group(2) or ""
            labels = LABEL.findall(labels_text)
            assert LABEL.sub("", labels_text) == "" and len(dict(labels)) == len(labels), line
            assert base in [name + s for s in SUFFIXES[family[0]]], line
            family[1].append((base, dict(labels), float(m.group(3))))
    return families


def check_histogram(name, samples):
    series = {}
    for base, labels, value in samples:
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        one = series.setdefault(key, {"buckets": []})
        if base.endswith("_bucket"):
            one["buckets"].append((float(labels["le"]), value))
        else:
            one[base[len(name):]] = value
    for key, one in series.items():
        buckets = sorted(one["buckets"])
        counts = [count for _, count in buckets]
        assert counts == sorted(counts), (name, key, "counts fall")
        assert buckets[-1][0] == math.inf and counts[-1] == one["_count"], (name, key, "no whole")


def promtool(text):
    tool = shutil.which("promtool")
    assert tool, "promtool is missing; tools/install-deps installs it"
    run = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True)
    # 3: the format is right, but it would name some differently.
    assert run.returncode in (0, 3), run.stderr
    for line in run.stderr.splitlines():
        name, _, complaint = line.partition(" ")
        assert not line or complaint in FORCED.get(name, ()), line


def check_open_metrics(server, classic):
    """The other format, by the rules in which it differs, has the same series."""
    status, body = server.request("/metrics", headers={"Accept": OPEN_METRICS + ";q=0.6,*/*;q=0.2"})
    text = body.decode()
    assert status == 200 and text.endswith("\n# EOF\n") and text.count("# EOF") == 1, text[-100:]
    kinds, names = {}, set()
    for line in text.splitlines()[:-1]:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds and not (kind == "counter" and name.endswith("_total")), line
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            m = SAMPLE.match(line)
            assert m, "no sample: " + line
            names.add(m.group(1))
            for bound in re.findall(r'le="([^"]*)"', line):
                assert bound == "+Inf" or "." in bound or "e" in bound, line
    counters = {name for name, kind in kinds.items() if kind == "counter"}
    assert all(name + "_total" in names for name in counters), counters
    before = {name for _, samples in classic.values() for name, _, _ in samples}
    assert before <= names, before - names


def check_families(families, wanted_families):
    """That each is in order, and that those are there, with their labels."""
    for name, (kind, samples) in families.items():
        seen = [(base, tuple(sorted(labels.items()))) for base, labels, _ in samples]
        assert len(set(seen)) == len(seen), (name, "a series is there twice")
        if kind == "histogram":
            check_histogram(name, samples)
        if kind == "counter":
            assert all(value >= 0 for _, _, value in samples), name
    for wanted in wanted_families:
        name, _, labels = wanted.rstrip("}").partition("{")
        assert name in families, name
        got = {key for _, its, _ in families[name][1] for key in its} - {"le", "quantile"}
        assert got == set(labels.split(",")) - {""}, (wanted, got)


def check_documented(families):
    """That METRICS.md has each of our own, those too that only damage brings about."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src")
    with open(os.path.join(root, "api", "METRICS.md")) as page:
        named = set(re.findall(r"`(skald_[a-z0-9_]+)`", page.read()))
    exported = {name for name in families if name.startswith("skald_")}
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith((".cc", ".h")):
                with open(os.path.join(folder, name)) as source:
                    exported |= set(re.findall(r'Get(?:Counter|Gauge|Histogram|Summary)\(\s*"(skald_[a-z0-9_]+)"', source.read()))
    assert exported - named == set(), ("not in METRICS.md", exported - named)
    assert named - exported == set(), ("in METRICS.md and nowhere else", named - exported)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="skald-metrics-") as folder:
        server = SkaldProcess(a.server, folder).start()
        try:
            work(server)
            status, body = server.request("/metrics")
            families = parse(body.decode())
            check_open_metrics(server, families)
            server.stop()
        finally:
            server.process.kill()
    assert status == 200
    check_families(families, WANTED)
    check_documented(families)
    assert families["process_cpu_seconds_total"][0] == "counter"
    promtool(body.decode())
    print("%d families are in order" % len(families))


if __name__ == "__main__":
    main()
