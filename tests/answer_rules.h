#pragma once

// What an answer owes to its offer, checked on the texts alone so that no parser of ours can excuse
// its own writer: RFC 3264, RFC 8829 and RFC 9429 section 5.3, RFC 8843 section 7.3. Test code
// only.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

class AnswerRules {
 public:
  /// The first rule that the answer breaks, or an empty text.
  static std::string Broken(std::string_view offer, std::string_view answer) {
    return AnswerRules(offer, answer).Check();
  }

 private:
  struct Section {
    std::string_view media, port, protocol;
    std::set<std::string_view> formats;
    std::vector<std::string_view> attributes;

    std::string_view Value(std::string_view name) const {
      for (const std::string_view attribute : attributes) {
        if (attribute.starts_with(name)) return attribute.substr(name.size());
      }
      return {};
    }
    bool Has(std::string_view attribute) const {
      return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
    }
    bool HasMid(std::string_view mid) const { return Has("mid:" + std::string(mid)); }
    bool IsRejected() const { return port == "0" && !Has("bundle-only"); }
  };
  struct Text {
    std::vector<std::string_view> attributes;  // of the session
    std::vector<std::string_view> bundle;
    std::vector<Section> sections;
  };

  AnswerRules(std::string_view offer, std::string_view answer)
      : offer_(Read(offer)), answer_(Read(answer)) {}

  static std::vector<std::string_view> Split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
      const size_t end = std::min(text.find(separator), text.size());
      parts.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
  }
  // Who writes 096 is answered with 96.
  static std::string_view WithoutZeros(std::string_view number) {
    while (number.size() > 1 && number[0] == '0') number.remove_prefix(1);
    return number;
  }
  static Text Read(std::string_view text) {
    Text read;
    for (std::string_view line : Split(text, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.starts_with("m=")) {
        const auto words = Split(line.substr(2), ' ');
        Section& section = read.sections.emplace_back();
        if (words.size() < 4) continue;
        section.media = words[0];
        section.port = words[1];
        section.protocol = words[2];
        for (size_t i = 3; i < words.size(); ++i) section.formats.insert(WithoutZeros(words[i]));
      } else if (line.starts_with("a=group:BUNDLE ")) {
        read.bundle = Split(line.substr(15), ' ');
      } else if (line.starts_with("a=")) {
        auto& attributes =
            read.sections.empty() ? read.attributes : read.sections.back().attributes;
        attributes.push_back(line.substr(2));
      }
    }
    return read;
  }

  std::string Check() const {
    if (offer_.sections.size() != answer_.sections.size()) return "the number of sections";
    if (answer_.bundle.empty()) return "no bundle";
    for (size_t i = 0; i < offer_.sections.size(); ++i) {
      const std::string broken = CheckSection(offer_.sections[i], answer_.sections[i]);
      if (!broken.empty()) return "section " + std::to_string(i) + ": " + broken;
    }
    return CheckBundle();
  }
  // RFC 3264 section 6, RFC 9429 section 5.3.1.
  std::string CheckSection(const Section& offered, const Section& answered) const {
    if (offered.media != answered.media) return "another kind of media";
    if (offered.protocol != answered.protocol) return "another protocol";
    if (answered.formats.empty()) return "no format";
    for (const std::string_view format : answered.formats) {
      if (!offered.formats.contains(format)) return "a format that was not offered";
    }
    // A rejected section may leave out a mid that is none; who writes two may get either.
    const std::string_view mid = answered.Value("mid:");
    const bool is_left_out =
        mid.empty() && (answered.IsRejected() || offered.Value("mid:").empty());
    if (!is_left_out && !offered.HasMid(mid)) return "another mid";
    const bool is_bundled = Contains(answer_.bundle, mid);
    if (answered.IsRejected() == is_bundled) return "rejected and bundled, or neither";
    if (answered.IsRejected()) return "";
    if (offered.IsRejected()) return "what was offered with port 0 is accepted";
    return CheckAccepted(offered, answered);
  }
  std::string CheckAccepted(const Section& offered, const Section& answered) const {
    if (answered.Value("setup:") != "passive") return "not the passive one of DTLS";
    for (const std::string_view flag : {"rtcp-mux", "rtcp-rsize"}) {
      if (answered.Has(flag) && !offered.Has(flag)) return std::string(flag) + " was not offered";
    }
    for (const std::string_view attribute : answered.attributes) {
      if (!attribute.starts_with("extmap:")) continue;
      const std::string_view id = attribute.substr(7, attribute.find_first_of("/ ") - 7);
      const std::string_view uri = attribute.substr(attribute.find(' ') + 1);
      if (!HasExtension(offered, id, uri)) return "an extension that was not offered";
    }
    const bool offers_to_send =
        offered.Has("sendonly") || !(offered.Has("recvonly") || offered.Has("inactive"));
    const bool offers_to_receive =
        offered.Has("recvonly") || !(offered.Has("sendonly") || offered.Has("inactive"));
    if (answered.Has("recvonly") && !offers_to_send) return "receives what is not sent";
    if (answered.Has("sendonly") && !offers_to_receive) return "sends what is not received";
    return "";
  }
  static bool HasExtension(const Section& offered, std::string_view id, std::string_view uri) {
    return std::any_of(offered.attributes.begin(), offered.attributes.end(),
                       [&](std::string_view attribute) {
                         if (!attribute.starts_with("extmap:")) return false;
                         const size_t end = attribute.find_first_of("/ ");
                         const size_t space = attribute.find(' ');
                         if (space == std::string_view::npos) return false;
                         return WithoutZeros(attribute.substr(7, end - 7)) == id &&
                                attribute.substr(space + 1).starts_with(uri);
                       });
  }
  // RFC 8843 sections 7.3.1 and 7.3.3: the section that carries the bundle stays, and is the first.
  std::string CheckBundle() const {
    for (const std::string_view mid : answer_.bundle) {
      if (!Contains(offer_.bundle, mid)) return "bundles what was not offered so";
    }
    for (const std::string_view mid : offer_.bundle) {
      const auto tagged = std::find_if(offer_.sections.begin(), offer_.sections.end(),
                                       [mid](const Section& one) { return one.HasMid(mid); });
      if (tagged == offer_.sections.end() || tagged->IsRejected()) continue;
      return answer_.bundle.front() == mid ? "" : "another section carries the bundle";
    }
    return "";
  }
  static bool Contains(const std::vector<std::string_view>& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  }

  const Text offer_;
  const Text answer_;
};

}  // namespace earshot
