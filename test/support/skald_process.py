"""Runs the real binary for tests: in a folder of its own, on free ports, stopped or killed at will.

Standard library only. Raises AssertionError with the end of the server's log when it does not come up.
"""
import contextlib
import gzip
import json
import os
import signal
import socket
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

CONFIG = """
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: %(http)d
  grpc_listen_address: 127.0.0.1
  grpc_listen_port: %(grpc)d
  log_level: info
common:
  path_prefix: %(data)s
  replication_factor: 1
  ring: {instance_addr: 127.0.0.1, kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %(data)s/chunks, rules_directory: %(data)s/rules}}
schema_config:
  configs: [{from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
limits_config:
  reject_old_samples: false
  ingestion_rate_mb: 10000
  ingestion_burst_size_mb: 10000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  shard_streams: {enabled: false}
  max_global_streams_per_user: 0
  max_query_length: 0
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def field(number, data):
    """A protobuf field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def snappy_push(labels, entries):
    """A push of one stream as snappy-packed protobuf. What shrinks is a field that no server knows: all else is literal."""
    text = "{%s}" % ", ".join('%s="%s"' % pair for pair in labels.items())
    stream = field(1, text.encode())
    for ns, line in entries:
        time_field = field(1, b"\x08" + varint(ns // 10**9) + b"\x10" + varint(ns % 10**9))
        stream += field(2, time_field + field(2, line.encode()))
    message = field(1, stream)
    copies = len(message) // 64 // 2 + 1
    message += varint(15 << 3 | 2) + varint(1 + 64 * copies) + b"x"
    literals = [message[i:i + 65536] for i in range(0, len(message), 65536)]
    packed = b"".join(b"\xf4" + (len(b) - 1).to_bytes(2, "little") + b for b in literals)
    return varint(len(message) + 64 * copies) + packed + b"\xfe\x01\x00" * copies


class SkaldProcess:
    """A server over `folder`, which keeps its data when the process ends and is started again.

    `tls` is the ssl.SSLContext of requests to a server whose config has http_tls_config, otherwise None.
    """

    def __init__(self, binary, folder, config=CONFIG, tls=None):
        self.binary, self.folder = os.path.abspath(binary), os.path.abspath(folder)
        self.http, self.grpc = free_port(), free_port()
        self.tls = tls
        self.url = "%s://127.0.0.1:%d" % ("https" if tls else "http", self.http)
        self.log = os.path.join(self.folder, "server.log")
        self.config = os.path.join(self.folder, "server.yaml")
        with open(self.config, "w") as f:
            f.write(config % {"http": self.http, "grpc": self.grpc, "data": os.path.join(self.folder, "data")})
        self.process = None

    def start(self, ready_s=60, env=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.binary, "-config.file=" + self.config], cwd=self.folder, stdout=log, stderr=log,
                                            env={**os.environ, **(env or {})})
        end = time.monotonic() + ready_s
        while time.monotonic() < end:
            assert self.process.poll() is None, "the server ended with %s: %s" % (self.process.returncode, self.log_tail())
            try:
                if self.request("/ready")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("not ready after %s s: %s" % (ready_s, self.log_tail()))

    def log_tail(self):
        with open(self.log, "rb") as f:
            return f.read()[-2000:].decode("utf-8", "replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert code == 0, "exit code %s after SIGTERM: %s" % (code, self.log_tail())

    def request(self, path, params=None, body=None, headers=None, method=None, timeout=60):
        """Returns (status, body); raises OSError when there is no answer."""
        url = self.url + path + ("?" + urllib.parse.urlencode(params) if params else "")
        r = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(r, timeout=timeout, context=self.tls) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()

    def push_snappy(self, labels, entries, timeout=60):
        """As push, as snappy-packed protobuf."""
        headers = {"Content-Type": "application/x-protobuf"}
        return self.request("/loki/api/v1/push", body=snappy_push(labels, entries), headers=headers, timeout=timeout)

    def push(self, labels, entries, timeout=60):
        """Pushes [(ns, line), ...] of one stream, or (ns, line, metadata), as gzipped JSON; returns (status, body)."""
        streams = [{"stream": labels, "values": [[str(t), *rest] for t, *rest in entries]}]
        body = gzip.compress(json.dumps({"streams": streams}).encode(), 1)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return self.request("/loki/api/v1/push", body=body, headers=headers, timeout=timeout)

    def flush(self, timeout_s=60):
        """Flushes all memory; returns when nothing is left there."""
        status, body = self.request("/flush", method="POST")
        assert status == 204, (status, body)
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            for line in self.request("/metrics")[1].decode().splitlines():
                if line.startswith("loki_ingester_memory_chunks ") and float(line.split()[1]) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("memory is not flushed after %s s" % timeout_s)

    def read_all(self, selector, start_ns, end_ns, page=5000):
        """All entries [(ns, line), ...] of a query, oldest first, page by page. Needs distinct times."""
        entries = []
        while True:
            params = {"query": selector, "start": start_ns, "end": end_ns, "limit": page, "direction": "forward"}
            status, body = self.request("/loki/api/v1/query_range", params)
            assert status == 200, (status, body)
            got = [(int(v[0]), v[1]) for s in json.loads(body)["data"]["result"] for v in s["values"]]
            got.sort(key=lambda e: e[0])
            entries += got
            if len(got) < page:
                return entries
            start_ns = got[-1][0] + 1


@contextlib.contextmanager
def serving(binary, config=CONFIG, tls=None):
    """A server that is up, over a folder that goes with it; killed in the end, whatever has happened."""
    folder = tempfile.mkdtemp(prefix="skald-test-")
    server = SkaldProcess(binary, folder, config, tls)
    try:
        yield server.start()
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
