#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

/** First eight bytes of the SHA-256 of a description: what the hub knows it by. */
void description_hash(const uint8_t *payload, size_t length, uint8_t dhash[8]);

#endif
