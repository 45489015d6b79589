#include "store/channel_row.h"

#include <algorithm>

#include <fmt/format.h>

namespace rogerthat::store {

namespace {
// What the column `band` says of a channel that is none of the ordinary ones.
constexpr std::int64_t kBand = 1;
constexpr std::int64_t kInbox = 2;
}  // namespace

// Not INSERT OR REPLACE: that would delete another channel which has the same id.
const char* const kPutChannelSql =
    "INSERT INTO channels(no, id, retention, trust_mode, require_identity, has_owner_password,"
    " durable, band, on_collision, loop_guard, session_ttl, ring_size, ring_bytes, token_hash,"
    " owner_password_hash, owner_account, created_at, last_activity_at, ever_joined)"
    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
    " ON CONFLICT(no) DO UPDATE SET id=?2, retention=?3, trust_mode=?4, require_identity=?5,"
    " has_owner_password=?6, durable=?7, band=?8, on_collision=?9, loop_guard=?10,"
    " session_ttl=?11, ring_size=?12, ring_bytes=?13, token_hash=?14, owner_password_hash=?15,"
    " owner_account=?16, created_at=?17, last_activity_at=?18, ever_joined=?19";

const char* const kSelectChannelsSql =
    "SELECT no, id, retention, trust_mode, require_identity, has_owner_password, durable, band,"
    " on_collision, loop_guard, session_ttl, ring_size, ring_bytes, token_hash,"
    " owner_password_hash, owner_account, created_at, last_activity_at, ever_joined"
    " FROM channels ORDER BY no";

Result<void> put_channel(Statement& statement, const core::ChannelRecord& record) {
  const core::ChannelOptions& options = record.options;
  const std::string_view token_hash(reinterpret_cast<const char*>(record.token_hash.data()),
                                    record.token_hash.size());
  return statement.run(record.no, record.id, core::to_string(options.retention),
                       core::to_string(options.trust_mode), options.require_identity,
                       options.has_owner_password, options.durable,
                       options.inbox  ? kInbox
                       : options.band ? kBand
                                      : 0,
                       core::to_string(options.on_collision), core::to_string(options.loop_guard),
                       options.session_ttl, options.ring_size, options.ring_bytes,
                       BlobView{token_hash}, record.owner_password_hash, record.owner_account,
                       record.created_at, record.last_activity_at, record.ever_joined);
}

Result<core::ChannelRecord> read_channel(const Statement& row) {
  core::ChannelRecord record;
  record.no = row.number(0);
  record.id = row.text(1);
  const auto retention = core::parse_retention(row.text(2));
  const auto trust_mode = core::parse_trust_mode(row.text(3));
  const auto on_collision = core::parse_on_collision(row.text(8));
  const auto loop_guard = core::parse_loop_guard(row.text(9));
  const std::string_view token_hash = row.text(13);
  if (!retention || !trust_mode || !on_collision || !loop_guard ||
      token_hash.size() != record.token_hash.size()) {
    return fail(ErrorCode::internal,
                fmt::format("the record of channel {} in the database makes no sense", record.id),
                "restore a backup of the data directory");
  }
  core::ChannelOptions& options = record.options;
  options.retention = *retention;
  options.trust_mode = *trust_mode;
  options.require_identity = row.number(4) != 0;
  options.has_owner_password = row.number(5) != 0;
  options.durable = row.number(6) != 0;
  options.band = row.number(7) == kBand;
  options.inbox = row.number(7) == kInbox;
  options.on_collision = *on_collision;
  options.loop_guard = *loop_guard;
  options.session_ttl = row.number(10);
  options.ring_size = static_cast<std::uint32_t>(row.number(11));
  options.ring_bytes = static_cast<std::uint32_t>(row.number(12));
  std::ranges::copy(token_hash, record.token_hash.begin());
  record.owner_password_hash = row.text(14);
  record.owner_account = row.text(15);
  record.created_at = row.number(16);
  record.last_activity_at = row.number(17);
  record.ever_joined = row.number(18) != 0;
  return record;
}

}  // namespace rogerthat::store
