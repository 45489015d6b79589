// The frame of the server's own pages. No script and no style in line: the pages are served under a
// content security policy that forbids both.
#pragma once

#include <string>
#include <string_view>

namespace rogerthat::api {

std::string escape_html(std::string_view text);  // for elements and quoted attributes
// `title` is text; `body` is HTML already.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace rogerthat::api
