#include "distributor/metadata_cleaner.h"

#include <algorithm>

#include "common/utf8.h"
#include "model/metadata_name.h"

namespace skald::distributor {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool IsCleanValue(std::string_view value) {
  if (AsciiPrefix(value) == value.size()) return true;
  return IsValidUtf8(value) && value.find(kReplacement) == std::string_view::npos;
}

// For a handful of elements, and without std::stable_sort's buffer.
template <typename T, typename Less>
void InsertionSort(std::vector<T>& elements, const Less& less) {
  for (size_t i = 1; i < elements.size(); ++i) {
    T moved = elements[i];
    size_t at = i;
    for (; at > 0 && less(moved, elements[at - 1]); --at) elements[at] = elements[at - 1];
    elements[at] = moved;
  }
}

template <typename T, typename Less>
void SortSmall(std::vector<T>& elements, const Less& less) {
  constexpr size_t kSmall = 32;
  if (elements.size() <= kSmall) {
    InsertionSort(elements, less);
  } else {
    std::stable_sort(elements.begin(), elements.end(), less);
  }
}

}  // namespace

Result<std::string_view> MetadataCleaner::CleanName(std::string_view name) {
  if (model::IsMetadataName(name)) return name;
  if (auto known = renamed_.find(name); known != renamed_.end()) return known->second;
  text_.clear();
  SKALD_RETURN_IF_ERROR(model::AppendMetadataName(name, text_));
  const std::string_view kept = arena_.Store(text_);
  renamed_.emplace(name, kept);
  return kept;
}

std::string_view MetadataCleaner::CleanValue(std::string_view value) {
  if (IsCleanValue(value)) return value;
  text_.clear();
  while (!value.empty()) {
    const Rune rune = DecodeRune(value);
    if (!rune.valid || rune.value == kReplacementRune) {
      text_.push_back(' ');
    } else {
      text_.append(value.substr(0, rune.length));
    }
    value.remove_prefix(rune.length);
  }
  ++sanitized_;
  return arena_.Store(text_);
}

Status MetadataCleaner::Append(std::span<const model::MetadataPair> pairs,
                               std::vector<model::MetadataPair>& out) {
  scratch_.clear();
  replaced_.clear();
  for (const model::MetadataPair& pair : pairs) {
    if (pair.value.empty()) continue;
    SKALD_ASSIGN_OR_RETURN(const std::string_view name, CleanName(pair.name));
    const bool renamed = name.data() != pair.name.data();
    if (renamed) ++sanitized_;
    scratch_.push_back({.pair = {name, CleanValue(pair.value)}, .renamed = renamed});
  }
  SortSmall(scratch_, [](const Cleaned& a, const Cleaned& b) {
    return a.pair.name != b.pair.name ? a.pair.name < b.pair.name : a.renamed < b.renamed;
  });
  for (size_t i = 0; i < scratch_.size(); ++i) {
    const bool last =
        i + 1 == scratch_.size() || scratch_[i].pair.name != scratch_[i + 1].pair.name;
    (last ? out : replaced_).push_back(scratch_[i].pair);
  }
  return {};
}

}  // namespace skald::distributor
