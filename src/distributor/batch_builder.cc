#include "distributor/batch_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "distributor/field_detection.h"
#include "distributor/line_fields.h"

namespace skald::distributor {
namespace {

std::span<const model::MetadataPair> MetadataOf(const model::PushBatch& batch,
                                                const model::PushEntry& entry) {
  return std::span(batch.metadata).subspan(entry.metadata_begin, entry.metadata_count);
}

}  // namespace

BatchBuilder::BatchBuilder(const PushRules& rules, PushValidator& validator, model::PushBatch sent)
    : rules_(rules),
      limits_(*rules.limits),
      validator_(validator),
      sent_(std::move(sent)),
      arena_(sent_),
      cleaner_(arena_),
      detect_levels_(limits_.allow_structured_metadata && limits_.discover_log_levels),
      newest_ns_(std::numeric_limits<int64_t>::min()) {
  streams_.reserve(sent_.streams.size());
  sharding_inputs_.reserve(sent_.streams.size());
  entries_.reserve(sent_.entries.size());
  metadata_.reserve(sent_.metadata.size() + (detect_levels_ ? sent_.entries.size() : 0));
}

uint64_t BatchBuilder::BytesOf(const model::PushStream& stream) const {
  uint64_t bytes = 0;
  for (const model::PushEntry& entry :
       std::span(sent_.entries).subspan(stream.entry_begin, stream.entry_count)) {
    bytes += EntryBytes(entry, MetadataOf(sent_, entry));
  }
  return bytes;
}

BatchBuilder::StreamTotals BatchBuilder::AddStream(const model::PushStream& stream,
                                                   const StreamProfile& profile) {
  StreamTotals totals;
  Previous previous;
  const auto begin = static_cast<uint32_t>(entries_.size());
  for (model::PushEntry entry :
       std::span(sent_.entries).subspan(stream.entry_begin, stream.entry_count)) {
    const auto sent_metadata = MetadataOf(sent_, entry);
    const size_t sent_line_bytes = entry.line.size();
    Truncate(entry);
    if (!validator_.CheckEntry(profile, entry, sent_metadata)) continue;
    size_t metadata_bytes = 0;
    if (!AddMetadata(profile, entry, sent_metadata, metadata_bytes)) continue;
    if (entry.line.size() != sent_line_bytes) {
      ++truncated_lines_;
      truncated_bytes_ += sent_line_bytes - entry.line.size();
    }
    if (limits_.increment_duplicate_timestamp) SeparateFrom(previous, entry);
    newest_ns_ = std::max(newest_ns_, entry.time_ns);
    line_sizes_.Add(entry.line.size());
    ++totals.lines;
    totals.bytes += entry.line.size() + metadata_bytes;
    totals.metadata_bytes += metadata_bytes;
    entries_.push_back(entry);
  }
  if (totals.lines == 0) return totals;
  sharding_inputs_.push_back({.profile = &profile, .bytes = totals.bytes});
  streams_.push_back({.label_text = stream.label_text,
                      .labels = profile.labels,
                      .fingerprint = profile.fingerprint,
                      .policy = profile.has_own_limits ? arena_.Store(profile.policy) : "",
                      .entry_begin = begin,
                      .entry_count = static_cast<uint32_t>(entries_.size()) - begin});
  return totals;
}

void BatchBuilder::Truncate(model::PushEntry& entry) {
  const size_t max = limits_.max_line_size;
  const std::string& mark = limits_.max_line_size_truncate_identifier;
  if (!limits_.max_line_size_truncate || max == 0 || entry.line.size() <= max) return;
  if (max <= mark.size()) return;  // No room for the mark: the entry is refused as too long.
  const std::string_view kept = entry.line.substr(0, max - mark.size());
  if (mark.empty()) {
    entry.line = kept;
    return;
  }
  std::string& room = arena_.Room(max);
  const size_t begin = room.size();
  room.append(kept).append(mark);
  entry.line = std::string_view(room).substr(begin);
}

bool BatchBuilder::AddMetadata(const StreamProfile& profile, model::PushEntry& entry,
                               std::span<const model::MetadataPair> sent, size_t& metadata_bytes) {
  const size_t begin = metadata_.size();
  model::MetadataPair* sent_level = nullptr;
  if (!sent.empty()) {
    const Status status = cleaner_.Append(sent, metadata_);
    if (!status.ok()) {
      validator_.RefuseEntry(profile, "invalid_structured_metadata", status.message(),
                             EntryBytes(entry, sent));
      return false;
    }
    for (size_t i = begin; i < metadata_.size(); ++i) {
      model::MetadataPair& pair = metadata_[i];
      if (pair.name == kDetectedLevel) {
        sent_level = &pair;
      } else {
        metadata_bytes += pair.name.size() + pair.value.size();
      }
    }
  }
  if (detect_levels_) {
    if (sent_level != nullptr) {
      sent_level->value = NormalizeLevel(sent_level->value);
    } else {
      const std::string_view level = DetectLevel(profile, begin, entry.line);
      metadata_.push_back({kDetectedLevel, level});
    }
  }
  entry.metadata_begin = static_cast<uint32_t>(begin);
  entry.metadata_count = static_cast<uint32_t>(metadata_.size() - begin);
  if (!rules_.generic_fields.empty() && limits_.allow_structured_metadata) {
    AddGenericFields(profile, entry);
    entry.metadata_count = static_cast<uint32_t>(metadata_.size() - begin);
  }
  return true;
}

// The level of an entry whose metadata are those from `begin` on, and those that gave way to them:
// of equal names the first counts here.
std::string_view BatchBuilder::DetectLevel(const StreamProfile& profile, size_t begin,
                                           std::string_view line) {
  std::span<const model::MetadataPair> metadata = std::span(metadata_).subspan(begin);
  if (metadata.empty() || cleaner_.replaced().empty()) {
    return rules_.level_detector.Detect(profile.level, metadata, line);
  }
  std::vector<model::MetadataPair> all(cleaner_.replaced().begin(), cleaner_.replaced().end());
  all.insert(all.end(), metadata.begin(), metadata.end());
  return rules_.level_detector.Detect(profile.level, all, line);
}

void BatchBuilder::AddGenericFields(const StreamProfile& profile, const model::PushEntry& entry) {
  const auto has = [&](std::string_view name) {
    const auto own = std::span(metadata_).subspan(entry.metadata_begin);
    return std::any_of(own.begin(), own.end(), [&](const auto& pair) { return pair.name == name; });
  };
  for (const PushRules::GenericField& field : rules_.generic_fields) {
    if (has(field.name)) continue;
    const std::string_view value = FindGenericField(
        field.hints, *profile.labels,
        std::span(metadata_).subspan(entry.metadata_begin, entry.metadata_count), entry.line);
    if (!value.empty()) metadata_.push_back({field.name, arena_.Store(value)});
  }
}

// An entry at the time of the one before it comes a nanosecond after it, unless the two are equal.
void BatchBuilder::SeparateFrom(Previous& previous, model::PushEntry& entry) const {
  const int64_t sent_ns = entry.time_ns;
  if (previous.exists && entry.line != previous.line &&
      (sent_ns == previous.sent_ns || sent_ns == previous.time_ns)) {
    entry.time_ns = previous.time_ns + 1;
  }
  previous = {.exists = true, .sent_ns = sent_ns, .time_ns = entry.time_ns, .line = entry.line};
}

model::PushBatch BatchBuilder::Finish() {
  sent_.streams = std::move(streams_);
  sent_.entries = std::move(entries_);
  sent_.metadata = std::move(metadata_);
  return std::move(sent_);
}

}  // namespace skald::distributor
