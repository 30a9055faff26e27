#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "model/batch_source.h"
#include "model/labels.h"

namespace skald::model {

// One entry of a log query's answer.
struct ResultEntry {
  int64_t time_ns = 0;
  std::string line;
  // Filled only for answers with categorised labels.
  Labels structured_metadata;
  Labels parsed;
};

// Entries with one set of labels, in the query's direction.
struct ResultStream {
  Labels labels;
  std::vector<ResultEntry> entries;
};

struct Point {
  int64_t time_ms = 0;
  double value = 0;

  friend bool operator==(const Point&, const Point&) = default;
};

struct Series {
  Labels labels;
  std::vector<Point> points;  // Ascending in time.
};

// Ordered ascending by labels unless the query sorts.
struct Streams {
  std::vector<ResultStream> streams;
};
struct Matrix {
  std::vector<Series> series;
};
struct Vector {
  std::vector<Series> samples;  // One point each.
};
struct Scalar {
  Point point;
};

using ResultData = std::variant<Streams, Matrix, Vector, Scalar>;

// The figures of a query that are not in ScanStats.
struct QuerySummary {
  double exec_seconds = 0;
  double queue_seconds = 0;
  uint64_t splits = 0;
  uint64_t shards = 0;
  uint64_t subqueries = 0;
  uint64_t entries_returned = 0;
};

// An answer with all that the response shows.
struct QueryResult {
  ResultData data;
  bool categorized = false;                 // Log query with categorised labels.
  std::vector<std::string> encoding_flags;  // As the client sent them; streams echo them.
  std::vector<std::string> warnings;
  QuerySummary summary;
};

}  // namespace skald::model
