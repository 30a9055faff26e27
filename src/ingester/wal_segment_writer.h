#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/files.h"
#include "common/status.h"
#include "ingester/ingester_options.h"

namespace skald::ingester {

// The file of one segment of the log, on its way to the disk.
//
// Order:     Create (Reserve | Write | Sync)* (Close | CloseBefore). After an error: Close.
// Ownership: borrows the options.
// Threads:   one caller at a time.
// Cost:      calls block on the disk.
class WalSegmentWriter {
 public:
  // The file with its header, durable, and with room for so many bytes behind that.
  static Result<std::unique_ptr<WalSegmentWriter>> Create(const WalOptions& options,
                                                          FileSystem& files, uint64_t segment,
                                                          uint64_t reserve_bytes);

  // Makes sure that there is room for `bytes` more.
  Status Reserve(uint64_t bytes) { return file_->Reserve(bytes); }
  // Seals the frame, as SealWalFrame, and writes it: as durable as the options want it.
  Status Write(std::string& frame);
  Status Sync() { return file_->Sync(); }
  // As Close, and notes at the end that the same process has begun that segment. Returns the size.
  uint64_t CloseBefore(uint64_t successor, uint64_t size);
  // Cuts off what was reserved, or written in vain, behind `size`.
  void Close(uint64_t size);

 private:
  WalSegmentWriter(const WalOptions& options, uint64_t segment, std::unique_ptr<AppendFile> file);

  const WalOptions& options_;
  const uint64_t segment_;
  const std::unique_ptr<AppendFile> file_;
  std::string scratch_;
};

}  // namespace skald::ingester
