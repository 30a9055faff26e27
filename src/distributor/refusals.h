#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::distributor {

// What a push's refused entries are told and counted as.
//
// Threads: not synchronised; one for each push.
// Cost:    a bounded number of texts is kept, however many entries are refused.
class Refusals {
 public:
  // What refused entries are told apart by.
  struct Kind {
    std::string_view reason;
    std::string_view policy;
    std::string_view retention_hours;  // Of their stream; empty if it is kept for ever.
  };
  // Entries of one kind.
  struct Count {
    std::string reason;
    std::string policy;
    std::string retention_hours;
    uint64_t entries = 0;
    uint64_t bytes = 0;
  };

  // Counts refused entries for the metrics.
  void AddCount(const Kind& kind, uint64_t entries, uint64_t bytes);
  // Adds one error to the text; equal ones are told once, with their number.
  void AddError(std::string_view message);

  bool HasErrors() const { return errors_ > 0; }
  // The only error as it is; of more than one `<count> errors like: <message>; ...`.
  std::string Text() const;
  const std::vector<Count>& counts() const { return counts_; }

 private:
  // Texts that are kept: more would not be read.
  static constexpr size_t kMaxTexts = 100;

  std::vector<Count> counts_;
  std::vector<std::pair<std::string, uint64_t>> texts_;
  uint64_t errors_ = 0;
};

}  // namespace skald::distributor
