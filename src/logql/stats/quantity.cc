#include "logql/stats/quantity.h"

#include <cmath>

#include "logql/stages/value_text.h"

namespace skald::logql {
namespace {

// Longer texts are ids, which would only cost time to refuse.
constexpr size_t kMaxQuantityBytes = 28;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Whether it begins as numbers do: with a digit, behind a sign and a point at most.
bool BeginsAsNumber(std::string_view text) {
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  at += at < text.size() && text[at] == '.' ? 1 : 0;
  return at < text.size() && IsDigit(text[at]);
}

}  // namespace

bool ParseQuantity(std::string_view text, Quantity& quantity) {
  if (text.size() > kMaxQuantityBytes || !BeginsAsNumber(text)) {
    return false;
  }
  if (ParseGoFloat(text, quantity.value)) {
    quantity.kind = QuantityKind::kNumber;
    return std::isfinite(quantity.value);
  }
  if (IsDigit(text.back()) || text.back() == '.') {
    return false;  // All units are letters.
  }
  int64_t ns = 0;
  if (ParseDurationText(text, ns)) {
    quantity = {.kind = QuantityKind::kSeconds, .value = static_cast<double>(ns) / 1e9};
    return true;
  }
  uint64_t bytes = 0;
  if (IsDigit(text[0]) && ParseBytesText(text, bytes)) {
    quantity = {.kind = QuantityKind::kBytes, .value = static_cast<double>(bytes)};
    return true;
  }
  return false;
}

std::string_view QuantityUnit(QuantityKind kind) {
  switch (kind) {
    case QuantityKind::kNumber:
      return "";
    case QuantityKind::kSeconds:
      return "seconds";
    case QuantityKind::kBytes:
      return "bytes";
  }
  return "";
}

}  // namespace skald::logql
