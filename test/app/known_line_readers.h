#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/known_lines.h"
#include "app/read_path.h"
#include "common/status.h"
#include "model/ids.h"
#include "model/sample.h"
#include "querier/metadata_request.h"
#include "querier/query_request.h"

namespace skald::app {

// Asks for what pushers have pushed and are pushing, in all ways that there are, and fails the test
// where an answer lacks what was acknowledged before the question, or has what nobody has pushed.
// Pusher i has the stream {pusher="i"}.
//
// Ownership: borrows everything it is given.
// Threads:   one caller; several readers may ask at once.
class KnownLineReaders {
 public:
  struct Parts {
    ReadPath& read;
    const KnownLines& lines;
    std::span<const PusherProgress> pushers;
    model::TenantId tenant;
  };

  KnownLineReaders(const Parts& parts, uint64_t seed) : parts_(parts), random_(seed) {}

  // One question each, another with the next call.
  void Search();  // For lines.
  void Count();   // Lines and bytes.
  void LookUp();  // Labels, series and sizes.
  int asked() const { return asked_; }

  // The sizes of all pushers' streams once nothing is pushed, flushed or compacted any more.
  void CheckSizesAtRest();

  // Of all time, unless the caller says otherwise.
  querier::QueryRequest RequestOf(std::string text) const;

 private:
  // Which numbers a question is about.
  using Keeps = std::function<bool(int64_t number)>;

  struct Numbers {
    int64_t first = 0;
    int64_t end = 0;
  };
  // What of a pusher's lines the answer to a question may and must have.
  struct Question {
    std::string text;
    int pusher = 0;
    Numbers window;
    Keeps keeps;
  };

  int64_t RandomBelow(int64_t end) {
    return std::uniform_int_distribution<int64_t>(0, end - 1)(random_);
  }
  std::vector<int64_t> Acknowledged() const;
  // One with acknowledged lines; -1 if there is none yet.
  int AnyPusher();
  Question WindowQuestion(int pusher);
  Question NeedleQuestion(int pusher);
  void CheckFound(const Question& question, int64_t acknowledged, const model::Streams& found);
  void CountByPusher();
  void CountByPart(int pusher);
  void CountByMillisecond(int pusher);
  // The value of each series of an instant query, by its one label.
  std::map<std::string, int64_t> Values(const std::string& text);
  querier::MetadataRequest MetadataOfAllTime() const;
  void LookUpNames();
  void LookUpSeries();
  void LookUpStats(int pusher);
  void LookUpVolumes();

  const Parts parts_;
  std::mt19937_64 random_;
  int asked_ = 0;
};

}  // namespace skald::app
