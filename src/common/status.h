#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace skald {

// Numbered as gRPC's codes, so that the two convert by cast.
enum class StatusCode : int {
  kOk = 0,
  kCancelled = 1,         // The caller gave up.
  kUnknown = 2,           // An error of a library that says no more.
  kInvalidArgument = 3,   // The caller's text or bytes.
  kDeadlineExceeded = 4,  // Out of time.
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,   // A limit; the message names the setting.
  kFailedPrecondition = 9,  // Right call, wrong moment.
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,  // The caller's request is understood and not supported.
  kInternal = 13,       // Our bug.
  kUnavailable = 14,    // Try again.
  kDataLoss = 15,       // Our stored bytes are wrong.
  kUnauthenticated = 16,
};

// The name as gRPC spells it, e.g. "INVALID_ARGUMENT".
std::string_view StatusCodeName(StatusCode code);

// The outcome of a call: OK, or a code for programs with a message for people. The message is
// lower case, has no full stop, and names the offender.
//
// Threads: a value; distinct objects are independent.
class [[nodiscard]] Status {
 public:
  Status() = default;  // OK.
  Status(StatusCode code, std::string message);
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;

  bool ok() const { return rep_ == nullptr; }
  StatusCode code() const { return rep_ ? rep_->code : StatusCode::kOk; }
  std::string_view message() const {
    return rep_ ? std::string_view(rep_->message) : std::string_view();
  }

  // "INVALID_ARGUMENT: message", or "OK".
  std::string ToString() const;

 private:
  struct Rep {
    StatusCode code;
    std::string message;
  };
  std::unique_ptr<Rep> rep_;
};

// `status` with "context: " in front of its message; OK stays OK.
Status Annotate(Status status, std::string_view context);

// Shorthands for the codes that are raised in many places.
Status InvalidArgument(std::string message);
Status NotFound(std::string message);
Status ResourceExhausted(std::string message);
Status Internal(std::string message);
Status Unavailable(std::string message);
Status DataLoss(std::string message);

// A T, or the Status that says why there is none.
//
// Order:   value access requires ok().
// Threads: as T.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design of `return x`
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: as above

  bool ok() const { return value_.has_value(); }
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }

  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace skald

#define SKALD_RETURN_IF_ERROR(expr)                                    \
  do {                                                                 \
    if (::skald::Status skald_status_ = (expr); !skald_status_.ok()) { \
      return skald_status_;                                            \
    }                                                                  \
  } while (false)

#define SKALD_CONCAT_INNER_(a, b) a##b
#define SKALD_CONCAT_(a, b) SKALD_CONCAT_INNER_(a, b)

// SKALD_ASSIGN_OR_RETURN(auto x, F()): declares x from F's value, or returns F's Status.
#define SKALD_ASSIGN_OR_RETURN(lhs, expr)                              \
  auto SKALD_CONCAT_(skald_result_, __LINE__) = (expr);                \
  if (!SKALD_CONCAT_(skald_result_, __LINE__).ok()) {                  \
    return std::move(SKALD_CONCAT_(skald_result_, __LINE__)).status(); \
  }                                                                    \
  lhs = *std::move(SKALD_CONCAT_(skald_result_, __LINE__))

// States what only our own bug could break; aborts in debug builds, nothing in release builds.
#ifdef SKALD_DEBUG
#define SKALD_DCHECK(condition) \
  ((condition) ? (void)0 : ::skald::DcheckFailed(#condition, __FILE__, __LINE__))
#else
#define SKALD_DCHECK(condition) ((void)sizeof(condition))
#endif

namespace skald {
[[noreturn]] void DcheckFailed(const char* condition, const char* file, int line);
}  // namespace skald
