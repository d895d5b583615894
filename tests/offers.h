#pragma once

// Join requests with the offers of real browsers. Test code only.

#include <fstream>
#include <sstream>
#include <string>

#include "earshot/server.h"
#include "test_data.h"

namespace earshot {

/// A file of tests/data.
inline std::string ReadData(const std::string& path) {
  std::ifstream file(ProjectFile("tests/data/" + path), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A file of tests/data/sdp.
inline std::string ReadOffer(const std::string& name) { return ReadData("sdp/" + name); }

inline JoinRequest JoinWith(const std::string& space, std::string offer) {
  JoinRequest request;
  request.space = space;
  request.name = "Ada";
  request.offer = std::move(offer);
  request.track_mids[static_cast<size_t>(SourceKind::kMic)] = "0";
  return request;
}

inline JoinRequest ChromiumJoin(const std::string& space) {
  static const std::string offer = ReadOffer("chromium_156_pool.sdp");
  return JoinWith(space, offer);
}

}  // namespace earshot
