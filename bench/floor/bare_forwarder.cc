#include "floor/bare_forwarder.h"

#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace earshot {
namespace {

// As many as the kernel takes in one call (UIO_MAXIOV), and in one piece.
constexpr size_t kMaxMessages = 1024;
constexpr size_t kMaxSegments = 64;
constexpr size_t kMaxPieceBytes = 65000;
constexpr size_t kMaxReceiveBatch = 32;
constexpr int kBufferBytes = 4 * 1024 * 1024;

int OpenSocket(bool segments_in) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof(kBufferBytes));
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
  const int gro = segments_in ? 1 : 0;
  setsockopt(descriptor, SOL_UDP, UDP_GRO, &gro, sizeof(gro));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(descriptor, reinterpret_cast<const sockaddr*>(&any), sizeof(any));
  return descriptor;
}

SocketAddress AddressOf(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size);
  return *SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(storage));
}

}  // namespace

std::unique_ptr<AeadCipher> MakeFloorCipher(AeadBackend backend, size_t person) {
  std::array<uint8_t, 16> key{};
  key[0] = static_cast<uint8_t>(person);
  return AeadCipher::Create(backend, key);
}

AeadCipher::Nonce FloorNonce(ByteView header) {
  AeadCipher::Nonce nonce;
  static_assert(nonce.size() == kFloorHeaderSize);
  std::memcpy(nonce.data(), header.data(), nonce.size());
  return nonce;
}

struct BareForwarder::ReceiveBuffers {
  std::array<mmsghdr, kMaxReceiveBatch> messages;
  std::array<iovec, kMaxReceiveBatch> vectors;
  std::array<sockaddr_in, kMaxReceiveBatch> names;
  std::array<SegmentSize, kMaxReceiveBatch> segment_sizes;
  std::array<std::array<uint8_t, 65536>, kMaxReceiveBatch> bytes;
};

BareForwarder::BareForwarder(const Techniques& techniques, std::span<const SocketAddress> people)
    : techniques_(techniques),
      descriptor_(OpenSocket(techniques.segments_in)),
      address_(AddressOf(descriptor_)),
      person_at_port_(65536),
      receive_(std::make_unique<ReceiveBuffers>()),
      messages_(kMaxMessages),
      vectors_(kMaxMessages),
      segment_sizes_(kMaxMessages) {
  for (const SocketAddress& address : people) {
    person_at_port_[address.port()] = static_cast<uint16_t>(people_.size());
    Person& person = people_.emplace_back();
    person.cipher = MakeFloorCipher(techniques.cipher, people_.size() - 1);
    person.name_size = address.ToSockaddr(person.name, false);
  }
}

BareForwarder::~BareForwarder() { close(descriptor_); }

size_t BareForwarder::Turn() {
  const int batch = static_cast<int>(techniques_.receive_batch);
  int count = 0;
  do {
    count = Receive();
    for (int i = 0; i < count; ++i) Deliver(static_cast<size_t>(i));
  } while (count == batch);
  return Flush();
}

int BareForwarder::Receive() {
  ReceiveBuffers& buffers = *receive_;
  for (size_t i = 0; i < techniques_.receive_batch; ++i) {
    buffers.vectors[i] = {buffers.bytes[i].data(), buffers.bytes[i].size()};
    msghdr& header = buffers.messages[i].msg_hdr;
    header.msg_name = &buffers.names[i];
    header.msg_namelen = sizeof(buffers.names[i]);
    header.msg_iov = &buffers.vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = buffers.segment_sizes[i].bytes.data();
    header.msg_controllen = buffers.segment_sizes[i].bytes.size();
  }
  return recvmmsg(descriptor_, buffers.messages.data(),
                  static_cast<unsigned>(techniques_.receive_batch), 0, nullptr);
}

void BareForwarder::Deliver(size_t index) {
  const mmsghdr& message = receive_->messages[index];
  size_t packet_size = message.msg_len;
  const cmsghdr* control = CMSG_FIRSTHDR(&message.msg_hdr);
  if (control != nullptr && control->cmsg_type == UDP_GRO) {
    int size = 0;
    std::memcpy(&size, CMSG_DATA(control), sizeof(size));
    packet_size = static_cast<size_t>(size);
  }
  Person& from = people_[person_at_port_[ntohs(receive_->names[index].sin_port)]];
  ByteSpan rest(receive_->bytes[index].data(), message.msg_len);
  while (!rest.empty()) {
    const size_t size = std::min(packet_size, rest.size());
    Forward(from, rest.first(size));
    rest = rest.subspan(size);
  }
}

void BareForwarder::Forward(Person& from, ByteSpan packet) {
  const ByteView header = packet.first(kFloorHeaderSize);
  if (!from.cipher->Open(FloorNonce(header), header, packet.subspan(kFloorHeaderSize))) return;
  const ByteView plain = packet.first(packet.size() - AeadCipher::kTagSize);
  for (Person& to : people_) {
    if (&to != &from) Seal(to, plain);
  }
}

void BareForwarder::Seal(Person& to, ByteView packet) {
  packet_size_ = packet.size() + AeadCipher::kTagSize;
  if (to.out.size() < to.used + packet_size_) to.out.resize((to.used + packet_size_) * 2);
  const ByteSpan out = ByteSpan(to.out).subspan(to.used, packet_size_);
  const ByteSpan header = out.first(kFloorHeaderSize);
  std::memcpy(header.data(), packet.data(), kFloorHeaderSize);
  StoreBigEndian(header.data() + 2, to.next_sequence++);
  if (to.cipher->Seal(FloorNonce(header), header, packet.subspan(kFloorHeaderSize),
                      out.subspan(kFloorHeaderSize))) {
    to.used += packet_size_;
  }
}

size_t BareForwarder::Flush() {
  size_t sent = 0;
  const size_t packets = techniques_.segments_out && packet_size_ > 0
                             ? std::min(kMaxSegments, kMaxPieceBytes / packet_size_)
                             : 1;
  for (Person& to : people_) {
    ByteSpan rest = ByteSpan(to.out).first(to.used);
    while (!rest.empty()) {
      if (message_count_ == kMaxMessages) sent += SendMessages();
      const size_t size = std::min(packets * packet_size_, rest.size());
      AddMessage(to, rest.first(size));
      rest = rest.subspan(size);
    }
    to.used = 0;
  }
  return sent + SendMessages();
}

void BareForwarder::AddMessage(Person& to, ByteSpan bytes) {
  vectors_[message_count_] = {bytes.data(), bytes.size()};
  msghdr& header = messages_[message_count_].msg_hdr;
  header = {};
  header.msg_name = &to.name;
  header.msg_namelen = to.name_size;
  header.msg_iov = &vectors_[message_count_];
  header.msg_iovlen = 1;
  if (bytes.size() > packet_size_) {
    header.msg_control = segment_sizes_[message_count_].bytes.data();
    header.msg_controllen = CMSG_SPACE(sizeof(uint16_t));
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    const auto size = static_cast<uint16_t>(packet_size_);
    std::memcpy(CMSG_DATA(control), &size, sizeof(size));
  }
  ++message_count_;
}

// What the kernel does not take is missed by who counts.
size_t BareForwarder::SendMessages() {
  size_t packets = 0;
  for (size_t i = 0; i < message_count_;) {
    const int sent = sendmmsg(descriptor_, &messages_[i], static_cast<unsigned>(message_count_ - i),
                              MSG_DONTWAIT);
    if (sent <= 0) break;
    for (int j = 0; j < sent; ++j) packets += messages_[i++].msg_len / packet_size_;
  }
  message_count_ = 0;
  return packets;
}

}  // namespace earshot
