#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skald {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// One key and its value in a log line.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, const Status& v) : key(k), value(v.ToString()) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  LogField(std::string_view k, double v) : key(k), value(std::to_string(v)) {}
  template <typename Int>
  requires std::is_integral_v<Int> LogField(std::string_view k, Int v)
      : key(k), value(std::to_string(v)) {}

  std::string_view key;
  std::string value;
};

// Writes one logfmt line to stderr: ts=... level=... msg="..." key=value ...
// Threads: any thread may call these.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
inline void LogDebug(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kDebug, m, f);
}
inline void LogInfo(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kInfo, m, f);
}
inline void LogWarn(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kWarn, m, f);
}
inline void LogError(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kError, m, f);
}

enum class LogFormat { kLogfmt, kJson };

// How lines are written: as above, or {"ts":"...","level":"...","msg":"...","key":"value"}.
void SetLogFormat(LogFormat format);
// "logfmt", "json". kInvalidArgument: unrecognized log format "x".
Result<LogFormat> ParseLogFormat(std::string_view name);

// Lines below `level` are not written.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();
// "debug", "info", "warn", "error". kInvalidArgument: unrecognized log level "x".
Result<LogLevel> ParseLogLevel(std::string_view name);
std::string_view LogLevelName(LogLevel level);

}  // namespace skald
