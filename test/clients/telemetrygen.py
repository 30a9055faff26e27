"""telemetrygen, the load generator of the OpenTelemetry collector: OTLP over HTTP, protobuf."""
from workshop import entries, equal, output_of

MODULE = "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen"


def run(server, shop):
    program = shop.go(MODULE, "v0.161.0")
    output_of([program, "logs", "--otlp-http", "--otlp-insecure", "--otlp-endpoint", "127.0.0.1:%d" % server.http, "--otlp-http-url-path",
               "/otlp/v1/logs", "--otlp-header", 'X-Scope-OrgID="t"', "--logs", "50", "--workers", "2", "--rate", "1000",
               "--body", "generated", "--trace-id", "ae87dadd90e9935a4bc9660628efd569", "--span-id", "5828fa4960140870",
               "--telemetry-attributes", 'k="v"'], "telemetrygen")
    found = entries(server, '{service_name="telemetrygen"}')
    equal(100, len(found), "entries")
    equal({"generated"}, {line for _, line, _ in found}, "lines")
    want = {"trace_id": "ae87dadd90e9935a4bc9660628efd569", "span_id": "5828fa4960140870", "app": "server", "k": "v", "detected_level": "info"}
    for _, _, metadata in found:
        equal(want, {k: metadata.get(k) for k in want}, "metadata")
