#include "messages.h"

#include <algorithm>
#include <charconv>

#include "json_guard.h"
#include "plan_names.h"
#include "text_rules.h"

namespace earshotd {
namespace {

using nlohmann::json;

constexpr size_t kMaxIdCharacters = 64;
/// RFC 8843 has no limit for a MID; browsers write one to three digits.
constexpr size_t kMaxMidSize = 32;

/// A field that is missing, too long or of the wrong type.
struct FieldProblem {
  std::string message;
};
template <typename T>
using Parsed = std::variant<T, FieldProblem>;

Parsed<std::string> ReadString(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) {
    return FieldProblem{"\"" + std::string(name) + "\" must be a string."};
  }
  const auto& text = *member->get_ptr<const std::string*>();
  // A zero byte would end the text early in any C code that it may reach.
  if (text.find('\0') != std::string::npos) {
    return FieldProblem{"\"" + std::string(name) + "\" holds a zero byte."};
  }
  return text;
}

/// A MID is a token of RFC 8866.
bool IsMid(const std::string& text) {
  return !text.empty() && text.size() <= kMaxMidSize &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f &&
                  std::string_view("\"(),/:;<=>?@[\\]").find(c) == std::string_view::npos;
         });
}

/// Fills `mids`; returns what is wrong, or an empty text.
std::string ReadTracks(const json& object, JoinMessage& message) {
  const auto tracks = object.find("tracks");
  if (tracks == object.end()) return "";
  if (!tracks->is_object()) return "\"tracks\" must be an object.";
  for (size_t i = 0; i < earshot::kSourceKindCount; ++i) {
    const std::string name(SourceKindName(static_cast<earshot::SourceKind>(i)));
    const auto mid = tracks->find(name);
    if (mid == tracks->end() || mid->is_null()) continue;
    if (!mid->is_string() || !IsMid(*mid->get_ptr<const std::string*>())) {
      return "\"tracks." + name + "\" must be the MID of a section of the offer.";
    }
    message.track_mids[i] = mid->get<std::string>();
  }
  return "";
}

/// Fills `text` if the object has the field; returns what is wrong with it, or an empty text.
std::string ReadOptional(const json& object, const char* name, std::string& text) {
  if (!object.contains(name)) return "";
  Parsed<std::string> read = ReadString(object, name);
  if (auto* problem = std::get_if<FieldProblem>(&read)) return problem->message;
  text = std::get<std::string>(std::move(read));
  return "";
}

using Body = decltype(ClientMessage::body);

Parsed<Body> ParseJoin(const json& object) {
  JoinMessage message;
  Parsed<std::string> offer = ReadString(object, "offer");
  if (auto* problem = std::get_if<FieldProblem>(&offer)) return *problem;
  message.offer = std::get<std::string>(std::move(offer));
  for (const std::string& problem :
       {ReadOptional(object, "token", message.token), ReadOptional(object, "from", message.from),
        ReadTracks(object, message)}) {
    if (!problem.empty()) return FieldProblem{problem};
  }
  return Body(std::move(message));
}

Parsed<Body> ParseIceRestart(const json& object) {
  Parsed<std::string> offer = ReadString(object, "offer");
  if (auto* problem = std::get_if<FieldProblem>(&offer)) return *problem;
  return Body(IceRestartMessage{std::get<std::string>(std::move(offer))});
}

Parsed<Body> ParseLeave(const json&) { return Body(LeaveMessage{}); }

struct MessageType {
  std::string_view name;
  Parsed<Body> (*parse)(const json&);
};
constexpr MessageType kMessageTypes[] = {
    {"join", ParseJoin}, {"ice-restart", ParseIceRestart}, {"leave", ParseLeave}};

/// The `id` of a message; empty if it has none, nothing if it is malformed.
std::optional<std::string> ReadId(const json& object) {
  const auto id = object.find("id");
  if (id == object.end()) return "";
  const auto* text = id->get_ptr<const std::string*>();
  if (text == nullptr || !IsDisplayText(*text, kMaxIdCharacters)) return std::nullopt;
  return *text;
}

/// Never throws: what is not UTF-8 (a server's fault, then) is replaced.
std::string Dump(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

json WriteReach(const earshot::Reach& reach) {
  return {{"enter", reach.enter}, {"leave", reach.leave}};
}

/// The shortest text that reads as the same float: a plan may have a hundred thousand of them.
double Shortest(float value) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof(text), value);
  double shortest = 0;
  std::from_chars(text, written.ptr, shortest);
  return shortest;
}

json WritePoint(earshot::Point point) {
  return json::array({Shortest(point.x), Shortest(point.y)});
}

json WriteLine(earshot::Point from, earshot::Point to) {
  return json::array({WritePoint(from), WritePoint(to)});
}

/// Without the owner of a private zone, whose subject is nobody else's business.
json WriteZone(const earshot::Zone& zone) {
  json outline = json::array();
  for (const earshot::Point& corner : zone.outline) outline.push_back(WritePoint(corner));
  json object = {{"name", zone.name},
                 {"kind", NameIn(kZoneKinds, zone.kind)},
                 {"outline", std::move(outline)},
                 {"transmission", Shortest(earshot::TransmissionOf(zone))}};
  if (zone.capacity > 0) object["capacity"] = zone.capacity;
  if (!zone.audience.empty()) object["audience"] = zone.audience;
  if (zone.kind == earshot::ZoneKind::kStage) object["podium"] = NameIn(kPodiums, zone.podium);
  if (zone.policy) object["audible"] = WriteReach(zone.policy->audible);
  return object;
}

json PlanObject(const earshot::FloorPlan& plan, float max_speed) {
  json zones = json::array();
  for (const earshot::Zone& zone : plan.zones) zones.push_back(WriteZone(zone));
  json walls = json::array();
  for (const earshot::Wall& wall : plan.walls) {
    walls.push_back(
        {{"line", WriteLine(wall.from, wall.to)}, {"transmission", Shortest(wall.transmission)}});
  }
  json doors = json::array();
  for (const earshot::Door& door : plan.doors) {
    doors.push_back({{"name", door.name},
                     {"line", WriteLine(door.from, door.to)},
                     {"state", NameIn(kDoorStates, door.state)}});
  }
  json portals = json::array();
  for (const earshot::Portal& portal : plan.portals) {
    portals.push_back({{"name", portal.name},
                       {"at", WritePoint(portal.at)},
                       {"radius", portal.radius},
                       {"space", portal.space}});
  }
  return {{"width", plan.width},
          {"height", plan.height},
          {"audible", WriteReach(plan.audible)},
          {"visible", WriteReach(plan.visible)},
          {"fullGainRadius", plan.full_gain_radius},
          {"sightRadius", plan.sight_radius},
          {"maxSpeed", max_speed},
          {"zones", std::move(zones)},
          {"walls", std::move(walls)},
          {"doors", std::move(doors)},
          {"portals", std::move(portals)}};
}

json WriteSources(earshot::SourceSet sources) {
  json names = json::array();
  for (size_t i = 0; i < earshot::kSourceKindCount; ++i) {
    const auto kind = static_cast<earshot::SourceKind>(i);
    if (sources.Has(kind)) names.push_back(SourceKindName(kind));
  }
  return names;
}

json WriteGrants(const earshot::Grants& grants) {
  json names = json::array();
  if (grants.moderator) names.push_back("moderate");
  if (grants.megaphone) names.push_back("megaphone");
  if (grants.beam) names.push_back("beam");
  return names;
}

json WriteNotices(std::span<const earshot::Notice> notices) {
  json list = json::array();
  for (const earshot::Notice& notice : notices) {
    json one = {{"code", notice.code}, {"message", notice.message}};
    if (!notice.mid.empty()) one["mid"] = notice.mid;
    list.push_back(std::move(one));
  }
  return list;
}

json WriteHead(std::string_view type, std::string_view id) {
  json head = {{"type", type}};
  if (!id.empty()) head["id"] = id;
  return head;
}

}  // namespace

std::string_view SourceKindName(earshot::SourceKind kind) {
  constexpr std::string_view kNames[earshot::kSourceKindCount] = {"mic", "camera", "screen",
                                                                  "screenAudio"};
  return kNames[static_cast<size_t>(kind)];
}

std::variant<ClientMessage, MessageProblem> ParseClientMessage(std::string_view text,
                                                               size_t max_size) {
  const auto parsed = ParseJson(text, {.max_size = max_size});
  if (const auto* problem = std::get_if<JsonProblem>(&parsed)) {
    return MessageProblem{"", "message-invalid", std::string(JsonProblemText(*problem)),
                          *problem != JsonProblem::kNotJson};
  }
  const json& object = std::get<json>(parsed);
  if (!object.is_object()) {
    return MessageProblem{"", "message-invalid", "A message is a JSON object."};
  }
  const std::optional<std::string> id = ReadId(object);
  if (!id) return MessageProblem{"", "message-invalid", "\"id\" must be 1 to 64 characters."};

  const Parsed<std::string> type = ReadString(object, "type");
  if (const auto* problem = std::get_if<FieldProblem>(&type)) {
    return MessageProblem{*id, "message-invalid", problem->message};
  }
  for (const MessageType& known : kMessageTypes) {
    if (known.name != std::get<std::string>(type)) continue;
    Parsed<Body> body = known.parse(object);
    if (const auto* problem = std::get_if<FieldProblem>(&body)) {
      return MessageProblem{*id, "message-invalid", problem->message};
    }
    return ClientMessage{*id, std::get<Body>(std::move(body))};
  }
  return MessageProblem{*id, "type-unknown", "There is no message of this type."};
}

std::string WriteJoined(const JoinedMessage& message, const earshot::Joined& joined) {
  json object = WriteHead("joined", message.id);
  object["participant"] = static_cast<uint32_t>(joined.participant);
  object["name"] = message.name;
  object["space"] = message.space;
  object["publish"] = WriteSources(message.publish);
  object["pose"] = {{"x", joined.pose.position.x},
                    {"y", joined.pose.position.y},
                    {"heading", joined.pose.heading}};
  object["slots"] = {{"audio", joined.audio_slots}, {"video", joined.video_slots}};
  object["may"] = WriteGrants(message.grants);
  if (!joined.notices.empty()) object["notices"] = WriteNotices(joined.notices);
  object["owns"] = earshot::ZonesOwnedBy(message.identities, *joined.plan);
  object["plan"] = PlanObject(*joined.plan, message.max_speed);
  return Dump(object);
}

std::string WritePlan(const earshot::FloorPlan& plan, float max_speed) {
  return Dump(PlanObject(plan, max_speed));
}

std::string WritePlanReplaced(const earshot::FloorPlan& plan, std::string_view written,
                              std::span<const std::string> identities) {
  json object = WriteHead("plan", "");
  object["owns"] = earshot::ZonesOwnedBy(identities, plan);
  std::string text = Dump(object);
  text.back() = ',';
  text += "\"plan\":";
  text += written;
  text += '}';
  return text;
}

std::string WriteAnswer(std::string_view id, std::string_view answer) {
  json object = WriteHead("answer", id);
  object["answer"] = answer;
  return Dump(object);
}

std::string WriteClosed(std::string_view code, std::string_view text) {
  json object = WriteHead("closed", "");
  object["code"] = code;
  object["message"] = text;
  return Dump(object);
}

std::string WriteError(std::string_view id, std::string_view code, std::string_view text) {
  json object = WriteHead("error", id);
  object["code"] = code;
  object["message"] = text;
  return Dump(object);
}

}  // namespace earshotd
