// skald-loadgen: pushes reproducible logs to a server and says how fast they went in, or reads
// them back and says whether each is there once and unchanged.

#include <CLI/CLI.hpp>

#include <cstdio>

#include "common/clock.h"
#include "loadgen/check_load.h"
#include "loadgen/push_load.h"

namespace {

void Print(const skald::loadgen::LoadReport& report) {
  const double mb = static_cast<double>(report.line_bytes) / 1e6;
  std::printf("%.1f MB in %llu lines, %.1f s: %.1f MB/s, %.0f lines/s\n", mb,
              static_cast<unsigned long long>(report.lines), report.seconds, mb / report.seconds,
              static_cast<double>(report.lines) / report.seconds);
  std::printf("%llu pushes of %.0f kB: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms\n",
              static_cast<unsigned long long>(report.payloads),
              static_cast<double>(report.body_bytes) / 1e3 / static_cast<double>(report.payloads),
              report.Percentile(0.5), report.Percentile(0.9), report.Percentile(0.99),
              report.Percentile(1));
  std::printf("%llu errors%s%s\n", static_cast<unsigned long long>(report.errors),
              report.errors ? ", the first: " : "", report.first_error.c_str());
}

int Push(const skald::loadgen::LoadOptions& load, const skald::loadgen::PushOptions& push) {
  const auto report = skald::loadgen::PushLoad(load, push);
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.status().ToString().c_str());
    return 1;
  }
  Print(*report);
  return report->errors == 0 ? 0 : 1;
}

int Check(const skald::loadgen::LoadOptions& load, const skald::loadgen::PushOptions& push) {
  const auto report = skald::loadgen::CheckLoad(load, push);
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.status().ToString().c_str());
    return 1;
  }
  std::printf("%llu lines read back by %llu queries in %.1f s: %llu wrong%s%s\n",
              static_cast<unsigned long long>(report->lines),
              static_cast<unsigned long long>(report->queries), report->seconds,
              static_cast<unsigned long long>(report->wrong), report->wrong ? ", the first: " : "",
              report->first_wrong.c_str());
  return report->wrong == 0 && report->lines > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  skald::loadgen::LoadOptions load;
  skald::loadgen::PushOptions push;
  int64_t start_s = 0;
  int64_t span_s = 3600;
  CLI::App app("Pushes reproducible mixed JSON, logfmt, access and Java logs to a server");
  app.add_option("--url", push.url, "Server to push to")->capture_default_str();
  app.add_option("--tenant", push.tenant, "Value of X-Scope-OrgID; no header without");
  app.add_option("--connections", push.connections, "Pushes at once")->capture_default_str();
  app.add_option("--rate", push.megabytes_per_second, "MB of lines a second; 0: no bound")
      ->capture_default_str();
  app.add_option("--bytes", load.bytes, "Bytes of lines in all")->capture_default_str();
  app.add_option("--streams", load.streams, "Streams")->capture_default_str();
  app.add_option("--apps", load.apps, "Applications that the streams belong to")
      ->capture_default_str();
  app.add_option("--lines", load.lines_per_stream, "Lines of a stream in one push")
      ->capture_default_str();
  app.add_option("--batch", load.streams_per_payload, "Streams in one push")->capture_default_str();
  app.add_option("--trace-ids", load.lines_per_trace_id,
                 "One line of so many gets a trace_id as structured metadata, of its own; 0: none")
      ->capture_default_str();
  app.add_option("--seed", load.seed, "The same seed gives the same lines")->capture_default_str();
  app.add_option("--start", start_s, "Time of the first lines, Unix seconds; 0: an hour ago");
  app.add_option("--span", span_s, "Seconds from the first line to the last")
      ->capture_default_str();
  bool check = false;
  app.add_flag("--check", check,
               "Push nothing; read back what the same options (with --start) have pushed");
  CLI11_PARSE(app, argc, argv);

  load.start_ns = start_s != 0 ? start_s * 1'000'000'000
                               : skald::SystemClock().NowNs() - span_s * 1'000'000'000;
  load.span_ns = span_s * 1'000'000'000;
  return check ? Check(load, push) : Push(load, push);
}
