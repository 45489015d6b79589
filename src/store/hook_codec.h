// Webhooks and their deliveries as bytes and back. A compact versioned encoding of the
// records of both. There is no secret in them; a delivery holds the message that it carries.
#pragma once

#include <string_view>

#include "base/error.h"
#include "core/webhook.h"
#include "store/store.h"

namespace rogerthat::store {

RecordChange encode_webhook(const core::WebhookRecord& hook);
RecordChange forget_webhook(std::string_view id);
Result<core::WebhookRecord> decode_webhook(std::string_view id, std::string_view data);

RecordChange encode_delivery(const core::Delivery& delivery);
RecordChange forget_delivery(std::string_view id);
Result<core::Delivery> decode_delivery(std::string_view id, std::string_view data);

}  // namespace rogerthat::store
