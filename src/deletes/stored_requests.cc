#include "deletes/stored_requests.h"

#include <utility>

#include "common/logging.h"
#include "common/metrics.h"

namespace skald::deletes {
namespace {

void ReportDamage(const Status& damage) {
  Metrics::GetCounter("skald_delete_requests_damages_total",
                      "Times that a start has found a file of delete requests damaged.")
      .Add();
  LogError("a file of delete requests is damaged", {{"err", damage}});
}

}  // namespace

std::vector<std::string> StoredRequests::Paths(const std::string& folder) {
  return {JoinPath(folder, "delete_requests"), JoinPath(folder, "delete_requests.copy")};
}

StoredRequests::StoredRequests(FileSystem& files, const std::string& folder)
    : files_(files), path_(Paths(folder)[0]), copy_path_(Paths(folder)[1]) {}

Result<std::optional<RequestList>> StoredRequests::Read(const std::string& path) const {
  const Result<std::string> bytes = files_.ReadAll(path);
  if (bytes.status().code() == StatusCode::kNotFound) return std::optional<RequestList>();
  if (!bytes.ok()) return bytes.status();
  Result<RequestList> list = DecodeRequestList(*bytes);
  if (!list.ok()) return Annotate(std::move(list).status(), path);
  return std::optional<RequestList>(*std::move(list));
}

Result<RequestList> StoredRequests::Load() {
  const auto stored = Read(path_);
  if (stored.status().code() == StatusCode::kUnimplemented) return stored.status();
  const auto copy = Read(copy_path_);
  if (!stored.ok()) ReportDamage(stored.status());
  if (!copy.ok()) ReportDamage(copy.status());
  if (stored.ok() && *stored) {
    if (!copy.ok() || *copy != *stored) Repair(copy_path_, **stored);
    return **stored;
  }
  if (copy.ok() && *copy) {
    Repair(path_, **copy);
    return **copy;
  }
  if (stored.ok() && copy.ok()) return RequestList();
  const Status& damage = stored.ok() ? copy.status() : stored.status();
  return Annotate(damage, "neither " + path_ + " nor " + copy_path_ +
                              " can be read, and without either what was deleted would be seen "
                              "again; put one back, or remove both if that may be");
}

void StoredRequests::Repair(const std::string& path, const RequestList& list) const {
  const Status written = files_.AtomicWrite(path, EncodeRequestList(list));
  if (!written.ok()) {
    LogWarn("a file of delete requests cannot be written", {{"path", path}, {"err", written}});
  }
}

// The copy first: what is acknowledged is in both then, whatever happens in between.
Status StoredRequests::Save(const RequestList& list) {
  const std::string bytes = EncodeRequestList(list);
  SKALD_RETURN_IF_ERROR(files_.AtomicWrite(copy_path_, bytes));
  return files_.AtomicWrite(path_, bytes);
}

}  // namespace skald::deletes
