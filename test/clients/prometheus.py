"""Prometheus: scrapes /metrics without a warning and finds what dashboards read. It asks for OpenMetrics."""
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from workshop import Daemon, equal, eventually, free_port

SETTINGS = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: skald
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


def run(server, shop):
    program, env = shop.debian("prometheus", ("prometheus",))
    equal(204, server.push({"app": "metrics"}, [(1_750_000_000 * 10**9, "counted")])[0], "a push")
    equal(200, server.request("/loki/api/v1/query_range", {"query": '{app="metrics"}'})[0], "a query")
    port = free_port()
    config = shop.file("prometheus.yml", SETTINGS % server.http)
    command = [program, "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(shop.folder, "tsdb"),
               "--web.listen-address=127.0.0.1:%d" % port, "--log.level=debug"]
    with Daemon(command, os.path.join(shop.folder, "prometheus.log"), env) as prometheus:
        prometheus.wait_for_port(port)
        url = "http://127.0.0.1:%d/api/v1/query?" % port
        eventually(lambda: check(url), 30)
        bad = [line for line in prometheus.text().splitlines() if "level=warn" in line or "level=error" in line or "append failed" in line]
        equal([], bad, "what Prometheus complained about")


def values(url, query):
    try:
        with urllib.request.urlopen(url + urllib.parse.urlencode({"query": query}), timeout=10) as answer:
            return [(s["metric"], float(s["value"][1])) for s in json.load(answer)["data"]["result"]]
    except urllib.error.HTTPError as e:  # 503 while Prometheus starts, though its port is open.
        raise AssertionError("%s: %s" % (query, e)) from e


def check(url):
    equal([1.0], [v for _, v in values(url, "up")], "up")
    for query, want in (("sum(loki_distributor_lines_received_total)", 1), ("sum(loki_distributor_bytes_received_total)", 7),
                        ("loki_ingester_memory_streams", 1), ('sum(loki_request_duration_seconds_count{route="loki_api_v1_push",status_code="204"})', 1),
                        ("count(loki_build_info)", 1)):
        equal([want], [v for _, v in values(url, query)], query)
    quantile = values(url, 'histogram_quantile(0.99, sum by (le) (loki_request_duration_seconds_bucket{route="loki_api_v1_query_range"}))')
    assert len(quantile) == 1 and 0 < quantile[0][1] < 10, quantile
