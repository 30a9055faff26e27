#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skald::distributor {

// A list of names, tested against very many others: nearly all are refused by their length and
// first letter.
//
// Threads: immutable once built.
class FieldNames {
 public:
  explicit FieldNames(std::vector<std::string> names);

  // The place of `name` in the list, the first if it is there more than once.
  std::optional<size_t> Find(std::string_view name) const;
  // As above, whatever the case of letters.
  std::optional<size_t> FindIgnoringCase(std::string_view name) const;

  const std::vector<std::string>& names() const { return names_; }

 private:
  // Bit n: a name of n bytes; bit 63 those that are longer.
  static uint64_t LengthBit(size_t length) { return uint64_t{1} << (length < 63 ? length : 63); }
  bool MayContain(std::string_view name) const {
    return !name.empty() && (lengths_ & LengthBit(name.size())) != 0 &&
           first_letters_[static_cast<uint8_t>(name[0])];
  }

  std::vector<std::string> names_;
  std::vector<std::string> lower_;  // names_ in lower case.
  uint64_t lengths_ = 0;
  std::array<bool, 256> first_letters_{};  // In either case.
};

}  // namespace skald::distributor
