// Text with {{names}} in it, and what the names stand for. The prose of llms.txt, of the policy and
// of the route table is written with names, so that no number of core/limits.h is typed twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/site.h"

namespace rogerthat::api {

class Facts {
 public:
  void set(std::string_view name, std::string value);
  const std::string* find(std::string_view name) const;  // null: not known

 private:
  struct Fact {
    std::string_view name;  // always a literal
    std::string value;
  };
  std::vector<Fact> facts_;
};

const Facts& limit_facts();          // core/limits.h, with seconds, minutes and KiB
Facts view_facts(const View& view);  // ... and {{origin}}, {{version}}, the rates of this site

// Names that are not known are left standing; a test looks for "{{" in everything that is printed.
std::string fill(std::string_view text, const Facts& facts);

}  // namespace rogerthat::api
