#include "common/multi_search.h"

#include <hs.h>

#include <limits>
#include <utility>

namespace skald {

struct MultiSearch::Rep {
  ~Rep() {
    hs_free_scratch(scratch);
    hs_free_database(database);
  }

  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
  std::vector<size_t> lengths;  // Of the needles, by id.
};

MultiSearch::MultiSearch(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
MultiSearch::~MultiSearch() = default;

std::unique_ptr<MultiSearch> MultiSearch::Make(const std::vector<std::string>& needles,
                                               bool fold_case) {
  auto rep = std::make_unique<Rep>();
  std::vector<const char*> texts;
  std::vector<unsigned> ids;
  for (const std::string& needle : needles) {
    if (needle.empty()) return nullptr;
    texts.push_back(needle.data());
    ids.push_back(static_cast<unsigned>(ids.size()));
    rep->lengths.push_back(needle.size());
  }
  const std::vector<unsigned> flags(needles.size(), fold_case ? HS_FLAG_CASELESS : 0);
  hs_compile_error_t* error = nullptr;
  if (hs_valid_platform() != HS_SUCCESS ||
      hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), rep->lengths.data(),
                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                           &rep->database, &error) != HS_SUCCESS) {
    hs_free_compile_error(error);
    return nullptr;
  }
  if (hs_alloc_scratch(rep->database, &rep->scratch) != HS_SUCCESS) return nullptr;
  return std::unique_ptr<MultiSearch>(new MultiSearch(std::move(rep)));
}

bool MultiSearch::Scan(std::string_view text, Found found, void* function) {
  if (text.size() > std::numeric_limits<unsigned>::max()) return false;
  struct Call {
    const Rep& rep;
    Found found;
    void* function;
  } call{*rep_, found, function};
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long end, unsigned,
                           void* context) {
    const Call& to = *static_cast<Call*>(context);
    to.found(to.function, end - to.rep.lengths[id], end);
    return 0;
  };
  return hs_scan(rep_->database, text.data(), static_cast<unsigned>(text.size()), 0, rep_->scratch,
                 on_match, &call) == HS_SUCCESS;
}

}  // namespace skald
