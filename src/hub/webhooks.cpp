#include "hub/webhooks.h"

#include <utility>

#include "hub/hub.h"
#include "store/hook_codec.h"

namespace rogerthat::hub {

namespace {

Error owner_gone(const core::WebhookRecord& hook) {
  return {ErrorCode::not_found, hook.account.empty() ? "This channel has been closed."
                                                     : "This account has been deleted."};
}

}  // namespace

void Webhooks::add(std::uint32_t asking, core::WebhookRecord hook, Done<void> done) {
  book_.change(
      [this, hook](core::HookBook& book, Millis) mutable -> Result<Records> {
        const bool account_gone =
            !hook.account.empty() && hub_.accounts().read([&](const core::Directory& directory) {
              return directory.find_account(hook.account) == nullptr;
            });
        if (account_gone) return std::unexpected(owner_gone(hook));
        Records records{store::encode_webhook(hook)};
        if (auto added = book.add(std::move(hook)); !added) return std::unexpected(added.error());
        count_.store(book.size(), std::memory_order_relaxed);
        return records;
      },
      [this, asking, hook, done = std::move(done)](Result<void> stored) mutable {
        if (!stored || hook.channel.empty()) {
          return answer_on(hub_, asking, std::move(done), std::move(stored));
        }
        // Its channel may have been removed before the hook was in the book.
        const std::uint32_t home = hub_.shard_of_channel(hook.channel);
        hub_.post(home,
                  [this, asking, home, hook = std::move(hook), done = std::move(done)]() mutable {
                    if (hub_.shard(home).find(hook.channel) != nullptr) {
                      return answer_on(hub_, asking, std::move(done), {});
                    }
                    remove_all(hook.channel);
                    answer_on(hub_, asking, std::move(done), std::unexpected(owner_gone(hook)));
                  });
      });
}

void Webhooks::rotate(std::uint32_t asking, std::string owner, std::string id,
                      Done<core::WebhookRecord> done) {
  auto rotated = std::make_shared<core::WebhookRecord>();
  book_.change(
      [owner = std::move(owner), id = std::move(id), rotated](core::HookBook& book,
                                                              Millis) -> Result<Records> {
        auto record = book.rotate(owner, id);
        if (!record) return std::unexpected(record.error());
        *rotated = *record;
        return Records{store::encode_webhook(*record)};
      },
      [this, asking, rotated, done = std::move(done)](Result<void> stored) mutable {
        answer_on(
            hub_, asking,
            [rotated, done = std::move(done)](Result<void> result) mutable {
              if (!result) return done(std::unexpected(std::move(result.error())));
              done(std::move(*rotated));
            },
            std::move(stored));
      });
}

void Webhooks::remove(std::uint32_t asking, std::string owner, const std::string& id,
                      Done<void> done) {
  auto removed = std::make_shared<bool>(false);
  book_.change(
      [this, removed, owner = std::move(owner), id](core::HookBook& book,
                                                    Millis) -> Result<Records> {
        if (auto gone = book.remove(owner, id); !gone) return std::unexpected(gone.error());
        count_.store(book.size(), std::memory_order_relaxed);
        *removed = true;
        return Records{store::forget_webhook(id)};
      },
      [this, asking, removed, id, done = std::move(done)](Result<void> stored) mutable {
        if (!*removed) return answer_on(hub_, asking, std::move(done), std::move(stored));
        // Also where the disk refuses: in memory it has gone.
        forget_on(0, {id},
                  [this, asking, done = std::move(done), stored = std::move(stored)]() mutable {
                    answer_on(hub_, asking, std::move(done), std::move(stored));
                  });
      });
}

void Webhooks::remove_all(std::string owner) {
  auto removed = std::make_shared<std::vector<std::string>>();
  book_.change(
      [this, removed, owner = std::move(owner)](core::HookBook& book, Millis) -> Result<Records> {
        *removed = book.remove_all(owner);
        count_.store(book.size(), std::memory_order_relaxed);
        Records records;
        for (const std::string& id : *removed) records.push_back(store::forget_webhook(id));
        return records;
      },
      [this, removed](const Result<void>&) {
        if (!removed->empty()) forget_on(0, std::move(*removed), [] {});
      });
}

// One shard after the other. What is made from now on finds no such hook in the book.
void Webhooks::forget_on(std::uint32_t shard, std::vector<std::string> ids,
                         std::move_only_function<void()> done) {
  if (shard == hub_.shard_count()) return done();
  hub_.post(shard, [this, shard, ids = std::move(ids), done = std::move(done)]() mutable {
    Shard& here = hub_.shard(shard);
    for (const std::string& id : ids) here.drop_hook(id);
    here.when_stored([this, shard, ids = std::move(ids), done = std::move(done)]() mutable {
      forget_on(shard + 1, std::move(ids), std::move(done));
    });
  });
}

void Webhooks::disable(const std::string& id) {
  auto disabled = std::make_shared<bool>(false);
  book_.change(
      [id, disabled](core::HookBook& book, Millis) -> Result<Records> {
        const auto record = book.disable(id);
        if (!record) return Records{};
        *disabled = true;
        return Records{store::encode_webhook(*record)};
      },
      [this, id, disabled](const Result<void>&) {
        if (!*disabled) return;
        for (std::uint32_t n = 0; n < hub_.shard_count(); ++n) {
          hub_.post(n, [this, n, id] { hub_.shard(n).stop_hook(id); });
        }
      });
}

bool Webhooks::is_active(std::string_view id) const {
  return read([id](const core::HookBook& book) {
    const core::WebhookRecord* const hook = book.find(id);
    return hook != nullptr && hook->active;
  });
}

void Webhooks::load(std::vector<core::WebhookRecord> hooks) {
  book_.alter([&](core::HookBook& book) {
    for (core::WebhookRecord& hook : hooks) book.put(std::move(hook));
    count_.store(book.size(), std::memory_order_relaxed);
  });
}

}  // namespace rogerthat::hub
