#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chunkstore/format/split/line_shape.h"
#include "chunkstore/format/split/row_filter.h"
#include "chunkstore/format/split/shape_outline.h"
#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_group_probe.h"
#include "chunkstore/format/split/token_column.h"
#include "common/status.h"
#include "model/line_excerpt.h"

namespace skald::chunkstore {

// Texts, grouped by shape and each group split into columns; and those that have no company, as
// they are. A column of texts that are unlike each other is a group in its turn, cut more finely.
//
//   group := varint shapes  [numbers: for each row its shape, 0 for none]  shape*  [texts]
//   shape := bytes text  column*        one column fewer than there are separators in the text
//
// Threads: not synchronised.
class TextGroupWriter {
 public:
  void Put(std::span<const std::string_view> texts, std::span<const int64_t> entry_times, Cut cut,
           SplitWriter& out);

 private:
  struct Shape;
  struct Rows;
  // Texts, and how they are to be cut.
  struct Texts {
    std::span<const std::string_view> texts;
    std::span<const int64_t> entry_times;
    Cut cut = Cut::kLine;
  };

  Rows CutAll(std::span<const std::string_view> texts, Cut cut);
  bool Pays(const Rows& rows, const Shape& shape, const Texts& texts, int zstd_level);
  void PutShape(const Rows& rows, const Shape& shape, const Texts& texts, SplitWriter& out);
  void PutColumn(std::span<const std::string_view> tokens, std::span<const int64_t> entry_times,
                 Cut cut, SplitWriter& out);

  TokenColumnWriter columns_;
};

// Puts the texts of a group together again.
//
// Order:   Read, then the others; Read again for another group, in the memory of the one before.
// Threads: not synchronised.
class TextGroupReader {
 public:
  TextGroupReader();
  ~TextGroupReader();
  TextGroupReader(const TextGroupReader&) = delete;
  TextGroupReader& operator=(const TextGroupReader&) = delete;

  // What is wanted of a group: all of its texts, if this says nothing else.
  struct Choice {
    Cut cut = Cut::kLine;
    // Has read this group: texts that cannot hold what it looked for come as empty ones.
    const TextGroupProbe* probe = nullptr;
    // Of texts whose shape it can cut, their excerpts.
    const model::LineExcerpt* excerpt = nullptr;
  };

  // One text for each of `entry_times`. kDataLoss for what no writer wrote.
  Status Read(SplitReader& in, std::span<const int64_t> entry_times, const Choice& choice);

  size_t MemoryBytes() const;

  // Of the texts that are wanted.
  uint64_t total_bytes() const { return total_bytes_; }
  // Whether some are excerpts.
  bool has_excerpts() const { return has_excerpts_; }
  // Appends the rows that are wanted. Requires: Read had a probe.
  void AppendWanted(std::vector<uint32_t>& rows) const;

  // Writes the texts one after the other, and a separator behind each, if there is to be one.
  // `ends[row]` is set to where the row's text ends, separator included. Requires: room for
  // total_bytes(), the separators and TextPieces::kSlack more.
  enum class Separator { kNone, kNewline };
  void Write(char* to, Separator separator, std::span<uint32_t> ends) const;

 private:
  struct ShapeColumns;
  struct ShapeReading;

  Status ReadShapesOfRows(SplitReader& in, std::span<uint32_t> rows_of_shape);
  template <typename CodeOf>
  bool NoteShapes(const CodeOf& code_of, std::span<uint32_t> rows_of_shape);
  void DealTimes(std::span<const int64_t> entry_times, std::span<const uint32_t> rows_of_shape);
  Status CutShape(std::string_view text, const model::LineExcerpt& excerpt, ShapeReading& reading);
  Status ReadShape(std::string_view text, ShapeReading& reading);
  Status ReadColumn(ShapeReading& reading);
  Status PassColumn(TokenEncoding encoding, size_t column, ShapeReading& reading);
  Status GetColumn(TokenEncoding encoding, ShapeReading& reading, TextPieces& pieces);
  Status GetSplitColumn(ShapeReading& reading, TextPieces& pieces);
  Result<size_t> ReadPassedOver(ShapeReading& reading);

  ShapeColumns& AddShape();

  std::vector<uint32_t> shape_of_row_;  // Index into shapes_; the last are the texts of no shape.
  std::vector<ShapeColumns> shapes_;    // Of which shape_count_ are in use.
  size_t shape_count_ = 0;
  TokenColumnReader columns_;
  std::vector<int64_t> codes_;
  std::vector<std::vector<int64_t>> times_;  // By shape, where not all rows are of one.
  std::vector<uint32_t> ends_;               // Of texts of inner_.
  std::unique_ptr<TextGroupReader> inner_;   // For a column that is a group.
  uint64_t total_bytes_ = 0;
  bool has_excerpts_ = false;
  ShapeOutline outline_;
  std::vector<model::LineExcerpt::Range> kept_;  // Of the outline's text.
  TextPieces passed_;                            // A column that is searched, and not kept.
};

}  // namespace skald::chunkstore
