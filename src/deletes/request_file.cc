#include "deletes/request_file.h"

#include "common/bytes.h"

// The file, little endian:
//
//   magic "SKDR", version (fixed32), body, crc32c of all before it (fixed32)
//   body        = request* generation*, each list after its count (varint)
//   request     = id, tenant, query (each with its length), start_ms, end_ms, created_ns, piece_ms
//                 (zigzag varints), pieces_done (varint)
//   generation  = tenant (with its length), time (zigzag varint)
namespace skald::deletes {
namespace {

constexpr std::string_view kMagic = "SKDR";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 8;
constexpr size_t kCrcBytes = 4;

void PutRequest(std::string& out, const DeleteRequest& request) {
  PutLengthPrefixed(out, request.id);
  PutLengthPrefixed(out, request.tenant.value());
  PutLengthPrefixed(out, request.query);
  for (const int64_t value :
       {request.start_ms, request.end_ms, request.created_ns, request.piece_ms}) {
    PutVarint(out, ZigZag(value));
  }
  PutVarint(out, request.pieces_done);
}

// Further away from the epoch than any request that is taken; sums of such times are numbers still.
constexpr int64_t kMaxMs = int64_t{1} << 53;

bool IsPossible(const DeleteRequest& request) {
  const auto far = [](int64_t ms) { return ms < -kMaxMs || ms > kMaxMs; };
  if (far(request.start_ms) || far(request.end_ms) || far(request.piece_ms)) return false;
  return request.start_ms <= request.end_ms && request.piece_ms >= 0 &&
         request.pieces_done <= PieceCount(request);
}

DeleteRequest ReadRequest(ByteReader& reader) {
  DeleteRequest request;
  request.id = reader.LengthPrefixed();
  request.tenant = model::TenantId(std::string(reader.LengthPrefixed()));
  request.query = reader.LengthPrefixed();
  request.start_ms = UnZigZag(reader.Varint());
  request.end_ms = UnZigZag(reader.Varint());
  request.created_ns = UnZigZag(reader.Varint());
  request.piece_ms = UnZigZag(reader.Varint());
  request.pieces_done = reader.Varint();
  return request;
}

}  // namespace

std::string EncodeRequestList(const RequestList& list) {
  std::string out(kMagic);
  PutFixed32(out, kVersion);
  PutVarint(out, list.requests.size());
  for (const DeleteRequest& request : list.requests) PutRequest(out, request);
  PutVarint(out, list.generations.size());
  for (const auto& [tenant, time] : list.generations) {
    PutLengthPrefixed(out, tenant);
    PutVarint(out, ZigZag(time));
  }
  PutFixed32(out, Crc32c(out));
  return out;
}

Result<RequestList> DecodeRequestList(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kCrcBytes || !bytes.starts_with(kMagic)) {
    return DataLoss("not a file of delete requests");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kCrcBytes);
  if (LoadFixed32(bytes.data() + body.size()) != Crc32c(body)) {
    return DataLoss("delete requests: crc mismatch");
  }
  const uint32_t version = LoadFixed32(bytes.data() + kMagic.size());
  if (version != kVersion) {
    return Status(StatusCode::kUnimplemented,
                  "delete requests of version " + std::to_string(version));
  }
  ByteReader reader(body.substr(kHeaderBytes));
  RequestList list;
  for (uint64_t n = reader.Varint(); n > 0 && !reader.failed(); --n) {
    list.requests.push_back(ReadRequest(reader));
    if (!IsPossible(list.requests.back())) return DataLoss("delete requests: impossible times");
  }
  for (uint64_t n = reader.Varint(); n > 0 && !reader.failed(); --n) {
    std::string tenant(reader.LengthPrefixed());
    list.generations[tenant] = UnZigZag(reader.Varint());
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("delete requests"));
  return list;
}

}  // namespace skald::deletes
