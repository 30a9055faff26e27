#!/usr/bin/env python3
"""Reads /metrics of a server that runs rules, retention, patterns and tails, and changes what is pushed.

usage: metrics_upkeep.py --server build/release/skald

Holds that what dashboards read of all this is there with its labels, and that the figures of what has happened are not zero.
Samples and alerts go to a receiver that takes everything. Those of delete requests, which take a minute, are held by
delete_bytes.py. Standard library only.
"""
import argparse
import contextlib
import os
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from metrics import check_families, parse, promtool  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402
from websocket_client import WebSocket  # noqa: E402

SETTINGS = CONFIG + """
  max_line_size: 100
  max_line_size_truncate: true
  retention_period: 24h
pattern_ingester: {enabled: true}
compactor: {compaction_interval: 300ms, retention_enabled: true, delete_request_store: filesystem}
ruler:
  storage: {type: local, local: {directory: "%(data)s/given_rules"}}
  poll_interval: 1s
  alertmanager_url: http://127.0.0.1:RECEIVER
  remote_write: {enabled: true, clients: {sink: {url: "http://127.0.0.1:RECEIVER/write"}}}
"""
RULES = """
groups:
  - name: some
    interval: 1s
    rules:
      - record: lines
        expr: sum(count_over_time({app="a"}[1h]))
      - alert: Lines
        expr: sum(count_over_time({app="a"}[1h])) > 0
"""
HOUR_NS = 3600 * 10**9
# With the labels by which dashboards choose and group. Of each something must have happened.
HAPPENED = """
loki_mutated_samples_total{reason,tenant} loki_mutated_bytes_total{reason,tenant}
loki_distributor_push_structured_metadata_sanitized_total{format,tenant} loki_querier_tail_bytes_total
loki_pattern_ingester_patterns_detected_total{format,tenant}
loki_boltdb_shipper_compact_tables_operation_total{status} loki_compactor_apply_retention_operation_total{status}
loki_compactor_apply_retention_operation_duration_seconds
loki_compactor_apply_retention_last_successful_run_timestamp_seconds
loki_boltdb_shipper_retention_marker_count_total{table}
loki_boltdb_shipper_retention_marker_table_processed_total{action,table,user_id}
loki_boltdb_shipper_retention_marker_table_processed_duration_seconds{status,table}
loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds{status}
loki_boltdb_shipper_retention_sweeper_marker_files_deleted_total
loki_compactor_load_pending_requests_attempts_total{status} loki_compactor_delete_requests_received_total{user}
loki_prometheus_rule_evaluations_total{rule_group,user} loki_prometheus_rule_group_iterations_total{rule_group,user}
loki_prometheus_rule_group_rules{rule_group,user} loki_prometheus_rule_group_interval_seconds{rule_group,user}
loki_prometheus_rule_group_last_duration_seconds{rule_group,user}
loki_prometheus_rule_group_last_evaluation_timestamp_seconds{rule_group,user}
loki_prometheus_rule_group_last_evaluation_samples{rule_group,user}
loki_prometheus_rule_evaluation_duration_seconds{user} loki_prometheus_rule_group_duration_seconds{user}
loki_ruler_config_last_reload_successful{user} loki_ruler_config_last_reload_successful_seconds{user}
loki_ruler_queries_total loki_ruler_managers_total
loki_ruler_wal_samples_appended_total{tenant} loki_ruler_wal_appender_ready{tenant}
loki_ruler_wal_storage_created_series_total{tenant} loki_ruler_wal_storage_active_series{tenant}
loki_ruler_wal_prometheus_remote_storage_samples_total{remote_name,tenant,url}
loki_ruler_wal_prometheus_remote_storage_highest_timestamp_in_seconds{tenant}
loki_ruler_wal_prometheus_remote_storage_queue_highest_sent_timestamp_seconds{remote_name,tenant,url}
loki_ruler_wal_prometheus_remote_storage_shards{remote_name,tenant,url}
loki_ruler_config_updates_total{user}
loki_prometheus_notifications_sent_total{alertmanager,user} loki_prometheus_notifications_latency_seconds{alertmanager,user}
loki_prometheus_notifications_queue_capacity{user} loki_prometheus_notifications_alertmanagers_discovered{user}
""".split()
# These are there as well, and may be zero.
QUIET = """
loki_compactor_locked_table_successive_compaction_skips{table_name}
loki_boltdb_shipper_retention_sweeper_marker_files_current
loki_boltdb_shipper_retention_sweeper_marker_file_processing_current_time
loki_compactor_pending_delete_requests_count loki_compactor_oldest_pending_delete_request_age_seconds
loki_prometheus_rule_evaluation_failures_total{rule_group,user}
loki_prometheus_rule_group_iterations_missed_total{rule_group,user} loki_ruler_queries_failed_total
loki_ruler_wal_storage_removed_series_total{tenant} loki_ruler_wal_disk_size{tenant}
loki_ruler_wal_prometheus_remote_storage_samples_pending{remote_name,tenant,url}
loki_ruler_wal_prometheus_remote_storage_samples_failed_total{remote_name,tenant,url}
loki_ruler_wal_prometheus_remote_storage_samples_retried_total{remote_name,tenant,url}
loki_prometheus_notifications_errors_total{alertmanager,user} loki_prometheus_notifications_dropped_total{user}
loki_prometheus_notifications_queue_length{user}
""".split()


@contextlib.contextmanager
def receiver():
    """Takes whatever is posted; gives its port."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def give_rules(server):
    folder = os.path.join(server.folder, "data", "given_rules", "fake")
    os.makedirs(folder)
    with open(os.path.join(folder, "rules.yaml"), "w") as f:
        f.write(RULES)


def work(server):
    now = time.time_ns()
    # Their day is over for longer than the retention, whatever the hour.
    assert server.push({"app": "old"}, [(now - 49 * HOUR_NS + i, "line") for i in range(10)])[0] == 204
    server.flush()
    with WebSocket("127.0.0.1", server.http, "/loki/api/v1/tail?query=%7Bapp%3D%22a%22%7D") as tail:
        entries = [(now, "x" * 300), (now + 1, "line", {"a-name": "value"})]
        entries += [(now + 2 + i, "request %d took %d ms" % (i, i)) for i in range(50)]
        assert server.push({"app": "a"}, entries)[0] == 204
        kind, _ = tail.receive(30)
        assert kind == "text", kind
    deletion = {"query": '{app="b"}', "start": now // 10**9 - 60}
    assert server.request("/loki/api/v1/delete", deletion, method="POST")[0] == 204


def total(families, name):
    """Of a histogram or summary, how much was observed."""
    kind, samples = families[name]
    wanted = name + "_count" if kind in ("histogram", "summary") else name
    return sum(value for base, _, value in samples if base == wanted)


def missing(families):
    names = [wanted.partition("{")[0] for wanted in HAPPENED]
    return [name for name in names if name not in families or total(families, name) <= 0]


def read_when_all_has_happened(server):
    end = time.monotonic() + 60
    while True:
        text = server.request("/metrics")[1].decode()
        families = parse(text)
        if not missing(families) or time.monotonic() > end:
            return text, families
        time.sleep(0.3)


def check_retention(families):
    actions = {labels["action"]: value
               for _, labels, value in families["loki_boltdb_shipper_retention_marker_table_processed_total"][1]}
    assert actions.get("deleted") == 1, actions
    assert total(families, "loki_boltdb_shipper_retention_marker_count_total") == 1, "one chunk was pushed that is too old"


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    with receiver() as port, tempfile.TemporaryDirectory(prefix="skald-metrics-") as folder:
        server = SkaldProcess(a.server, folder, SETTINGS.replace("RECEIVER", str(port)))
        give_rules(server)
        try:
            server.start()
            work(server)
            text, families = read_when_all_has_happened(server)
            server.stop()
        finally:
            if server.process is not None:
                server.process.kill()
    assert not missing(families), missing(families)
    check_families(families, HAPPENED + QUIET)
    check_retention(families)
    promtool(text)
    print("%d families are in order" % len(families))


if __name__ == "__main__":
    main()
