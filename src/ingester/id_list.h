#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace skald::ingester {

// Ids of streams, ascending. Mostly there is one, and then nothing is allocated for it: labels of
// many values have a list for each.
//
// Threads: not synchronised.
class IdList {
 public:
  using Id = uint32_t;

  void Add(Id id);
  void Remove(Id id);

  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  std::span<const Id> ids() const { return {many_ != nullptr ? many_->data() : &one_, count_}; }

 private:
  uint32_t count_ = 0;
  Id one_ = 0;                             // The only one, if there is no list.
  std::unique_ptr<std::vector<Id>> many_;  // From the second on.
};

}  // namespace skald::ingester
