#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skald {

// Finds, of the names that are offered, the one that someone who wrote `name` may have meant.
//
//   NearestName nearest("serverr");
//   nearest.Offer("server");
//   nearest.best();  // "server"
//
// Threads: not synchronised.
class NearestName {
 public:
  // Up to a third of the letters may be wrong, and always two.
  explicit NearestName(std::string_view name);
  // Up to `most` letters may be wrong.
  NearestName(std::string_view name, size_t most) : name_(name), limit_(most + 1) {}

  void Offer(std::string_view known);
  // The first of those with the fewest wrong letters; empty if none is like the name.
  const std::string& best() const { return best_; }

 private:
  const std::string name_;
  size_t limit_;  // A name must be nearer than this.
  std::string best_;
};

}  // namespace skald
