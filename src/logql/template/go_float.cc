#include "logql/template/go_float.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace skald::logql {
namespace {

// Digits of a float in scientific form: 1.5e+06 to mantissa "1.5" and exponent 6, exponents at
// least two digits long.
void AppendScientific(std::string& out, double value, int precision) {
  char digits[512];
  const auto end =
      precision < 0
          ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific)
          : std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific,
                          std::min(precision, 400));
  out.append(digits, end.ptr);
}

void AppendFixed(std::string& out, double value, int precision) {
  char digits[1024];
  const auto end =
      precision < 0 ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed)
                    : std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed,
                                    std::min(precision, 400));
  out.append(digits, end.ptr);
}

}  // namespace

void AppendGoFloat(std::string& out, double value, char format, int precision) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    return;
  }
  if (format == 'e') {
    AppendScientific(out, value, precision);
    return;
  }
  if (format == 'f') {
    AppendFixed(out, value, precision);
    return;
  }
  if (precision >= 0) {
    char digits[512];
    const auto end = std::to_chars(digits, digits + sizeof digits, value,
                                   std::chars_format::general, std::clamp(precision, 1, 400));
    out.append(digits, end.ptr);
    return;
  }
  const double magnitude = std::fabs(value);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e6)) {
    AppendScientific(out, value, -1);
  } else {
    AppendFixed(out, value, -1);
  }
}

}  // namespace skald::logql
