#include "ingester/wal_segment_writer.h"

#include <utility>

#include "common/fault_point.h"
#include "common/logging.h"
#include "ingester/ingester_metrics.h"
#include "ingester/wal_frame.h"
#include "ingester/wal_record.h"

namespace skald::ingester {

Result<std::unique_ptr<WalSegmentWriter>> WalSegmentWriter::Create(const WalOptions& options,
                                                                   FileSystem& files,
                                                                   uint64_t segment,
                                                                   uint64_t reserve_bytes) {
  SKALD_ASSIGN_OR_RETURN(std::unique_ptr<AppendFile> file,
                         files.Create(JoinPath(options.dir, WalSegmentName(segment))));
  SKALD_RETURN_IF_ERROR(file->Append(EncodeWalSegmentHeader(segment)));
  FaultPoint("wal.segment_begun");
  SKALD_RETURN_IF_ERROR(file->Reserve(reserve_bytes));
  SKALD_RETURN_IF_ERROR(file->Sync());
  SKALD_RETURN_IF_ERROR(files.SyncDir(options.dir));
  return std::unique_ptr<WalSegmentWriter>(new WalSegmentWriter(options, segment, std::move(file)));
}

WalSegmentWriter::WalSegmentWriter(const WalOptions& options, uint64_t segment,
                                   std::unique_ptr<AppendFile> file)
    : options_(options), segment_(segment), file_(std::move(file)) {}

Status WalSegmentWriter::Write(std::string& frame) {
  SealWalFrame(frame, segment_, options_.codec, scratch_);
  SKALD_RETURN_IF_ERROR(file_->Append(frame));
  FaultPoint("wal.frame_written");
  if (options_.sync) SKALD_RETURN_IF_ERROR(file_->Sync());
  IngesterMetrics::Get().wal_records_logged.Add();
  IngesterMetrics::Get().wal_logged_bytes.Add(static_cast<double>(frame.size()));
  return Status();
}

uint64_t WalSegmentWriter::CloseBefore(uint64_t successor, uint64_t size) {
  std::string frame(kWalFrameHeaderBytes, '\0');
  AppendSuccessorItem(frame, {.segment = successor});
  SealWalFrame(frame, segment_, Codec::kNone, scratch_);
  // Not synced, as nothing is lost with it. Of a failed write Close leaves nothing.
  if (file_->Append(frame).ok()) size += frame.size();
  Close(size);
  return size;
}

void WalSegmentWriter::Close(uint64_t size) {
  // What was written before is safe already: an error costs no more than space, or a tail that a
  // replay will step over.
  Status status = file_->Truncate(size);
  if (Status closed = file_->Close(); status.ok()) status = std::move(closed);
  IngesterMetrics::Get().checkpoint_creations.Add();
  if (!status.ok()) LogWarn("closing a segment of the write-ahead log failed", {{"err", status}});
}

}  // namespace skald::ingester
