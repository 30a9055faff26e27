"""A server that takes what rules send: samples by remote write, and alerts as an Alertmanager does. Standard library only."""
import json
import os
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from format_bytes import Reader, unpack_snappy  # noqa: E402

STALE = 0x7FF0000000000002  # The bits of the value with which a series ends.


def fields(data):
    """(number, value) of each field of a protobuf message; the eight bytes of a double as bytes."""
    r = Reader(data)
    while not r.done():
        tag = r.varint()
        yield tag >> 3, {0: r.varint, 1: lambda: r.take(8), 2: r.bytes}[tag & 7]()


def read_samples(body):
    """(labels, milliseconds, value) of a write request, in its order; the value of an end is None."""
    for _, series in (field for field in fields(unpack_snappy(body)) if field[0] == 1):
        labels = {}
        for number, part in fields(series):
            pair = dict(fields(part))
            if number == 1:
                labels[pair[1].decode()] = pair.get(2, b"").decode()
            elif number == 2:
                bits = pair.get(1, bytes(8))
                ended = int.from_bytes(bits, "little") == STALE
                yield labels, pair.get(2, 0), None if ended else struct.unpack("<d", bits)[0]


class RuleSink:
    """Listens from its making until close. Any thread may call."""

    def __init__(self):
        self._lock, self._samples, self._alerts = threading.Lock(), [], {}
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                sink._take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _take(self, path, body):
        with self._lock:
            if path.endswith("/alerts"):
                for alert in json.loads(body):
                    self._alerts[alert["labels"]["alertname"]] = alert
            else:
                self._samples += read_samples(body)

    def samples(self, name):
        """[(milliseconds, value)] of the series of this name, in the order in which they came."""
        with self._lock:
            return [(at, value) for labels, at, value in self._samples if labels["__name__"] == name]

    def alert(self, name):
        """The latest of what was said of the alert; None if nothing was."""
        with self._lock:
            return self._alerts.get(name)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
