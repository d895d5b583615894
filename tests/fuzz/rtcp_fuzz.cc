// Every message that the reader yields is bounded, and the writer says it in a form that reads back
// to one that is written the same.

#include <variant>
#include <vector>

#include "fuzz_check.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

void CheckBounds(const Nack& nack) {
  FUZZ_CHECK(nack.sequence_numbers.size() <= 17 * kMaxFeedbackEntries);
}
void CheckBounds(const Fir& fir) { FUZZ_CHECK(fir.entries.size() <= kMaxFeedbackEntries); }
void CheckBounds(const TransportFeedback& feedback) {
  FUZZ_CHECK(feedback.packets.size() <= kMaxFeedbackPackets);
  for (const auto& packet : feedback.packets) {
    FUZZ_CHECK(packet.received || packet.delta == 0);
    FUZZ_CHECK(packet.delta >= -32768 && packet.delta <= 32767);
  }
}
void CheckBounds(const Remb& remb) { FUZZ_CHECK(remb.ssrcs.size() <= 255); }
void CheckBounds(const SenderReport& report) { FUZZ_CHECK(report.reports.size() <= 31); }
void CheckBounds(const ReceiverReport& report) { FUZZ_CHECK(report.reports.size() <= 31); }
void CheckBounds(const Sdes& sdes) { FUZZ_CHECK(sdes.chunks.size() <= 31); }
void CheckBounds(const Bye& bye) { FUZZ_CHECK(bye.ssrcs.size() <= 31); }
void CheckBounds(const Pli&) {}

std::vector<uint8_t> Written(const RtcpMessage& message) {
  std::vector<uint8_t> room(96 * 1024);
  ByteWriter writer(room);
  std::visit([&writer](const auto& value) { Write(value, writer); }, message);
  FUZZ_CHECK(writer.ok());
  room.resize(writer.size());
  return room;
}

void CheckRoundTrip(const RtcpMessage& message) {
  const std::vector<uint8_t> once = Written(message);
  RtcpReader reader(once);
  const auto again = reader.Next();
  FUZZ_CHECK(again && again->index() == message.index());
  FUZZ_CHECK(!reader.Next() && !reader.malformed());
  // Numbers of a NACK may come in any order, and the same one twice: written, they are packed, and
  // packing what was packed changes nothing.
  if (std::holds_alternative<Nack>(message)) return;
  FUZZ_CHECK(Written(*again) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  RtcpReader reader({data, size});
  size_t count = 0;
  while (const auto message = reader.Next()) {
    ++count;
    std::visit([](const auto& value) { CheckBounds(value); }, *message);
    CheckRoundTrip(*message);
  }
  FUZZ_CHECK(count <= size / 4);
  FUZZ_CHECK(!reader.Next());
  return 0;
}

}  // namespace earshot
