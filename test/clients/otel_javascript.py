"""The log exporters of OpenTelemetry's JavaScript SDK: protobuf and JSON, plain and gzipped."""
from workshop import entries, equal

PACKAGES = ("@opentelemetry/api-logs@0.223.1", "@opentelemetry/sdk-logs@0.223.1", "@opentelemetry/resources@2.9.0",
            "@opentelemetry/exporter-logs-otlp-proto@0.223.1", "@opentelemetry/exporter-logs-otlp-http@0.223.1")


def run(server, shop):
    for kind in ("proto", "http"):
        for compression in ("none", "gzip"):
            service = "shop-%s-%s" % (kind, compression)
            shop.node("otel_javascript.mjs", PACKAGES, [server.url, kind, compression, service])
            check(server, service)


def check(server, service):
    found = entries(server, '{service_name="%s"}' % service)
    equal(["order placed", "payment declined", '{"items":[1,2],"total":9.5}'], [line for _, line, _ in found], service + ": lines")
    labels, _, metadata = found[1]
    equal({"service_name": service, "deployment_environment": "prod"}, labels, service + ": labels")
    want = {"severity_text": "ERROR", "severity_number": "17", "detected_level": "error", "http_status": "502", "retry": "true", "host_name": "web-1",
            "scope_name": "checkout", "scope_version": "1.2.3"}
    equal(want, {k: metadata.get(k) for k in want}, service + ": metadata")
