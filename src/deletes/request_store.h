#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/files.h"
#include "common/hash.h"
#include "common/limits.h"
#include "common/mutex.h"
#include "common/status.h"
#include "deletes/compiled_request.h"
#include "deletes/delete_request.h"
#include "deletes/request_file.h"
#include "deletes/stored_requests.h"
#include "model/entry_filter.h"
#include "model/ids.h"

namespace skald::deletes {

// The delete requests of all tenants. From the moment that one is in, what it means is not to be
// seen (Of), until it is processed, when it is not there any more. When it is due it is not to be
// written again either (erasable).
//
// Ownership: borrows what it is given.
// Threads:   any thread may call. Readers see the list of one moment and wait for nobody; changes
//            come one after the other under write_mutex_, which is held while the file is written,
//            and mutex_ is taken within it to put the new list in force.
// Cost:      a change writes the file anew; requests are few.
class RequestStore final : public model::EntryFilterSource {
 public:
  struct Options {
    std::string folder;
    // How long a request can be cancelled; it is processed a minute later.
    std::chrono::nanoseconds cancel_period = std::chrono::hours(24);
  };

  // Told of each request once it is in force, before Add returns.
  using Listener = std::function<void(const model::TenantId& tenant, const RequestPart& part)>;

  // Errors as StoredRequests::Load has them.
  static Result<std::unique_ptr<RequestStore>> Open(const Options& options, FileSystem& files,
                                                    const LimitsSource& limits, const Clock& clock);
  RequestStore(const RequestStore&) = delete;
  RequestStore& operator=(const RequestStore&) = delete;

  // Requires: no Add yet.
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // Takes a request, whose id and time of creation are filled in: it is durable and in force when
  // this returns it. kInvalidArgument for a query that does not compile.
  Result<DeleteRequest> Add(DeleteRequest request) SKALD_EXCLUDES(write_mutex_);

  // Forgets a request that has not begun, or by force what is left of one. kNotFound,
  // kInvalidArgument with texts that clients know.
  Status Cancel(const model::TenantId& tenant, std::string_view id, bool force)
      SKALD_EXCLUDES(write_mutex_);

  // Notes that the first `pieces_done` pieces are gone from the store: they hide nothing any more.
  // kNotFound if the request was cancelled meanwhile.
  Status MarkDone(const model::TenantId& tenant, std::string_view id, uint64_t pieces_done)
      SKALD_EXCLUDES(write_mutex_);

  // Forgets requests that were processed and are older than they are listed, with what they say.
  Status ForgetOld() SKALD_EXCLUDES(write_mutex_);

  // Everything that queriers keep of the tenant's answers is to be thrown away.
  Status IncreaseGeneration(const model::TenantId& tenant) SKALD_EXCLUDES(write_mutex_);
  // Empty for a tenant that never had a request.
  std::string Generation(const model::TenantId& tenant) const;

  // By creation.
  std::vector<DeleteRequest> List(const model::TenantId& tenant) const;
  std::vector<DeleteRequest> ListAll() const;
  // Those that are to be processed now. Brings the gauges up to date.
  std::vector<DeleteRequest> Due() const;

  // What is not to be seen: all that is not processed.
  std::shared_ptr<const model::EntryFilters> Of(const model::TenantId& tenant) const override;
  // What is not to be stored any longer: of that what is due.
  const model::EntryFilterSource& erasable() const { return erasable_; }

 private:
  using Compiled = std::shared_ptr<const CompiledRequest>;

  // The list of a moment, with what follows from it.
  struct State {
    RequestList list;
    StringMap<Compiled> compiled;  // By the query's text; of what is not processed.
    StringMap<std::shared_ptr<const model::EntryFilters>> filters;

    // What is left of a request. Requires: it is on the list, and not processed.
    RequestPart PartLeft(const DeleteRequest& request) const;
  };

  class Erasable final : public model::EntryFilterSource {
   public:
    explicit Erasable(const RequestStore& store) : store_(store) {}
    std::shared_ptr<const model::EntryFilters> Of(const model::TenantId& tenant) const override {
      return store_.DueOf(tenant);
    }

   private:
    const RequestStore& store_;
  };

  RequestStore(const Options& options, FileSystem& files, const LimitsSource& limits,
               const Clock& clock);
  std::shared_ptr<const State> state() const SKALD_EXCLUDES(mutex_);
  bool IsDue(const DeleteRequest& request, int64_t now_ns) const;
  std::shared_ptr<const model::EntryFilters> DueOf(const model::TenantId& tenant) const;
  // Makes the request durable and puts it in force, with its id and time of creation.
  Result<DeleteRequest> Take(DeleteRequest request) SKALD_EXCLUDES(write_mutex_);
  // Compiles what is pending, puts the list in force, and publishes its figures.
  Status PutInForce(RequestList list) SKALD_REQUIRES(write_mutex_);
  // Makes the list durable first, with a new generation of the tenant.
  Status Change(RequestList list, const model::TenantId& tenant) SKALD_REQUIRES(write_mutex_);

  const Options options_;
  const LimitsSource& limits_;
  const Clock& clock_;
  const Erasable erasable_{*this};

  Listener listener_;  // Called without a lock.
  Mutex write_mutex_;
  StoredRequests stored_;  // Written under write_mutex_.
  mutable Mutex mutex_;
  std::shared_ptr<const State> state_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::deletes
