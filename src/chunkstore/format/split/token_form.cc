#include "chunkstore/format/split/token_form.h"

#include "common/ascii.h"

namespace skald::chunkstore {

TokenForm::Bytes TokenForm::SetOf(std::string_view bytes) {
  Bytes set;
  for (const char c : bytes) set.set(static_cast<uint8_t>(c));
  return set;
}

std::optional<size_t> TokenForm::FindPlace(const SubstringSearch& needle, size_t from) const {
  for (size_t place = from; place + needle.needle().size() <= text.size(); ++place) {
    if (Fits(needle, place)) return place;
  }
  return std::nullopt;
}

bool TokenForm::Fits(const SubstringSearch& needle, size_t place) const {
  for (const char c : needle.needle()) {
    const char upper = needle.fold_case() ? UpperCase(c) : c;
    const bool fits = varies[place] != 0 ? set.test(static_cast<uint8_t>(c)) ||
                                               set.test(static_cast<uint8_t>(upper))
                                         : text[place] == c || text[place] == upper;
    if (!fits) return false;
    ++place;
  }
  return true;
}

}  // namespace skald::chunkstore
