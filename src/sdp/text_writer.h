#pragma once

// Writes the lines of a session description, and those parts that offers and answers share. No
// value can start a line of its own: control characters never reach the text (threat row H18).
// Used by one call at a time.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdp/session.h"

namespace earshot::sdp {

class TextWriter {
 public:
  /// One line of text and numbers laid end to end, closed by CRLF.
  template <typename... Parts>
  void Line(const Parts&... parts) {
    (Append(parts), ...);
    text_.append("\r\n");
  }
  /// A line in pieces: any number of Append, then Line().
  void Append(std::string_view part);
  template <std::unsigned_integral T>
  void Append(T number) {
    text_.append(std::to_string(number));
  }

  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

/// What a section says of the one transport.
struct SectionTransport {
  std::string_view ice_ufrag;
  std::string_view ice_password;
  std::string_view fingerprint_algorithm;
  std::string_view fingerprint;
  std::string_view setup;
};

void WriteSessionLines(uint64_t session_id, TextWriter& writer);
void WriteTransport(const SectionTransport& transport, TextWriter& writer);
/// The m= and c= lines and a=mid. Media, protocol and, where there are no codecs, formats are those
/// that the section was offered with.
void WriteMediaLine(const MediaSection& offered, const std::vector<CodecDescription>& codecs,
                    bool rejected, TextWriter& writer);
void WriteCodec(const CodecDescription& codec, TextWriter& writer);
void WriteExtension(const HeaderExtension& extension, TextWriter& writer);
void WriteDirection(Direction direction, TextWriter& writer);
void WriteSsrcs(const std::vector<uint32_t>& ssrcs, std::string_view cname, TextWriter& writer);
void WriteFidGroup(uint32_t primary, uint32_t rtx, TextWriter& writer);
/// `direction` "send" in an offer, "recv" in its answer; nothing without encodings.
void WriteEncodings(const std::vector<std::string>& encodings, std::string_view direction,
                    TextWriter& writer);
void WriteData(const MediaSection& section, uint32_t max_message_size, TextWriter& writer);

}  // namespace earshot::sdp
