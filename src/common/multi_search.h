#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace skald {

// Finds several texts in large buffers in one pass (Vectorscan). For one text
// SubstringSearch is faster, for two PairSearch.
//
// Threads: one caller at a time.
// Cost:    making one takes some hundred microseconds and some tens of kilobytes.
class MultiSearch {
 public:
  // With `fold_case`, ASCII letters match in either case. Null if the library does not run on this
  // machine or does not take these texts.
  static std::unique_ptr<MultiSearch> Make(const std::vector<std::string>& needles, bool fold_case);
  ~MultiSearch();
  MultiSearch(const MultiSearch&) = delete;
  MultiSearch& operator=(const MultiSearch&) = delete;

  // Calls found(begin, end) for every occurrence of a needle in `text`, overlapping ones included,
  // in no order to rely on. False if it failed, with some occurrences left out.
  template <typename F>
  bool ForEach(std::string_view text, F&& found) {
    using Function = std::remove_reference_t<F>;
    return Scan(
        text,
        [](void* function, size_t begin, size_t end) {
          (*static_cast<Function*>(function))(begin, end);
        },
        &found);
  }

 private:
  using Found = void (*)(void* function, size_t begin, size_t end);
  struct Rep;

  explicit MultiSearch(std::unique_ptr<Rep> rep);
  bool Scan(std::string_view text, Found found, void* function);

  std::unique_ptr<Rep> rep_;
};

}  // namespace skald
