#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

using Nanoseconds = std::chrono::nanoseconds;

// Prometheus' durations: groups of an integer and y w d h m s ms, largest unit first, each at most
// once ("1h30m", "1d"; "0" alone is zero). No sign, no fraction. kInvalidArgument:
// `not a valid duration string: "x"`, `unknown unit "x" in duration "y"`.
Result<Nanoseconds> ParsePrometheusDuration(std::string_view text);

// Go's durations: an optional sign, then groups of a decimal and ns us µs ms s m h ("1.5h",
// "-300ms", "0"). kInvalidArgument with Go's words: `time: invalid duration "x"`,
// `time: unknown unit "x" in duration "y"`, `time: missing unit in duration "x"`.
Result<Nanoseconds> ParseGoDuration(std::string_view text);

// Either of them, Prometheus' form first: for settings.
Result<Nanoseconds> ParseDuration(std::string_view text);

// "1d", "1h30m", "721h" prints "30d1h", zero "0s".
std::string FormatPrometheusDuration(Nanoseconds d);
// "1h0m0s", "1.5s", "300ms", "0s".
std::string FormatGoDuration(Nanoseconds d);

// Sizes of settings: an integer and B KB MB GB TB PB EB (1024-based, any case), or bare bytes.
// Fractions are taken as well ("1.5MB").
Result<uint64_t> ParseByteSize(std::string_view text);
// "3MB", "1536KB", "100B": the largest 1024-based unit that divides.
std::string FormatByteSize(uint64_t bytes);

// LogQL's sizes: a decimal and B kB MB GB TB PB EB (1000-based) or KiB MiB GiB TiB PiB EiB
// (1024-based), any case, blanks before the unit allowed, bare numbers are bytes. As in LogQL the
// fraction is cut.
Result<uint64_t> ParseHumanBytes(std::string_view text);
// 1000-based with at most one decimal under ten ("20MB", "1.5kB", "100B").
std::string FormatHumanBytes(uint64_t bytes);
// 1024-based with a blank, as messages show it ("1.5 GiB", "512 B").
std::string FormatIecBytes(uint64_t bytes);

}  // namespace skald
