#include "differential/shrink.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace skald::differential {
namespace {

std::vector<std::string> Words(const std::string& text) {
  static const RE2 kWord(R"(("(?:[^"\\]|\\.)*"|[\w.]+|\s+|[^\w\s]))");
  std::vector<std::string> words;
  re2::StringPiece rest(text);
  std::string word;
  while (RE2::Consume(&rest, kWord, &word)) words.push_back(word);
  return words;
}

// Takes runs of items out of a list while `fails` holds for what is left: long runs first.
template <typename T>
std::vector<T> Reduce(std::vector<T> items,
                      const std::function<bool(const std::vector<T>&)>& fails) {
  for (size_t run = std::max<size_t>(items.size() / 2, 1); run > 0; run /= 2) {
    for (size_t at = 0; at + run <= items.size();) {
      std::vector<T> fewer(items.begin(), items.begin() + static_cast<ptrdiff_t>(at));
      fewer.insert(fewer.end(), items.begin() + static_cast<ptrdiff_t>(at + run), items.end());
      if (fails(fewer)) {
        items = std::move(fewer);
      } else {
        ++at;
      }
    }
  }
  return items;
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word;
  return text;
}

}  // namespace

Case Shrink(const Case& failing, const std::function<bool(const Case&)>& fails) {
  Case smaller = failing;
  const auto shrink_data = [&] {
    smaller.data.streams =
        Reduce<Stream>(smaller.data.streams, [&](const std::vector<Stream>& streams) {
          return fails({{streams}, smaller.query});
        });
    for (size_t i = 0; i < smaller.data.streams.size(); ++i) {
      smaller.data.streams[i].entries =
          Reduce<Entry>(smaller.data.streams[i].entries, [&](const std::vector<Entry>& entries) {
            Case candidate = smaller;
            candidate.data.streams[i].entries = entries;
            return fails(candidate);
          });
    }
  };
  shrink_data();
  const std::vector<std::string> words =
      Reduce<std::string>(Words(smaller.query.text), [&](const std::vector<std::string>& some) {
        Case candidate = smaller;
        candidate.query.text = Join(some);
        return fails(candidate);
      });
  smaller.query.text = Join(words);
  shrink_data();
  return smaller;
}

}  // namespace skald::differential
