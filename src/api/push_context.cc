#include "api/push_context.h"

#include "api/trace_id.h"

namespace skald::api {

distributor::PushContext PushContextOf(const net::Request& request, std::string_view format,
                                       size_t body_bytes) {
  return {.format = format,
          .user_agent = request.headers.Get("User-Agent"),
          .policy = request.headers.Get("X-Loki-Ingestion-Policy"),
          .backfill_shard = request.headers.Get("X-Loki-Backfill-Shard"),
          .trace_id = TraceIdOf(request.headers),
          .path = request.path,
          .content_type = request.headers.Get("Content-Type"),
          .content_encoding = request.headers.Get("Content-Encoding"),
          .forwarded_for = request.headers.Get("X-Forwarded-For"),
          .body_bytes = body_bytes};
}

}  // namespace skald::api
