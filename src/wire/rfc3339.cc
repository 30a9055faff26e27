#include "wire/rfc3339.h"

#include <chrono>
#include <cstdio>

#include "common/civil_time.h"

namespace skald::wire {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Reads a text from the front, piece by piece; once a piece does not fit, all fail.
class TimeCursor {
 public:
  explicit TimeCursor(std::string_view text) : rest_(text) {}

  int Digits(size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = Next();
      if (c < '0' || c > '9') ok_ = false;
      value = 10 * value + (c - '0');
    }
    return value;
  }
  int OneOrTwoDigits() {
    const int first = Digits(1);
    const bool more = !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    return more ? 10 * first + Digits(1) : first;
  }
  void Expect(char c) { ok_ &= Next() == c; }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Digits after the point as nanoseconds; those beyond the ninth are dropped.
  int64_t Fraction() {
    int64_t value = 0;
    int64_t unit = kSecond;
    size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      unit /= 10;
      value += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    ok_ &= digits > 0;
    return value;
  }
  // Seconds east of UTC.
  int64_t Offset() {
    if (Take('Z')) return 0;
    const bool west = Take('-');
    if (!west) Expect('+');
    const int hours = Digits(2);
    Expect(':');
    const int minutes = Digits(2);
    ok_ &= hours <= 24 && minutes <= 60;
    const int64_t offset = hours * 3600 + minutes * 60;
    return west ? -offset : offset;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }

 private:
  char Next() {
    if (rest_.empty()) {
      ok_ = false;
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  bool ok_ = true;
};

void AppendSeconds(std::string& out, const CivilTime& time) {
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", time.year,
                                   time.month, time.day, time.hour, time.minute, time.second);
  out.append(text, static_cast<size_t>(length));
}

}  // namespace

Result<int64_t> ParseRfc3339(std::string_view text) {
  TimeCursor cursor(text);
  const int year = cursor.Digits(4);
  cursor.Expect('-');
  const int month = cursor.Digits(2);
  cursor.Expect('-');
  const int day = cursor.Digits(2);
  cursor.Expect('T');
  const int hour = cursor.OneOrTwoDigits();
  cursor.Expect(':');
  const int minute = cursor.Digits(2);
  cursor.Expect(':');
  const int second = cursor.Digits(2);
  const int64_t nanos = cursor.Take('.') || cursor.Take(',') ? cursor.Fraction() : 0;
  const int64_t offset = cursor.Offset();
  const Status malformed =
      InvalidArgument("parsing time \"" + std::string(text) + "\" as RFC 3339");
  if (!cursor.ok() || !cursor.AtEnd()) return malformed;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return malformed;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  int64_t time_ns = 0;
  if (__builtin_mul_overflow(seconds, kSecond, &time_ns) ||
      __builtin_add_overflow(time_ns, nanos, &time_ns)) {
    return Status(StatusCode::kOutOfRange, std::string(malformed.message()));
  }
  return time_ns;
}

void AppendRfc3339(std::string& out, int64_t time_ns) {
  AppendSeconds(out, ToCivilTime(time_ns));
  out.push_back('Z');
}

void AppendRfc3339Nano(std::string& out, int64_t time_ns) {
  const CivilTime time = ToCivilTime(time_ns);
  AppendSeconds(out, time);
  if (time.nanos != 0) {
    char digits[16];
    std::snprintf(digits, sizeof digits, ".%09d", time.nanos);
    std::string_view fraction = digits;
    fraction.remove_suffix(fraction.size() - 1 - fraction.find_last_not_of('0'));
    out.append(fraction);
  }
  out.push_back('Z');
}

}  // namespace skald::wire
