#include "chunkstore/format/block_pruner.h"

#include <algorithm>
#include <utility>

#include "chunkstore/format/value_filter.h"

namespace skald::chunkstore {
namespace {

bool Allows(const model::RequiredLabel& label, std::string_view value) {
  return label.any_of.empty() ||
         std::find(label.any_of.begin(), label.any_of.end(), value) != label.any_of.end();
}

// Whether the stream leaves it to the entry's metadata what the label is.
bool IsOfMetadata(const model::RequiredLabel& label, const model::Labels& stream) {
  return !label.may_be_parsed && !stream.Has(label.name);
}

bool HasMetadata(const BlockHeader& block, std::string_view name) {
  return block.FindColumn(ColumnKind::kMetadata, name) != nullptr;
}

// For each code of the column, whether rows with it stay.
std::vector<uint8_t> AllowedCodes(const model::RequiredLabel& label,
                                  const model::MetadataColumn& column) {
  std::vector<uint8_t> allowed(column.values.size() + 1, 0);
  for (size_t value = 0; value < column.values.size(); ++value) {
    allowed[value + 1] = Allows(label, column.values[value]) ? 1 : 0;
  }
  return allowed;
}

}  // namespace

BlockPruner::BlockPruner(const model::ScanRequest& request)
    : literals_(request.literals),
      pack_literals_(request.literals),
      line_literals_(request.literals) {
  for (const model::LabelLiteral& literal : request.label_literals) {
    label_literals_.push_back({.probe = LiteralProbe({literal.literal}),
                               .pack_probe = PackProbe({literal.literal}),
                               .label = literal});
  }
  for (const model::RequiredLabel& label : request.labels) {
    ValueProbe probe{
        .label = label,
        .hashes = {},
        .pack_probe = PackProbe({{.any_of = label.any_of}}, PackProbe::Edges::kClosed)};
    for (const std::string& value : label.any_of) {
      probe.hashes.push_back(HashValue(label.name, value));
    }
    values_.push_back(std::move(probe));
  }
}

bool BlockPruner::LabelProbe::Holds(const model::Labels& stream, const BlockHeader& block) const {
  return std::ranges::none_of(label.unless_labels, [&](const std::string& name) {
    return stream.Has(name) || HasMetadata(block, name);
  });
}

bool BlockPruner::ValueProbe::Holds(const model::Labels& stream, const BlockHeader& block) const {
  if (hashes.empty() || !IsOfMetadata(label, stream)) return false;
  const ColumnEntry* column = block.FindColumn(ColumnKind::kMetadata, label.name);
  return column != nullptr && IsInValueFilter(*column);
}

bool BlockPruner::ValueProbe::MayMatch(std::string_view filter) const {
  return std::ranges::any_of(hashes, [&](uint64_t hash) { return MayHaveValue(filter, hash); });
}

bool BlockPruner::MayMatch(const model::Labels& stream) const {
  return std::ranges::all_of(values_, [&](const ValueProbe& value) {
    return !stream.Has(value.label.name) || Allows(value.label, stream.Get(value.label.name));
  });
}

bool BlockPruner::AsksPacks() const {
  return pack_literals_.selective() ||
         std::ranges::any_of(values_,
                             [](const auto& value) { return !value.label.may_be_parsed; }) ||
         std::ranges::any_of(label_literals_,
                             [](const auto& literal) { return literal.pack_probe.selective(); });
}

PackVerdict BlockPruner::Judge(const PackFilter& filter, const IdLookup& with_id) const {
  PackVerdict verdict{.literals = pack_literals_.MayMatch(filter, with_id)};
  for (const LabelProbe& literal : label_literals_) {
    const bool may_be_metadata =
        std::ranges::any_of(literal.label.unless_labels,
                            [&](const std::string& name) { return filter.MayHaveMetadata(name); });
    verdict.label_literals.push_back(
        may_be_metadata ? kAllStreams : literal.pack_probe.MayMatch(filter, with_id));
  }
  for (const ValueProbe& value : values_) {
    verdict.labels.push_back(
        filter.MayHaveMetadata(value.label.name) ? value.pack_probe.MayMatch(filter, with_id) : 0);
  }
  return verdict;
}

bool BlockPruner::MayMatch(const model::Labels& stream, const PackVerdict& pack) const {
  const StreamGroups group = StreamGroups{1} << StreamGroupOf(stream);
  if ((pack.literals & group) == 0) return false;
  for (size_t i = 0; i < label_literals_.size(); ++i) {
    const bool in_line =
        std::ranges::none_of(label_literals_[i].label.unless_labels,
                             [&](const std::string& name) { return stream.Has(name); });
    if (in_line && (pack.label_literals[i] & group) == 0) return false;
  }
  for (size_t i = 0; i < values_.size(); ++i) {
    if (IsOfMetadata(values_[i].label, stream) && (pack.labels[i] & group) == 0) return false;
  }
  return true;
}

std::vector<std::string> BlockPruner::MetadataNames() const {
  std::vector<std::string> names;
  for (const ValueProbe& value : values_) {
    if (!value.label.may_be_parsed) names.push_back(value.label.name);
  }
  return names;
}

bool BlockPruner::MayMatchAny(const PackVerdict& pack,
                              const std::set<std::string>& of_streams) const {
  StreamGroups groups = pack.literals;
  for (size_t i = 0; i < values_.size(); ++i) {
    const model::RequiredLabel& label = values_[i].label;
    if (!label.may_be_parsed && !of_streams.contains(label.name)) groups &= pack.labels[i];
  }
  return groups != 0;
}

bool BlockPruner::MayMatch(const model::Labels& stream, const BlockHeader& block) const {
  return std::ranges::all_of(values_, [&](const ValueProbe& value) {
    return !IsOfMetadata(value.label, stream) || HasMetadata(block, value.label.name);
  });
}

FilterChoice BlockPruner::AsksFilters(const model::Labels& stream, const BlockHeader& block) const {
  if (block.filters.empty()) return kNoFilters;
  const bool asks_lines =
      literals_.selective() || std::ranges::any_of(label_literals_, [&](const auto& literal) {
        return literal.probe.selective() && literal.Holds(stream, block);
      });
  const bool asks_values =
      std::ranges::any_of(values_, [&](const auto& value) { return value.Holds(stream, block); });
  return {.lines = asks_lines ? kAllLineFilterParts : LineFilterParts{0},
          .metadata_values = asks_values};
}

FilterChoice BlockPruner::AsksFirst(const model::Labels& stream, const BlockHeader& block) const {
  FilterChoice choice = AsksFilters(stream, block);
  if (choice.lines == 0) return choice;
  choice.lines = literals_.FirstParts();
  for (const LabelProbe& literal : label_literals_) {
    if (choice.lines != kAllLineFilterParts) break;
    if (literal.Holds(stream, block)) choice.lines = literal.probe.FirstParts();
  }
  return choice;
}

bool BlockPruner::MayMatch(const model::Labels& stream, const BlockHeader& block,
                           const BlockFilters& filters) const {
  return literals_.MayMatch(filters.lines) &&
         std::ranges::all_of(label_literals_,
                             [&](const LabelProbe& literal) {
                               return !literal.Holds(stream, block) ||
                                      literal.probe.MayMatch(filters.lines);
                             }) &&
         std::ranges::all_of(values_, [&](const ValueProbe& value) {
           return !value.Holds(stream, block) || value.MayMatch(filters.metadata_values);
         });
}

std::vector<model::RequiredLiteral> BlockPruner::LineLiterals(const model::Labels& stream,
                                                              const BlockHeader& block) const {
  std::vector<model::RequiredLiteral> literals = line_literals_;
  for (const LabelProbe& literal : label_literals_) {
    if (literal.Holds(stream, block)) literals.push_back(literal.label.literal);
  }
  return literals;
}

std::vector<std::string> BlockPruner::DecidingMetadata(const model::Labels& stream) const {
  std::vector<std::string> names;
  for (const ValueProbe& value : values_) {
    const model::RequiredLabel& label = value.label;
    if (!label.any_of.empty() && IsOfMetadata(label, stream)) names.push_back(label.name);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void BlockPruner::Narrow(const model::Labels& stream, const model::EntryBlock& block,
                         std::vector<uint32_t>& selection) const {
  for (const ValueProbe& value : values_) {
    const model::RequiredLabel& label = value.label;
    if (label.any_of.empty() || !IsOfMetadata(label, stream)) continue;
    const model::MetadataColumn* column = block.FindMetadata(label.name);
    if (column == nullptr) {
      selection.clear();
      return;
    }
    const std::vector<uint8_t> allowed = AllowedCodes(label, *column);
    std::erase_if(selection, [&](uint32_t row) { return allowed[column->codes[row]] == 0; });
  }
}

}  // namespace skald::chunkstore
