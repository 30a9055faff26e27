#include "deletes/request_store.h"

#include <algorithm>
#include <utility>

#include "common/duration.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "deletes/request_filters.h"

namespace skald::deletes {
namespace {

// Processed requests are listed for so long from when they were made.
constexpr std::chrono::hours kKeepProcessed{24 * 30};
// Compat: a request is taken up so long after it could be cancelled.
constexpr std::chrono::minutes kTakeUpDelay{1};

// Takes those off the list that are processed and were made too long ago. How many they were.
size_t EraseOld(RequestList& list, int64_t now_ns) {
  const int64_t oldest_ns = now_ns - std::chrono::nanoseconds(kKeepProcessed).count();
  return std::erase_if(list.requests, [&](const DeleteRequest& request) {
    return IsProcessed(request) && request.created_ns < oldest_ns;
  });
}

std::string HexId(uint64_t hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 8; ++i) id.push_back(kDigits[(hash >> (4 * i)) & 15]);
  return id;
}

auto Find(std::vector<DeleteRequest>& requests, const model::TenantId& tenant,
          std::string_view id) {
  return std::find_if(requests.begin(), requests.end(), [&](const DeleteRequest& request) {
    return request.tenant == tenant && request.id == id;
  });
}

std::string UniqueId(RequestList& list, const DeleteRequest& request) {
  for (uint64_t seed = static_cast<uint64_t>(request.created_ns);; ++seed) {
    std::string id = HexId(Hash64(request.tenant.value() + '\n' + request.query, seed));
    if (Find(list.requests, request.tenant, id) == list.requests.end()) return id;
  }
}

void Publish(const std::vector<DeleteRequest>& requests, int64_t now_ns) {
  double pending = 0;
  int64_t oldest_ns = now_ns;
  for (const DeleteRequest& request : requests) {
    if (IsProcessed(request)) continue;
    ++pending;
    oldest_ns = std::min(oldest_ns, request.created_ns);
  }
  Metrics::GetGauge("loki_compactor_pending_delete_requests_count",
                    "Delete requests that are not processed.")
      .Set(pending);
  Metrics::GetGauge("loki_compactor_oldest_pending_delete_request_age_seconds",
                    "Age of the oldest delete request that is not processed.")
      .Set(static_cast<double>(now_ns - oldest_ns) * 1e-9);
}

}  // namespace

RequestStore::RequestStore(const Options& options, FileSystem& files, const LimitsSource& limits,
                           const Clock& clock)
    : options_(options),
      limits_(limits),
      clock_(clock),
      stored_(files, options.folder),
      state_(std::make_shared<const State>()) {}

Result<std::unique_ptr<RequestStore>> RequestStore::Open(const Options& options, FileSystem& files,
                                                         const LimitsSource& limits,
                                                         const Clock& clock) {
  std::unique_ptr<RequestStore> store(new RequestStore(options, files, limits, clock));
  SKALD_RETURN_IF_ERROR(files.MakeDirs(options.folder));
  MutexLock lock(store->write_mutex_);
  SKALD_ASSIGN_OR_RETURN(RequestList list, store->stored_.Load());
  SKALD_RETURN_IF_ERROR(store->PutInForce(std::move(list)));
  return store;
}

std::shared_ptr<const RequestStore::State> RequestStore::state() const {
  MutexLock lock(mutex_);
  return state_;
}

RequestPart RequestStore::State::PartLeft(const DeleteRequest& request) const {
  const uint64_t left = PieceCount(request) - request.pieces_done;
  return {.request = compiled.find(request.query)->second,
          .range = PiecesRange(request, request.pieces_done, left)};
}

Status RequestStore::PutInForce(RequestList list) {
  const auto old = this->state();
  auto state = std::make_shared<State>();
  state->list = std::move(list);
  StringMap<std::vector<RequestPart>> parts;
  for (const DeleteRequest& request : state->list.requests) {
    if (IsProcessed(request)) continue;
    Compiled& query = state->compiled[request.query];
    if (const auto known = old->compiled.find(request.query); known != old->compiled.end()) {
      query = known->second;
    }
    if (query == nullptr) {
      SKALD_ASSIGN_OR_RETURN(query, CompiledRequest::Make(request.query));
    }
    parts[request.tenant.value()].push_back(state->PartLeft(request));
  }
  for (auto& [tenant, of_tenant] : parts)
    state->filters[tenant] = MakeFilters(std::move(of_tenant));
  Publish(state->list.requests, clock_.NowNs());
  MutexLock lock(mutex_);
  state_ = std::move(state);
  return {};
}

Status RequestStore::Change(RequestList list, const model::TenantId& tenant) {
  const int64_t now_ns = clock_.NowNs();
  EraseOld(list, now_ns);
  int64_t& generation = list.generations[tenant.value()];
  generation = std::max(generation + 1, now_ns);
  SKALD_RETURN_IF_ERROR(stored_.Save(list));
  return PutInForce(std::move(list));
}

Result<DeleteRequest> RequestStore::Take(DeleteRequest request) {
  MutexLock lock(write_mutex_);
  RequestList list = state()->list;
  request.created_ns = clock_.NowNs();
  if (!list.requests.empty()) {
    request.created_ns = std::max(request.created_ns, list.requests.back().created_ns);
  }
  request.pieces_done = 0;
  request.id = UniqueId(list, request);
  list.requests.push_back(request);
  SKALD_RETURN_IF_ERROR(Change(std::move(list), request.tenant));
  return request;
}

Result<DeleteRequest> RequestStore::Add(DeleteRequest request) {
  SKALD_ASSIGN_OR_RETURN(const Compiled compiled, CompiledRequest::Make(request.query));
  SKALD_ASSIGN_OR_RETURN(request, Take(std::move(request)));
  if (listener_) listener_(request.tenant, {.request = compiled, .range = WholeRange(request)});
  Metrics::GetCounter("loki_compactor_delete_requests_received_total",
                      "Delete requests that were taken.", {{"user", request.tenant.value()}})
      .Add();
  LogInfo("delete request for user added",
          {{"delete_request_id", request.id},
           {"user", request.tenant.value()},
           {"query", request.query},
           {"interval", FormatGoDuration(std::chrono::milliseconds(request.piece_ms))}});
  return request;
}

Status RequestStore::Cancel(const model::TenantId& tenant, std::string_view id, bool force) {
  MutexLock lock(write_mutex_);
  RequestList list = state()->list;
  const auto request = Find(list.requests, tenant, id);
  if (request == list.requests.end())
    return NotFound("could not find delete request with given id");
  if (IsProcessed(*request)) {
    return InvalidArgument(
        "deletion of request which is in process or already processed is not allowed");
  }
  const bool late = clock_.NowNs() - request->created_ns > options_.cancel_period.count();
  if ((late || request->pieces_done > 0) && !force) {
    return InvalidArgument(
        "Cancellation of partially completed delete request or delete request past the deadline "
        "of " +
        FormatGoDuration(options_.cancel_period) +
        " since its creation is not allowed. To force, use the ?force query parameter");
  }
  list.requests.erase(request);
  return Change(std::move(list), tenant);
}

Status RequestStore::MarkDone(const model::TenantId& tenant, std::string_view id,
                              uint64_t pieces_done) {
  MutexLock lock(write_mutex_);
  RequestList list = state()->list;
  const auto request = Find(list.requests, tenant, id);
  if (request == list.requests.end()) return NotFound("delete request " + std::string(id));
  request->pieces_done = pieces_done;
  const bool processed = IsProcessed(*request);
  SKALD_RETURN_IF_ERROR(Change(std::move(list), tenant));
  if (!processed) return {};
  Metrics::GetCounter("loki_compactor_delete_requests_processed_total",
                      "Delete requests of which nothing is stored any more.",
                      {{"user", tenant.value()}})
      .Add();
  LogInfo("delete request processed", {{"delete_request_id", id}, {"user", tenant.value()}});
  return {};
}

Status RequestStore::ForgetOld() {
  MutexLock lock(write_mutex_);
  RequestList list = state()->list;
  if (EraseOld(list, clock_.NowNs()) == 0) return {};
  SKALD_RETURN_IF_ERROR(stored_.Save(list));
  return PutInForce(std::move(list));
}

Status RequestStore::IncreaseGeneration(const model::TenantId& tenant) {
  MutexLock lock(write_mutex_);
  return Change(state()->list, tenant);
}

std::string RequestStore::Generation(const model::TenantId& tenant) const {
  const auto now = state();
  const auto found = now->list.generations.find(tenant.value());
  return found == now->list.generations.end() ? "" : std::to_string(found->second);
}

std::vector<DeleteRequest> RequestStore::List(const model::TenantId& tenant) const {
  std::vector<DeleteRequest> requests = ListAll();
  std::erase_if(requests, [&](const DeleteRequest& request) { return request.tenant != tenant; });
  return requests;
}

std::vector<DeleteRequest> RequestStore::ListAll() const { return state()->list.requests; }

bool RequestStore::IsDue(const DeleteRequest& request, int64_t now_ns) const {
  const auto wait = options_.cancel_period + std::chrono::nanoseconds(kTakeUpDelay);
  return !IsProcessed(request) && request.created_ns <= now_ns - wait.count() &&
         limits_.For(request.tenant.value())->deletion_mode == "filter-and-delete";
}

std::vector<DeleteRequest> RequestStore::Due() const {
  const int64_t now_ns = clock_.NowNs();
  std::vector<DeleteRequest> requests = ListAll();
  Publish(requests, now_ns);
  std::erase_if(requests, [&](const DeleteRequest& request) { return !IsDue(request, now_ns); });
  return requests;
}

std::shared_ptr<const model::EntryFilters> RequestStore::DueOf(
    const model::TenantId& tenant) const {
  const auto now = state();
  const int64_t now_ns = clock_.NowNs();
  std::vector<RequestPart> parts;
  for (const DeleteRequest& request : now->list.requests) {
    if (request.tenant == tenant && IsDue(request, now_ns)) parts.push_back(now->PartLeft(request));
  }
  return parts.empty() ? nullptr : MakeFilters(std::move(parts));
}

std::shared_ptr<const model::EntryFilters> RequestStore::Of(const model::TenantId& tenant) const {
  const auto now = state();
  const auto found = now->filters.find(tenant.value());
  if (found == now->filters.end()) return nullptr;
  return limits_.For(tenant.value())->deletion_mode == "disabled" ? nullptr : found->second;
}

}  // namespace skald::deletes
