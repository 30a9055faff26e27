"""What a hostile request is: what is sent, and what must come back."""
import dataclasses
import time
import urllib.parse

TENANT = "good"
PUSH, LEGACY_PUSH, OTLP = "/loki/api/v1/push", "/api/prom/push", "/otlp/v1/logs"
JSON, PROTO, FORM = "application/json", "application/x-protobuf", "application/x-www-form-urlencoded"
NOW_NS = time.time_ns()


@dataclasses.dataclass
class Row:
    name: str
    want: int                 # The status. None: the connection may end without an answer.
    says: str = ""            # What the message must contain; by default only that there is one.
    method: str = "GET"
    target: str = "/"
    headers: dict = dataclasses.field(default_factory=dict)
    body: object = None       # Bytes, or a function that makes them.
    raw: object = None        # Instead of all that: the bytes of the connection, or a list of them,
    pause_s: float = 0        # sent with this pause between, or each after the answer to the last.

    def label(self):
        return "%s %s: %s" % (self.method, self.target.split("?")[0][:60], self.name)


def push(name, body, want=400, says="", kind=JSON, encoding=None, path=PUSH, **headers):
    sent = {"Content-Type": kind, "Content-Encoding": encoding, "X-Scope-OrgID": TENANT}
    sent.update({k.replace("_", "-"): v for k, v in headers.items()})
    return Row(name, want, says, "POST", path, {k: v for k, v in sent.items() if v is not None}, body)


def get(name, path, params=None, want=400, says="", method="GET", **headers):
    """`params`: a dict, or a text that is sent as it is."""
    text = params if isinstance(params, str) else urllib.parse.urlencode(params or {}, doseq=True)
    sent = dict({"X-Scope-OrgID": TENANT}, **{k.replace("_", "-"): v for k, v in headers.items()})
    return Row(name, want, says, method, path + ("?" + text if text else ""), {k: v for k, v in sent.items() if v is not None})


def form(name, path, params, want=400, says="", **headers):
    """`params`: a dict, or the bytes of the body."""
    body = params if isinstance(params, bytes) else urllib.parse.urlencode(params, doseq=True).encode()
    sent = dict({"X-Scope-OrgID": TENANT, "Content-Type": FORM}, **{k.replace("_", "-"): v for k, v in headers.items()})
    return Row(name, want, says, "POST", path, sent, body)


def query(name, text, want=400, says="parse error", **params):
    """A range query in a form, as it may be longer than a URL."""
    span = {"start": str(NOW_NS - 600 * 10**9), "end": str(NOW_NS)}
    return form(name, "/loki/api/v1/query_range", dict({"query": text}, **dict(span, **params)), want, says)


def raw(name, data, want=400, says="", pause_s=0):
    return Row(name, want, says, "raw", "", raw=data, pause_s=pause_s)
