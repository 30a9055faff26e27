#pragma once

#include <memory>
#include <string>

#include "common/status.h"
#include "net/http_client.h"

struct curl_slist;

namespace skald::net {

// A request in curl's terms: where it goes, by which way, and what it says.
//
// Order:     SetUp, then the transfer, then destruction: curl borrows what is kept here.
// Ownership: borrows options and request.
// Threads:   not synchronised.
class CurlRequest {
 public:
  // kInvalidArgument: a URL, name or header that cannot be sent.
  static Result<CurlRequest> Make(const HttpClientOptions& options, const ClientRequest& request);

  // Tells `easy`, a CURL*, all but where the answer goes. What it was told before is forgotten.
  void SetUp(void* easy) const;

 private:
  struct FreeList {
    void operator()(curl_slist* list) const;
  };
  using List = std::unique_ptr<curl_slist, FreeList>;

  CurlRequest(const HttpClientOptions& options, const ClientRequest& request)
      : options_(&options), request_(&request), url_(request.url) {}

  // Has the connection go where the URL says, and the URL name who must be found there.
  Status UseServerName();
  bool IsTls() const;
  Status MakeHeaders();
  static Status Append(List& list, const std::string& name, const std::string& value);
  void SetUpTls(void* easy) const;
  void SetUpProxy(void* easy) const;
  void SetUpBody(void* easy) const;

  const HttpClientOptions* options_;
  const ClientRequest* request_;
  std::string url_;
  std::string host_;  // The field's value, where it is not the URL's.
  List connect_to_;
  List headers_;
  List proxy_headers_;
};

}  // namespace skald::net
