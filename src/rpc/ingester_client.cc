#include "rpc/ingester_client.h"

namespace skald::rpc {

TailFeed::~TailFeed() = default;

IngesterClient::~IngesterClient() = default;

}  // namespace skald::rpc
