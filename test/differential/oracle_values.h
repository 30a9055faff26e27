#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace skald::differential {

// What the texts of labels mean; nothing if they do not mean that.

std::optional<double> ParseNumber(const std::string& text);   // Go's strconv.ParseFloat.
std::optional<double> ParseSeconds(const std::string& text);  // Of a Go duration.
std::optional<int64_t> ParseNanoseconds(const std::string& text);
std::optional<double> ParseBytes(const std::string& text);

using Address = std::array<uint8_t, 16>;
std::optional<Address> ParseAddress(const std::string& text);
// First and last address of `a`, `a/n` or `a-b`.
std::optional<std::pair<Address, Address>> ParseAddressRange(const std::string& text);

}  // namespace skald::differential
