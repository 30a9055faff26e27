#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/executor.h"
#include "common/status.h"
#include "common/text_place.h"
#include "ingester/value_table.h"

namespace skald::ingester {

// In which order the values of one label are that lie in several tables: a list of a million that
// is asked for again is not sorted again. It holds for a table as long as its numbering does; of
// values that came to it since nothing is known.
//
// Ownership: of a table it holds the numbering only; its blocks are borrowed, while it holds, by
//            whoever uses places that were picked.
// Threads:   immutable.
// Cost:      twelve bytes a value. Making it takes twice as long as to sort the values, and twenty
//            bytes more for each meanwhile.
class ValueOrder {
 public:
  // What was in a table at some moment.
  struct Part {
    std::shared_ptr<const void> numbering;
    size_t count = 0;   // Of all values, with those that were removed.
    TextPlaces places;  // Of those that were not.
    std::vector<std::shared_ptr<char[]>> blocks;
  };
  static Part PartOf(const ValueTable& table);

  // The error of `cancel`. Requires: not more values than this.
  static constexpr size_t kMostValues = (size_t{1} << 31) - 1;
  static Result<std::shared_ptr<const ValueOrder>> Make(std::vector<Part> parts,
                                                        const CancelToken& cancel,
                                                        Executor* workers);

  // About what it takes.
  size_t memory_bytes() const {
    return places_.size() * sizeof(TextPlace) + numbers_.size() * sizeof(uint32_t);
  }

  // All values that were there are numbered from 0 on: those of the first table, then of the next.
  size_t size() const { return size_; }
  size_t BeginOf(size_t table) const { return tables_[table].begin; }
  size_t CountOf(size_t table) const { return tables_[table].count; }
  // Whether values have the numbers still that they had.
  bool Holds(size_t table, const std::shared_ptr<const void>& numbering) const {
    return tables_[table].numbering == numbering;
  }

  // Places of those values that are wanted, by number, one for each text, in the order of texts.
  // The error of `cancel`.
  Result<TextPlaces> Pick(std::span<const uint8_t> wanted, const CancelToken& cancel,
                          Executor* workers) const;

 private:
  struct Table {
    std::shared_ptr<const void> numbering;
    size_t begin = 0;
    size_t count = 0;
  };
  // Of a value: its text is that of the one before.
  static constexpr uint32_t kRepeat = uint32_t{1} << 31;

  size_t PickSome(size_t begin, size_t end, std::span<const uint8_t> wanted, TextPlace* out) const;

  std::vector<Table> tables_;
  size_t size_ = 0;
  TextPlaces places_;              // In the order of texts,
  std::vector<uint32_t> numbers_;  // and which values' they are.
};

}  // namespace skald::ingester
