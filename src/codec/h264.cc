#include "codec/h264.h"

namespace earshot {
namespace {

// RFC 6184 section 5.2 and table 7-1 of H.264.
enum NalType : uint8_t {
  kSlice = 1,
  kSlicePartitionA = 2,
  kIdrSlice = 5,
  kSei = 6,
  kSequenceParameterSet = 7,
  kPictureParameterSet = 8,
  kAccessUnitDelimiter = 9,
  kLastSingle = 23,
  kStapA = 24,
  kFuA = 28,
};
constexpr uint8_t kForbiddenBit = 0x80;
constexpr uint8_t kTypeMask = 0x1f;
constexpr uint8_t kFragmentStartBit = 0x80;

// `body` follows the header of the NAL unit. False when it cannot be one.
bool ReadNal(uint8_t type, ByteView body, FrameInfo& info) {
  switch (type) {
    case kSlice:
    case kSlicePartitionA:
    case kIdrSlice: {
      if (body.empty()) return false;
      // A slice header starts with first_mb_in_slice, whose Exp-Golomb code for zero is a one bit:
      // any other slice continues a picture (H.264 section 7.3.3).
      const bool first_slice = body[0] & 0x80;
      info.starts_frame |= first_slice;
      info.starts_keyframe |= first_slice && type == kIdrSlice;
      return true;
    }
    case kSequenceParameterSet:
      info.starts_keyframe = true;
      info.starts_frame = true;
      return !body.empty();
    case kSei:
    case kPictureParameterSet:
    case kAccessUnitDelimiter:
      info.starts_frame = true;
      return !body.empty();
    default:
      return type != 0 && type <= kLastSingle;
  }
}

bool ReadStapA(ByteReader& reader, FrameInfo& info) {
  do {
    const ByteView nal = reader.Take(reader.U16());
    if (!reader.ok() || nal.empty() || (nal[0] & kForbiddenBit)) return false;
    if (!ReadNal(nal[0] & kTypeMask, nal.subspan(1), info)) return false;
  } while (reader.remaining() > 0);
  return true;
}

bool ReadFuA(ByteReader& reader, FrameInfo& info) {
  const uint8_t header = reader.U8();
  const ByteView fragment = reader.TakeRest();
  const uint8_t type = header & kTypeMask;
  if (!reader.ok() || fragment.empty() || type == 0 || type > kLastSingle) return false;
  return !(header & kFragmentStartBit) || ReadNal(type, fragment, info);
}

}  // namespace

std::optional<FrameInfo> ParseH264(ByteView payload) {
  ByteReader reader(payload);
  const uint8_t header = reader.U8();
  if (!reader.ok() || (header & kForbiddenBit)) return std::nullopt;
  FrameInfo info;
  bool valid = false;
  switch (header & kTypeMask) {
    case kStapA:
      valid = ReadStapA(reader, info);
      break;
    case kFuA:
      valid = ReadFuA(reader, info);
      break;
    default:
      valid = ReadNal(header & kTypeMask, reader.TakeRest(), info);
  }
  if (!valid) return std::nullopt;
  return info;
}

}  // namespace earshot
