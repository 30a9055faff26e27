#include "distributor/refusals.h"

namespace skald::distributor {

void Refusals::AddCount(const Kind& kind, uint64_t entries, uint64_t bytes) {
  for (Count& count : counts_) {
    if (count.reason == kind.reason && count.policy == kind.policy &&
        count.retention_hours == kind.retention_hours) {
      count.entries += entries;
      count.bytes += bytes;
      return;
    }
  }
  counts_.push_back({.reason = std::string(kind.reason),
                     .policy = std::string(kind.policy),
                     .retention_hours = std::string(kind.retention_hours),
                     .entries = entries,
                     .bytes = bytes});
}

void Refusals::AddError(std::string_view message) {
  ++errors_;
  for (auto& [text, count] : texts_) {
    if (text == message) {
      ++count;
      return;
    }
  }
  if (texts_.size() < kMaxTexts) texts_.emplace_back(message, 1);
}

std::string Refusals::Text() const {
  if (errors_ == 1) return texts_.front().first;
  std::string out;
  uint64_t told = 0;
  for (const auto& [text, count] : texts_) {
    if (!out.empty()) out += "; ";
    out += std::to_string(count) + " errors like: " + text;
    told += count;
  }
  if (told < errors_) out += "; and " + std::to_string(errors_ - told) + " other errors";
  return out;
}

}  // namespace skald::distributor
