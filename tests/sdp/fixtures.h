#pragma once

// Offers that the tests of the sdp room share: texts of real browsers and a small one to bend.

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "test_data.h"

namespace earshot::sdp {

inline std::string ReadFixture(const std::string& name) {
  std::ifstream file(ProjectFile("tests/data/sdp/" + name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline constexpr std::string_view kFingerprintValue =
    "DF:8A:DB:CE:E6:93:25:81:6A:EF:30:EB:14:83:69:23:48:4B:98:47:4E:07:19:02:CB:9C:6A:48:63:5A:33:"
    "01";

/// A valid offer of one audio, one video and one data section.
inline std::string SmallOffer() {
  std::string text =
      "v=0\r\n"
      "o=- 1 2 IN IP4 127.0.0.1\r\n"
      "s=-\r\n"
      "t=0 0\r\n"
      "a=group:BUNDLE 0 1 2\r\n"
      "a=fingerprint:sha-256 " +
      std::string(kFingerprintValue) +
      "\r\n"
      "a=ice-ufrag:XqfG\r\n"
      "a=ice-pwd:qavVouZ+y4/X/rhfhGqGet1C\r\n"
      "a=setup:actpass\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
      "c=IN IP4 0.0.0.0\r\n"
      "a=mid:0\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=sendonly\r\n"
      "a=rtcp-mux\r\n"
      "a=rtpmap:111 opus/48000/2\r\n"
      "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
      "a=ssrc:1001 cname:x\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
      "c=IN IP4 0.0.0.0\r\n"
      "a=mid:1\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=recvonly\r\n"
      "a=rtcp-mux\r\n"
      "a=rtpmap:96 VP8/90000\r\n"
      "a=rtcp-fb:96 nack pli\r\n"
      "a=rtpmap:97 rtx/90000\r\n"
      "a=fmtp:97 apt=96\r\n"
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "c=IN IP4 0.0.0.0\r\n"
      "a=mid:2\r\n"
      "a=sctp-port:5000\r\n"
      "a=max-message-size:262144\r\n";
  return text;
}

/// `text` with the first occurrence of `from` replaced; unchanged (and thus a failing test) when
/// there is none.
inline std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t position = text.find(from);
  if (position != std::string::npos) text.replace(position, from.size(), to);
  return text;
}

inline std::string Without(std::string text, std::string_view part) {
  return Replaced(std::move(text), part, "");
}

}  // namespace earshot::sdp
