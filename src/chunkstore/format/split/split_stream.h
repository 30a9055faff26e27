#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/bytes.h"
#include "common/status.h"

namespace skald::chunkstore {

// What a split column is made of: `meta`, the small things that say what follows, compressed as
// one; and streams of bytes that are alike, each compressed by itself where that pays.
//
// Order:   meta() and PutStream in any order, which the reader repeats; then Finish, once.
// Threads: not synchronised.
class SplitWriter {
 public:
  explicit SplitWriter(int zstd_level) : zstd_level_(zstd_level) {}
  SplitWriter(const SplitWriter&) = delete;
  SplitWriter& operator=(const SplitWriter&) = delete;

  int zstd_level() const { return zstd_level_; }
  std::string& meta() { return meta_; }
  void PutStream(std::string_view bytes);
  // Numbers less the least of them, in as many bytes as the greatest takes; all lowest bytes come
  // first, as those are alike, each place a stream.
  void PutNumbers(std::span<const int64_t> numbers);

  void Finish(std::string& out);

  // About what all so far takes: meta will be compressed.
  size_t cost() const { return meta_.size() / 2 + streams_.size(); }
  // Where a writer stands, to go back there when what follows has turned out badly.
  struct Mark {
    size_t meta = 0;
    size_t streams = 0;
  };
  Mark mark() const { return {meta_.size(), streams_.size()}; }
  void GoBack(const Mark& mark) {
    meta_.resize(mark.meta);
    streams_.resize(mark.streams);
  }

 private:
  const int zstd_level_;
  std::string meta_;
  std::string streams_;
  std::string packed_;
  std::string plane_;
};

// Reads back what a SplitWriter wrote. Hostile bytes are kDataLoss; no stream is larger than the
// bound given to it, and what is made of all should not be larger than text_bytes().
//
// Ownership: borrows the bytes; views live until the reader goes.
// Threads:   not synchronised.
class SplitReader {
 public:
  static Result<SplitReader> Make(std::string_view bytes, uint64_t text_bytes);
  SplitReader(SplitReader&&) noexcept = default;
  SplitReader(const SplitReader&) = delete;

  ByteReader& meta() { return meta_; }
  // Of the texts that the column stands for.
  uint64_t text_bytes() const { return text_bytes_; }
  // Whether so many texts of at least so many bytes can be in there.
  bool MayHold(uint64_t rows, uint64_t bytes_each) const {
    return rows == 0 || bytes_each <= text_bytes_ / rows;
  }
  // Takes so many texts from what may be made of the column in all. False if there are not so many:
  // no honest column has more than a few for each byte.
  bool TakeTexts(uint64_t count);
  // The next stream, in `scratch` or where it is stored.
  Result<std::string_view> Stream(uint64_t max_bytes, std::string& scratch);
  // `numbers.size()` of them.
  Status Numbers(std::span<int64_t> numbers);
  // Numbers as they are stored where a byte tells each: `base`, and what the row's byte adds. All
  // of them are `base` if there are no bytes.
  struct ByteNumbers {
    uint64_t base = 0;
    std::string_view bytes;  // Until something else is read.

    uint64_t At(size_t i) const {
      return bytes.empty() ? base : base + static_cast<uint8_t>(bytes[i]);
    }
  };
  // The next `numbers.size()` numbers: false if they are more than a byte apart, and in `numbers`.
  Result<bool> BytesOrNumbers(std::span<int64_t> numbers, ByteNumbers& bytes);

  // Passes over what Stream and Numbers would read.
  Status SkipStream();
  // What numbers are between, of which none is negative: the least is one of them.
  struct Bounds {
    uint64_t least = 0;
    uint64_t most = 0;
  };
  // Requires: there are some numbers.
  Result<Bounds> SkipNumbers();
  // To come back for something that was passed over.
  struct Position {
    ByteReader meta;
    std::string_view streams;
  };
  Position position() const { return {meta_, streams_}; }
  void GoTo(const Position& position) {
    meta_ = position.meta;
    streams_ = position.streams;
  }

  // kDataLoss if something is left over, or a read of meta went wrong.
  Status Finish() const;

 private:
  SplitReader(std::string meta, std::string_view streams, uint64_t text_bytes);
  Result<std::string_view> StoredStream(uint64_t max_bytes, uint64_t& raw_bytes);
  // One byte of each of `count` numbers.
  Result<std::string_view> Plane(size_t count);

  std::unique_ptr<std::string> meta_bytes_;  // Apart, as meta_ points into it.
  ByteReader meta_;
  std::string_view streams_;
  uint64_t text_bytes_;
  uint64_t texts_left_;
  std::string scratch_;
};

}  // namespace skald::chunkstore
