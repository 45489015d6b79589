// A directory record as a row of the table `channels`. The order of its columns, in
// both directions.
#pragma once

#include "base/error.h"
#include "core/types.h"
#include "store/database.h"

namespace rogerthat::store {

extern const char* const kPutChannelSql;
extern const char* const kSelectChannelsSql;

Result<void> put_channel(Statement& statement, const core::ChannelRecord& record);
Result<core::ChannelRecord> read_channel(const Statement& statement);

}  // namespace rogerthat::store
