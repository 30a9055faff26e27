#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/config_secrets.h"
#include "common/hash.h"
#include "common/mutex.h"
#include "net/curl_request.h"

namespace skald::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// How often a waiting call looks at its token and its deadline.
constexpr milliseconds kPollInterval{20};

// curl's handles for one request at a time. The multi handle, rather than a blocking easy one,
// lets the caller stop waiting; the open connection lives in it.
class Transfer {
 public:
  Transfer() : multi_(curl_multi_init()), easy_(curl_easy_init()) {}
  ~Transfer() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* easy() const { return easy_; }

  // Runs the request that easy() is set up for. `keep_waiting` says when to give up.
  template <typename KeepWaiting>
  Result<CURLcode> Run(KeepWaiting keep_waiting) {
    curl_multi_add_handle(multi_, easy_);
    Status status;
    int running = 1;
    while (true) {
      curl_multi_perform(multi_, &running);
      if (running == 0) {
        break;
      }
      status = keep_waiting();
      if (!status.ok()) {
        break;
      }
      curl_multi_poll(multi_, nullptr, 0, kPollInterval.count(), nullptr);
    }
    CURLcode code = CURLE_OK;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) {
        code = message->data.result;
      }
    }
    curl_multi_remove_handle(multi_, easy_);
    if (!status.ok()) {
      return status;
    }
    return code;
  }

 private:
  CURLM* multi_;
  CURL* easy_;
};

// What the callbacks of one attempt fill in.
struct Reply {
  Response response;
  size_t max_bytes = 0;
  bool too_large = false;
};

size_t OnBody(char* data, size_t, size_t size, void* reply_pointer) {
  auto* reply = static_cast<Reply*>(reply_pointer);
  if (size > reply->max_bytes - reply->response.body.size()) {
    reply->too_large = true;
    return 0;
  }
  reply->response.body.append(data, size);
  return size;
}

size_t OnHeaderLine(char* data, size_t, size_t size, void* reply_pointer) {
  auto* reply = static_cast<Reply*>(reply_pointer);
  std::string_view line(data, size);
  if (line.substr(0, 5) == "HTTP/") {
    reply->response.headers = {};  // A new answer after "100 Continue".
    return size;
  }
  const size_t end = line.find_last_not_of(" \t\r\n");
  const size_t colon = line.find(':');
  if (end != std::string_view::npos && colon <= end) {
    line = line.substr(0, end + 1);
    const size_t value = line.find_first_not_of(" \t", colon + 1);
    reply->response.headers.Add(line.substr(0, colon),
                                value == std::string_view::npos ? "" : line.substr(value));
  }
  return size;
}

bool IsIdempotent(std::string_view method) {
  static constexpr std::array<std::string_view, 5> kMethods = {"GET", "HEAD", "PUT", "DELETE",
                                                               "OPTIONS"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

bool IsWorthRetrying(const Result<Response>& result) {
  if (!result.ok()) {
    return result.status().code() == StatusCode::kUnavailable;
  }
  static constexpr std::array<int, 5> kStatuses = {429, 500, 502, 503, 504};
  return std::find(kStatuses.begin(), kStatuses.end(), result->status) != kStatuses.end();
}

Status FromCurl(CURLcode code, std::string text) {
  if (text.empty()) {
    text = curl_easy_strerror(code);
  }
  text[0] = static_cast<char>(text[0] >= 'A' && text[0] <= 'Z' ? text[0] | 0x20 : text[0]);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return InvalidArgument(std::move(text));
    default:
      return Unavailable(std::move(text));
  }
}

}  // namespace

std::optional<nanoseconds> RetryAfter(const Response& response, int64_t now_ns) {
  const std::string text(response.headers.Get("Retry-After"));
  uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    return std::chrono::seconds(seconds);
  }
  const time_t date = curl_getdate(text.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  constexpr int64_t kMax = std::numeric_limits<uint32_t>::max();  // As of seconds.
  return std::chrono::seconds(std::clamp<int64_t>(date - now_ns / 1'000'000'000, 0, kMax));
}

struct HttpClient::Rep {
  Rep(const Options& o, const Clock& c) : options(o), clock(c), random(o.backoff_seed) {}

  std::unique_ptr<Transfer> Take();
  void GiveBack(std::unique_ptr<Transfer> transfer);
  Result<Response> SendOnce(const ClientRequest& request, int64_t deadline_ns,
                            const CancelToken& cancel);
  nanoseconds Backoff(int attempt);

  const Options options;
  const Clock& clock;

  Mutex mutex;
  // The one used last goes out first: its connection is the least likely to have been closed.
  std::vector<std::unique_ptr<Transfer>> idle SKALD_GUARDED_BY(mutex);
  uint64_t random SKALD_GUARDED_BY(mutex);
};

std::unique_ptr<Transfer> HttpClient::Rep::Take() {
  MutexLock lock(mutex);
  if (idle.empty()) {
    return std::make_unique<Transfer>();
  }
  std::unique_ptr<Transfer> transfer = std::move(idle.back());
  idle.pop_back();
  return transfer;
}

void HttpClient::Rep::GiveBack(std::unique_ptr<Transfer> transfer) {
  MutexLock lock(mutex);
  if (idle.size() < options.max_idle_transfers) {
    idle.push_back(std::move(transfer));
  }
}

Result<Response> HttpClient::Rep::SendOnce(const ClientRequest& request, int64_t deadline_ns,
                                           const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(const CurlRequest sent, CurlRequest::Make(options, request));
  std::unique_ptr<Transfer> transfer = Take();
  CURL* easy = transfer->easy();
  sent.SetUp(easy);
  Reply reply{.response = {}, .max_bytes = options.max_response_bytes, .too_large = false};
  std::array<char, CURL_ERROR_SIZE> error_text = {};
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, OnHeaderLine);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &reply);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text.data());

  const Result<CURLcode> outcome = transfer->Run([&]() -> Status {
    if (clock.MonotonicNs() >= deadline_ns) {
      return Status(StatusCode::kDeadlineExceeded, "no answer in time");
    }
    return cancel.Check();
  });
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  GiveBack(std::move(transfer));
  if (!outcome.ok()) {
    return outcome.status();
  }
  if (reply.too_large) {
    return ResourceExhausted("answer larger than " + std::to_string(reply.max_bytes) + " bytes");
  }
  if (*outcome != CURLE_OK) {
    return FromCurl(*outcome, error_text.data());
  }
  reply.response.status = static_cast<int>(status);
  return std::move(reply.response);
}

nanoseconds HttpClient::Rep::Backoff(int attempt) {
  const nanoseconds pause =
      std::min(options.max_backoff, options.min_backoff * (int64_t{1} << std::min(attempt, 20)));
  MutexLock lock(mutex);
  random = HashCombine(random, 1);
  return pause - nanoseconds(static_cast<int64_t>(random % (pause.count() / 2 + 1)));
}

HttpClient::HttpClient(const Options& options, const Clock& clock)
    : rep_(std::make_unique<Rep>(options, clock)) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(global);
}

HttpClient::~HttpClient() = default;

Result<Response> HttpClient::Send(const ClientRequest& request, const CancelToken& cancel) {
  const Options& options = rep_->options;
  const nanoseconds timeout =
      request.timeout == nanoseconds::zero() ? options.timeout : request.timeout;
  const int64_t deadline_ns = rep_->clock.MonotonicNs() + timeout.count();
  const bool may_retry =
      request.retry == RetryPolicy::kAlways ||
      (request.retry == RetryPolicy::kIfIdempotent && IsIdempotent(request.method));
  for (int attempt = 0;; ++attempt) {
    Result<Response> result = rep_->SendOnce(request, deadline_ns, cancel);
    const auto asked = result.ok() ? RetryAfter(*result, rep_->clock.NowNs()) : std::nullopt;
    const nanoseconds pause = asked.value_or(rep_->Backoff(attempt));
    const bool out_of_tries = !may_retry || attempt + 1 >= options.max_attempts ||
                              rep_->clock.MonotonicNs() + pause.count() >= deadline_ns;
    if (out_of_tries || !IsWorthRetrying(result)) {
      if (result.ok()) {
        return result;
      }
      const std::string_view url = request.url;
      return Annotate(std::move(result).status(),
                      request.method + " " + WithoutPasswords(url.substr(0, url.find('?'))));
    }
    const int64_t wake_ns = rep_->clock.MonotonicNs() + pause.count();
    for (int64_t now = 0; (now = rep_->clock.MonotonicNs()) < wake_ns;) {
      SKALD_RETURN_IF_ERROR(cancel.Check());
      std::this_thread::sleep_for(std::min<nanoseconds>(kPollInterval, nanoseconds(wake_ns - now)));
    }
  }
}

}  // namespace skald::net
