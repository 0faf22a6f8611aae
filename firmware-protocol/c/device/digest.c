#include "digest.h"

#include <openssl/sha.h>
#include <string.h>

void description_hash(const uint8_t *payload, size_t length, uint8_t dhash[8]) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(payload, length, digest);
  memcpy(dhash, digest, 8);
}
