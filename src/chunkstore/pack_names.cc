#include "chunkstore/pack_names.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "common/civil_time.h"

namespace skald::chunkstore {
namespace {

constexpr size_t kNumberDigits = 16;

std::string_view NameOf(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// 0 for names that are not ours.
uint64_t NumberOf(std::string_view name) {
  if (name.size() < kNumberDigits) return 0;
  uint64_t number = 0;
  const char* const end = name.data() + kNumberDigits;
  const auto [read, error] = std::from_chars(name.data(), end, number, 16);
  return error == std::errc() && read == end ? number : 0;
}

template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const auto [read, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && read == text.data() + text.size();
}

}  // namespace

std::optional<Period> CompactedDay(std::string_view key) {
  // NNNNNNNNNNNNNNNN-YYYY-MM-DD
  const std::string_view name = NameOf(key);
  if (name.size() != kNumberDigits + 11 || name[kNumberDigits] != '-') return std::nullopt;
  const std::string_view day = name.substr(kNumberDigits + 1);
  int year = 0;
  unsigned month = 0;
  unsigned day_of_month = 0;
  if (day[4] != '-' || day[7] != '-' || !ReadNumber(day.substr(0, 4), year) ||
      !ReadNumber(day.substr(5, 2), month) || !ReadNumber(day.substr(8, 2), day_of_month)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day_of_month)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

PackNames::PackNames(const std::string& writer, const Clock& clock)
    : prefix_(std::string(kPacksPrefix) + writer + "/"), clock_(clock) {}

void PackNames::Saw(std::string_view key) {
  MutexLock lock(mutex_);
  last_number_ = std::max(last_number_, NumberOf(NameOf(key)));
}

std::string PackNames::Next() {
  MutexLock lock(mutex_);
  last_number_ =
      std::max(last_number_ + 1, static_cast<uint64_t>(std::max<int64_t>(clock_.NowNs(), 0)));
  char name[kNumberDigits + 1];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(last_number_));
  return prefix_ + name;
}

std::string PackNames::NextCompacted(Period day) {
  const CivilTime date = ToCivilTime(day * kDayNs);
  char suffix[16];
  std::snprintf(suffix, sizeof suffix, "-%04d-%02d-%02d", date.year, date.month, date.day);
  return Next() + suffix;
}

}  // namespace skald::chunkstore
