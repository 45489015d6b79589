// The vector of one word does what std::vector does, and lets go of what it held.
#include "base/slim_vector.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rogerthat {
namespace {

std::vector<std::string> all_of(const SlimVector<std::string>& slim) {
  return {slim.begin(), slim.end()};
}

SlimVector<std::string> filled(int count) {
  SlimVector<std::string> out;
  for (int i = 0; i < count; ++i)
    out.push_back("a text that lies on the heap " + std::to_string(i));
  return out;
}

TEST(SlimVector, IsOneWordAndHoldsNothingAtFirst) {
  static_assert(sizeof(SlimVector<std::string>) == sizeof(void*));
  const SlimVector<std::string> slim;
  EXPECT_TRUE(slim.empty());
  EXPECT_EQ(slim.begin(), slim.end());
}

// Every operation against std::vector's, on elements whose mistakes the sanitizers see.
TEST(SlimVector, DoesWhatAStdVectorDoes) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same steps each time
  SlimVector<std::string> slim;
  std::vector<std::string> model;
  const auto place = [&] { return static_cast<std::ptrdiff_t>(random() % model.size()); };
  for (int step = 0; step < 20'000; ++step) {
    const std::string text = "a text that lies on the heap " + std::to_string(step);
    switch (random() % 9) {
      case 0:
      case 1:
      case 2:
        slim.push_back(text);
        model.push_back(text);
        break;
      case 3: {
        const auto at = static_cast<std::ptrdiff_t>(random() % (model.size() + 1));
        EXPECT_EQ(*slim.insert(slim.begin() + at, text), text);
        model.insert(model.begin() + at, text);
        break;
      }
      case 4:
        if (model.empty()) break;
        {
          const auto at = place();
          slim.erase(slim.begin() + at);
          model.erase(model.begin() + at);
        }
        break;
      case 5:
        if (model.empty()) break;
        {
          const auto first = place();
          const auto last = first + static_cast<std::ptrdiff_t>(random() % 3);
          if (last > std::ssize(model)) break;
          slim.erase(slim.begin() + first, slim.begin() + last);
          model.erase(model.begin() + first, model.begin() + last);
        }
        break;
      case 6:
        if (model.empty()) break;
        slim.pop_back();
        model.pop_back();
        break;
      case 7: {
        const auto odd = [](const std::string& s) { return !s.empty() && (s.back() & 1) != 0; };
        if (step % 10 != 0) break;
        slim.erase_if(odd);
        std::erase_if(model, odd);
        break;
      }
      default: {
        const std::size_t size = model.size() / 2 + random() % 8;
        slim.resize(size);
        model.resize(size);
        break;
      }
    }
    ASSERT_EQ(all_of(slim), model) << "after step " << step;
    if (!model.empty()) {
      ASSERT_EQ(slim.front(), model.front());
      ASSERT_EQ(slim.back(), model.back());
    }
  }
}

TEST(SlimVector, TakesWhatLiesInItself) {
  SlimVector<std::string> slim = filled(1);
  for (int i = 0; i < 20; ++i) slim.emplace_back(slim.front());  // grows now and then
  EXPECT_EQ(slim.back(), slim.front());
  EXPECT_EQ(slim.size(), 21u);
  slim.remove(slim.front());
  EXPECT_TRUE(slim.empty());
}

TEST(SlimVector, MovesAndLetsGo) {
  const auto watched = std::make_shared<int>(7);
  SlimVector<std::shared_ptr<int>> slim;
  for (int i = 0; i < 5; ++i) slim.push_back(watched);
  EXPECT_EQ(watched.use_count(), 6);

  SlimVector<std::shared_ptr<int>> other = std::move(slim);
  EXPECT_EQ(other.size(), 5u);
  slim.push_back(watched);
  slim = std::move(other);  // what it held goes at once
  EXPECT_EQ(watched.use_count(), 6);
  std::exchange(slim, {});
  EXPECT_EQ(watched.use_count(), 1);

  slim.push_back(watched);
  slim.clear();
  EXPECT_EQ(watched.use_count(), 1);
  EXPECT_TRUE(slim.empty());
}

}  // namespace
}  // namespace rogerthat
