#include "chunkstore/format/split/time_column.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "chunkstore/format/split/number_column.h"
#include "chunkstore/format/split/token_form.h"
#include "common/substring_search.h"

namespace skald::chunkstore {
namespace {

// The numbers are stored and never reused.
enum class TimeForm : uint8_t { kRfc3339 = 1, kApache = 2, kClock = 3 };

constexpr size_t kMaxFraction = 9;
constexpr size_t kFractionAt = 20;  // In a token that has one.
constexpr int64_t kSecondsOfDay = 86400;
constexpr int64_t kNsOfSecond = 1'000'000'000;
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr int64_t kUnits[] = {1,       10,        100,        1000,        10'000,
                              100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// How all tokens of a column are written.
struct TimeFormat {
  TimeForm form = TimeForm::kClock;
  size_t fraction = 0;  // Digits behind the point.
  bool zulu = false;    // Ends in Z.

  size_t size() const {
    const size_t tail = (fraction > 0 ? fraction + 1 : 0) + (zulu ? 1 : 0);
    return (form == TimeForm::kRfc3339 ? 19 : form == TimeForm::kApache ? 20 : 8) + tail;
  }
  // Where "20:01:55" stands.
  size_t clock_at() const {
    return form == TimeForm::kRfc3339 ? 11 : form == TimeForm::kApache ? 12 : 0;
  }
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// `count` digits at `p`; -1 if they are none.
int Digits(const char* p, size_t count) {
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!IsDigit(p[i])) return -1;
    value = value * 10 + (p[i] - '0');
  }
  return value;
}

std::optional<TimeFormat> FormatOf(std::string_view token) {
  TimeFormat format;
  if (token.size() >= 19 && token[4] == '-' && token[10] == 'T') {
    format.form = TimeForm::kRfc3339;
    format.zulu = token.back() == 'Z';
    const size_t digits_end = token.size() - (format.zulu ? 1 : 0);
    if (digits_end > 19) format.fraction = digits_end - 20;
    if (digits_end == 20 || format.fraction > kMaxFraction) return std::nullopt;
  } else if (token.size() == 20 && token[2] == '/') {
    format.form = TimeForm::kApache;
  } else if (token.size() != 8 || token[2] != ':') {
    return std::nullopt;
  }
  return format;
}

// Seconds of "20:01:55"; -1 if it is none.
int64_t ReadClock(const char* p) {
  const int hour = Digits(p, 2);
  const int minute = Digits(p + 3, 2);
  const int second = Digits(p + 6, 2);
  if (p[2] != ':' || p[5] != ':' || hour < 0 || minute < 0 || second < 0) return -1;
  return hour > 23 || minute > 59 || second > 59 ? -1 : hour * 3600 + minute * 60 + second;
}

std::optional<int64_t> ReadDate(int year, int month, int day) {
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

int ReadMonth(std::string_view name) {
  const size_t at = kMonths.find(name);
  return at == std::string_view::npos || at % 3 != 0 ? -1 : static_cast<int>(at / 3) + 1;
}

// In units of the last digit: of a day for kClock, else since the epoch.
std::optional<int64_t> ReadTime(std::string_view token, const TimeFormat& format) {
  if (token.size() != format.size()) return std::nullopt;
  const char* const p = token.data();
  const int64_t clock = ReadClock(p + format.clock_at());
  if (clock < 0) return std::nullopt;
  if (format.form == TimeForm::kClock) return clock;
  if (format.form == TimeForm::kApache) {
    if (p[2] != '/' || p[6] != '/' || p[11] != ':') return std::nullopt;
    const auto day = ReadDate(Digits(p + 7, 4), ReadMonth(token.substr(3, 3)), Digits(p, 2));
    return day ? std::optional(*day * kSecondsOfDay + clock) : std::nullopt;
  }
  if (p[4] != '-' || p[7] != '-' || p[10] != 'T') return std::nullopt;
  if (format.fraction > 0 && p[kFractionAt - 1] != '.') return std::nullopt;
  if (format.zulu && token.back() != 'Z') return std::nullopt;
  const auto day = ReadDate(Digits(p, 4), Digits(p + 5, 2), Digits(p + 8, 2));
  const int fraction = Digits(p + kFractionAt, format.fraction);
  if (!day || (format.fraction > 0 && fraction < 0)) return std::nullopt;
  // Years up to 9999 with nine digits would not fit.
  int64_t units = 0;
  if (__builtin_mul_overflow(*day * kSecondsOfDay + clock, kUnits[format.fraction], &units) ||
      __builtin_add_overflow(units, fraction, &units)) {
    return std::nullopt;
  }
  return units;
}

constexpr int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Seconds that can be told in nanoseconds in part alone.
constexpr int64_t kFirstSecond = FloorDiv(std::numeric_limits<int64_t>::min(), kNsOfSecond);
constexpr int64_t kLastSecond = FloorDiv(std::numeric_limits<int64_t>::max(), kNsOfSecond);

// What tokens say if they tell the times of their entries, which are asked for one after the other:
// most are of the second of the one before.
class ExpectedTimes {
 public:
  explicit ExpectedTimes(const TimeFormat& format)
      : format_(format), unit_ns_(static_cast<uint32_t>(kNsOfSecond / kUnits[format.fraction])) {}

  int64_t Of(int64_t entry_time) {
    const uint64_t past = static_cast<uint64_t>(entry_time) - begin_ns_;
    if (past < kNsOfSecond) return Told(expected_, past);
    const int64_t seconds = FloorDiv(entry_time, kNsOfSecond);
    const uint64_t begin_ns = static_cast<uint64_t>(seconds) * kNsOfSecond;
    const uint64_t expected = OfSecond(seconds);
    // Modulo 2^64 the first and the last second reach into each other.
    if (seconds > kFirstSecond && seconds < kLastSecond) {
      begin_ns_ = begin_ns;
      expected_ = expected;
    }
    return Told(expected, static_cast<uint64_t>(entry_time) - begin_ns);
  }

 private:
  uint64_t OfSecond(int64_t seconds) const {
    if (format_.form == TimeForm::kClock) {
      return static_cast<uint64_t>(seconds - FloorDiv(seconds, kSecondsOfDay) * kSecondsOfDay);
    }
    return static_cast<uint64_t>(seconds) * static_cast<uint64_t>(kUnits[format_.fraction]);
  }
  int64_t Told(uint64_t expected, uint64_t past) const {
    return static_cast<int64_t>(expected + static_cast<uint32_t>(past) / unit_ns_);
  }

  const TimeFormat format_;
  const uint32_t unit_ns_;
  // Where the second at hand begins, and what is expected there.
  uint64_t begin_ns_ = 0;
  uint64_t expected_ = 0;
};

void PrintDigits(uint32_t value, size_t count, char* p) {
  for (size_t i = count; i-- > 0; value /= 10) p[i] = static_cast<char>('0' + value % 10);
}

// "20:01:55" of a second of the day, its first byte the lowest: two digits each in lanes that are
// three bytes apart. Up to 178, x * 103 >> 10 is x / 10.
uint64_t ClockText(uint32_t seconds) {
  const uint64_t pairs =
      seconds / 3600 | uint64_t{seconds / 60 % 60} << 24 | uint64_t{seconds % 60} << 48;
  const uint64_t tens = (pairs * 103 >> 10) & 0x000f'0000'0f00'000f;
  return 0x3030'3a30'303a'3030 + (tens | (pairs - tens * 10) << 8);
}

// Prints times one after the other, most of which are of the second or the day of the one before.
// What changes is written after the rest was copied: a copy of what was just written byte by byte
// would have to wait for it.
class TimePrinter {
 public:
  explicit TimePrinter(const TimeFormat& format)
      : format_(format),
        units_of_second_(kUnits[format.fraction]),
        size_(format.size()),
        clock_at_(format.clock_at()) {
    BeginDay(0);
  }

  // False for a time that ReadTime never gives. Requires: room for TextPieces::kSlack more.
  bool Print(int64_t units, char* out) {
    uint64_t past = static_cast<uint64_t>(units) - static_cast<uint64_t>(second_begin_);
    if (units < second_begin_ || past >= static_cast<uint64_t>(units_of_second_)) {
      if (!BeginSecond(FloorDiv(units, units_of_second_))) return false;
      past = static_cast<uint64_t>(units - second_begin_);
    }
    CopyPiece(out, text_.data(), size_);
    std::memcpy(out + clock_at_, &clock_, sizeof clock_);
    if (format_.fraction > 0) {
      PrintDigits(static_cast<uint32_t>(past), format_.fraction, out + kFractionAt);
    }
    return true;
  }

 private:
  bool BeginSecond(int64_t seconds) {
    if (__builtin_mul_overflow(seconds, units_of_second_, &second_begin_)) return false;
    uint64_t past = static_cast<uint64_t>(seconds) - static_cast<uint64_t>(day_begin_);
    if (past >= kSecondsOfDay) {
      const int64_t days = FloorDiv(seconds, kSecondsOfDay);
      if (!BeginDay(days)) return false;
      day_begin_ = days * kSecondsOfDay;
      past = static_cast<uint64_t>(seconds - day_begin_);
    }
    clock_ = ClockText(static_cast<uint32_t>(past));
    return true;
  }

  bool BeginDay(int64_t days) {
    if (format_.form == TimeForm::kClock) return days == 0;
    if (days < -719528 || days > 2932896) return false;  // Years 0 to 9999.
    const std::chrono::year_month_day date{
        std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
    const auto month = static_cast<unsigned>(date.month());
    const auto day = static_cast<unsigned>(date.day());
    const auto year = static_cast<uint32_t>(static_cast<int>(date.year()));
    char* const p = text_.data();
    if (format_.form == TimeForm::kApache) {
      PrintDigits(day, 2, p);
      kMonths.substr((month - 1) * 3, 3).copy(p + 3, 3);
      PrintDigits(year, 4, p + 7);
      p[2] = p[6] = '/';
      p[11] = ':';
    } else {
      PrintDigits(year, 4, p);
      PrintDigits(month, 2, p + 5);
      PrintDigits(day, 2, p + 8);
      p[4] = p[7] = '-';
      p[10] = 'T';
      if (format_.fraction > 0) p[kFractionAt - 1] = '.';
      if (format_.zulu) p[size_ - 1] = 'Z';
    }
    return true;
  }

  static constexpr size_t kMaxSize = 30;  // Of "2026-11-29T20:01:55.123456789Z".

  const TimeFormat format_;
  const int64_t units_of_second_;
  const size_t size_;
  const size_t clock_at_;
  std::array<char, kMaxSize + TextPieces::kSlack> text_{};  // Without clock and fraction.
  uint64_t clock_ = ClockText(0);
  int64_t day_begin_ = 0;     // Of the day that text_ shows, in seconds.
  int64_t second_begin_ = 0;  // Of the second that clock_ shows, in units.
};

}  // namespace

bool PutTimeTokens(std::span<const std::string_view> tokens, std::span<const int64_t> entry_times,
                   std::vector<int64_t>& numbers, SplitWriter& out) {
  const std::optional<TimeFormat> format = FormatOf(tokens[0]);
  if (!format) return false;
  numbers.resize(tokens.size());
  ExpectedTimes expected(*format);
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::optional<int64_t> time = ReadTime(tokens[i], *format);
    if (!time) return false;
    numbers[i] = static_cast<int64_t>(static_cast<uint64_t>(*time) -
                                      static_cast<uint64_t>(expected.Of(entry_times[i])));
  }
  out.meta().push_back(static_cast<char>(format->form));
  out.meta().push_back(static_cast<char>(format->fraction));
  out.meta().push_back(format->zulu ? 1 : 0);
  PutSeries(numbers, out);
  return true;
}

namespace {

// A token of that form, with 0 for a digit and m for a month's letter.
std::string FormText(const TimeFormat& format) {
  if (format.form == TimeForm::kClock) return "00:00:00";
  if (format.form == TimeForm::kApache) return "00/mmm/0000:00:00:00";
  std::string text = "0000-00-00T00:00:00";
  if (format.fraction > 0) text.append(1, '.').append(format.fraction, '0');
  if (format.zulu) text.push_back('Z');
  return text;
}

Result<TimeFormat> GetTimeFormat(SplitReader& in, size_t rows) {
  const uint8_t form = in.meta().Byte();
  const size_t fraction = in.meta().Byte();
  const uint8_t zulu = in.meta().Byte();
  const TimeFormat format{
      .form = static_cast<TimeForm>(form), .fraction = fraction, .zulu = zulu == 1};
  if (in.meta().failed() || form < 1 || form > 3 || fraction > kMaxFraction || zulu > 1 ||
      (format.form != TimeForm::kRfc3339 && (fraction > 0 || zulu > 0)) ||
      !in.MayHold(rows, format.size())) {
    return DataLoss("split column: malformed times");
  }
  return format;
}

}  // namespace

Status GetTimeTokens(SplitReader& in, std::span<const int64_t> entry_times,
                     std::span<const uint8_t> wanted, std::vector<int64_t>& numbers,
                     TextPieces& out) {
  SKALD_ASSIGN_OR_RETURN(const TimeFormat format, GetTimeFormat(in, entry_times.size()));
  const size_t size = format.size();
  numbers.resize(entry_times.size());
  SKALD_RETURN_IF_ERROR(GetSeries(in, numbers));
  char* const buffer = out.MakeBuffer(entry_times.size() * size);
  out.pieces.resize(entry_times.size());
  TimePrinter printer(format);
  ExpectedTimes expected(format);
  char* p = buffer;
  for (size_t row = 0; row < numbers.size(); ++row) {
    const bool skip = !wanted.empty() && wanted[row] == 0;
    out.pieces[row] = {static_cast<uint32_t>(p - buffer), skip ? 0 : static_cast<uint32_t>(size)};
    if (skip) continue;
    const auto time = static_cast<int64_t>(static_cast<uint64_t>(numbers[row]) +
                                           static_cast<uint64_t>(expected.Of(entry_times[row])));
    if (!printer.Print(time, p)) return DataLoss("split column: malformed times");
    p += size;
  }
  out.total_bytes = static_cast<uint64_t>(p - buffer);
  return {};
}

Status SkipTimeTokens(SplitReader& in) {
  SKALD_RETURN_IF_ERROR(GetTimeFormat(in, 0).status());
  return SkipSeries(in).status();
}

Result<RowFilter::Met> ProbeTimeTokens(SplitReader& in, const RowFilter& filter) {
  SKALD_ASSIGN_OR_RETURN(const TimeFormat format, GetTimeFormat(in, 0));
  SKALD_RETURN_IF_ERROR(SkipSeries(in).status());
  const std::string text = FormText(format);
  std::string varies;
  for (const char c : text) varies.push_back(c == '0' || c == 'm' ? 1 : 0);
  const TokenForm form{
      .text = text,
      .varies = varies,
      .set = TokenForm::SetOf("0123456789") |
             TokenForm::SetOf(format.form == TimeForm::kApache ? kMonths : std::string_view())};
  return filter.SearchIf([&](const SubstringSearch& needle) { return form.MayHold(needle); });
}

}  // namespace skald::chunkstore
