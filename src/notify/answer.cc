#include "notify/answer.h"

#include <cstddef>
#include <string>

namespace skald::notify {
namespace {

// Of an answer's body, in errors.
constexpr size_t kShownBytes = 256;

}  // namespace

bool IsWorthSendingAgain(const Result<net::Response>& result) {
  if (!result.ok()) return result.status().code() != StatusCode::kInvalidArgument;
  return result->status == 429 || result->status / 100 == 5;
}

Status FromAnswer(const Result<net::Response>& result) {
  if (!result.ok()) return result.status();
  if (result->status / 100 == 2) return {};
  const std::string line = result->body.substr(0, result->body.find_first_of("\r\n"));
  return Status(StatusCode::kUnknown, "server returned HTTP status " +
                                          std::to_string(result->status) + ": " +
                                          line.substr(0, kShownBytes));
}

}  // namespace skald::notify
