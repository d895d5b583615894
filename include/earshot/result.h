#pragma once

// Either a value or an error with a stable code and a sentence for people. Used at the API edge
// only; the media path reports drop reasons. Any thread.

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace earshot {

struct Error {
  /// Stable, lower case with hyphens, for programs: "offer-invalid".
  std::string code;
  /// One sentence for people. Never carries a secret, an address or a name.
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : value_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(value_); }
  explicit operator bool() const { return ok(); }
  T& operator*() { return *std::get_if<T>(&value_); }
  const T& operator*() const { return *std::get_if<T>(&value_); }
  T* operator->() { return std::get_if<T>(&value_); }
  const T* operator->() const { return std::get_if<T>(&value_); }
  const Error& error() const { return *std::get_if<Error>(&value_); }

 private:
  std::variant<T, Error> value_;
};

}  // namespace earshot
