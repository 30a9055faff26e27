#include "model/value_dictionary.h"

#include <algorithm>

#include "common/hash.h"

namespace skald::model {
namespace {

// So many values are compared one by one.
constexpr size_t kFewValues = 8;
// A power of two, and room for one value more than these with half of the slots free.
constexpr size_t kFirstSlots = 32;

}  // namespace

uint32_t ValueDictionary::Code(std::string_view value, TextColumn& values) {
  if (last_ != 0 && values[last_ - 1] == value) return last_;
  if (slots_.empty()) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] == value) return last_ = static_cast<uint32_t>(i + 1);
    }
    if (values.size() < kFewValues) {
      values.Append(value);
      return last_ = static_cast<uint32_t>(values.size());
    }
    HashAll(values);
  }
  if (2 * (hashes_.size() + 1) > slots_.size()) Grow();
  const uint64_t hash = Hash64(value);
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const uint32_t code = slots_[slot];
    if (code == 0) {
      values.Append(value);
      hashes_.push_back(hash);
      last_ = static_cast<uint32_t>(hashes_.size());
      slots_[slot] = last_;
      return last_;
    }
    if (hashes_[code - 1] == hash && values[code - 1] == value) return last_ = code;
  }
}

void ValueDictionary::HashAll(const TextColumn& values) {
  for (size_t i = 0; i < values.size(); ++i) hashes_.push_back(Hash64(values[i]));
  Grow();
}

void ValueDictionary::Grow() {
  slots_.assign(std::max(kFirstSlots, 2 * slots_.size()), 0);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < hashes_.size(); ++i) {
    size_t slot = hashes_[i] & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

}  // namespace skald::model
