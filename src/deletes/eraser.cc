#include "deletes/eraser.h"

#include <algorithm>
#include <utility>

#include "common/fault_point.h"
#include "common/logging.h"
#include "common/metrics.h"
#include "deletes/deleted_patterns.h"
#include "deletes/request_filters.h"

namespace skald::deletes {
namespace {

// Packs that are written anew before anything is looked at again: what a crash may cost.
constexpr size_t kPacksAPass = 8;
// Then compaction has its turn.
constexpr int kPassesARound = 8;
// How long a request waits of which something is unreadable: at first, and at most.
constexpr int64_t kFirstWaitNs = 60'000'000'000;
constexpr int64_t kLastWaitNs = 24 * 3600 * int64_t{1'000'000'000};

std::string KeyOf(const DeleteRequest& request) {
  return request.tenant.value() + '/' + request.id;
}

Status Failed(const char* cause, Status status) {
  if (status.code() == StatusCode::kCancelled) return status;
  Metrics::GetCounter("loki_compactor_delete_processing_fails_total",
                      "Attempts to process delete requests that failed, by cause.",
                      {{"cause", cause}})
      .Add();
  LogError("processing delete requests failed; it is tried again",
           {{"cause", cause}, {"err", status}});
  return status;
}

// The pieces of which every entry is before `time_ns`, those that are done included.
uint64_t PiecesBefore(const DeleteRequest& request, int64_t time_ns) {
  uint64_t done = request.pieces_done;
  uint64_t not_done = PieceCount(request) + 1;
  while (not_done - done > 1) {
    const uint64_t middle = done + (not_done - done) / 2;
    (PiecesRange(request, 0, middle).end <= time_ns ? done : not_done) = middle;
  }
  return done;
}

}  // namespace

Eraser::Eraser(const chunkstore::CompactionJobOptions& job, const Parts& parts)
    : parts_(parts), job_([&] {
        chunkstore::CompactionJobOptions erasing = job;
        erasing.erased = &parts.requests.erasable();
        return erasing;
      }()) {}

Status Eraser::RunRound(const CancelToken& cancel) {
  unreadable_.clear();
  if (Status status = parts_.requests.ForgetOld(); !status.ok()) {
    (void)Failed("forget", std::move(status));
  }
  for (int pass = 0; pass < kPassesARound; ++pass) {
    const std::vector<DeleteRequest> due = TakeUp();
    if (due.empty()) return {};
    SKALD_ASSIGN_OR_RETURN(const bool again, RunPass(due, cancel));
    if (!again) return {};
  }
  return {};
}

std::vector<DeleteRequest> Eraser::TakeUp() {
  std::vector<DeleteRequest> due = parts_.requests.Due();
  Metrics::GetCounter("loki_compactor_load_pending_requests_attempts_total",
                      "Looks at the list of pending delete requests.", {{"status", "success"}})
      .Add();
  if (due.empty()) waiting_.clear();
  std::erase_if(due, [&](const DeleteRequest& request) {
    const auto waiting = waiting_.find(KeyOf(request));
    return waiting != waiting_.end() && parts_.clock.MonotonicNs() < waiting->second.until_ns;
  });
  return due;
}

Result<bool> Eraser::RunPass(const std::vector<DeleteRequest>& due, const CancelToken& cancel) {
  // Packs that were replaced hold entries until the last query that reads them is over.
  parts_.remover.RemoveUnread();
  const bool replaced_are_gone = parts_.remover.leaving().empty();
  if (Status status = parts_.flush_off_log(); !status.ok())
    return Failed("flush", std::move(status));
  FaultPoint("erase.flushed");
  std::set<std::string> packs;
  for (const DeleteRequest& request : due) {
    auto found = Look(request, cancel);
    if (!found.ok()) return Failed("look", found.status());
    if (replaced_are_gone) {
      Status marked = MarkProgress(request, found->none_before_ns);
      if (!marked.ok()) return Failed("mark", std::move(marked));
    }
    std::erase_if(found->packs,
                  [&](const std::string& pack) { return unreadable_.contains(pack); });
    if (found->packs.empty() && found->chunks > 0) Postpone(request);
    packs.merge(found->packs);
    if (packs.size() >= kPacksAPass) break;
  }
  if (packs.empty()) return false;
  if (Status status = Rewrite(std::move(packs), cancel); !status.ok()) {
    return Failed("rewrite", std::move(status));
  }
  return true;
}

Result<chunkstore::ErasableFound> Eraser::Look(const DeleteRequest& request,
                                               const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(const auto compiled, CompiledRequest::Make(request.query));
  const uint64_t left = PieceCount(request) - request.pieces_done;
  const RequestPart part{.request = compiled,
                         .range = PiecesRange(request, request.pieces_done, left)};
  const auto filters = MakeFilters({part});
  model::ScanRequest wanted = compiled->plan().Request(compiled->matchers());
  wanted.tenant = request.tenant;
  wanted.range = part.range;
  wanted.direction = model::Direction::kForward;
  const size_t most = kPacksAPass + unreadable_.size();
  SKALD_ASSIGN_OR_RETURN(chunkstore::ErasableFound found,
                         chunkstore::FindErasable(parts_.store, wanted, *filters, most, cancel));

  SKALD_ASSIGN_OR_RETURN(wanted, PatternEntriesOf(part));
  wanted.tenant = request.tenant;
  const size_t more = std::max<size_t>(most - found.packs.size(), 1);  // None would look at none.
  SKALD_ASSIGN_OR_RETURN(chunkstore::ErasableFound told,
                         chunkstore::FindErasable(parts_.store, wanted, *filters, more, cancel));
  found.packs.merge(told.packs);
  found.chunks += told.chunks;
  found.none_before_ns = std::min(found.none_before_ns, told.none_before_ns);
  Metrics::GetCounter("loki_compactor_delete_requests_chunks_selected_total",
                      "Chunks in which something of a delete request was found.",
                      {{"user", request.tenant.value()}})
      .Add(static_cast<double>(found.chunks));
  return found;
}

Status Eraser::MarkProgress(const DeleteRequest& request, int64_t none_before_ns) {
  const uint64_t done = PiecesBefore(request, none_before_ns);
  if (done == request.pieces_done) return {};
  FaultPoint("erase.before_mark");
  Status status = parts_.requests.MarkDone(request.tenant, request.id, done);
  FaultPoint("erase.marked");
  waiting_.erase(KeyOf(request));
  // It was cancelled meanwhile.
  return status.code() == StatusCode::kNotFound ? Status() : status;
}

Status Eraser::Rewrite(std::set<std::string> packs, const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(std::vector<chunkstore::ObjectEntry> stored,
                         parts_.store.objects.List(std::string(chunkstore::kPacksPrefix)));
  std::vector<chunkstore::ObjectEntry> fresh;
  for (const chunkstore::ObjectEntry& pack : stored) {
    if (packs.erase(pack.key) == 0) continue;
    if (chunkstore::CompactedDay(pack.key)) {  // By itself, as most of it can stay as it is.
      SKALD_RETURN_IF_ERROR(RunJob({pack}, cancel));
    } else {
      fresh.push_back(pack);
    }
  }
  unreadable_.merge(packs);  // The store has lost them.
  return fresh.empty() ? Status() : RunJob(fresh, cancel);
}

Status Eraser::RunJob(const std::vector<chunkstore::ObjectEntry>& packs,
                      const CancelToken& cancel) {
  SKALD_ASSIGN_OR_RETURN(const chunkstore::CompactionOutcome outcome,
                         chunkstore::CompactPacks(parts_.store, packs, job_, cancel));
  FaultPoint("erase.rewritten");
  LogInfo("packs rewritten without what was to be deleted", {{"packs", outcome.packs_read},
                                                             {"into", outcome.packs_written},
                                                             {"bytes", outcome.bytes_read},
                                                             {"bytes_after", outcome.bytes_written},
                                                             {"erased", outcome.erased},
                                                             {"left", outcome.packs_left.size()}});
  for (const chunkstore::PackLeft& pack : outcome.packs_left) unreadable_.insert(pack.key);
  std::vector<std::string> replaced;
  for (const chunkstore::ObjectEntry& pack : packs) replaced.push_back(pack.key);
  parts_.remover.Forgotten(std::move(replaced));
  return {};
}

void Eraser::Postpone(const DeleteRequest& request) {
  Waiting& waiting = waiting_[KeyOf(request)];
  waiting.wait_ns = std::clamp(2 * waiting.wait_ns, kFirstWaitNs, kLastWaitNs);
  waiting.until_ns = parts_.clock.MonotonicNs() + waiting.wait_ns;
  (void)Failed("unreadable",
               DataLoss("delete request " + request.id + " of tenant " + request.tenant.value() +
                        " stays pending: packs that it means cannot be read whole"));
}

}  // namespace skald::deletes
