#include "common/logging.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>

#include "common/clock.h"
#include "common/json_writer.h"
#include "common/log_fields.h"
#include "common/metrics.h"
#include "common/quote.h"

namespace skald {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warn", "error"};

std::atomic<LogLevel> current_level = LogLevel::kInfo;
std::atomic<LogFormat> current_format = LogFormat::kLogfmt;

// Never destroyed: threads may log while the process ends.
spdlog::logger& Sink() {
  static spdlog::logger& logger = *[] {
    auto* made = new spdlog::logger("skald", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return logger;
}

void AppendTime(std::string& out, int64_t ns) {
  const std::time_t seconds = ns / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  out.append(text, length);
  std::string fraction = std::to_string(ns / 1'000 % 1'000'000);
  out += '.';
  out.append(6 - fraction.size(), '0');
  out += fraction;
  out += 'Z';
}

// As logfmt has it: bare unless a blank, a quote, an equals sign or anything unprintable is in it.
void AppendValue(std::string& out, std::string_view value) {
  const bool bare = [&] {
    for (const char c : value) {
      if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
    }
    return true;
  }();
  if (bare) {
    out += value;
  } else {
    AppendGoQuoted(out, value);
  }
}

std::string LogfmtLine(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = "ts=";
  AppendTime(line, SystemClock().NowNs());
  line += " level=";
  line += LogLevelName(level);
  line += " msg=";
  AppendGoQuoted(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    AppendValue(line, field.value);
  }
  return line;
}

std::string JsonLine(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string time;
  AppendTime(time, SystemClock().NowNs());
  std::string line;
  JsonWriter json(line);
  const auto add = [&json](std::string_view key, std::string_view value) {
    json.Key(key);
    json.String(value);
  };
  json.BeginObject();
  add("ts", time);
  add("level", LogLevelName(level));
  add("msg", message);
  for (const LogField& field : fields) add(field.key, field.value);
  json.EndObject();
  return line;
}

void CountLine(LogLevel level) {
  static const auto& counters = *new std::array<Counter, kLevelNames.size()>([] {
    std::array<Counter, kLevelNames.size()> all;
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = Metrics::GetCounter("loki_internal_log_messages_total", "Lines logged, by level.",
                                   {{"level", std::string(kLevelNames[i])}});
    }
    return all;
  }());
  counters[static_cast<size_t>(level)].Add();
}

}  // namespace

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  LogFields(level, message, std::span(fields.begin(), fields.size()));
}

void LogFields(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (level < current_level.load(std::memory_order_relaxed)) return;
  CountLine(level);
  const bool is_json = current_format.load(std::memory_order_relaxed) == LogFormat::kJson;
  const std::string line =
      is_json ? JsonLine(level, message, fields) : LogfmtLine(level, message, fields);
  Sink().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void SetLogFormat(LogFormat format) { current_format.store(format, std::memory_order_relaxed); }

Result<LogFormat> ParseLogFormat(std::string_view name) {
  if (name == "logfmt") return LogFormat::kLogfmt;
  if (name == "json") return LogFormat::kJson;
  return InvalidArgument("unrecognized log format " + GoQuote(name));
}

void SetLogLevel(LogLevel level) { current_level.store(level, std::memory_order_relaxed); }

LogLevel GetLogLevel() { return current_level.load(std::memory_order_relaxed); }

Result<LogLevel> ParseLogLevel(std::string_view name) {
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return InvalidArgument("unrecognized log level " + GoQuote(name));
}

std::string_view LogLevelName(LogLevel level) { return kLevelNames[static_cast<size_t>(level)]; }

}  // namespace skald
