#include "store/codec.h"

#include <memory>
#include <type_traits>
#include <utility>

#include "store/bytes.h"

namespace rogerthat::store {

namespace {

// A row is: the format, the kind of event, the fields of the event in the order they are declared.
// A change of the fields is a new format; decode() then reads both.
constexpr std::uint8_t kRowFormat = 1;

enum class RowKind : std::uint8_t {
  joined = 1,
  left,
  posted,
  cursors_moved,
  snapshot,
  inbox_snapshot,  // with read marks
};

constexpr std::uint8_t kVerified = 1;
constexpr std::uint8_t kHumanAuthorized = 2;
constexpr std::uint8_t kAckExplicit = 4;
constexpr std::uint8_t kShared = 8;

constexpr std::uint8_t kExpired = 1;

constexpr std::uint8_t kStatus = 2;
constexpr std::uint8_t kHasExtras = 4;
constexpr std::uint8_t kHasBodyHash = 8;

constexpr std::uint8_t kWasOffline = 1;

std::string seal_context(core::ChannelNo channel) {
  return "session|" + std::to_string(channel);
}

class Encoder {
 public:
  Encoder(const Digest& key, core::ChannelNo channel, RowKind kind, std::size_t expected_size)
      : key_(key), channel_(channel), out_(expected_size) {
    out_.byte(kRowFormat);
    out_.byte(static_cast<std::uint8_t>(kind));
  }

  void put(const core::Joined& joined) {
    out_.byte(static_cast<std::uint8_t>(
        (joined.verified ? kVerified : 0) | (joined.human_authorized ? kHumanAuthorized : 0) |
        (joined.ack_explicit ? kAckExplicit : 0) | (joined.shared ? kShared : 0)));
    put_session_id(joined.session_id);
    out_.text(joined.callsign);
    out_.text(joined.intro);
    out_.text(joined.identity_account);
    out_.signed_number(joined.at);
  }

  void put(const core::Left& left) {
    out_.byte(left.expired ? kExpired : 0);
    put_session_id(left.session_id);
    out_.signed_number(left.at);
  }

  void put(const core::Posted& posted) {
    const core::Message& message = posted.message;
    const bool extras = message.extras && (!message.extras->suggested_replies.empty() ||
                                           !message.extras->attachments.empty());
    out_.byte(static_cast<std::uint8_t>(
        (message.verified ? kVerified : 0) | (message.kind == core::Kind::status ? kStatus : 0) |
        (extras ? kHasExtras : 0) | (posted.body_hash != 0 ? kHasBodyHash : 0)));
    out_.byte(static_cast<std::uint8_t>(message.priority));
    out_.signed_number(message.id);
    // Ids follow the clock, so the distance is short. Unsigned, for it may not fit otherwise.
    out_.signed_number(static_cast<std::int64_t>(static_cast<std::uint64_t>(message.at) -
                                                 static_cast<std::uint64_t>(message.id)));
    out_.signed_number(message.reply_to);
    out_.signed_number(posted.dropped_through);
    out_.text(posted.from);
    out_.text(posted.to);
    out_.text(posted.client_id);
    if (posted.body_hash != 0) out_.fixed(posted.body_hash);
    out_.text(message.text);
    if (extras) put(*message.extras);
  }

  void put(const core::MessageExtras& extras) {
    out_.number(extras.suggested_replies.size());
    for (const std::string& reply : extras.suggested_replies) out_.text(reply);
    out_.number(extras.attachments.size());
    for (const core::Attachment& attachment : extras.attachments) {
      out_.text(attachment.mime);
      out_.text(attachment.data_base64);
      out_.text(attachment.filename);
    }
  }

  void put(const core::CursorsMoved& moved) {
    out_.signed_number(moved.at);
    out_.number(moved.positions.size());
    for (const auto& position : moved.positions) {
      out_.text(position.callsign);
      out_.signed_number(position.handed);
      out_.signed_number(position.confirmed);
      out_.signed_number(position.offered);
    }
  }

  void put(const core::Snapshot& snapshot) {
    out_.signed_number(snapshot.last_id);
    out_.signed_number(snapshot.dropped_through);
    out_.signed_number(snapshot.first_joined_at);
    out_.number(snapshot.members.size());
    for (const auto& member : snapshot.members) put(member);
    out_.number(snapshot.sessions.size());
    for (const core::Joined& session : snapshot.sessions) put(session);
    out_.number(snapshot.tombstones.size());
    for (const auto& tombstone : snapshot.tombstones) put(tombstone);
    if (snapshot.read_marks.empty()) return;
    out_.number(snapshot.read_marks.size());
    for (const core::ReadMark& mark : snapshot.read_marks) {
      out_.signed_number(mark.through);
      out_.signed_number(mark.at);
    }
  }

  void put(const core::Snapshot::Member& member) {
    out_.byte(member.verified ? kVerified : 0);
    out_.text(member.callsign);
    out_.signed_number(member.handed);
    out_.signed_number(member.confirmed);
    out_.signed_number(member.offered);
    out_.signed_number(member.baseline);
    out_.signed_number(member.last_seen);
    out_.number(member.sent.size());
    for (const auto& sent : member.sent) {
      out_.byte(0);  // earlier versions kept here whether its addressee was offline
      out_.text(sent.client_id);
      out_.fixed(sent.body_hash);
      out_.signed_number(sent.id);
      out_.signed_number(sent.at);
      out_.text(sent.to);
    }
  }

  void put(const core::Snapshot::Tombstone& tombstone) {
    out_.byte(tombstone.expired ? kExpired : 0);
    put_session_id(tombstone.session_id);
    out_.text(tombstone.callsign);
    out_.signed_number(tombstone.until);
  }

  std::string take() { return out_.take(); }

 private:
  void put_session_id(std::string_view id) { out_.text(seal(key_, seal_context(channel_), id)); }

  const Digest& key_;
  core::ChannelNo channel_;
  ByteWriter out_;
};

class Decoder {
 public:
  Decoder(const Digest& key, core::ChannelNo channel, ByteReader in)
      : key_(key), channel_(channel), in_(in) {}

  core::Joined joined() {
    core::Joined joined;
    const std::uint8_t flags = in_.flags(kVerified | kHumanAuthorized | kAckExplicit | kShared);
    joined.verified = flags & kVerified;
    joined.human_authorized = flags & kHumanAuthorized;
    joined.ack_explicit = flags & kAckExplicit;
    joined.shared = flags & kShared;
    joined.session_id = session_id();
    joined.callsign = in_.text();
    joined.intro = in_.text();
    joined.identity_account = in_.text();
    joined.at = in_.signed_number();
    return joined;
  }

  core::Left left() {
    core::Left left;
    left.expired = in_.flags(kExpired) != 0;
    left.session_id = session_id();
    left.at = in_.signed_number();
    return left;
  }

  core::Posted posted() {
    core::Posted posted;
    core::Message& message = posted.message;
    const std::uint8_t flags = in_.flags(kVerified | kStatus | kHasExtras | kHasBodyHash);
    message.verified = flags & kVerified;
    message.kind = flags & kStatus ? core::Kind::status : core::Kind::message;
    const std::uint8_t priority = in_.byte();
    if (priority > static_cast<std::uint8_t>(core::Priority::urgent)) {
      impossible_ = true;
    } else {
      message.priority = static_cast<core::Priority>(priority);
    }
    message.id = in_.signed_number();
    message.at = static_cast<Millis>(static_cast<std::uint64_t>(in_.signed_number()) +
                                     static_cast<std::uint64_t>(message.id));
    message.reply_to = in_.signed_number();
    posted.dropped_through = in_.signed_number();
    posted.from = in_.text();
    posted.to = in_.text();
    posted.client_id = in_.text();
    if (flags & kHasBodyHash) posted.body_hash = in_.fixed();
    message.text = in_.text();
    if (flags & kHasExtras) message.extras = extras();
    return posted;
  }

  core::CursorsMoved cursors_moved() {
    core::CursorsMoved moved;
    moved.at = in_.signed_number();
    moved.positions.resize(in_.count(4));
    for (auto& position : moved.positions) {
      position.callsign = in_.text();
      position.handed = in_.signed_number();
      position.confirmed = in_.signed_number();
      position.offered = in_.signed_number();
    }
    return moved;
  }

  core::Snapshot snapshot() {
    core::Snapshot snapshot;
    snapshot.last_id = in_.signed_number();
    snapshot.dropped_through = in_.signed_number();
    snapshot.first_joined_at = in_.signed_number();
    snapshot.members.resize(in_.count(8));
    for (auto& entry : snapshot.members) entry = member();
    snapshot.sessions.resize(in_.count(6));
    for (auto& entry : snapshot.sessions) entry = joined();
    snapshot.tombstones.resize(in_.count(4));
    for (auto& entry : snapshot.tombstones) entry = tombstone();
    return snapshot;
  }

  core::Snapshot inbox_snapshot() {
    core::Snapshot snapshot = this->snapshot();
    snapshot.read_marks.resize(in_.count(2));
    for (core::ReadMark& mark : snapshot.read_marks) {
      mark.through = in_.signed_number();
      mark.at = in_.signed_number();
    }
    return snapshot;
  }

  // Empty: the whole row was read and made sense.
  std::string_view complaint() const {
    if (wrong_key_) return "a session id does not open with the key of this data directory";
    if (!in_.ok() || impossible_) return "the row is cut short or damaged";
    if (!in_.at_end()) return "the row goes on after its last field";
    return {};
  }

 private:
  core::Snapshot::Member member() {
    core::Snapshot::Member member;
    member.verified = in_.flags(kVerified) != 0;
    member.callsign = in_.text();
    member.handed = in_.signed_number();
    member.confirmed = in_.signed_number();
    member.offered = in_.signed_number();
    member.baseline = in_.signed_number();
    member.last_seen = in_.signed_number();
    member.sent.resize(in_.count(13));
    for (auto& sent : member.sent) {
      in_.flags(kWasOffline);
      sent.client_id = in_.text();
      sent.body_hash = in_.fixed();
      sent.id = in_.signed_number();
      sent.at = in_.signed_number();
      sent.to = in_.text();
    }
    return member;
  }

  core::Snapshot::Tombstone tombstone() {
    core::Snapshot::Tombstone tombstone;
    tombstone.expired = in_.flags(kExpired) != 0;
    tombstone.session_id = session_id();
    tombstone.callsign = in_.text();
    tombstone.until = in_.signed_number();
    return tombstone;
  }

  std::unique_ptr<core::MessageExtras> extras() {
    auto extras = std::make_unique<core::MessageExtras>();
    extras->suggested_replies.resize(in_.count(1));
    for (std::string& reply : extras->suggested_replies) reply = in_.text();
    extras->attachments.resize(in_.count(3));
    for (core::Attachment& attachment : extras->attachments) {
      attachment.mime = in_.text();
      attachment.data_base64 = in_.text();
      attachment.filename = in_.text();
    }
    return extras;
  }

  std::string session_id() {
    const std::string_view sealed = in_.text();
    if (!in_.ok()) return {};
    auto opened = open_sealed(key_, seal_context(channel_), sealed);
    if (!opened) wrong_key_ = true;
    return opened ? std::move(*opened) : std::string();
  }

  const Digest& key_;
  core::ChannelNo channel_;
  ByteReader in_;
  bool wrong_key_ = false;
  bool impossible_ = false;
};

template <class Event>
std::string encode_as(const Digest& key, core::ChannelNo channel, RowKind kind, const Event& event,
                      std::size_t expected_size) {
  Encoder encoder(key, channel, kind, expected_size);
  encoder.put(event);
  return encoder.take();
}

}  // namespace

std::string EventCodec::encode(const core::Event& event, core::ChannelNo channel) const {
  return std::visit(
      [&](const auto& value) -> std::string {
        using Kind = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Kind, core::Posted>) {
          return encode(value, channel);
        } else if constexpr (std::is_same_v<Kind, core::Joined>) {
          return encode_as(key_, channel, RowKind::joined, value, 160);
        } else if constexpr (std::is_same_v<Kind, core::Left>) {
          return encode_as(key_, channel, RowKind::left, value, 96);
        } else if constexpr (std::is_same_v<Kind, core::CursorsMoved>) {
          return encode_as(key_, channel, RowKind::cursors_moved, value,
                           16 + 32 * value.positions.size());
        } else {
          static_assert(std::is_same_v<Kind, core::Snapshot>);
          const RowKind kind =
              value.read_marks.empty() ? RowKind::snapshot : RowKind::inbox_snapshot;
          return encode_as(key_, channel, kind, value,
                           64 + 80 * value.members.size() + 160 * value.sessions.size() +
                               64 * value.tombstones.size());
        }
      },
      event);
}

std::string EventCodec::encode(const core::Posted& posted, core::ChannelNo channel) const {
  constexpr std::size_t kFieldsOtherThanText = 64;
  return encode_as(key_, channel, RowKind::posted, posted,
                   kFieldsOtherThanText + posted.from.size() + posted.to.size() +
                       posted.client_id.size() + posted.message.text.size());
}

Result<core::Event> EventCodec::decode(std::string_view data, core::ChannelNo channel) const {
  ByteReader in(data);
  const std::uint8_t format = in.byte();
  const std::uint8_t kind = in.byte();
  if (!in.ok()) return fail(ErrorCode::internal, "the row is cut short or damaged");
  if (format != kRowFormat) {
    return fail(ErrorCode::internal, "the row has the unknown format " + std::to_string(format));
  }

  Decoder decoder(key_, channel, in);
  core::Event event;
  switch (static_cast<RowKind>(kind)) {
    case RowKind::joined:
      event = decoder.joined();
      break;
    case RowKind::left:
      event = decoder.left();
      break;
    case RowKind::posted:
      event = decoder.posted();
      break;
    case RowKind::cursors_moved:
      event = decoder.cursors_moved();
      break;
    case RowKind::snapshot:
      event = decoder.snapshot();
      break;
    case RowKind::inbox_snapshot:
      event = decoder.inbox_snapshot();
      break;
    default:
      return fail(ErrorCode::internal, "the row has the unknown kind " + std::to_string(kind));
  }
  const std::string_view complaint = decoder.complaint();
  if (!complaint.empty()) return fail(ErrorCode::internal, std::string(complaint));
  return event;
}

}  // namespace rogerthat::store
