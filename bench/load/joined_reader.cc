#include "joined_reader.h"

#include <nlohmann/json.hpp>

namespace earshot::load {
namespace {

using nlohmann::json;

std::string TextIn(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  return *found->get_ptr<const std::string*>();
}

float NumberIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<float>() : 0;
}

json ObjectIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : json::object();
}

json ListIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : json::array();
}

Reach ReadReach(const json& object) {
  return {NumberIn(object, "enter"), NumberIn(object, "leave")};
}

FloorZone ReadZone(const json& object) {
  FloorZone zone{TextIn(object, "name"), TextIn(object, "kind"), {}, TextIn(object, "audience")};
  for (const json& corner : ListIn(object, "outline")) {
    const bool is_pair =
        corner.is_array() && corner.size() == 2 && corner[0].is_number() && corner[1].is_number();
    if (is_pair) zone.outline.push_back({corner[0].get<float>(), corner[1].get<float>()});
  }
  return zone;
}

Floor ReadFloor(const json& plan) {
  Floor floor;
  floor.width = NumberIn(plan, "width");
  floor.height = NumberIn(plan, "height");
  floor.audible = ReadReach(ObjectIn(plan, "audible"));
  floor.visible = ReadReach(ObjectIn(plan, "visible"));
  floor.sight_radius = NumberIn(plan, "sightRadius");
  floor.max_speed = NumberIn(plan, "maxSpeed");
  for (const json& zone : ListIn(plan, "zones")) {
    if (zone.is_object()) floor.zones.push_back(ReadZone(zone));
  }
  return floor;
}

ServerMessage ReadJoined(const json& object) {
  JoinedReply joined;
  const auto participant = object.find("participant");
  if (participant == object.end() || !participant->is_number_unsigned()) {
    return Error{"message-invalid", "The server's joined message names no participant."};
  }
  joined.participant = ParticipantId{participant->get<uint32_t>()};
  const json pose = ObjectIn(object, "pose");
  joined.pose = {{NumberIn(pose, "x"), NumberIn(pose, "y")}, NumberIn(pose, "heading")};
  joined.floor = ReadFloor(ObjectIn(object, "plan"));
  const bool is_floor = joined.floor.width > 0 && joined.floor.height > 0 &&
                        joined.floor.audible.enter > 0 && joined.floor.max_speed > 0;
  if (!is_floor) return Error{"message-invalid", "The server's joined message has no plan."};
  return joined;
}

}  // namespace

ServerMessage ReadServerMessage(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return Error{"message-invalid", "The server sent something that is not a JSON object."};
  }
  const std::string type = TextIn(object, "type");
  if (type == "joined") return ReadJoined(object);
  if (type == "answer") return AnswerMessage{TextIn(object, "answer")};
  if (type == "error" || type == "closed") {
    return Error{TextIn(object, "code"), TextIn(object, "message")};
  }
  return OtherMessage{};
}

Result<std::string> ReadDemoToken(unsigned status, const std::string& body) {
  const json object = json::parse(body, nullptr, false);
  if (status == 200 && object.is_object() && !TextIn(object, "token").empty()) {
    return TextIn(object, "token");
  }
  if (status == 404) {
    return Error{"demo-off",
                 "The server is not in demo mode; give the secret of an issuer of its "
                 "configuration with --token-key."};
  }
  const std::string title = object.is_object() ? TextIn(object, "title") : "";
  return Error{"token-refused", "The server gave no demo token (HTTP " + std::to_string(status) +
                                    (title.empty() ? ")." : "): " + title)};
}

}  // namespace earshot::load
