#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "common/status.h"
#include "model/push_batch.h"
#include "wire/batch_arena.h"
#include "wire/otlp_mapping.h"
#include "wire/otlp_value.h"

namespace skald::wire {

using OtlpPairs = std::vector<model::MetadataPair>;

// Turns attributes into labels and metadata as a tenant's rules say, and values into texts.
//
// Ownership: borrows the rules and the batch; texts that are not in the message as they are go to
//            the batch's buffers.
// Threads:   not synchronised; one for each export.
// Cost:      a look-up an attribute: rules and names are worked out once for each key.
class OtlpAttributes {
 public:
  enum class Place { kResource, kScope, kRecord };

  // `max_bytes`: what Charge lets pass.
  OtlpAttributes(const OtlpMapping& mapping, size_t max_bytes, model::PushBatch& batch)
      : max_bytes_(max_bytes),
        arena_(batch),
        resource_{mapping.resource()},
        scope_{mapping.scope()},
        record_{mapping.record()} {}

  // Appends what becomes of an attribute (message KeyValue) to `labels` or to `metadata`: of a map
  // a pair for each member, parent_child; of an empty value nothing. kInvalidArgument for bytes
  // that are none, and for a name without a letter or digit.
  Status Add(Place place, std::string_view message, OtlpPairs& labels, OtlpPairs& metadata);

  // The text of a value; AppendOtlpText's errors.
  Result<std::string_view> Text(const OtlpValue& value);
  std::string_view Decimal(int64_t value);
  // In lower case.
  std::string_view Hex(std::string_view bytes);
  std::string_view Store(std::string_view text) { return arena_.Store(text); }

  // Counts memory that the batch takes beyond what the message has. kResourceExhausted past the
  // limit.
  Status Charge(size_t bytes);

 private:
  struct Attribute {
    OtlpAction action = OtlpAction::kMetadata;
    std::string_view name;
  };
  struct KnownAttributes {
    const OtlpRules& rules;
    ViewMap<Attribute> by_key = {};
  };

  KnownAttributes& At(Place place);
  Result<Attribute> Find(KnownAttributes& attributes, std::string_view key);
  Status AddValue(std::string_view name, const OtlpValue& value, int depth, OtlpPairs& out);
  Result<std::string_view> NameOfMember(std::string_view parent, std::string_view key);

  const size_t max_bytes_;
  size_t used_bytes_ = 0;
  BatchArena arena_;
  std::string text_;
  KnownAttributes resource_;
  KnownAttributes scope_;
  KnownAttributes record_;
};

}  // namespace skald::wire
