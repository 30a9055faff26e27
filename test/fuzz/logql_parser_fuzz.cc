// Queries: what is accepted is printed, on one line and on several, and read again as the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "logql/parser.h"
#include "logql/printer.h"

namespace {

// Whether `text` is the query again. Its printed form may have outgrown what is accepted.
bool IsSame(const std::string& text, const std::string& printed) {
  if (text.size() >= skald::logql::kMaxQueryBytes) return true;
  const auto expr = skald::logql::ParseUnchecked(text);
  return expr.ok() && skald::logql::Print(**expr) == printed;
}

// Whether a size in it was rounded up to a thousand of its unit: 999999B is printed as 1000kB, and
// that as 1.0MB.
bool HasThousandOfAUnit(const std::string& printed) {
  for (const char* size : {"1000kB", "1000MB", "1000GB", "1000TB", "1000PB"}) {
    if (printed.find(size) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  const auto expr = skald::logql::ParseUnchecked(query);
  if (!expr.ok()) return 0;
  std::string printed = skald::logql::Print(**expr);
  if (const auto again = skald::logql::ParseUnchecked(printed); again.ok()) {
    const std::string rounded = skald::logql::Print(**again);
    if (rounded != printed && !HasThousandOfAUnit(printed)) std::abort();
    printed = rounded;
  }
  if (!IsSame(printed, printed)) std::abort();
  if (!IsSame(skald::logql::PrettyPrint(**expr), printed)) std::abort();
  return 0;
}
