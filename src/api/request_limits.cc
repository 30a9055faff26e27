#include "api/request_limits.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/ascii.h"
#include "common/duration.h"
#include "common/logging.h"
#include "wire/rfc3339.h"

namespace skald::api {
namespace {

using nlohmann::json;

bool Read(const json& value, Nanoseconds& out) {
  if (!value.is_string()) {
    return false;
  }
  const auto duration = ParsePrometheusDuration(value.get_ref<const std::string&>());
  if (duration.ok()) {
    out = *duration;
  }
  return duration.ok();
}

bool Read(const json& value, int& out) {
  if (!value.is_number_integer()) {
    return false;
  }
  const auto number = value.get<int64_t>();
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
    return false;
  }
  out = static_cast<int>(number);
  return true;
}

bool Read(const json& value, uint64_t& out) {
  if (!value.is_string()) {
    return false;
  }
  const auto bytes = ParseByteSize(value.get_ref<const std::string&>());
  if (bytes.ok()) {
    out = *bytes;
  }
  return bytes.ok();
}

bool Read(const json& value, std::vector<std::string>& out) {
  if (!value.is_array()) {
    return false;
  }
  for (const json& item : value) {
    if (!item.is_string()) {
      return false;
    }
    out.push_back(item.get<std::string>());
  }
  return true;
}

// Of the two, "bounded" makes the fewer and larger shards, so it alone can tighten.
bool ReadStrategy(const json& value, bool& bounded) {
  if (value != "bounded" && value != "power_of_two") return false;
  bounded = value == "bounded";
  return true;
}

// Sets the limit of that name; false if the value is not of its type.
bool ReadMember(const std::string& name, const json& value, querier::RequestLimits& limits) {
  if (value.is_null()) {
    return true;
  }
  if (name == "maxquerylength") return Read(value, limits.max_query_length);
  if (name == "maxqueryinterval") return Read(value, limits.max_query_range);
  if (name == "maxquerylookback") return Read(value, limits.max_query_lookback);
  if (name == "maxquerytime") return Read(value, limits.query_timeout);
  if (name == "maxentrieslimitperquery") return Read(value, limits.max_entries_limit_per_query);
  if (name == "maxquerybytesread") return Read(value, limits.max_query_bytes_read);
  if (name == "requiredlabels") return Read(value, limits.required_labels);
  if (name == "tsdbshardingstrategy") return ReadStrategy(value, limits.bounded_shards);
  if (name == "minimumlabelsnumber") return Read(value, limits.minimum_labels_number);
  return true;
}

// Compat: a header that cannot be read sets no limits. Whoever sent it finds out from the log.
void LogPassedOver(std::string_view why) {
  LogWarn("the header X-Loki-Query-Limits is passed over", {{"err", why}});
}

json ParseObject(std::string_view text) {
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : json();
}

// The query that {"expr":..., "from":..., "to":...} names; an empty one if it names none.
querier::WholeQuery ReadWholeQuery(std::string_view text) {
  std::string expr;
  std::optional<int64_t> from;
  std::optional<int64_t> to;
  const json object = ParseObject(text);
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) {
      return {};
    }
    const auto& member = value.get_ref<const std::string&>();
    const std::string name = LowerCase(key);
    if (name == "expr") {
      expr = member;
    } else if (name == "from" || name == "to") {
      const auto time = wire::ParseRfc3339(member);
      if (!time.ok()) {
        return {};
      }
      (name == "from" ? from : to) = *time;
    }
  }
  if (!from.has_value() || !to.has_value()) {
    return {};
  }
  return {.text = std::move(expr), .start_ns = *from, .end_ns = *to};
}

}  // namespace

std::optional<querier::RequestLimits> ReadRequestLimits(const net::Headers& headers) {
  const std::string_view text = headers.Get("X-Loki-Query-Limits");
  if (text.empty()) {
    return std::nullopt;
  }
  const json object = ParseObject(text);
  if (!object.is_object()) {
    LogPassedOver("it is no JSON object");
    return std::nullopt;
  }
  querier::RequestLimits limits;
  for (const auto& [key, value] : object.items()) {
    if (!ReadMember(LowerCase(key), value, limits)) {
      LogPassedOver("the value of " + key + " is not of its type");
      return std::nullopt;
    }
  }
  limits.whole = ReadWholeQuery(headers.Get("X-Loki-Query-Limits-Context"));
  return limits;
}

}  // namespace skald::api
