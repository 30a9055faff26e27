#include "net/curl_request.h"

#include <curl/curl.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace skald::net {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr long kMaxRedirects = 10;  // As Go's client.

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string Part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

void SetText(CURL* easy, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(easy, option, text.c_str());
}

}  // namespace

Status CheckHttpClientOptions(const HttpClientOptions& options) {
  const ClientRequest any{.url = "https://host/"};
  return CurlRequest::Make(options, any).status();
}

void CurlRequest::FreeList::operator()(curl_slist* list) const { curl_slist_free_all(list); }

Result<CurlRequest> CurlRequest::Make(const HttpClientOptions& options,
                                      const ClientRequest& request) {
  CurlRequest made(options, request);
  if (!options.server_name.empty()) SKALD_RETURN_IF_ERROR(made.UseServerName());
  SKALD_RETURN_IF_ERROR(made.MakeHeaders());
  return made;
}

Status CurlRequest::UseServerName() {
  const Url url(curl_url(), curl_url_cleanup);
  // What is no URL, curl refuses when it is asked for it.
  if (curl_url_set(url.get(), CURLUPART_URL, url_.c_str(), 0) != CURLUE_OK) return {};
  if (Part(url, CURLUPART_SCHEME) != "https") return {};
  const std::string host = Part(url, CURLUPART_HOST);
  const std::string own_port = Part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  const std::string port = Part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::string name = options_->server_name;
  if (name.find(':') != name.npos && name[0] != '[') name = "[" + name + "]";
  if (curl_url_set(url.get(), CURLUPART_HOST, name.c_str(), 0) != CURLUE_OK) {
    return InvalidArgument("server_name " + options_->server_name + ": no name of a host");
  }
  url_ = Part(url, CURLUPART_URL);
  host_ = own_port.empty() ? host : host + ":" + own_port;
  const std::string way = name + ":" + port + ":" + host + ":" + port;
  connect_to_.reset(curl_slist_append(nullptr, way.c_str()));
  return {};
}

Status CurlRequest::Append(List& list, const std::string& name, const std::string& value) {
  if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return InvalidArgument("header " + EncodeUrlComponent(name) + " holds a line end");
  }
  const std::string line = value.empty() ? name + ";" : name + ": " + value;
  list.reset(curl_slist_append(list.release(), line.c_str()));
  return {};
}

Status CurlRequest::MakeHeaders() {
  // Curl adds these two by itself; without a value they are left out.
  headers_.reset(curl_slist_append(headers_.release(), "Expect:"));
  if (!request_->headers.Has("Content-Type")) {
    headers_.reset(curl_slist_append(headers_.release(), "Content-Type:"));
  }
  if (!host_.empty() && !request_->headers.Has("Host")) {
    SKALD_RETURN_IF_ERROR(Append(headers_, "Host", host_));
  }
  for (const auto& [name, value] : request_->headers) {
    SKALD_RETURN_IF_ERROR(Append(headers_, name, value));
  }
  for (const auto& [name, value] : options_->proxy_headers) {
    SKALD_RETURN_IF_ERROR(Append(proxy_headers_, name, value));
  }
  return {};
}

bool CurlRequest::IsTls() const { return url_.starts_with("https:"); }

void CurlRequest::SetUp(void* easy) const {
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(
      easy, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(duration_cast<milliseconds>(options_->connect_timeout).count()));
  SetText(easy, CURLOPT_USERAGENT, options_->user_agent);
  SetText(easy, CURLOPT_USERNAME, options_->username);
  SetText(easy, CURLOPT_PASSWORD, options_->password);
  SetUpTls(easy);
  SetUpProxy(easy);
  // The certificate of the host that a redirect names would be for another name.
  if (options_->follow_redirects && connect_to_ == nullptr) {
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kMaxRedirects);
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, IsTls() ? "https" : "http,https");
    curl_easy_setopt(easy, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  if (request_->accept_gzip) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  SetUpBody(easy);
}

void CurlRequest::SetUpTls(void* easy) const {
  SetText(easy, CURLOPT_CAINFO, options_->ca_file);
  SetText(easy, CURLOPT_PROXY_CAINFO, options_->ca_file);
  SetText(easy, CURLOPT_SSLCERT, options_->cert_file);
  SetText(easy, CURLOPT_SSLKEY, options_->key_file);
  if (!options_->skip_verification) return;
  for (const CURLoption option : {CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST,
                                  CURLOPT_PROXY_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYHOST}) {
    curl_easy_setopt(easy, option, 0L);
  }
}

void CurlRequest::SetUpProxy(void* easy) const {
  // For tunnels: with a plain request the proxy would hand them on.
  if (proxy_headers_ != nullptr && IsTls()) {
    curl_easy_setopt(easy, CURLOPT_PROXYHEADER, proxy_headers_.get());
  }
  if (options_->proxy_url.empty()) {
    if (!options_->proxy_from_environment) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    return;
  }
  curl_easy_setopt(easy, CURLOPT_PROXY, options_->proxy_url.c_str());
  // Even if empty: else that of the environment is taken.
  curl_easy_setopt(easy, CURLOPT_NOPROXY, options_->no_proxy.c_str());
  SetText(easy, CURLOPT_PROXYUSERNAME, options_->proxy_username);
  SetText(easy, CURLOPT_PROXYPASSWORD, options_->proxy_password);
}

void CurlRequest::SetUpBody(void* easy) const {
  const std::string_view body = request_->body;
  if (request_->method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (!body.empty() || request_->method == "POST" || request_->method == "PUT") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_->method.c_str());
}

}  // namespace skald::net
