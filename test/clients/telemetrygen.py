"""telemetrygen, the load generator of the OpenTelemetry collector: OTLP in protobuf, over HTTP and over gRPC."""
from workshop import entries, equal, output_of

MODULE = "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen"


def run(server, shop):
    program = shop.go(MODULE, "v0.161.0")
    ways = {"over-http": ["--otlp-http", "--otlp-endpoint", "127.0.0.1:%d" % server.http, "--otlp-http-url-path", "/otlp/v1/logs"],
            "over-grpc": ["--otlp-endpoint", "127.0.0.1:%d" % server.grpc]}
    for service, way in ways.items():
        output_of([program, "logs", "--otlp-insecure", *way, "--service", service, "--otlp-header", 'X-Scope-OrgID="t"', "--logs", "50", "--workers", "2",
                   "--rate", "1000", "--body", "generated", "--trace-id", "ae87dadd90e9935a4bc9660628efd569", "--span-id", "5828fa4960140870",
                   "--telemetry-attributes", 'k="v"'], "telemetrygen " + service)
        check(server, service)


def check(server, service):
    found = entries(server, '{service_name="%s"}' % service)
    equal(100, len(found), service + ": entries")
    equal({"generated"}, {line for _, line, _ in found}, service + ": lines")
    want = {"trace_id": "ae87dadd90e9935a4bc9660628efd569", "span_id": "5828fa4960140870", "app": "server", "k": "v", "detected_level": "info"}
    for _, _, metadata in found:
        equal(want, {k: metadata.get(k) for k in want}, service + ": metadata")
