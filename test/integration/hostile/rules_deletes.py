"""Hostile rules, delete requests, snapshots, and questions of Skald's own."""
from hostile.rows import JSON, NOW_NS, TENANT, Row, form, get

GROUP = b"name: g\nrules: [{alert: A, expr: 'sum(rate({app=\"a\"}[1m])) > 1'}]\n"
QUERY = '{app="nothing"}'
SECOND = NOW_NS // 10**9


def rule(name, body, says="", path="/loki/api/v1/rules/ns", want=400, tenant=TENANT):
    headers = {"Content-Type": "application/yaml"}
    if tenant is not None:
        headers["X-Scope-OrgID"] = tenant
    return Row(name, want, says, "POST", path, headers, body)


def with_rule(text):
    return ("name: g\nrules:\n- " + text + "\n").encode()


def rule_rows():
    alert = "alert: A\n  expr: 'sum(rate({app=\"a\"}[1m])) > 1'"
    for name, body in (
            ("nothing", b""),
            ("no YAML", b"name: [\n"),
            ("bytes that are no text", b"\xff\xfe\x00"),
            ("a list", b"- a\n- b\n"),
            ("a number", b"42"),
            ("no name", b"rules: []\n"),
            ("an interval that is none", b"interval: soon\n" + GROUP),
            ("rules that are a text", b"name: g\nrules: many\n"),
            ("a rule of nothing", with_rule("{}")),
            ("alert and record at once", with_rule(alert + "\n  record: r")),
            ("no expression", with_rule("alert: A")),
            ("an expression that is none", with_rule("alert: A\n  expr: 'sum('")),
            ("a template that is none", with_rule(alert + "\n  annotations: {a: '{{ .x'}")),
            ("a label that is none", with_rule(alert + "\n  labels: {'a b': c}")),
            ("a time that is none", with_rule(alert + "\n  for: -1m")),
            ("a recording with annotations", with_rule("record: r\n  expr: 'vector(1)'\n  annotations: {a: b}")),
            ("a recording with a name that is none", with_rule("record: 'r r'\n  expr: 'vector(1)'")),
            ("lists in lists", b"name: " + b"[" * 20_000),
            ("an alias of itself", b"name: g\nrules: &a [*a]\n"),
            ("aliases of aliases", b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
                b"%c: &%c [%s]\n" % (c + 1, c + 1, b",".join([b"*%c" % c] * 9)) for c in range(97, 106)) + b"name: [g]\n"),
            ("lists for a text", b"name: [g]\nrules: []\n")):
        yield rule(name, body)
    yield rule("more rules than a group may have", b"name: g\nrules:\n" + b"- {record: r, expr: 'vector(1)'}\n" * 40,
               "per-user rules per rule group limit (limit: 30 actual: 40) exceeded")
    yield rule("no tenant", GROUP, "no org id", want=401, tenant=None)
    yield rule("a tenant of a path", GROUP, "", tenant="../x")
    for path in ("/loki/api/v1/rules/ns/g", "/api/prom/rules/ns/g"):
        yield get("a group that there is none of", path, {}, 404, "group does not exist")
    for path in ("/loki/api/v1/rules", "/api/prom/rules", "/prometheus/api/v1/rules", "/prometheus/api/v1/alerts"):
        yield get("no tenant", path, {}, 401, "no org id", X_Scope_OrgID=None)
        yield get("a method that it has not", path, {}, 405, None, "PATCH")
    yield get("labels that are no pairs", "/loki/api/v1/rules", {"labels": "a"}, 400, "")
    yield get("a kind of rule that there is not", "/prometheus/api/v1/rules", {"type": "x"}, 400, "not supported value")
    yield get("an escape that is none", "/loki/api/v1/rules/%zz", {}, 400, "")
    yield get("dots, escaped", "/loki/api/v1/rules/%2e%2e/%2e%2e/ready", {}, 301, None)


def delete_rows():
    path, start = "/loki/api/v1/delete", str(SECOND - 3600)
    for name, params, says in (
            ("no query", {"start": start}, "query not set"),
            ("a query that is none", {"query": "{", "start": start}, "invalid query expression"),
            ("a query of numbers", {"query": "rate({a=\"b\"}[1m])", "start": start}, ""),
            ("no start", {"query": QUERY}, "start time not set"),
            ("a start that is none", {"query": QUERY, "start": "yesterday"}, "invalid start time"),
            ("a start in nanoseconds", {"query": QUERY, "start": str(NOW_NS)}, "invalid start time"),
            ("an end that is none", {"query": QUERY, "start": start, "end": "x"}, "invalid end time"),
            ("an end to come", {"query": QUERY, "start": start, "end": str(SECOND + 10**6)}, "deletes in the future"),
            ("an end before the start", {"query": QUERY, "start": start, "end": str(SECOND - 7200)}, "start time can't be greater"),
            ("pieces of no length", {"query": QUERY + " |= `x`", "start": start, "max_interval": "0s"}, "invalid max_interval"),
            ("pieces of weeks", {"query": QUERY + " |= `x`", "start": start, "max_interval": "1000h"}, "max_interval can't be greater"),
            ("pieces that are none", {"query": QUERY + " |= `x`", "start": start, "max_interval": "x"}, "invalid max_interval")):
        yield get(name, path, params, 400, says, "POST")
        yield get(name, path, params, 400, says, "PUT")
    yield get("no tenant", path, {}, 401, "no org id", X_Scope_OrgID="")
    yield get("a tenant of a path", path, {}, 400, "", X_Scope_OrgID="../x")
    for request_id in ("", "x", "0" * 8, "%", "../..", "a" * 10_000):
        yield get("an id that nothing has", path, {"request_id": request_id}, 404, "could not find delete request", "DELETE")
    for method in ("PATCH", "OPTIONS"):
        yield get("a method that it has not", path, {}, 405, None, method)
    yield get("a method that it has not", "/loki/api/v1/cache/generation_numbers", {}, 405, None, "POST")


def own_rows():
    for name, snapshot in (("of a path", "../x"), ("of an absolute path", "/tmp/x"), ("of dots", ".."), ("with a zero", "a\x00b"), ("too long", "x" * 5000)):
        yield get("a snapshot " + name, "/api/v1/snapshot", {"name": snapshot}, 400, "", "POST")
    yield get("a snapshot by reading", "/api/v1/snapshot", {"name": "s"}, 405, None)
    for path in ("/api/v1/explain", "/api/v1/field_stats", "/loki/api/v1/patterns"):
        yield get("no query", path, {}, 400, "")
        yield get("a query that is none", path, {"query": "{"}, 400, "")
        yield get("no tenant", path, {"query": QUERY}, 401, "no org id", X_Scope_OrgID="")
        yield get("a time that is none", path, {"query": QUERY, "start": "x"}, 400, "")
        yield form("a form that is none", path, b"query=%zz", 400, "")
    for path in ("/ring", "/ruler/ring"):
        yield get("a method that it has not", path, {}, 405, None, "DELETE")
    yield get("a member that there is not", "/compactor/ui/api/v1/deletes", {}, 405, "", "PATCH")


def rows():
    for of in (rule_rows, delete_rows, own_rows):
        yield from of()
