"""Hostile queries: deep, long, huge, malformed."""
from hostile.rows import NOW_NS, form, get, query

RANGE, INSTANT = "/loki/api/v1/query_range", "/loki/api/v1/query"
S = '{app="good"}'
START, END = str(NOW_NS - 600 * 10**9), str(NOW_NS)


def language_rows():
    yield query("nothing", "")
    yield query("blanks", "   ")
    yield query("a comment", "# {app=\"good\"}")
    for name, text in (
            ("a word", "hello"),
            ("a matcher of everything", '{app=~".*"}'),
            ("an empty value", '{app=""}'),
            ("only a negative matcher", '{app!="x"}'),
            ("half a selector", "{app="),
            ("a selector without quotes", "{app=good}"),
            ("an operator that is none", '{app=="good"}'),
            ("two selectors", S + S),
            ("a text without end", '{app="good'),
            ("a text in back quotes without end", "{app=`good"),
            ("an escape that is none", '{app="\\q"}'),
            ("a bar and nothing", S + " |"),
            ("a stage that is none", S + " | nope"),
            ("a filter without a text", S + " |="),
            ("a filter with a number", S + " |= 5"),
            ("a regex that is none", S + ' |~ "("'),
            ("a regex with a lookahead", S + ' |~ "(?=x)"'),
            ("a regex with a back reference", S + ' |~ "(a)\\\\1"'),
            ("a regex of 1,001 repeats", S + ' |~ "x{1001}"'),
            ("a regex that repeats repeats", S + ' |~ "' + "(" * 50 + "x" + "{1,1000})" * 50 + '"'),
            ("a regex 100,000 deep", S + ' |~ "' + "(" * 100_000 + ")" * 100_000 + '"'),
            ("a selector of a regex that is none", '{app=~"["}'),
            ("an address that is none", S + ' |= ip("x")'),
            ("an address range backwards", S + ' |= ip("10.0.0.9-10.0.0.1")'),
            ("a pattern without a capture", S + " | pattern `x`"),
            ("a pattern of one capture twice", S + " | pattern `<a> <a>`"),
            ("a pattern of captures in a row", S + " | pattern `<a><b>`"),
            ("a regexp without a name", S + " | regexp `(x)`"),
            ("a regexp with a name that is none", S + " | regexp `(?P<1a>x)`"),
            ("a JSON path that is none", S + ' | json a="[["'),
            ("a JSON path without end", S + ' | json a="b["'),
            ("a JSON path of a huge index", S + ' | json a="b[99999999999999999999]"'),
            ("a label format of itself twice", S + " | label_format a=b,a=c"),
            ("a label format of an error", S + " | label_format __error__=b"),
            ("a label filter without a value", S + " | a="),
            ("a label filter of a unit that is none", S + " | a > 5parsecs"),
            ("a label filter without end", S + ' | (a="b"'),
            ("keep of nothing", S + " | keep"),
            ("drop with a number", S + " | drop 5"),
            ("unwrap in a log query", S + " | unwrap a"),
            ("unwrap of a function that is none", "sum_over_time(" + S + " | unwrap nope(a)[1m])"),
            ("a range without an end", "rate(" + S + "[1m"),
            ("a range without a unit", "rate(" + S + "[5])"),
            ("a range of nothing", "rate(" + S + "[])"),
            ("a negative range", "rate(" + S + "[-1m])"),
            ("a range of 10^300 years", "rate(" + S + "[" + "9" * 300 + "y])"),
            ("a range of a fraction", "rate(" + S + "[1.5.5m])"),
            ("two ranges", "rate(" + S + "[1m][1m])"),
            ("an offset without a range", "rate(" + S + " offset 1m)"),
            ("an offset of 10^300 years", "rate(" + S + "[1m] offset " + "9" * 300 + "y)"),
            ("a log query summed", "sum(" + S + ")"),
            ("topk of nothing", "topk(rate(" + S + "[1m]))"),
            ("topk of a fraction", "topk(1.5, rate(" + S + "[1m]))"),
            ("topk of -1", "topk(-1, rate(" + S + "[1m]))"),
            ("a quantile without a number", "quantile_over_time(" + S + " | unwrap a [1m])"),
            ("a number beyond a float", "1" + "0" * 400 + "1.e"),
            ("grouping without brackets", "sum by app (rate(" + S + "[1m]))"),
            ("grouping twice", "sum by (a) without (b) (rate(" + S + "[1m]))"),
            ("operators in a row", "1 + * 1"),
            ("an operator without a right", "1 +"),
            ("and of two numbers", "1 and 1"),
            ("on without an operator", "rate(" + S + "[1m]) on (a) 1"),
            ("label_replace with a regex that is none", 'label_replace(rate(' + S + '[1m]), "a", "b", "c", "(")'),
            ("vector of a text", 'vector("x")'),
            ("a variant without end", "variants(rate(" + S + "[1m])) of ("),
            ("a NUL between words", S + " |\x00= `x`"),
            ("an emoji for an operator", S + " 😀"),
            ("a control character", S + "\x01"),
            ("a template that is none", S + " | line_format `{{`"),
            ("a template of a function that is none", S + " | line_format `{{nope}}`"),
            ("a template that never ends", S + " | line_format `{{if true}}`"),
            ("a template that nests 5,000 deep", S + " | line_format `" + "{{if true}}" * 5000 + "`"),
            ("a template of pipes 100,000 long", S + " | line_format `{{.a" + "|" * 100_000 + "}}`"),
            ("parentheses 100,000 deep", "(" * 100_000),
            ("parentheses 100,000 deep and closed", "(" * 100_000 + "1" + ")" * 100_000),
            ("sums 50,000 deep", "sum(" * 50_000 + "rate(" + S + "[1m])" + ")" * 50_000),
            ("minus signs", "-" * 100_000 + "1"),
            ("a label filter 100,000 deep", S + " | " + "(" * 100_000 + "a=1"),
            ("braces", "{" * 100_000),
            ("commas", "{" + "," * 100_000 + "}"),
            ("a query of 300 KiB", S + ' |= "' + "x" * (300 << 10) + '"'),
            ("100,000 filters", S + ' |= "x"' * 100_000),
            ("a chain of 100,000 additions", "1" + "+1" * 100_000),
            ("a chain of 100,000 ands", S + ' | a="1"' + ' and a="1"' * 100_000)):
        yield query(name, text, 400, "")
    yield form("bytes that are no UTF-8, for a word", RANGE, b"query=%ff%fe&start=1&end=2", 400, "parse error")
    yield form("a log query at an instant", INSTANT, {"query": S}, 400, "not supported as an instant query")
    yield form("a metric query at the legacy path", "/api/prom/query", {"query": "rate(" + S + "[1m])"}, 400, "streams")
    yield query("a template that loops", S + " | line_format `{{range $i := until 1000000000}}x{{end}}`", 400, "")
    yield query("a step that makes too many points", "rate(" + S + "[1m])", 400, "exceeded maximum resolution",
                step="1ms")
    yield query("more entries than allowed", S, 400, "max entries limit", limit="1000000")


def parameter_rows():
    bad_times = ("yesterday", "1e400", "NaN", "Inf", "-Inf", "0x10", "9" * 30, "1.2.3", "2024-13-01T00:00:00Z",
                 "2024-01-01 00:00:00", "２０２４", "\x00", "1" * 100_000)
    for path in (RANGE, "/loki/api/v1/labels", "/loki/api/v1/series", "/loki/api/v1/index/stats",
                 "/loki/api/v1/detected_fields"):
        for value in bad_times if path == RANGE else bad_times[:3]:
            yield get("start %r" % value[:20], path, {"query": S, "match[]": S, "start": value, "end": END}, 400,
                      "could not parse 'start'")
        yield get("end before start", path, {"query": S, "match[]": S, "start": END, "end": START}, 400,
                  "end timestamp must not be before")
        yield get("since that is none", path, {"query": S, "match[]": S, "since": "soon"}, 400,
                  "could not parse 'since'")
    for name in ("step", "interval"):
        for value in ("x", "-1", "1e400", "NaN", "9" * 30, "1.5y"):
            yield get("%s %s" % (name, value[:12]), RANGE, {"query": S, "start": START, "end": END, name: value}, 400,
                      "")
    for value in ("x", "0", "-1", "1.5", "9" * 30, "4294967296", "0x10", " 1", "\x00"):
        yield get("limit %r" % value[:12], RANGE, {"query": S, "start": START, "end": END, "limit": value}, 400, "")
    for value in ("sideways", "1", "forward;drop", "\x00"):
        yield get("direction %r" % value, RANGE, {"query": S, "start": START, "end": END, "direction": value}, 400,
                  "invalid direction")
    for value in ("x", "9" * 30, "-", "1e400"):
        yield get("time %s" % value[:12], INSTANT, {"query": "vector(1)", "time": value}, 400, "")
    yield get("a range of all of time", RANGE, {"query": S, "start": "-9223372036854775808",
                                                "end": "9223372036854775807"}, 400, "292 years")
    yield get("an end of -2^63 and years before", RANGE, {"query": S, "end": "-9223372036854775808", "since": "200y"}, 400, "292 years")
    yield get("a range of a thousand years", RANGE, {"query": S, "start": "0", "end": "9999999999"}, 400, "")
    yield get("a time of twenty digits", INSTANT, {"query": "vector(1)", "time": "99999999999999999999"}, 400, "out of range")
    yield get("an escape in the query that is none", RANGE, "query=%zz", 400, "")
    yield get("half an escape at the end", RANGE, "query=%7Bapp%3D%22good%22%7D&start=%3", 400, "")
    yield form("a form with an escape that is none", RANGE, b"query=%zz", 400, "")
    yield form("a form of 1,000,000 ampersands", RANGE, b"&" * 1_000_000, 400, "")
    yield form("a form of 100,000 queries", RANGE, b"query=%7B%7D&" * 100_000, 400, "")
    yield form("a form over the limit", RANGE, b"query=" + b"x" * (11 << 20), 413, "too large")
    yield form("JSON that says it is a form", RANGE, b'{"query":"{app=\\"good\\"}"}', 400, "")
    yield get("a limits header that allows nothing", RANGE, {"query": S, "start": START, "end": END, "limit": "5"},
              400, "", X_Loki_Query_Limits='{"maxEntriesLimitPerQuery":1}')
    yield get("a limits header of 500 KiB", RANGE, {"query": S, "start": START, "end": END}, 400, "",
              X_Loki_Query_Limits='{"requiredLabels":["' + "x" * 500_000 + '"]}')


def metadata_rows():
    labels, values, series = "/loki/api/v1/labels", "/loki/api/v1/label/app/values", "/loki/api/v1/series"
    size = {"targetBytesPerShard": "1MB"}
    for path in (labels, values, "/api/prom/label", "/loki/api/v1/index/stats", "/loki/api/v1/index/volume",
                 "/loki/api/v1/index/volume_range",
                 "/loki/api/v1/index/shards", "/loki/api/v1/detected_labels"):
        yield get("a pipeline for a selector", path, dict(size, query=S + ' |= "x"'), 400, "only label matchers")
        yield get("half a selector", path, dict(size, query='{app="'), 400, "parse error")
        yield get("a metric query for a selector", path, dict(size, query="rate(" + S + "[1m])"), 400, "")
    yield get("a selector that is none", series, {"match[]": "{app="}, 400, "parse error")
    yield get("a good selector and a bad one", series, {"match[]": [S, "{"]}, 400, "parse error")
    yield get("a pipeline for a selector", series, {"match": S + " | json"}, 400, "")
    yield form("10,000 selectors that are none", series, {"match[]": ["{"] * 10_000}, 400, "parse error")
    for path in ("/loki/api/v1/detected_fields", "/loki/api/v1/detected_field/x/values", "/api/v1/field_stats"):
        yield get("no query", path, {}, 400, "")
        yield get("half a query", path, {"query": "{app="}, 400, "parse error")
        yield get("a metric query", path, {"query": "rate(" + S + "[1m])"}, 400, "")
    for name, value in (("line_limit", "0"), ("line_limit", "x"), ("limit", "-1"), ("limit", "9" * 30)):
        yield get("%s %s" % (name, value[:10]), "/loki/api/v1/detected_fields", {"query": S, name: value}, 400, "")
    for name, value in (("top", "0"), ("top", "1000000"), ("top", "x"), ("parser", "xml")):
        yield get("%s %s" % (name, value), "/api/v1/field_stats", {"query": S, name: value}, 400, "")
    yield get("a grouping that is none", "/loki/api/v1/index/volume", {"query": S, "aggregateBy": "mood"}, 400,
              "invalid aggregation option")
    yield get("a limit of -5", "/loki/api/v1/index/volume", {"query": S, "limit": "-5"}, 400, "")
    yield get("a step of 0", "/loki/api/v1/index/volume_range", {"query": S, "step": "0"}, 400, "")
    yield get("no size of shards", "/loki/api/v1/index/shards", {"query": S}, 400, "targetBytesPerShard")
    yield get("a size of shards that is none", "/loki/api/v1/index/shards", {"query": S,
          "targetBytesPerShard": "many"}, 400, "")
    yield get("a size of shards of 0", "/loki/api/v1/index/shards", {"query": S, "targetBytesPerShard": "0"}, 400, "")
    for path in ("/loki/api/v1/index/stats", "/loki/api/v1/index/shards"):
        yield get("a step of 0 that is not needed", path, dict(size, query=S, step="0"), 400, "query resolution step")
        yield get("a limit of 0 that is not needed", path, dict(size, query=S, limit="0"), 400, "must be a positive value")
    yield get("everything in stats", "/loki/api/v1/index/stats", {"query": "{}"}, 400, "")
    for name, params in (
            ("half a selector", {"query": "{app="}),
            ("no query", {}),
            ("a metric query", {"query": "rate(" + S + "[1m])"}),
            ("a start that is none", {"query": S, "start": "x"}),
            ("a step of 0", {"query": S, "step": "0"}),
            ("too many points", {"query": S, "start": START, "end": END, "step": "1ms"})):
        yield get(name, "/loki/api/v1/patterns", params, 400, "")
    yield get("a limit of 0", "/api/v1/cardinality", {"limit": "0"}, 400, "limit must be a positive value")
    yield get("a start that is none", "/api/v1/cardinality", {"start": "x"}, 400, "could not parse 'start'")
    yield get("no query", "/loki/api/v1/format_query", {}, 400, "parse error")
    yield form("100,000 parentheses", "/loki/api/v1/format_query", {"query": "(" * 100_000}, 400, "parse error")
    yield get("no query", "/api/v1/explain", {}, 400, "parse error")
    yield form("100,000 parentheses", "/api/v1/explain", {"query": "(" * 100_000 + "1"}, 400, "parse error")
    yield form("a type of body that is none", RANGE, b"query=x", 400, "", Content_Type="text/csv")
    yield get("a label name with an escape that is none", "/loki/api/v1/label/%zz/values", {}, 400, "")


def rows():
    for of in (language_rows, parameter_rows, metadata_rows):
        yield from of()
