#include "patterns/internal_entries.h"

#include <memory>
#include <utility>

#include "common/logging.h"
#include "common/quote.h"
#include "patterns/entry_level.h"

namespace skald::patterns {
namespace {

constexpr std::string_view kServiceName = "service_name";
constexpr std::string_view kUnknownService = "unknown_service";

}  // namespace

void AppendField(std::string& line, std::string_view name, std::string_view value) {
  if (!line.empty()) line += ' ';
  line.append(name).append("=");
  const bool plain = value.find_first_of(" \t\n\r\"\\=") == std::string_view::npos;
  if (plain) {
    line += value;
  } else {
    AppendGoQuoted(line, value);
  }
}

std::string ServiceOf(const model::Labels& labels) {
  const std::string_view service = labels.Get(kServiceName);
  return std::string(service.empty() ? kUnknownService : service);
}

void InternalEntries::Add(const std::string& service, int64_t time_ns, std::string level,
                          std::string line) {
  services_[service].push_back(
      {.time_ns = time_ns, .level = std::move(level), .line = std::move(line)});
}

model::PushBatch InternalEntries::Finish() {
  model::PushBatch batch;
  for (auto& [service, entries] : services_) {
    model::PushStream& stream = batch.streams.emplace_back();
    stream.labels = std::make_shared<const model::Labels>(model::Labels{{label_, service}});
    stream.entry_begin = static_cast<uint32_t>(batch.entries.size());
    stream.entry_count = static_cast<uint32_t>(entries.size());
    for (Entry& from : entries) {
      model::PushEntry& entry = batch.entries.emplace_back();
      entry.time_ns = from.time_ns;
      entry.line = batch.buffers.emplace_back(std::move(from.line));
      if (!with_level_) continue;
      entry.metadata_begin = static_cast<uint32_t>(batch.metadata.size());
      entry.metadata_count = 1;
      batch.metadata.push_back({kDetectedLevel, batch.buffers.emplace_back(std::move(from.level))});
    }
  }
  return batch;
}

WriteOutcome WriteDown(const WriteEntries& write, std::string_view what,
                       const model::TenantId& tenant, model::PushBatch batch) {
  const Status status = write(tenant, std::move(batch));
  if (status.ok()) return WriteOutcome::kWritten;
  const bool again =
      status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kResourceExhausted;
  LogWarn(std::string(what) + " could not be written",
          {{"org_id", tenant.value()}, {"again", again}, {"err", status}});
  return again ? WriteOutcome::kTryAgain : WriteOutcome::kGivenUp;
}

}  // namespace skald::patterns
