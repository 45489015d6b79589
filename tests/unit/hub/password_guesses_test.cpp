#include "hub/password_guesses.h"

#include <functional>

#include <gtest/gtest.h>

namespace rogerthat::hub {
namespace {

using Guesser = PasswordGuesses::Guesser;

Guesser from(const std::string& address, std::string identity = {}) {
  return {"channel", address, "net of " + address, std::move(identity)};
}

class Guesses : public testing::Test {
 protected:
  // How long that caller has to wait; 0: the try is made, and is wrong.
  Millis wrong(const Guesser& guesser) { return guesses.begin(guesser, now).wait; }
  Millis right(const Guesser& guesser) {
    const auto tried = guesses.begin(guesser, now);
    if (tried.wait == 0) guesses.right(guesser, tried);
    return tried.wait;
  }
  // Wrong tries within that time, made as soon as they are let.
  int wrong_within(Millis time, const std::function<Guesser(int)>& next) {
    int made = 0;
    for (const Millis end = now + time; now < end;) {
      const Millis wait = wrong(next(made));
      if (wait == 0) {
        ++made;
      } else {
        now += wait;
      }
    }
    return made;
  }

  PasswordGuesses guesses;
  Millis now = 1'000'000'000;
};

TEST_F(Guesses, OfOneAddressWaitTwiceAsLongEachTime) {
  for (std::uint32_t i = 0; i < PasswordGuesses::kFree; ++i) EXPECT_EQ(wrong(from("a")), 0);
  for (const Millis minutes : {1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_EQ(wrong(from("a")), minutes * kMinute);
    EXPECT_EQ(right(from("a")), minutes * kMinute) << "not even the right one is looked at";
    now += minutes * kMinute;
    EXPECT_EQ(wrong(from("a")), 0);
  }
}

TEST_F(Guesses, OfOneAddressHoldUpNobodyElse) {
  while (wrong(from("a")) == 0) {
  }
  EXPECT_EQ(right(from("b")), 0);
  EXPECT_EQ(wrong(from("c")), 0);
}

TEST_F(Guesses, AreForgivenOneAnHour) {
  for (std::uint32_t i = 0; i < PasswordGuesses::kFree; ++i) EXPECT_EQ(wrong(from("a")), 0);
  now += 2 * kHour;
  EXPECT_EQ(wrong(from("a")), 0);
  EXPECT_EQ(wrong(from("a")), 0);
  EXPECT_GT(wrong(from("a")), 0);
}

TEST_F(Guesses, ThatWereRightDoNotCount) {
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(right(from("a")), 0);
  for (std::uint32_t i = 0; i + 1 < PasswordGuesses::kFree; ++i) EXPECT_EQ(wrong(from("a")), 0);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(right(from("a")), 0);
  EXPECT_EQ(wrong(from("a")), 0);
  EXPECT_GT(wrong(from("a")), 0);
}

TEST_F(Guesses, OfStrangersAreFewHowManyTheyMayBe) {
  const auto stranger = [](int n) { return from("stranger " + std::to_string(n)); };
  const auto newcomers = PasswordGuesses::kNewcomers;
  for (int i = 0; i < newcomers.at_once; ++i) EXPECT_EQ(wrong(stranger(i)), 0);
  const auto refused = guesses.begin(stranger(999), now);
  EXPECT_EQ(refused.interval, newcomers.interval);
  EXPECT_EQ(refused.wait, newcomers.interval);
  now += newcomers.interval;
  EXPECT_EQ(wrong(stranger(999)), 0);
  EXPECT_GT(wrong(stranger(1'000)), 0);
}

TEST_F(Guesses, OfWhoTriesOnDoNotHoldUpNewcomers) {
  // Fifty places that try whenever they may, for two days, and use up all that there is for them.
  const auto next = [](int n) { return from("guesser " + std::to_string(n % 50)); };
  for (int n = 0; n < 100; ++n) {
    if (const Millis wait = wrong(next(n)); wait > 0) now += wait, --n;
  }
  for (int hour = 0; hour < 10; ++hour) {
    now += kHour;
    int made = 0;
    for (int n = 0; n < 50; ++n) made += wrong(next(n)) == 0 ? 1 : 0;
    EXPECT_GT(made, 0);
    EXPECT_LE(made, PasswordGuesses::kOthers.at_once + 5);
    EXPECT_GT(wrong(next(0)), 0);
    EXPECT_EQ(right(from("owner on a journey " + std::to_string(hour))), 0);
  }
}

TEST_F(Guesses, OfStrangersDoNotHoldUpWhoWasRightBefore) {
  EXPECT_EQ(right(from("home")), 0);
  EXPECT_EQ(right(from("office", "owner")), 0);
  int strangers = 0;
  while (wrong(from("stranger " + std::to_string(strangers))) == 0) ++strangers;
  EXPECT_EQ(right(from("home")), 0);
  EXPECT_EQ(right(from("hotel", "owner")), 0);
  EXPECT_GT(right(from("hotel 2", "somebody")), 0);
  EXPECT_EQ(right(from("hotel", "somebody")), 0) << "an address counts for all who use it";
  for (std::uint32_t i = 0; i < PasswordGuesses::kFree; ++i) EXPECT_EQ(wrong(from("home")), 0);
  EXPECT_GT(right(from("home")), 0) << "but may not guess for ever";
  EXPECT_EQ(right(from("home", "owner")), 0) << "an identity goes by itself";
}

TEST_F(Guesses, AreHopelessOnADay) {
  EXPECT_EQ(wrong_within(kDay, [](int) { return from("a"); }), 33);
  EXPECT_EQ(wrong_within(kDay, [](int) { return from("a"); }), 24);
  EXPECT_LE(wrong_within(kDay, [](int n) { return from("b" + std::to_string(n)); }), 390);
  EXPECT_LE(wrong_within(kDay, [](int n) { return from("c" + std::to_string(n)); }), 360);
}

TEST_F(Guesses, OnOneChannelAreNoneOnAnother) {
  while (wrong(from("a")) == 0) {
  }
  Guesser other = from("a");
  other.channel = "another";
  EXPECT_EQ(wrong(other), 0);
}

TEST_F(Guesses, OfManyPlacesAndChannelsStayBounded) {
  for (std::size_t i = 0; i < 2 * PasswordGuesses::kChannelsMax; ++i) {
    Guesser guesser = from("a");
    guesser.channel = std::to_string(i);
    EXPECT_EQ(wrong(guesser), 0);
  }
  for (std::size_t i = 0; i < 3 * PasswordGuesses::kPlacesMax; ++i) {
    now += PasswordGuesses::kOthers.interval;
    EXPECT_EQ(wrong(from(std::to_string(i))), 0);
  }
  for (std::size_t i = 0; i < 3 * PasswordGuesses::kKnownMax; ++i) {
    now += PasswordGuesses::kOthers.interval;
    EXPECT_EQ(right(from("known " + std::to_string(i))), 0);
  }
}

}  // namespace
}  // namespace rogerthat::hub
