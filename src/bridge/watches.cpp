#include "bridge/watches.h"

#include <utility>

#include "api/tools/resources.h"

namespace rogerthat::bridge {

class Watches::Entry final : public mcp::Watch {
 public:
  Entry(std::shared_ptr<Watches> watches, api::ResourceName name,
        std::shared_ptr<mcp::WatchSink> sink)
      : watches_(std::move(watches)), name_(std::move(name)), sink_(std::move(sink)) {
    watches_->entries_.push_back(this);
  }
  ~Entry() override { std::erase(watches_->entries_, this); }

  void tell(std::string_view channel, Happened what) const {
    const bool roster = name_.what == hub::Observed::roster;
    if (name_.channel_id == channel && roster == (what == Happened::presence)) sink_->updated();
  }

 private:
  std::shared_ptr<Watches> watches_;
  api::ResourceName name_;
  std::shared_ptr<mcp::WatchSink> sink_;
};

std::unique_ptr<mcp::Watch> Watches::add(std::string_view uri,
                                         std::shared_ptr<mcp::WatchSink> sink) {
  auto name = api::parse_resource(uri);
  if (!name) return nullptr;
  return std::make_unique<Entry>(shared_from_this(), std::move(*name), std::move(sink));
}

void Watches::tell(std::string_view channel, Happened what) const {
  for (const Entry* const entry : entries_) entry->tell(channel, what);
}

}  // namespace rogerthat::bridge
