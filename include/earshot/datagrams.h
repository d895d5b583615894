#pragma once

// Where every sans-IO machine puts the datagrams that it wants sent. The caller owns the list,
// sends what is in it and clears it; capacity is kept, so that after warm-up nothing allocates.
// One thread at a time.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "earshot/socket_address.h"

namespace earshot {

/// What goes first where not everything can be sent; the last gives way first.
enum class Precedence : uint8_t { kControl, kAudio, kVideo };
inline constexpr size_t kPrecedenceCount = 3;

/// An incoming or outgoing datagram; the bytes belong to somebody else.
struct Datagram {
  SocketAddress peer;
  std::span<const uint8_t> bytes;
  Precedence precedence = Precedence::kControl;
};

/// Byte blocks laid one behind the other in one growing buffer.
class PacketList {
 public:
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  std::span<const uint8_t> operator[](size_t index) const {
    return {buffer_.data() + entries_[index].offset, entries_[index].size};
  }

  /// Room for one packet of at most `capacity` bytes at the end of the buffer. Valid until the
  /// next non-const call; nothing is added before Commit.
  std::span<uint8_t> Reserve(size_t capacity) {
    if (buffer_.size() < used_ + capacity) buffer_.resize((used_ + capacity) * 2);
    return {buffer_.data() + used_, capacity};
  }
  /// Adds the first `size` bytes of what Reserve gave out.
  void Commit(size_t size) {
    entries_.push_back({used_, size});
    used_ += size;
  }
  void Push(std::span<const uint8_t> bytes) {
    std::span<uint8_t> room = Reserve(bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) room[i] = bytes[i];
    Commit(bytes.size());
  }
  void Clear() {
    entries_.clear();
    used_ = 0;
  }

 private:
  struct Entry {
    size_t offset;
    size_t size;
  };
  std::vector<uint8_t> buffer_;
  std::vector<Entry> entries_;
  size_t used_ = 0;
};

/// A PacketList whose packets each have a destination and a precedence.
class DatagramList {
 public:
  size_t size() const { return packets_.size(); }
  bool empty() const { return packets_.empty(); }
  Datagram operator[](size_t index) const {
    return {routes_[index].peer, packets_[index], routes_[index].precedence};
  }

  std::span<uint8_t> Reserve(size_t capacity) { return packets_.Reserve(capacity); }
  void Commit(const SocketAddress& to, size_t size, Precedence precedence = Precedence::kControl) {
    packets_.Commit(size);
    routes_.push_back({to, precedence});
  }
  void Push(const SocketAddress& to, std::span<const uint8_t> bytes,
            Precedence precedence = Precedence::kControl) {
    packets_.Push(bytes);
    routes_.push_back({to, precedence});
  }
  void Clear() {
    packets_.Clear();
    routes_.clear();
  }

 private:
  struct Route {
    SocketAddress peer;
    Precedence precedence;
  };
  PacketList packets_;
  std::vector<Route> routes_;
};

}  // namespace earshot
