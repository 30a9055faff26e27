// What a push costs from its body to the batch that the ingesters get: `bytes_per_second` counts
// line bytes on one core, so 1 GB/s is one CPU second a GB.

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/compress.h"
#include "common/json_writer.h"
#include "common/limits.h"
#include "distributor/distributor.h"
#include "distributor/field_detection.h"
#include "distributor/level_words.h"
#include "loadgen/payload.h"
#include "model/labels.h"
#include "ring/in_memory_member_store.h"
#include "support/fake_ingester.h"
#include "support/otlp_message.h"
#include "wire/otlp_logs.h"
#include "wire/push_json.h"
#include "wire/push_proto.h"
#include "wire/push_request.h"

namespace skald {
namespace {

using loadgen::LogKind;

struct Bodies {
  std::vector<std::string> bodies;
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
};

// Snappy-compressed protobuf pushes of mixed logs, 50 MB of lines.
const Bodies& ProtoBodies() {
  static const Bodies& bodies = *new Bodies([] {
    Bodies made;
    // Over the last hour: old enough and new enough for the default limits.
    constexpr int64_t kHour = 3'600'000'000'000;
    const loadgen::LoadOptions options = {
        .bytes = 50'000'000, .start_ns = SystemClock().NowNs() - kHour, .span_ns = kHour};
    loadgen::Payload payload;
    for (uint32_t group = 0; group < loadgen::PayloadMaker::Groups(options); ++group) {
      loadgen::PayloadMaker maker(options, group);
      while (maker.Next(payload)) {
        made.bodies.push_back(payload.body);
        made.lines += payload.lines;
        made.line_bytes += payload.line_bytes;
      }
    }
    return made;
  }());
  return bodies;
}

wire::PushHeaders ProtoHeaders() { return {.content_type = "application/x-protobuf"}; }

// The pushes above as JSON.
const Bodies& JsonBodies() {
  static const Bodies& bodies = *new Bodies([] {
    Bodies made = ProtoBodies();
    for (std::string& body : made.bodies) {
      const model::PushBatch batch = *wire::DecodePush(ProtoHeaders(), body);
      std::string json = "{\"streams\":[";
      for (const model::PushStream& stream : batch.streams) {
        if (json.back() == '}') json += ',';
        json += "{\"stream\":{";
        const model::Labels labels = *model::ParseLabels(stream.label_text);
        for (const model::LabelView& label : labels) {
          if (json.back() != '{') json += ',';
          AppendJsonString(json, label.name);
          json += ':';
          AppendJsonString(json, label.value);
        }
        json += "},\"values\":[";
        for (uint32_t i = 0; i < stream.entry_count; ++i) {
          const model::PushEntry& entry = batch.entries[stream.entry_begin + i];
          json += (i > 0 ? ",[\"" : "[\"") + std::to_string(entry.time_ns) + "\",";
          AppendJsonString(json, entry.line);
          json += ']';
        }
        json += "]}";
      }
      body = json + "]}";
    }
    return made;
  }());
  return bodies;
}

// The pushes above as OpenTelemetry's collectors send them: labels are attributes of the resource,
// records have four attributes and the ids of a trace.
const Bodies& OtlpBodies() {
  static const Bodies& bodies = *new Bodies([] {
    Bodies made = ProtoBodies();
    const std::string attributes =
        test::NumberField(2, 9) + test::BytesField(3, "Info") +
        test::OtlpAttribute("http.method", test::OtlpText("GET")) +
        test::OtlpAttribute("http.status_code", test::NumberField(3, 200)) +
        test::OtlpAttribute("user.id", test::OtlpText("u-1234567")) +
        test::OtlpAttribute("thread.name", test::OtlpText("worker-7")) +
        test::BytesField(9, "0123456789abcdef") + test::BytesField(10, "01234567");
    for (std::string& body : made.bodies) {
      const model::PushBatch batch = *wire::DecodePush(ProtoHeaders(), body);
      body.clear();
      for (const model::PushStream& stream : batch.streams) {
        std::string resource;
        const model::Labels labels = *model::ParseLabels(stream.label_text);
        for (const model::LabelView& label : labels) {
          resource +=
              test::BytesField(1, test::OtlpKeyValue(label.name, test::OtlpText(label.value)));
        }
        std::vector<std::string> records;
        for (uint32_t i = 0; i < stream.entry_count; ++i) {
          const model::PushEntry& entry = batch.entries[stream.entry_begin + i];
          records.push_back(test::Fixed64Field(1, static_cast<uint64_t>(entry.time_ns)) +
                            test::OtlpBody(test::OtlpText(entry.line)) + attributes);
        }
        body += test::OtlpExport(test::BytesField(1, resource) + test::OtlpScopeLogs(records));
      }
    }
    return made;
  }());
  return bodies;
}

void SetRates(benchmark::State& state, uint64_t lines, uint64_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
  state.SetItemsProcessed(static_cast<int64_t>(lines) * state.iterations());
}

void BM_Unsnappy(benchmark::State& state) {
  const Bodies& bodies = ProtoBodies();
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      std::string message;
      benchmark::DoNotOptimize(Decompress(Codec::kSnappy, body, 1 << 30, message).ok());
    }
  }
  SetRates(state, bodies.lines, bodies.line_bytes);
}
BENCHMARK(BM_Unsnappy)->Unit(benchmark::kMillisecond);

void BM_DecodeProto(benchmark::State& state) {
  const Bodies& bodies = ProtoBodies();
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      benchmark::DoNotOptimize(wire::DecodePush(ProtoHeaders(), body)->entries.size());
    }
  }
  SetRates(state, bodies.lines, bodies.line_bytes);
}
BENCHMARK(BM_DecodeProto)->Unit(benchmark::kMillisecond);

void BM_DecodeJson(benchmark::State& state) {
  const Bodies& bodies = JsonBodies();
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      benchmark::DoNotOptimize(wire::DecodePushJson(body)->entries.size());
    }
  }
  SetRates(state, bodies.lines, bodies.line_bytes);
}
BENCHMARK(BM_DecodeJson)->Unit(benchmark::kMillisecond);

void BM_DecodeOtlp(benchmark::State& state) {
  const Bodies& bodies = OtlpBodies();
  const wire::OtlpMapping mapping = *wire::OtlpMapping::Compile({}, {.index_labels = {"app"}});
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      benchmark::DoNotOptimize(wire::DecodeOtlpLogs(body, mapping, 0)->entries.size());
    }
  }
  SetRates(state, bodies.lines, bodies.line_bytes);
}
BENCHMARK(BM_DecodeOtlp)->Unit(benchmark::kMillisecond);

// All but the ingester.
void BM_Push(benchmark::State& state) {
  Limits limits;
  limits.ingestion_rate_mb = limits.ingestion_burst_size_mb = 1e9;
  const StaticLimits source(limits);
  const SystemClock clock;
  ring::InMemoryMemberStore members;
  benchmark::DoNotOptimize(members.Put({.id = "a", .tokens = {1}}).ok());
  test::FakeIngester ingester;
  distributor::Replicator replicator(members, 1, [&](const ring::Member&) { return &ingester; });
  distributor::Distributor distributor({}, source, replicator, clock);
  const model::TenantId tenant("bench");
  const Bodies& bodies = ProtoBodies();
  ingester.Discard();
  for (auto _ : state) {
    for (const std::string& body : bodies.bodies) {
      auto batch = wire::DecodePush(ProtoHeaders(), body);
      const Status status = distributor.Push(tenant, {}, *std::move(batch)).status;
      if (!status.ok()) return state.SkipWithError(status.ToString().c_str());
    }
  }
  SetRates(state, bodies.lines, bodies.line_bytes);
}
BENCHMARK(BM_Push)->Unit(benchmark::kMillisecond);

std::vector<std::string> Lines(LogKind kind) {
  loadgen::LineMaker maker(kind, 1);
  std::vector<std::string> lines(20'000);
  for (std::string& line : lines) maker.Append(1'700'000'000'000'000'000, line);
  return lines;
}

void BM_DetectLevel(benchmark::State& state) {
  const auto kind = static_cast<LogKind>(state.range(0));
  const std::vector<std::string> lines = Lines(kind);
  const distributor::LevelDetector detector(Limits().log_level_fields, 2);
  uint64_t bytes = 0;
  for (const std::string& line : lines) bytes += line.size();
  for (auto _ : state) {
    for (const std::string& line : lines) {
      benchmark::DoNotOptimize(detector.Detect(std::nullopt, {}, line));
    }
  }
  state.SetLabel(std::string(loadgen::LogKindName(kind)));
  SetRates(state, lines.size(), bytes);
}
BENCHMARK(BM_DetectLevel)->DenseRange(0, loadgen::kLogKinds - 1);

// Lines in which there is nothing to find.
void BM_FindLevelWord(benchmark::State& state) {
  std::string line;
  while (line.size() < static_cast<size_t>(state.range(0))) {
    line += "GET /some/path?of=words 200 from 10.1.2.3 took=12ms with \"agents\" in it, ";
  }
  for (auto _ : state) benchmark::DoNotOptimize(distributor::FindLevelWord(line));
  SetRates(state, 1, line.size());
}
BENCHMARK(BM_FindLevelWord)->Arg(64)->Arg(256)->Arg(4096);

}  // namespace
}  // namespace skald
