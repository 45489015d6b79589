#include "base/crypto.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/encoding.h"

namespace rogerthat {

namespace {

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* bytes(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}

std::string_view view(const Digest& d) {
  return {reinterpret_cast<const char*>(d.data()), d.size()};
}

struct FreeMdContext {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

void must(bool ok) {
  if (!ok) std::abort();  // OpenSSL refuses only what a programmer got wrong, or has no memory
}

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

std::string scrypt(std::string_view password, std::string_view salt) {
  std::string out(32, '\0');
  must(EVP_PBE_scrypt(password.data(), password.size(), bytes(salt), salt.size(), 1 << 14, 8, 1,
                      64 << 20, bytes(out), out.size()) == 1);
  return out;
}

// Of two pieces, one behind the other.
Digest sha256(std::string_view first, std::string_view rest) {
  // Fetching the algorithm and making a context cost more than the hash of a token does.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeMdContext> context(EVP_MD_CTX_new());
  Digest out;
  must(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1);
  must(EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1);
  must(EVP_DigestUpdate(context.get(), rest.data(), rest.size()) == 1);
  must(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
  return out;
}

}  // namespace

Digest sha256(std::string_view data) {
  return sha256(data, {});
}

// RFC 2104. OpenSSL's own makes three contexts for each call, and takes four times as long.
Digest hmac_sha256(std::string_view key, std::string_view data) {
  constexpr std::size_t kBlock = 64;
  constexpr char kInner = 0x36;
  constexpr char kOuter = 0x5c;
  const Digest hashed = key.size() > kBlock ? sha256(key) : Digest{};
  if (key.size() > kBlock) key = view(hashed);
  std::array<char, kBlock> block{};
  std::ranges::copy(key, block.begin());
  for (char& c : block) c = static_cast<char>(c ^ kInner);
  const Digest inner = sha256({block.data(), kBlock}, data);
  for (char& c : block) c = static_cast<char>(c ^ kInner ^ kOuter);
  const Digest outer = sha256({block.data(), kBlock}, view(inner));
  OPENSSL_cleanse(block.data(), kBlock);
  return outer;
}

void wipe(char* text, std::size_t size) {
  OPENSSL_cleanse(text, size);
}

void wipe(std::string& secret) {
  secret.resize(secret.capacity());
  wipe(secret.data(), secret.size());
  secret.clear();
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal_constant_time(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string seal(const Digest& key, std::string_view context, std::string_view plain) {
  std::string nonce_input(context);
  nonce_input.push_back('\0');
  nonce_input += plain;
  const Digest synthetic = hmac_sha256(view(key), nonce_input);
  std::string out(kNonceSize + plain.size() + kTagSize, '\0');
  std::memcpy(out.data(), synthetic.data(), kNonceSize);

  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int n = 0;
  unsigned char* const body = bytes(out) + kNonceSize;
  must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(out)) == 1);
  must(EVP_EncryptUpdate(cipher.get(), nullptr, &n, bytes(context),
                         static_cast<int>(context.size())) == 1);
  must(EVP_EncryptUpdate(cipher.get(), body, &n, bytes(plain), static_cast<int>(plain.size())) ==
       1);
  must(EVP_EncryptFinal_ex(cipher.get(), body + n, &n) == 1);
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, body + plain.size()) == 1);
  return out;
}

std::optional<std::string> open_sealed(const Digest& key, std::string_view context,
                                       std::string_view sealed) {
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const std::string_view body = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string out(body.size(), '\0');

  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int n = 0;
  must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(sealed)) ==
       1);
  must(EVP_DecryptUpdate(cipher.get(), nullptr, &n, bytes(context),
                         static_cast<int>(context.size())) == 1);
  must(EVP_DecryptUpdate(cipher.get(), bytes(out), &n, bytes(body),
                         static_cast<int>(body.size())) == 1);
  must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(cipher.get(), bytes(out) + n, &n) != 1) return std::nullopt;
  return out;
}

std::string hash_password(std::string_view password, std::string_view salt) {
  return "scrypt$14$8$1$" + base64url(salt) + "$" + base64url(scrypt(password, salt));
}

bool verify_password(std::string_view password, std::string_view hash) {
  constexpr std::string_view prefix = "scrypt$14$8$1$";
  if (!hash.starts_with(prefix)) return false;
  const std::string_view rest = hash.substr(prefix.size());
  const auto salt = decode_base64(rest.substr(0, rest.find('$')));
  if (!salt) return false;
  return equal_constant_time(hash_password(password, *salt), hash);
}

}  // namespace rogerthat
