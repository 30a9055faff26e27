#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skald::logql {

// What the number in a field's text counts.
enum class QuantityKind : uint8_t { kNumber, kSeconds, kBytes };
inline constexpr size_t kQuantityKinds = 3;

struct Quantity {
  QuantityKind kind = QuantityKind::kNumber;
  double value = 0;
};

// The number that the text stands for: a finite number, a duration as Go writes it, or a size.
// False if it is none.
bool ParseQuantity(std::string_view text, Quantity& quantity);

// "", "seconds", "bytes".
std::string_view QuantityUnit(QuantityKind kind);

}  // namespace skald::logql
