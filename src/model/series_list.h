#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "common/executor.h"
#include "common/status.h"
#include "common/text_list.h"
#include "model/labels.h"

namespace skald::model {

// Labels of streams, of which there may be a million: held as one TextList, so that they cost no
// allocation of their own, are put in order without being compared, and are gone at once.
//
// Threads: as a vector.
// Cost:    some fourteen bytes a stream, two a label, and their text.
// Format:  of a stream name and value alternating, each with a zero byte behind it; zeroes and ones
//          within them are 01 01 and 01 02, so that the order of bytes is that of Labels.
class SeriesList {
 public:
  class const_iterator;
  using value_type = Labels;

  SeriesList() = default;

  // For so many in all.
  void Reserve(size_t count) { texts_.Reserve(count); }
  void Add(const Labels& labels);
  // Puts those of `more` behind the others.
  void Append(SeriesList more) { texts_.Append(std::move(more.texts_)); }
  // As TextList has them: ascending, each once.
  Status SortUnique(const CancelToken& cancel = CancelToken(), Executor* workers = nullptr) {
    return texts_.SortUnique(cancel, workers);
  }
  Status Unite(SeriesList more, const CancelToken& cancel = CancelToken(),
               Executor* workers = nullptr) {
    return texts_.Unite(std::move(more.texts_), cancel, workers);
  }

  size_t size() const { return texts_.size(); }
  bool empty() const { return texts_.empty(); }
  Labels operator[](size_t i) const;
  Labels front() const { return (*this)[0]; }
  const_iterator begin() const;
  const_iterator end() const;
  // Of names and values, and two bytes a label.
  size_t text_bytes() const { return texts_.text_bytes(); }
  // As TextList has it.
  void Prefetch(size_t i) const { texts_.Prefetch(i); }

  // Walks the labels of one of them, by views that live until the next call.
  class Reader {
   public:
    // Whether there is another one. Requires: `list` outlives the reader.
    Reader(const SeriesList& list, size_t i) : rest_(list.texts_[i]) {}
    bool Next(LabelView& label);

   private:
    std::string_view Take(std::string& buffer);

    std::string_view rest_;
    std::string name_;  // Where they are not in the list as they are.
    std::string value_;
  };

 private:
  TextList texts_;
  std::string buffer_;
};

class SeriesList::const_iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Labels;
  using difference_type = std::ptrdiff_t;
  using reference = Labels;
  using pointer = void;

  const_iterator() = default;
  const_iterator(const SeriesList* list, size_t at) : list_(list), at_(at) {}

  Labels operator*() const { return (*list_)[at_]; }
  const_iterator& operator++() {
    ++at_;
    return *this;
  }
  const_iterator operator++(int) { return const_iterator(list_, at_++); }
  friend bool operator==(const const_iterator& a, const const_iterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const SeriesList* list_ = nullptr;
  size_t at_ = 0;
};

inline SeriesList::const_iterator SeriesList::begin() const { return {this, 0}; }
inline SeriesList::const_iterator SeriesList::end() const { return {this, size()}; }

}  // namespace skald::model
