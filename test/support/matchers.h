#pragma once

#include <gmock/gmock.h>

#include "common/status.h"

namespace skald::test {

inline const Status& StatusOf(const Status& status) { return status; }
template <typename T>
const Status& StatusOf(const Result<T>& result) {
  return result.status();
}

// Matches a Status or Result that is OK; shows its error otherwise.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// Matches a Status or Result with the given StatusCode.
MATCHER_P(HasCode, code, "has code " + std::string(StatusCodeName(code))) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// Matches a Status or Result whose message matches `message`, a text or a matcher.
MATCHER_P(HasMessage, message, "has a message that matches") {
  *result_listener << StatusOf(arg).ToString() << ' ';
  return testing::ExplainMatchResult(message, std::string(StatusOf(arg).message()),
                                     result_listener);
}

}  // namespace skald::test
