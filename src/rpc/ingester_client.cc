#include "rpc/ingester_client.h"

namespace skald::rpc {

IngesterClient::~IngesterClient() = default;

}  // namespace skald::rpc
