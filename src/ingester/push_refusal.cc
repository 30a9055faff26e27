#include "ingester/push_refusal.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "common/civil_time.h"
#include "common/duration.h"

namespace skald::ingester {
namespace {

rpc::PushOutcome::Refusal MakeRefusal(StatusCode code, std::string_view reason, std::string message,
                                      const model::PushBatch& batch,
                                      const model::PushStream& stream) {
  rpc::PushOutcome::Refusal refusal;
  refusal.code = code;
  refusal.reason = reason;
  refusal.message = std::move(message);
  refusal.stream = stream.fingerprint;
  refusal.entries = stream.entry_count;
  for (const model::PushEntry& entry :
       std::span(batch.entries).subspan(stream.entry_begin, stream.entry_count)) {
    refusal.bytes += EntryBytes(batch, entry);
  }
  return refusal;
}

// Whose limit it was, if not the tenant's own.
std::string PolicyNote(const model::PushStream& stream) {
  if (stream.policy.empty()) return "";
  return "; the limit is that of policy '" + std::string(stream.policy) +
         "' in policy_override_limits";
}

// 48211 as 48,211.
std::string Grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

// What to do about the label that makes so many streams, beside raising the setting.
std::string WidestNote(const WideLabel& widest, std::string_view setting) {
  std::string note = "; label `" + widest.name + "` has " + Grouped(widest.values) + " values in " +
                     Grouped(widest.streams) +
                     " streams: move it to structured metadata, or raise ";
  note += setting;
  return note + " (more: GET /api/v1/cardinality)";
}

}  // namespace

uint64_t EntryBytes(const model::PushBatch& batch, const model::PushEntry& entry) {
  uint64_t bytes = entry.line.size();
  for (const model::MetadataPair& pair :
       std::span(batch.metadata).subspan(entry.metadata_begin, entry.metadata_count)) {
    if (pair.name != "detected_level") bytes += pair.name.size() + pair.value.size();
  }
  return bytes;
}

std::string GoTime(int64_t time_ns) {
  const CivilTime time = ToCivilTime(time_ns);
  char text[64];
  int size = std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", time.year,
                           time.month, time.day, time.hour, time.minute, time.second);
  std::string out(text, size);
  if (time.nanos != 0) {
    size = std::snprintf(text, sizeof text, ".%09d", time.nanos);
    std::string_view digits(text, size);
    while (digits.ends_with('0')) digits.remove_suffix(1);
    out += digits;
  }
  return out + " +0000 UTC";
}

rpc::PushOutcome::Refusal StreamLimitRefusal(const std::string& tenant,
                                             const model::PushBatch& batch,
                                             const model::PushStream& stream,
                                             const std::optional<WideLabel>& widest) {
  std::string message =
      "maximum active stream limit exceeded when trying to create stream " +
      stream.labels->ToString() +
      ", reduce the number of active streams (reduce labels or reduce label values), or contact "
      "your Loki administrator to see if the limit can be increased, user: '" +
      tenant + "'" + PolicyNote(stream);
  if (widest) message += WidestNote(*widest, "max_global_streams_per_user");
  return MakeRefusal(StatusCode::kResourceExhausted, "stream_limit", std::move(message), batch,
                     stream);
}

rpc::PushOutcome::Refusal StreamMemoryRefusal(const model::PushBatch& batch,
                                              const model::PushStream& stream, uint64_t max_bytes,
                                              const std::optional<WideLabel>& widest) {
  std::string message = "no memory for a new stream " + stream.labels->ToString() +
                        ": those in memory take all of ingester.stream_memory_bytes (" +
                        FormatByteSize(max_bytes) +
                        "); reduce the number of active streams, or raise it";
  if (widest) message += WidestNote(*widest, "ingester.stream_memory_bytes");
  return MakeRefusal(StatusCode::kUnavailable, "stream_memory", std::move(message), batch, stream);
}

rpc::PushOutcome::Refusal StreamRateRefusal(const std::string& tenant,
                                            const model::PushBatch& batch,
                                            const model::PushStream& stream,
                                            std::span<const uint32_t> over, uint64_t rate,
                                            size_t max_entries) {
  const std::string labels = stream.labels->ToString();
  const std::string limit = FormatByteSize(rate);
  std::string message;
  const size_t told = max_entries == 0 ? over.size() : std::min(over.size(), max_entries);
  for (const uint32_t index : over.first(told)) {
    const model::PushEntry& entry = batch.entries[index];
    message += "entry with timestamp " + GoTime(entry.time_ns) +
               " ignored, reason: 'Per stream rate limit exceeded (limit: " + limit +
               "/sec) while attempting to ingest for stream '" + labels + "' totaling " +
               FormatByteSize(EntryBytes(batch, entry)) +
               ", consider splitting a stream via additional labels or contact your Loki "
               "administrator to see if the limit can be increased',\n";
  }
  message += "user '" + tenant + "', total ignored: " + std::to_string(over.size()) + " out of " +
             std::to_string(stream.entry_count) + " for stream: " + labels + PolicyNote(stream);
  rpc::PushOutcome::Refusal refusal;
  refusal.code = StatusCode::kResourceExhausted;
  refusal.reason = "per_stream_rate_limit";
  refusal.message = std::move(message);
  refusal.stream = stream.fingerprint;
  refusal.entries = over.size();
  for (const uint32_t index : over) refusal.bytes += EntryBytes(batch, batch.entries[index]);
  return refusal;
}

rpc::PushOutcome::Refusal FingerprintRefusal(const model::PushBatch& batch,
                                             const model::PushStream& stream) {
  return MakeRefusal(StatusCode::kInternal, "fingerprint_collision",
                     "the labels of stream " + stream.labels->ToString() +
                         " have the same hash as those of another stream",
                     batch, stream);
}

}  // namespace skald::ingester
