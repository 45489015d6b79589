#include "plants.h"

#include <array>

namespace rogerthat::sim {

namespace {
constexpr std::array<PlantRow, 16> kPlants{{
    {Plant::early_handover, "early-handover",
     "the cursor moves when an answer is written, not when it has been handed over"},
    {Plant::close_is_handover, "close-is-handover",
     "a connection that breaks counts as if everything on it had arrived"},
    {Plant::impatience, "impatience",
     "a receive does not wait until it is known what became of an earlier answer"},
    {Plant::hope, "hope",
     "a connection that breaks while a receive waits for it counts as if everything had arrived"},
    {Plant::early_commit, "early-commit", "the store reports a commit before it is on disk"},
    {Plant::forgotten_client_ids, "forgotten-client-ids",
     "the memory of client_ids is not restored after a restart"},
    {Plant::ids_from_clock, "ids-from-clock",
     "after a restart ids start above the messages on disk, not above what was reserved"},
    {Plant::open_history, "open-history", "history is answered without asking who may see what"},
    {Plant::silent_gap, "silent-gap", "answers leave out that messages have been dropped"},
    {Plant::silent_loss, "silent-loss",
     "after a restart nobody is told that a channel in memory has lost messages"},
    {Plant::forgotten_evictions, "forgotten-evictions",
     "after a restart nobody is told of what rings had let go"},
    {Plant::forgotten_unread, "forgotten-unread",
     "now and then the last of several unread messages is left out of an answer"},
    {Plant::lost_row, "lost-row", "forgetting a journal row takes the next one with it"},
    {Plant::cursors_not_restored, "cursors-not-restored",
     "journalled cursor moves are ignored at a restart"},
    {Plant::content_on_disk, "content-on-disk",
     "a memory channel is journalled like a durable one"},
    {Plant::inherited_proof, "inherited-proof",
     "who is given the session of somebody who has proved itself counts as proved"},
}};
}  // namespace

std::span<const PlantRow> plants() {
  return kPlants;
}

std::optional<Plant> find_plant(std::string_view name) {
  for (const PlantRow& row : kPlants) {
    if (row.name == name) return row.plant;
  }
  return std::nullopt;
}

}  // namespace rogerthat::sim
