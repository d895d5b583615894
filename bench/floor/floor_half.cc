#include "floor/floor_half.h"

#include "cpu_time.h"

namespace earshot {

FloorHalf::FloorHalf(const Load& load, const Techniques& techniques)
    : load_(load),
      sockets_(Load::kPeople,
               [this](size_t person, ByteSpan packet) { HandleReceived(person, packet); }),
      forwarder_(techniques, sockets_.addresses()),
      payload_(load.payload_size(), 0x5a) {
  for (size_t person = 0; person < Load::kPeople; ++person) {
    ciphers_.push_back(MakeFloorCipher(techniques.cipher, person));
  }
}

bool FloorHalf::Turn() {
  for (size_t i = 0; i < load_.frames_per_turn; ++i) SendFrame(frames_++ % Load::kPeople);
  const double start = CpuSeconds();
  const size_t forwarded = forwarder_.Turn();
  cost_.seconds += CpuSeconds() - start;
  cost_.forwarded += forwarded;
  return forwarded == load_.forwarded_per_turn() && sockets_.Receive(forwarded) &&
         opened_ == cost_.forwarded;
}

void FloorHalf::SendFrame(size_t person) {
  for (size_t i = 0; i < load_.packets_per_frame(); ++i) {
    const size_t size = kFloorHeaderSize + payload_.size() + AeadCipher::kTagSize;
    const ByteSpan out = frame_.Reserve(size);
    const ByteSpan header = out.first(kFloorHeaderSize);
    header[0] = 0x80;
    header[1] = 96;
    StoreBigEndian(header.data() + 2, static_cast<uint16_t>(sent_));
    StoreBigEndian(header.data() + 4, static_cast<uint32_t>(sent_++));
    StoreBigEndian(header.data() + 8, static_cast<uint32_t>(person));
    if (ciphers_[person]->Seal(FloorNonce(header), header, payload_,
                               out.subspan(kFloorHeaderSize))) {
      frame_.Commit(forwarder_.address(), size);
    }
  }
  sockets_.Send(person, frame_);
  frame_.Clear();
}

void FloorHalf::HandleReceived(size_t person, ByteSpan packet) {
  const ByteView header = packet.first(kFloorHeaderSize);
  if (ciphers_[person]->Open(FloorNonce(header), header, packet.subspan(kFloorHeaderSize))) {
    ++opened_;
  }
}

}  // namespace earshot
