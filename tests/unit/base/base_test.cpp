#include <unordered_map>

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/flat_index.h"
#include "base/log.h"
#include "base/random.h"
#include "base/utf8.h"

namespace rogerthat {
namespace {

TEST(Errors, HaveTheStatusesOfTheContract) {
  EXPECT_EQ(describe(ErrorCode::too_large).wire_name, "invalid");
  EXPECT_EQ(describe(ErrorCode::too_large).http_status, 413);
  EXPECT_EQ(describe(ErrorCode::forbidden).wire_name, "unauthorized");
  EXPECT_EQ(describe(ErrorCode::forbidden).http_status, 403);
  EXPECT_EQ(describe(ErrorCode::session_expired).http_status, 410);
}

TEST(Base64, RoundTripsAndRefuses) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    EXPECT_EQ(decode_base64(base64(bytes)), bytes);
    EXPECT_EQ(decode_base64(base64url(bytes)), bytes);
    EXPECT_EQ(decoded_base64_size(base64(bytes)), bytes.size());
    EXPECT_EQ(decode_hex(hex(bytes)), bytes);
  }
  EXPECT_EQ(base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
  EXPECT_EQ(decode_base64("aGVs\r\n bG8="), "hello");
  for (const char* bad : {"a", "a===", "aG=s", "a!bc", "aGVsbG8===", "=", "aGVsbG=8"}) {
    EXPECT_FALSE(decode_base64(bad)) << bad;
    EXPECT_FALSE(decoded_base64_size(bad)) << bad;
  }
}

TEST(Percent, DecodesAndRefuses) {
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("a%20b+c", false), "a b+c");
  for (const char* bad : {"%", "%2", "%zz"}) EXPECT_FALSE(percent_decode(bad, true)) << bad;
  EXPECT_EQ(percent_encode("a b/\xc3\xa4"), "a%20b%2F%C3%A4");
}

TEST(Utf8, CountsAndFindsControls) {
  EXPECT_EQ(count_code_points("a\xc3\xa4\xf0\x9f\xa6\x8a"), 3u);
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));  // a surrogate
  EXPECT_FALSE(is_valid_utf8("\xc0\xaf"));      // overlong
  EXPECT_FALSE(has_forbidden_control("tab\t cr\r lf\n \xc2\xa0 \xc3\x80"));
  for (const char* bad : {"\x01", "\x7f", "\xc2\x80", "\xc2\x9f", "\x1b["}) {
    EXPECT_TRUE(has_forbidden_control(bad));
  }
  for (const char* bad : {"\t", "\n", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    EXPECT_TRUE(has_control_or_line_break(bad));
  }
  EXPECT_FALSE(has_control_or_line_break("plain \xe2\x80\xa6"));
  EXPECT_EQ(cut_to_code_points("\xc3\xa4\xc3\xa4\xc3\xa4", 2), "\xc3\xa4\xc3\xa4");
  EXPECT_EQ(trim(" \t a b \n"), "a b");
}

TEST(Crypto, HashesAreTheStandardOnes) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const Digest mac = hmac_sha256("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(hex({reinterpret_cast<const char*>(mac.data()), mac.size()}),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, KeysOfAnyLengthMakeTheStandardsHmac) {  // longer than a block: RFC 4231, case 6
  const auto mac = [](const std::string& key, std::string_view data) {
    const Digest digest = hmac_sha256(key, data);
    return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  };
  EXPECT_EQ(mac(std::string(64, 'k'), "data"),
            "93244b031118b8060c6619e5900fcf916faefb2d8d020fecb22ae0f62275db08");
  EXPECT_EQ(mac(std::string(65, 'k'), "data"),
            "a79b53d0bf1cb4bb00c301979e6e60ef792a435cafabd76ab9e8989bbdef2dff");
  EXPECT_EQ(mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Crypto, SealedValuesOpenUnderTheSameKeyAndContextOnly) {
  const Digest key = sha256("key");
  const std::string sealed = seal(key, "session|1", "secret");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(open_sealed(key, "session|1", sealed), "secret");
  EXPECT_FALSE(open_sealed(key, "session|2", sealed));
  EXPECT_FALSE(open_sealed(sha256("other"), "session|1", sealed));
  std::string mutated = sealed;
  mutated[14] = static_cast<char>(mutated[14] ^ 1);
  EXPECT_FALSE(open_sealed(key, "session|1", mutated));
  EXPECT_FALSE(open_sealed(key, "session|1", "short"));
}

TEST(Crypto, PasswordsVerify) {
  const std::string hash = hash_password("correct horse", "0123456789abcdef");
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct hors", hash));
  EXPECT_FALSE(verify_password("correct horse", "scrypt$14$8$1$"));
  EXPECT_FALSE(verify_password("x", ""));
}

TEST(FlatIndex, AgreesWithAMapThroughInsertsAndErasures) {
  SeededRandom random(7);
  std::vector<std::string> keys;
  for (int i = 0; i < 500; ++i) keys.push_back("key-" + std::to_string(i));
  const auto key_of = [&](std::uint32_t n) -> std::string_view { return keys[n]; };
  FlatIndex index;
  std::unordered_map<std::string, std::uint32_t> expected;
  for (int step = 0; step < 20'000; ++step) {
    const auto n = static_cast<std::uint32_t>(random.below(keys.size()));
    if (expected.erase(keys[n]) > 0) {
      index.erase(keys[n], n);
    } else {
      index.insert(keys[n], n);
      expected[keys[n]] = n;
    }
    ASSERT_EQ(index.size(), expected.size());
    const auto probe = static_cast<std::uint32_t>(random.below(keys.size()));
    const bool present = expected.contains(keys[probe]);
    ASSERT_EQ(index.find(keys[probe], key_of), present ? probe : FlatIndex::kMissing);
  }
}

TEST(SeededRandom, RepeatsItself) {
  SeededRandom a(42);
  SeededRandom b(42);
  SeededRandom c(43);
  EXPECT_EQ(a.token(16), b.token(16));
  EXPECT_NE(a.token(16), c.token(16));
}

TEST(Log, RendersTextAndJson) {
  const LogRecord record{
      LogLevel::warning, "commit failed", {{"reason", "disk \"full\""}, {"n", 3}}};
  EXPECT_EQ(render_log_text(record), "warning: commit failed reason=disk \"full\" n=3");
  EXPECT_EQ(render_log_json(record, 5),
            R"({"ts":5,"level":"warning","event":"commit failed","reason":"disk \"full\"","n":3})");
}

}  // namespace
}  // namespace rogerthat
