#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/text_list.h"

namespace skald::querier {

// A label that is worth picking streams by.
struct DetectedLabel {
  std::string name;
  uint64_t cardinality = 0;  // Distinct values.
};

// Whether a person would pick streams by this label: not if all its values are numbers or UUIDs,
// as ids are, unless they are the 0 and 1 of a switch. cluster, namespace, instance and pod always
// are such labels.
bool IsWorthPicking(std::string_view name, const TextList& values);

}  // namespace skald::querier
