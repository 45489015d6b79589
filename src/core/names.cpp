#include "core/names.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "core/limits.h"

namespace rogerthat::core {

namespace {

// Friendly, easy to say and to spell, and nothing that could pass for a role or an order.
constexpr auto kAdjectives = std::to_array<std::string_view>(
    {"able",    "agile",   "airy",   "alert",   "amber",  "ample",  "apt",     "arctic",  "autumn",
     "azure",   "balmy",   "bold",   "bonny",   "brave",  "breezy", "bright",  "brisk",   "bronze",
     "calm",    "candid",  "cheery", "civil",   "clear",  "clever", "cobalt",  "copper",  "coral",
     "cosy",    "crimson", "crisp",  "curious", "dapper", "daring", "deft",    "dewy",    "eager",
     "early",   "earnest", "easy",   "emerald", "fair",   "fancy",  "fleet",   "fluent",  "fond",
     "frank",   "fresh",   "frosty", "gallant", "genial", "gentle", "gilded",  "glad",    "golden",
     "grand",   "green",   "happy",  "hardy",   "hazel",  "hearty", "honest",  "humble",  "indigo",
     "ivory",   "jade",    "jolly",  "jovial",  "keen",   "kind",   "kindly",  "lively",  "loyal",
     "lucid",   "lucky",   "lunar",  "magenta", "mellow", "merry",  "mild",    "mindful", "misty",
     "modest",  "native",  "neat",   "nimble",  "noble",  "olive",  "opal",    "orderly", "patient",
     "pearl",   "placid",  "plucky", "polite",  "prompt", "proud",  "quick",   "quiet",   "rapid",
     "ready",   "robust",  "rosy",   "ruby",    "rustic", "sandy",  "scarlet", "serene",  "silver",
     "sincere", "sleek",   "smart",  "smooth",  "snowy",  "solar",  "steady",  "sunny",   "supple",
     "swift",   "tidy",    "upbeat", "velvet",  "violet", "vivid",  "warm",    "wise",    "witty",
     "young",   "zesty"});
constexpr auto kAnimals = std::to_array<std::string_view>(
    {"alpaca",   "antelope",  "avocet",   "badger",  "beaver",    "beetle",    "bison",
     "bittern",  "bobcat",    "bream",    "buzzard", "camel",     "caracal",   "caribou",
     "carp",     "cicada",    "civet",    "condor",  "coot",      "cormorant", "coyote",
     "crane",    "cricket",   "curlew",   "deer",    "dingo",     "dipper",    "dolphin",
     "dormouse", "dove",      "dunlin",   "eagle",   "egret",     "eider",     "elk",
     "ermine",   "falcon",    "ferret",   "finch",   "firefly",   "flamingo",  "fox",
     "gannet",   "gazelle",   "gecko",    "gibbon",  "goldfinch", "goose",     "gopher",
     "goshawk",  "grebe",     "grouse",   "gull",    "halibut",   "hamster",   "hare",
     "harrier",  "hawk",      "hedgehog", "heron",   "hoopoe",    "hornbill",  "ibex",
     "ibis",     "iguana",    "impala",   "jackdaw", "jay",       "kestrel",   "kingfisher",
     "kite",     "kiwi",      "koala",    "lapwing", "lark",      "lemming",   "lemur",
     "linnet",   "lizard",    "llama",    "lobster", "loon",      "lynx",      "macaw",
     "magpie",   "mallard",   "manatee",  "marlin",  "marmot",    "marten",    "martin",
     "mole",     "moose",     "moth",     "narwhal", "newt",      "nightjar",  "ocelot",
     "octopus",  "okapi",     "oriole",   "osprey",  "otter",     "owl",       "oyster",
     "panda",    "partridge", "pelican",  "penguin", "petrel",    "pheasant",  "pika",
     "pipit",    "plover",    "puffin",   "quail",   "rabbit",    "raccoon",   "raven",
     "redstart", "robin",     "salmon",   "seal",    "shrew",     "skylark",   "sloth",
     "sparrow",  "swallow"});
static_assert(kAdjectives.size() == 128 && kAnimals.size() == 128);
static_assert(std::ranges::is_sorted(kAdjectives) && std::ranges::is_sorted(kAnimals));

constexpr auto kReserved = std::to_array<std::string_view>({
    "all",
    kOperatorCallsign,
    "system",
    "hub",
    "server",
    "rogerthat",
    "you",  // the hub's texts call their reader so
    // The priority names: "to": "urgent" is a mistake, not an addressee.
    "min",
    "low",
    "default",
    "high",
    "urgent",
});

// Letters alone, as what stands between or around them differs from guide to guide.
constexpr auto kPlaceholders = std::to_array<std::string_view>({
    "agentname",
    "callsign",
    "callsignhere",
    "mycallsign",
    "myname",
    "name",
    "nickname",
    "peercallsign",
    "peername",
    "username",
    "youragent",
    "youragentname",
    "yourcallsign",
    "yourcallsignhere",
    "yourid",
    "yourname",
    "yournamehere",
    "yournick",
});

// Models and the programs that they come in.
constexpr auto kModels = std::to_array<std::string_view>({
    "aider",   "bard",   "chatgpt",  "claude",   "claudecode", "cline",  "codex",
    "copilot", "cursor", "deepseek", "gemini",   "gemma",      "glm",    "gpt",
    "grok",    "haiku",  "kimi",     "llama",    "mistral",    "openai", "opencode",
    "opus",    "qwen",   "sonnet",   "windsurf",
});
static_assert(std::ranges::is_sorted(kPlaceholders) && std::ranges::is_sorted(kModels));

std::string_view pick(std::span<const std::string_view> words, Random& random) {
  return words[random.below(words.size())];
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::span<const std::string_view> adjectives() {
  return kAdjectives;
}
std::span<const std::string_view> animals() {
  return kAnimals;
}

std::string random_callsign(Random& random) {
  std::string name(pick(kAdjectives, random));
  name += '-';
  name += pick(kAnimals, random);
  return name;
}

std::string random_channel_id(Random& random) {
  std::string id = random_callsign(random);
  id += '-';
  std::uint64_t digits = random.below(0x10000);
  for (int shift = 12; shift >= 0; shift -= 4) id += "0123456789abcdef"[(digits >> shift) & 0xf];
  return id;
}

std::string normalise_callsign(std::string_view sent) {
  return lower_ascii(trim(sent));
}

bool is_valid_callsign(std::string_view normalised) {
  if (normalised.empty() || normalised.size() > kCallsignLengthMax) return false;
  if (!is_letter_or_digit(normalised.front())) return false;
  return std::ranges::all_of(normalised,
                             [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

std::string inbox_name(std::string_view handle) {
  return "dm:" + std::string(handle);
}

bool is_human_callsign(std::string_view normalised) {
  return normalised.starts_with(kHumanCallsign);
}

bool is_placeholder_callsign(std::string_view normalised) {
  if (normalised.size() > 2 * kCallsignLengthMax) return false;
  std::string letters;
  for (const char c : normalised) {
    if (c >= 'a' && c <= 'z') letters += c;
    if (c >= '0' && c <= '9') return false;
  }
  return std::ranges::binary_search(kPlaceholders, letters);
}

bool is_model_callsign(std::string_view normalised) {
  std::size_t letters = 0;
  while (letters < normalised.size() && normalised[letters] >= 'a' && normalised[letters] <= 'z') {
    ++letters;
  }
  return std::ranges::binary_search(kModels, normalised.substr(0, letters));
}

bool is_reserved_callsign(std::string_view normalised) {
  return is_human_callsign(normalised) ||
         std::ranges::find(kReserved, normalised) != kReserved.end();
}

}  // namespace rogerthat::core
