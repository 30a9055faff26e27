#pragma once

#include <set>
#include <string>
#include <vector>

#include "differential/random.h"

namespace skald::differential {

// Draws what few lines have: ids, and events, words or sentences that some lines in a row have.
// Notes some of them, for queries to ask for.
//
// Ownership: borrows `random`.
// Threads:   not synchronised.
class RareTexts {
 public:
  explicit RareTexts(Random& random) : random_(random) {}

  // Another one each time, of a line; and of what is no line, which is never noted.
  std::string Id();
  std::string IdOfMetadata();
  // The same one until NextEvent.
  const std::string& Event();
  void NextEvent() { event_.clear(); }

  std::vector<std::string> noted() const { return {noted_.begin(), noted_.end()}; }

 private:
  void Note(const std::string& text);

  Random& random_;
  std::string event_;  // Empty until a line wants it: else none might have it.
  std::set<std::string> noted_;
};

}  // namespace skald::differential
