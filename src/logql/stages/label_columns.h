#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "model/entry_block.h"
#include "model/labels.h"

namespace skald::logql {

// A slice is what the label stages work on at a time: small enough for its columns to stay in the
// cache, large enough to spread the cost of a call.
inline constexpr size_t kSliceRows = 1024;

inline constexpr std::string_view kErrorLabel = "__error__";
inline constexpr std::string_view kErrorDetailsLabel = "__error_details__";
inline constexpr std::string_view kPreserveErrorLabel = "__preserve_error__";

// Where a label of an entry comes from. Answers may show the three apart.
enum class LabelCategory : uint8_t { kStream, kMetadata, kParsed };

// A label name's place in LabelColumns.
using Slot = uint32_t;
inline constexpr Slot kNoSlot = ~Slot{0};

// The labels of a slice of rows, one column for each name: what the stream and the structured
// metadata give, and over that what stages have set or removed, row by row.
//
// Names are resolved to slots once; rows are then read and written by index. Slots of Intern live
// as long as the object; those of InternParsed (names found in lines) until epoch() changes.
//
// Order:     Begin before anything about rows.
// Ownership: borrows what Begin is given, and the bytes of values that are set, until the next
//            Begin.
// Threads:   not synchronised.
// Cost:      17 bytes a row for each name written, in pages of 64 rows: a name that occurs in one
//            row of the slice costs a page, not a column.
class LabelColumns {
 public:
  LabelColumns();
  ~LabelColumns();
  LabelColumns(const LabelColumns&) = delete;
  LabelColumns& operator=(const LabelColumns&) = delete;

  Slot Intern(std::string_view name);
  Slot InternParsed(std::string_view name);
  const std::string& name(Slot slot) const { return columns_[slot].name; }
  // Changes when slots of InternParsed become invalid; only Begin does that.
  uint32_t epoch() const { return epoch_; }

  // Starts a slice: `rows` are the rows of `block` that it consists of, at most kSliceRows.
  void Begin(const model::Labels& stream, const model::EntryBlock& block,
             std::span<const uint32_t> rows);

  // The value of a label at row `i` of the slice; false if there is none.
  bool Find(Slot slot, size_t i, std::string_view& value) const;
  bool Find(Slot slot, size_t i, std::string_view& value, LabelCategory& category) const;
  // "" if there is none.
  std::string_view Get(Slot slot, size_t i) const {
    std::string_view value;
    Find(slot, i, value);
    return value;
  }
  // Whether all rows have the stream's value or none.
  bool IsConstant(Slot slot) const {
    return !columns_[slot].written && columns_[slot].metadata == nullptr;
  }
  // The column a label is read from in every row that has it, if stages did not touch it.
  const model::MetadataColumn* PureMetadata(Slot slot) const {
    const Column& c = columns_[slot];
    return c.written || c.has_stream ? nullptr : c.metadata;
  }
  uint32_t BlockRow(size_t i) const { return rows_[i]; }

  // Slots that may have a value in some row, each once, in no order.
  const std::vector<Slot>& active() const { return active_; }

  // Whether the stream or the row's metadata has the name, so that a parser cannot use it.
  bool IsTaken(Slot slot, size_t i) const {
    const Column& c = columns_[slot];
    return c.has_stream || (c.metadata != nullptr && c.metadata->Has(rows_[i]) &&
                            (State(slot, i) & kStateMask) == kUntouched);
  }
  // What a parser found. A name that the stream or the row's metadata has gets the suffix
  // `_extracted`; of several values for a name the first one stays.
  // Returns the slot that has been set; kNoSlot if none was.
  Slot AddParsed(Slot slot, size_t i, std::string_view value);
  // Takes back what AddParsed, returning `slot`, has set.
  void UndoParsed(Slot slot, size_t i) { SetState(slot, i, kUntouched); }
  // Whether a parser has set this very label in the row before.
  bool WasExtracted(Slot slot, size_t i) const { return (State(slot, i) & kExtracted) != 0; }
  // As label_format does: hides what was there.
  void Set(Slot slot, size_t i, std::string_view value, LabelCategory category);
  void Delete(Slot slot, size_t i);

  // `details` may be empty: then there are none.
  void SetError(size_t i, std::string_view error, std::string_view details);
  // Whether errors come with the label that keeps them from ending a metric query, from now on.
  void set_preserves_errors(bool preserves) { preserves_errors_ = preserves; }
  bool HasError(size_t i) const { return !Error(i).empty(); }
  std::string_view Error(size_t i) const { return Get(error_, i); }
  // Whether the query asked for errors to be kept as labels.
  bool PreservesError(size_t i) const { return Get(preserve_, i) == "true"; }
  // Whether any row of the slice has been given an error.
  bool any_error() const { return columns_[error_].written; }
  bool IsErrorLabel(Slot slot) const { return slot <= preserve_; }

 private:
  // What was done to a label in a row, with kExtracted set once a parser has set it.
  enum RowState : uint8_t { kUntouched, kDeleted, kFromStream, kFromMetadata, kFromParser };
  static constexpr uint8_t kExtracted = 0x10;
  static constexpr uint8_t kStateMask = 0x0f;
  // Parsed names kept before their slots are dropped: lines may have keys that never recur.
  static constexpr size_t kMaxParsedSlots = 4096;
  static constexpr size_t kPageRows = 64;
  static constexpr size_t kMaxSparePages = 8192;  // 9 MB; a slice of forty names takes 640.

  struct Page {
    uint8_t states[kPageRows];
    std::string_view values[kPageRows];
  };
  struct Column {
    std::string name;
    Slot extracted = kNoSlot;  // Of name + "_extracted".
    bool pinned = false;       // Made by Intern.
    bool has_stream = false;
    bool active = false;
    bool written = false;  // Whether there is any page.
    std::string_view stream_value;
    const model::MetadataColumn* metadata = nullptr;
    Page* pages[kSliceRows / kPageRows] = {};  // Null: untouched.
  };

  Slot FindOrAdd(std::string_view name);
  void DropParsedSlots();
  void BindStream(const model::Labels& stream);
  void BindMetadata(const model::EntryBlock& block);
  void Activate(Slot slot);
  Slot ExtractedSlot(Slot slot);
  Page& WritablePage(Slot slot, size_t i);
  Page* TakePage();
  void ReturnPages(Column& column);
  uint8_t State(Slot slot, size_t i) const {
    const Page* page = columns_[slot].pages[i / kPageRows];
    return page == nullptr ? uint8_t{kUntouched} : page->states[i % kPageRows];
  }
  void SetState(Slot slot, size_t i, uint8_t state) {
    WritablePage(slot, i).states[i % kPageRows] = state;
  }

  std::vector<Column> columns_;
  StringMap<Slot> slots_;
  std::vector<Slot> active_;
  std::span<const uint32_t> rows_;
  uint32_t epoch_ = 0;
  std::vector<Slot> parsed_;  // Made by InternParsed.
  std::vector<Slot> free_;
  std::vector<std::unique_ptr<Page>> spare_pages_;
  Slot error_ = 0;
  Slot details_ = 0;
  Slot preserve_ = 0;
  bool preserves_errors_ = false;
};

inline bool LabelColumns::Find(Slot slot, size_t i, std::string_view& value,
                               LabelCategory& category) const {
  const Column& c = columns_[slot];
  if (c.written) {
    const Page* page = c.pages[i / kPageRows];
    const uint8_t state = page == nullptr ? kUntouched : page->states[i % kPageRows] & kStateMask;
    if (state != kUntouched) {
      if (state == kDeleted) {
        return false;
      }
      value = page->values[i % kPageRows];
      category = static_cast<LabelCategory>(state - kFromStream);
      return true;
    }
  }
  if (c.metadata != nullptr && c.metadata->Has(rows_[i])) {
    value = (*c.metadata)[rows_[i]];
    category = LabelCategory::kMetadata;
    return true;
  }
  if (c.has_stream) {
    value = c.stream_value;
    category = LabelCategory::kStream;
    return true;
  }
  return false;
}

inline bool LabelColumns::Find(Slot slot, size_t i, std::string_view& value) const {
  LabelCategory category;
  return Find(slot, i, value, category);
}

}  // namespace skald::logql
