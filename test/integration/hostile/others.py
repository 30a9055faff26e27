"""Hostile tenants, paths, methods and requests for administration."""
from hostile.payloads import one
from hostile.rows import JSON, PUSH, form, get, push

S = {"query": '{app="good"}'}
READS = ("/loki/api/v1/query_range", "/loki/api/v1/query", "/loki/api/v1/labels", "/loki/api/v1/label/app/values",
         "/loki/api/v1/series",
         "/loki/api/v1/index/stats", "/loki/api/v1/index/volume", "/loki/api/v1/detected_labels",
         "/loki/api/v1/detected_fields", "/api/v1/cardinality")
TENANTS = (
    ("too long", "x" * 151, "too long"),
    ("with a slash", "a/b", "unsupported character"),
    ("of dots", "..", "tenant ID is '.'"),
    ("of a dot", ".", "tenant ID is '.'"),
    ("of a path", "../../etc/passwd", "unsupported character"),
    ("with a blank", "a b", "unsupported character"),
    ("of bytes that are no ASCII", "tenant-\xff", "unsupported character"),
    ("of a bar", "|", ""),
    ("with a back slash", "a\\b", "unsupported character"),
    ("with a percent sign", "a%2fb", "unsupported character"),
    ("of several", "a|b", "multiple org IDs"),
    ("of several, one bad", "a|../b", "unsupported character"),
    ("of 10,000 bars", "a|" * 10_000 + "b", "multiple org IDs"))


def tenant_rows():
    for path in READS:
        yield get("no tenant", path, S, 401, "no org id", X_Scope_OrgID=None)
        yield get("an empty tenant", path, S, 401, "no org id", X_Scope_OrgID="")
    for path in ("/loki/api/v1/drilldown-limits", "/config/tenant/v1/limits", "/loki/api/v1/patterns"):
        yield get("no tenant", path, {}, 401, "no org id", X_Scope_OrgID=None)
    for path in ("/loki/api/v1/drilldown-limits", "/config/tenant/v1/limits"):
        for name, tenant, _ in TENANTS:
            yield get("a tenant " + name, path, {}, 401, "", X_Scope_OrgID=tenant)
    for name, tenant, says in TENANTS:
        yield get("a tenant " + name, "/loki/api/v1/query_range", S, 400, says, X_Scope_OrgID=tenant)
        yield push("a tenant " + name, one(), 400, says, X_Scope_OrgID=tenant)
    yield push("no tenant", one(), 401, "no org id", X_Scope_OrgID=None)
    yield push("no tenant, and a body that is none", b"{", 401, "no org id", X_Scope_OrgID=None)
    yield push("no tenant", one(), 401, "no org id", path="/api/prom/push", X_Scope_OrgID=None)


def path_rows():
    for path in ("/nope", "/loki", "/loki/api/v1", "/loki/api/v1/", "/loki/api/v1/push/", "/loki/api/v2alpha/tail",
                 "/LOKI/API/V1/PUSH",
                 "/..%2f..%2fetc%2fpasswd", "/ready/", "/ready%00", "/ready%0d%0aX:y", "/loki/api/v1/label/a/b/values",
                 "/loki/api/v1/label/a%2fb/valuesx",
                 "/;/ready", "/ready;x", "/config/", "/api/v1/write", "/.git/config",
                 "/\\..\\..\\server.yaml", "/" + "a/" * 5000):
        yield get("a path that is not served", path, {}, 404, "page not found")
    for path in ("/loki//api/v1/labels", "/loki/api/v1/../v1/labels", "/./ready", "/../../../../etc/passwd",
                 "/loki/api/v1/%6c%61%62els/..",
                 "/metrics/../config", "/loki/api/v1/label//values", "/loki/api/v1/detected_field//values",
                 "/static/../../server.yaml"):
        yield get("a path that is not clean is sent to the clean one", path, {}, 301, None)
    for path in ("/%", "/%zz", "/loki/api/v1/label/%/values", "/loki/api/v1/label/%g1/values"):
        yield get("an escape that is none", path, {}, 400, "")


def method_rows():
    for path, methods in (
            (PUSH, ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")),
            ("/loki/api/v1/query_range", ("PUT", "DELETE", "PATCH", "OPTIONS")),
            ("/loki/api/v1/labels", ("DELETE", "PUT")),
            ("/ready", ("POST", "DELETE")),
            ("/metrics", ("POST",)),
            ("/config", ("POST", "PUT")),
            ("/flush/tenant", ("GET",)),
            ("/loki/api/v1/series", ("DELETE",)),
            ("/loki/api/v1/index/stats", ("PATCH",))):
        for method in methods:
            yield get("a method that it has not", path, {}, 405, None, method)
    for method in ("BREW", "get", "G" * 1000, "PROPFIND"):
        yield get("a method that nobody has", "/loki/api/v1/labels", {}, 405, None, method)


def admin_rows():
    for level in ("", "loud", "x" * 10_000, "debug;", "\x00"):
        yield form("a level that is none", "/log_level", {"log_level": level}, 400, "")
    for seconds in ("100000000", "9" * 30):
        yield get("a profile of %s seconds" % seconds[:12], "/debug/pprof/profile", {"seconds": seconds}, 400, "is more than")
    for name in ("cmdline", "block", "mutex", "goroutine", "trace", "..%2fheap", "heap%00"):
        yield get("a profile that there is none of", "/debug/pprof/" + name, {}, 404, "")
    yield form("no tenant", "/flush/tenant", {}, 401, "no org id", X_Scope_OrgID="")
    yield form("a tenant that is none", "/flush/tenant", {}, 400, "unsupported character", X_Scope_OrgID="a/b")
    yield push("an expectation that nobody has", one(), 417, "expectation", JSON, Expect="200-maybe")


def rows():
    for of in (tenant_rows, path_rows, method_rows, admin_rows):
        yield from of()
