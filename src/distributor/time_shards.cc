#include "distributor/time_shards.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "common/status.h"
#include "distributor/push_validator.h"

namespace skald::distributor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// The bucket of all entries that are not old.
constexpr int64_t kRecent = std::numeric_limits<int64_t>::max();

// Numbers the stretches of time that entries fall into.
struct Buckets {
  int64_t old_before_ns = 0;
  int64_t length_ns = 0;

  int64_t Of(const model::PushEntry& entry) const {
    if (entry.time_ns >= old_before_ns) return kRecent;
    const int64_t rest = entry.time_ns % length_ns;
    return entry.time_ns / length_ns - (rest < 0 ? 1 : 0);
  }
};

std::shared_ptr<const model::Labels> WithBucket(const model::Labels& labels, int64_t bucket,
                                                int64_t length_ns) {
  const int64_t start_ns = bucket * length_ns;
  model::LabelsBuilder builder(labels);
  builder.Set(kTimeShardLabel, std::to_string(start_ns / kSecond) + "_" +
                                   std::to_string((start_ns + length_ns) / kSecond));
  return std::make_shared<const model::Labels>(builder.Build());
}

uint64_t BytesOf(const model::PushBatch& batch, std::span<const model::PushEntry> entries) {
  uint64_t bytes = 0;
  for (const model::PushEntry& entry : entries) {
    bytes += EntryBytes(
        entry, std::span(batch.metadata).subspan(entry.metadata_begin, entry.metadata_count));
  }
  return bytes;
}

// The streams of a batch to be, with what each was made from.
struct Divided {
  std::vector<model::PushStream> streams;
  std::vector<ShardingInput> inputs;
};

void Divide(const model::PushStream& stream, const ShardingInput& input, const Buckets& buckets,
            model::PushBatch& batch, Divided& out) {
  const auto entries = std::span(batch.entries).subspan(stream.entry_begin, stream.entry_count);
  const bool all_recent = std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return buckets.Of(entry) == kRecent;
  });
  if (all_recent) {
    out.streams.push_back(stream);
    out.inputs.push_back(input);
    return;
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const auto& a, const auto& b) { return buckets.Of(a) < buckets.Of(b); });
  for (size_t begin = 0; begin < entries.size();) {
    const int64_t bucket = buckets.Of(entries[begin]);
    size_t end = begin + 1;
    while (end < entries.size() && buckets.Of(entries[end]) == bucket) ++end;
    model::PushStream part = stream;
    part.entry_begin = stream.entry_begin + static_cast<uint32_t>(begin);
    part.entry_count = static_cast<uint32_t>(end - begin);
    if (bucket != kRecent) {
      part.labels = WithBucket(*stream.labels, bucket, buckets.length_ns);
      part.fingerprint = part.labels->Hash();
    }
    out.streams.push_back(std::move(part));
    out.inputs.push_back(
        {.profile = input.profile, .bytes = BytesOf(batch, entries.subspan(begin, end - begin))});
    begin = end;
  }
}

}  // namespace

void ShardByTime(int64_t now_ns, int64_t bucket_ns, std::vector<ShardingInput>& inputs,
                 model::PushBatch& batch) {
  SKALD_DCHECK(inputs.size() == batch.streams.size());
  SKALD_DCHECK(bucket_ns >= kSecond);
  const auto wants = [](const ShardingInput& input) { return input.profile->time_sharded; };
  if (std::none_of(inputs.begin(), inputs.end(), wants)) return;
  Divided divided;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const StreamProfile& profile = *inputs[i].profile;
    if (!profile.time_sharded) {
      divided.streams.push_back(std::move(batch.streams[i]));
      divided.inputs.push_back(inputs[i]);
      continue;
    }
    Divide(batch.streams[i], inputs[i],
           {.old_before_ns = now_ns - profile.time_sharded_age.count(), .length_ns = bucket_ns},
           batch, divided);
  }
  batch.streams = std::move(divided.streams);
  inputs = std::move(divided.inputs);
}

}  // namespace skald::distributor
