#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "common/status.h"
#include "model/push_batch.h"
#include "wire/batch_arena.h"

namespace skald::distributor {

// Makes structured metadata fit to be stored and queried as labels: names of letters, digits and
// single underscores, values of valid UTF-8, sorted by name, each name once, none empty.
//
// Ownership: borrows the arena, where changed texts go.
// Threads:   not synchronised; one for each push.
// Cost:      nothing is allocated for pairs that are clean already.
class MetadataCleaner {
 public:
  explicit MetadataCleaner(wire::BatchArena& arena) : arena_(arena) {}

  // Appends what becomes of `pairs` to `out`. Of pairs that get the same name one stays: the last
  // of those whose name had to be changed, else the last. kInvalidArgument for a name without a
  // letter or digit; `out` is then as before.
  Status Append(std::span<const model::MetadataPair> pairs, std::vector<model::MetadataPair>& out);

  // Of the last Append's pairs those that gave way to another of their name.
  std::span<const model::MetadataPair> replaced() const { return replaced_; }

  // How many names and values had to be changed so far.
  size_t sanitized() const { return sanitized_; }

 private:
  struct Cleaned {
    model::MetadataPair pair;
    bool renamed = false;
  };

  Result<std::string_view> CleanName(std::string_view name);
  std::string_view CleanValue(std::string_view value);

  wire::BatchArena& arena_;
  size_t sanitized_ = 0;
  std::vector<Cleaned> scratch_;
  std::vector<model::MetadataPair> replaced_;
  std::string text_;
  ViewMap<std::string_view> renamed_;  // Names met to what they became.
};

}  // namespace skald::distributor
