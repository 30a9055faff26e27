#pragma once

#include <compare>
#include <utility>

namespace skald {

// A value of type T that cannot be mistaken for another NamedType of the same T: a tenant id is
// not a label name, a fingerprint not a count.
//
//   using Fingerprint = NamedType<uint64_t, struct FingerprintTag>;
//
// Threads: as T.
template <typename T, typename Tag>
class NamedType {
 public:
  using Underlying = T;

  constexpr NamedType() = default;
  constexpr explicit NamedType(T value) : value_(std::move(value)) {}

  constexpr const T& value() const { return value_; }

  friend constexpr auto operator<=>(const NamedType&, const NamedType&) = default;
  friend constexpr bool operator==(const NamedType&, const NamedType&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const NamedType& named) {
    return H::combine(std::move(state), named.value_);
  }

 private:
  T value_{};
};

}  // namespace skald
