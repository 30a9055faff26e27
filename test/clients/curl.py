"""curl: the README's commands, chunked and announced bodies, gzip both ways, forms, HTTP/1.0."""
import gzip
import json
import os
import time

from workshop import equal, lines, output_of


def run(server, shop):
    curl = [shop.program("curl"), "-sS", "-f", "--max-time", "30"]
    push = server.url + "/loki/api/v1/push"
    ns = time.time_ns() - 10**9

    def body(i, text):
        return json.dumps({"streams": [{"stream": {"app": "tour"}, "values": [[str(ns + i), text]]}]})

    kind = ["-H", "Content-Type: application/json"]
    equal("204", output_of(curl + kind + ["-w", "%{http_code}", "-d", body(0, "hello skald level=info took=3ms"), push], "a push"), "status")
    large = shop.file("large.json", body(1, "x" * 200_000))
    output_of(curl + kind + ["-H", "Transfer-Encoding: chunked", "-d", "@" + large, push], "chunks")
    output_of(curl + kind + ["-H", "Expect: 100-continue", "-d", "@" + large, push], "an announced body")
    packed = os.path.join(shop.folder, "packed.json.gz")
    with open(packed, "wb") as f:
        f.write(gzip.compress(body(2, "from gzip").encode()))
    output_of(curl + kind + ["-H", "Content-Encoding: gzip", "--data-binary", "@" + packed, push], "gzip")
    output_of(curl + kind + ["--http1.0", "-d", body(3, "from HTTP/1.0"), push], "HTTP/1.0")

    query = ["-G", server.url + "/loki/api/v1/query_range", "--data-urlencode"]
    answer = json.loads(output_of(curl + query + ['query={app="tour"} | logfmt | level="info"'], "a query"))
    equal([[str(ns), "hello skald level=info took=3ms"]], answer["data"]["result"][0]["values"], "found")
    form = json.loads(output_of(curl + ["--compressed", server.url + "/loki/api/v1/query_range", "--data-urlencode", 'query={app="tour"} |= "from"'], "a form"))
    equal(2, sum(len(s["values"]) for s in form["data"]["result"]), "found by a form, compressed")
    equal(["hello skald level=info took=3ms", "x" * 200_000, "from gzip", "from HTTP/1.0"], lines(server, '{app="tour"}'), "all lines, the large one once")
    equal(json.dumps({"status": "success", "data": ["tour"]}, separators=(",", ":")),
          output_of(curl + [server.url + "/loki/api/v1/label/app/values"], "values").strip(), "values")
    refused = [c for c in curl if c != "-f"]
    equal("parse error", output_of(refused + query + ["query={app="], "a bad query")[:11], "an error is text")
