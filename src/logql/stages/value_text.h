#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers in the texts of labels, with Go's spelling and Go's error messages.

namespace skald::logql {

enum class ValueKind : uint8_t { kNumber, kDuration, kBytes };

// Takes out the underscores with which Go lets digits be grouped. False if one stands elsewhere
// than between two digits. `prefixed`: the prefix of a base came before `digits`; then one may be
// first.
bool TakeOutUnderscores(std::string& digits, bool prefixed);

// As strconv.ParseFloat: decimals, exponents, hexadecimal floats, inf, infinity, nan in any case.
bool ParseGoFloat(std::string_view text, double& value);

// Nanoseconds of a Go duration.
bool ParseDurationText(std::string_view text, int64_t& ns);

// Bytes of a size as LogQL writes it.
bool ParseBytesText(std::string_view text, uint64_t& bytes);

// Why `text` is no such value, in Go's words.
std::string ValueErrorText(ValueKind kind, std::string_view text);

}  // namespace skald::logql
