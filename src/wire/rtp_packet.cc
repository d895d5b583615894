#include "wire/rtp_packet.h"

#include <algorithm>
#include <array>

namespace earshot {
namespace {

constexpr uint8_t kVersion = 2;
constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kExtensionBit = 0x10;
constexpr uint16_t kOneByteProfile = 0xbede;
// RFC 8285 section 4.3: the low four bits are "appbits", free for the application.
constexpr uint16_t kTwoByteProfile = 0x1000;
constexpr uint16_t kTwoByteProfileMask = 0xfff0;
constexpr uint8_t kMaxOneByteId = 14;
constexpr size_t kMaxOneByteSize = 16;

std::optional<ByteView> FindOneByteElement(ByteView elements, uint8_t id) {
  size_t position = 0;
  while (position < elements.size()) {
    const uint8_t head = elements[position++];
    if (head == 0) continue;
    const uint8_t element_id = head >> 4;
    // RFC 8285 section 4.2: 15 ends the list, and so does a padding id with a length.
    if (element_id == 0 || element_id > kMaxOneByteId) return std::nullopt;
    const size_t size = (head & 0x0fu) + 1;
    if (elements.size() - position < size) return std::nullopt;
    if (element_id == id) return elements.subspan(position, size);
    position += size;
  }
  return std::nullopt;
}

std::optional<ByteView> FindTwoByteElement(ByteView elements, uint8_t id) {
  size_t position = 0;
  while (position < elements.size()) {
    const uint8_t element_id = elements[position++];
    if (element_id == 0) continue;
    if (position == elements.size()) return std::nullopt;
    const size_t size = elements[position++];
    if (elements.size() - position < size) return std::nullopt;
    if (element_id == id) return elements.subspan(position, size);
    position += size;
  }
  return std::nullopt;
}

bool Writable(uint8_t id) { return id != 0 && id <= kMaxOneByteId; }

// The elements of one header, laid out in a buffer of their own because their total size has to
// stand in front of them. At most 3 * 17 + 2 + 4 + 3 bytes, padded to words.
class ElementWriter {
 public:
  void Add(uint8_t id, ByteView data) {
    room_[size_++] = static_cast<uint8_t>(static_cast<size_t>(id) << 4 | (data.size() - 1));
    std::copy(data.begin(), data.end(), room_.begin() + static_cast<ptrdiff_t>(size_));
    size_ += data.size();
  }
  size_t PaddedSize() const { return (size_ + 3) & ~size_t{3}; }
  const uint8_t* data() const { return room_.data(); }

 private:
  std::array<uint8_t, 60> room_{};
  size_t size_ = 0;
};

void AddElements(const RtpHeader& header, const ExtensionIds& ids, ElementWriter& elements) {
  const auto add_text = [&elements](uint8_t id, std::string_view text) {
    if (!Writable(id) || text.empty()) return;
    elements.Add(id, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  add_text(ids.mid, header.mid);
  add_text(ids.rid, header.rid);
  add_text(ids.repaired_rid, header.repaired_rid);
  if (Writable(ids.audio_level) && header.audio_level) {
    const auto voice = static_cast<uint8_t>(header.audio_level->voice_activity ? 0x80 : 0);
    const auto value = static_cast<uint8_t>(voice | (header.audio_level->level & 0x7f));
    elements.Add(ids.audio_level, {&value, 1});
  }
  if (Writable(ids.abs_send_time) && header.abs_send_time) {
    std::array<uint8_t, 4> value;
    StoreBigEndian(value.data(), *header.abs_send_time);
    elements.Add(ids.abs_send_time, ByteView(value).subspan(1));
  }
  if (Writable(ids.transport_sequence) && header.transport_sequence) {
    std::array<uint8_t, 2> value;
    StoreBigEndian(value.data(), *header.transport_sequence);
    elements.Add(ids.transport_sequence, value);
  }
}

}  // namespace

std::optional<RtpView> RtpView::Parse(ByteView packet) {
  if (packet.size() < kRtpFixedHeaderSize || packet[0] >> 6 != kVersion) return std::nullopt;
  RtpView view;
  view.packet_ = packet;
  size_t header_size = kRtpFixedHeaderSize + (packet[0] & size_t{0x0f}) * 4;
  if (packet[0] & kExtensionBit) {
    if (packet.size() < header_size + 4) return std::nullopt;
    view.extension_profile_ = LoadBigEndian<uint16_t>(packet.data() + header_size);
    const size_t size = LoadBigEndian<uint16_t>(packet.data() + header_size + 2) * size_t{4};
    header_size += 4;
    if (packet.size() - header_size < size) return std::nullopt;
    view.extension_ = packet.subspan(header_size, size);
    header_size += size;
  }
  if (packet.size() < header_size) return std::nullopt;
  view.header_size_ = header_size;
  view.payload_size_ = packet.size() - header_size;
  if (packet[0] & kPaddingBit) {
    // RFC 3550 section 5.1: the last octet counts the padding, itself included.
    const uint8_t padding = packet.back();
    if (padding == 0 || padding > view.payload_size_) return std::nullopt;
    view.payload_size_ -= padding;
  }
  return view;
}

std::optional<ByteView> RtpView::Extension(uint8_t id) const {
  if (id == 0 || extension_.empty()) return std::nullopt;
  if (extension_profile_ == kOneByteProfile) return FindOneByteElement(extension_, id);
  if ((extension_profile_ & kTwoByteProfileMask) == kTwoByteProfile) {
    return FindTwoByteElement(extension_, id);
  }
  return std::nullopt;
}

std::optional<AudioLevel> ParseAudioLevel(ByteView extension) {
  if (extension.size() != 1) return std::nullopt;
  return AudioLevel{(extension[0] & 0x80) != 0, static_cast<uint8_t>(extension[0] & 0x7f)};
}

std::optional<std::string_view> ParseStreamId(ByteView extension) {
  if (extension.empty() || extension.size() > kMaxOneByteSize) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(extension.data()), extension.size());
}

std::optional<uint32_t> ParseAbsSendTime(ByteView extension) {
  if (extension.size() != 3) return std::nullopt;
  return ByteReader(extension).U24();
}

std::optional<uint16_t> ParseTransportSequence(ByteView extension) {
  if (extension.size() != 2) return std::nullopt;
  return LoadBigEndian<uint16_t>(extension.data());
}

size_t WriteRtpHeader(const RtpHeader& header, const ExtensionIds& ids, ByteSpan out) {
  for (const std::string_view id : {header.mid, header.rid, header.repaired_rid}) {
    if (id.size() > kMaxOneByteSize) return 0;
  }
  ElementWriter elements;
  AddElements(header, ids, elements);
  const size_t extension_size = elements.PaddedSize();
  const size_t csrc_count = header.csrc ? 1 : 0;
  const size_t size =
      kRtpFixedHeaderSize + csrc_count * 4 + (extension_size > 0 ? 4 + extension_size : 0);
  if (out.size() < size) return 0;

  uint8_t* next = out.data();
  next[0] =
      static_cast<uint8_t>(kVersion << 6 | (extension_size > 0 ? kExtensionBit : 0) | csrc_count);
  next[1] = static_cast<uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7f));
  StoreBigEndian(next + 2, header.sequence_number);
  StoreBigEndian(next + 4, header.timestamp);
  StoreBigEndian(next + 8, header.ssrc);
  next += kRtpFixedHeaderSize;
  if (header.csrc) {
    StoreBigEndian(next, *header.csrc);
    next += 4;
  }
  if (extension_size > 0) {
    StoreBigEndian(next, kOneByteProfile);
    StoreBigEndian(next + 2, static_cast<uint16_t>(extension_size / 4));
    std::memcpy(next + 4, elements.data(), extension_size);
  }
  return size;
}

}  // namespace earshot
