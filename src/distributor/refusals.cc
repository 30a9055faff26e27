#include "distributor/refusals.h"

namespace skald::distributor {

void Refusals::AddCount(std::string_view reason, std::string_view policy, uint64_t entries,
                        uint64_t bytes) {
  for (Count& count : counts_) {
    if (count.reason == reason && count.policy == policy) {
      count.entries += entries;
      count.bytes += bytes;
      return;
    }
  }
  counts_.push_back({.reason = std::string(reason),
                     .policy = std::string(policy),
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
