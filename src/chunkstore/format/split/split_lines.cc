#include "chunkstore/format/split/split_lines.h"

#include "chunkstore/format/split/split_stream.h"
#include "chunkstore/format/split/text_group.h"
#include "chunkstore/format/split/text_pieces.h"

namespace skald::chunkstore {

void EncodeSplitLines(std::span<const std::string_view> texts, std::span<const int64_t> entry_times,
                      int zstd_level, std::string& out) {
  SplitWriter writer(zstd_level);
  TextGroupWriter().Put(texts, entry_times, Cut::kLine, writer);
  writer.Finish(out);
}

namespace {

Status ReadGroup(std::string_view bytes, std::span<const int64_t> entry_times, uint64_t text_bytes,
                 const RowFilter* filter, TextGroupReader& group) {
  const uint64_t rows = entry_times.size();
  if (text_bytes > kMaxSplitBytes || text_bytes < rows) {
    return DataLoss("split column: malformed length");
  }
  SKALD_ASSIGN_OR_RETURN(SplitReader reader, SplitReader::Make(bytes, text_bytes));
  SKALD_RETURN_IF_ERROR(group.Read(reader, entry_times, Cut::kLine, filter));
  return reader.Finish();
}

void WriteLines(const TextGroupReader& group, size_t rows, model::TextColumn& lines) {
  const size_t bytes = group.total_bytes() + rows;
  lines.text.resize(bytes + TextPieces::kSlack);
  lines.offsets.resize(rows + 1);
  lines.offsets[0] = 0;
  group.Write(lines.text.data(), TextGroupReader::Separator::kNewline,
              std::span(lines.offsets).subspan(1));
  lines.text.resize(bytes);
}

}  // namespace

Status DecodeSplitLines(std::string_view bytes, std::span<const int64_t> entry_times,
                        uint64_t text_bytes, model::TextColumn& lines) {
  TextGroupReader group;
  SKALD_RETURN_IF_ERROR(ReadGroup(bytes, entry_times, text_bytes, nullptr, group));
  if (group.total_bytes() + entry_times.size() != text_bytes) {
    return DataLoss("split column: decodes to another length");
  }
  WriteLines(group, entry_times.size(), lines);
  return {};
}

Status DecodeSplitLines(std::string_view bytes, std::span<const int64_t> entry_times,
                        uint64_t text_bytes, const RowFilter& filter, std::vector<uint32_t>& rows,
                        model::TextColumn& lines) {
  TextGroupReader group;
  SKALD_RETURN_IF_ERROR(ReadGroup(bytes, entry_times, text_bytes, &filter, group));
  rows.clear();
  group.AppendWanted(rows);
  WriteLines(group, entry_times.size(), lines);
  return {};
}

}  // namespace skald::chunkstore
