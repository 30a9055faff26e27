#include "differential/oracle_values.h"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "common/duration.h"

namespace skald::differential {

std::optional<double> ParseNumber(const std::string& text) {
  static const RE2 kDecimal(R"((?i)[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?|[+-]?nan)");
  static const RE2 kHex(R"((?i)[+-]?0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)p[+-]?\d+)");
  if (!RE2::FullMatch(text, kDecimal) && !RE2::FullMatch(text, kHex)) return std::nullopt;
  const double value = std::strtod(text.c_str(), nullptr);
  const bool names_infinity = text.find_first_of("iI") != std::string::npos;
  if (value - value != 0 && value == value && !names_infinity)
    return std::nullopt;  // Out of range.
  return value;
}

std::optional<int64_t> ParseNanoseconds(const std::string& text) {
  const auto duration = ParseGoDuration(text);
  return duration.ok() ? std::optional<int64_t>(duration->count()) : std::nullopt;
}

std::optional<double> ParseSeconds(const std::string& text) {
  const auto ns = ParseNanoseconds(text);
  return ns ? std::optional(static_cast<double>(*ns) / 1e9) : std::nullopt;
}

std::optional<double> ParseBytes(const std::string& text) {
  const auto bytes = ParseHumanBytes(text);
  return bytes.ok() ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

std::optional<Address> ParseAddress(const std::string& text) {
  Address address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  uint8_t four[4];
  if (::inet_pton(AF_INET, text.c_str(), four) != 1) return std::nullopt;
  address[10] = address[11] = 0xff;
  std::copy(four, four + 4, address.begin() + 12);
  return address;
}

std::optional<std::pair<Address, Address>> ParseAddressRange(const std::string& text) {
  const size_t slash = text.find('/');
  const size_t dash = text.find('-');
  if (slash != std::string::npos) {
    const auto address = ParseAddress(text.substr(0, slash));
    if (!address) return std::nullopt;
    const bool is_v4 = text.find(':') == std::string::npos;
    const int fixed_bits = std::atoi(text.c_str() + slash + 1) + (is_v4 ? 96 : 0);
    std::pair<Address, Address> range{*address, *address};
    for (int bit = fixed_bits; bit < 128; ++bit) {
      const auto mask = static_cast<uint8_t>(0x80 >> (bit % 8));
      range.first[bit / 8] &= static_cast<uint8_t>(~mask);
      range.second[bit / 8] |= mask;
    }
    return range;
  }
  if (dash != std::string::npos) {
    const auto first = ParseAddress(text.substr(0, dash));
    const auto last = ParseAddress(text.substr(dash + 1));
    return first && last ? std::optional(std::pair(*first, *last)) : std::nullopt;
  }
  const auto address = ParseAddress(text);
  return address ? std::optional(std::pair(*address, *address)) : std::nullopt;
}

}  // namespace skald::differential
