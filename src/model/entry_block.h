#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/push_batch.h"

namespace skald::model {

// Texts in one buffer, each followed by a '\n' of which offsets know: row i is
// text[offsets[i], offsets[i+1] - 1). The separator lets one search run over the whole buffer:
// `\b`, and `^` and `$` in multi-line mode, hold at row borders as at a text's ends. (A row may
// contain newlines itself; a hit must still be mapped to its row and checked there.)
//
// Threads: immutable once built.
struct TextColumn {
  std::string text;
  std::vector<uint32_t> offsets{0};  // size() + 1 of them.

  size_t size() const { return offsets.size() - 1; }
  std::string_view operator[](size_t row) const {
    return {text.data() + offsets[row], offsets[row + 1] - offsets[row] - 1};
  }
  uint32_t Length(size_t row) const { return offsets[row + 1] - offsets[row] - 1; }
  void Append(std::string_view value) {
    text.append(value);
    text.push_back('\n');
    offsets.push_back(static_cast<uint32_t>(text.size()));
  }
};

// One name of structured metadata over the rows of a block: its distinct values, and for each row
// which one it has. 0 says that the row has none, k that it has values[k - 1].
struct MetadataColumn {
  std::string name;
  std::vector<uint32_t> codes;
  TextColumn values;

  bool Has(size_t row) const { return codes[row] != 0; }
  // Requires: Has(row).
  std::string_view operator[](size_t row) const { return values[codes[row] - 1]; }
};

// Which columns a reader wants; those left out may be empty in what it gets.
struct ColumnSet {
  bool lines = true;         // The text. Lengths only: lines = false, line_lengths = true.
  bool line_lengths = true;  // lines.offsets.
  bool all_metadata = true;
  std::vector<std::string> metadata;  // Names wanted when not all_metadata.

  bool WantsMetadata(std::string_view name) const;
};

// Entries of one stream as columns, ordered by (time, seq): a decoded block of a chunk, or a
// snapshot of what is still in memory. No two entries are equal in time, line and metadata when
// a BatchSource hands it out.
//
// Threads: immutable once built; shared by readers and caches.
struct EntryBlock {
  std::vector<int64_t> times;  // ns since the epoch, ascending.
  std::vector<uint64_t> seqs;  // Arrival order in the ingester; breaks ties of time.
  bool has_lines = true;       // False: lines.text is empty, but offsets are right.
  TextColumn lines;
  // What its reader looks at of each line, in place of lines: a source was asked for no more
  // (ScanRequest::excerpt). Then has_lines is false.
  bool has_excerpts = false;
  TextColumn excerpts;
  bool has_all_metadata =
      true;  // False: columns of names that the reader did not want are missing.
  std::vector<MetadataColumn> metadata;  // Sorted by name.

  size_t size() const { return times.size(); }
  // What stages that read lines are to read: they, or their excerpts.
  const TextColumn& texts() const { return has_excerpts ? excerpts : lines; }
  const MetadataColumn* FindMetadata(std::string_view name) const;
  // Bytes of memory held, for caches and budgets.
  size_t MemoryBytes() const;
  // What limits and stats count for a row besides its line: names and values of its metadata
  // (detected_level apart).
  size_t RowMetadataBytes(size_t row) const;
};

// Builds an EntryBlock from entries in any order.
//
// Order:   Append* Finish.
// Threads: not synchronised.
class EntryBlockBuilder {
 public:
  EntryBlockBuilder();
  ~EntryBlockBuilder();
  EntryBlockBuilder(EntryBlockBuilder&&) noexcept;
  EntryBlockBuilder& operator=(EntryBlockBuilder&&) noexcept;

  void Append(int64_t time_ns, uint64_t seq, std::string_view line,
              std::span<const MetadataPair> metadata);
  // A row of another block.
  void Append(const EntryBlock& block, size_t row);

  size_t size() const;
  // Raw bytes of lines so far.
  size_t line_bytes() const;

  // Sorts by (time, seq) if needed, drops entries equal in time, line and metadata to an earlier
  // one, and returns the block. `duplicates`, if given, is set to the number dropped.
  EntryBlock Finish(size_t* duplicates = nullptr);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace skald::model
