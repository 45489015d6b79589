// Planted bugs: mistakes that a hub could have, made on purpose in what surrounds the product, to
// prove that the checker finds them. One at a time, never in an ordinary run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace rogerthat::sim {

enum class Plant : std::uint8_t {
  none,
  early_handover,
  close_is_handover,
  impatience,
  hope,
  early_commit,
  forgotten_client_ids,
  ids_from_clock,
  open_history,
  silent_gap,
  silent_loss,
  forgotten_evictions,
  forgotten_unread,
  lost_row,
  cursors_not_restored,
  content_on_disk,
  inherited_proof,
};

struct PlantRow {
  Plant plant;
  std::string_view name;
  std::string_view what;
};

std::span<const PlantRow> plants();
std::optional<Plant> find_plant(std::string_view name);

}  // namespace rogerthat::sim
