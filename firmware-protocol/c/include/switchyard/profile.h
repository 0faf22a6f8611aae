#ifndef SWITCHYARD_PROFILE_H
#define SWITCHYARD_PROFILE_H

#include "code.h"
#include "limits.h"

/**
 * Checks that a payload is exactly one CBOR data item under the protocol's profile (SPEC.md, section 4): deterministic
 * (RFC 8949 §4.2.1; floats may be wider), well-formed UTF-8, within bounds. Decoders do this first themselves.
 *
 * @param offset where it went wrong, in bytes from the start; may be NULL
 * @return SY_OK, SY_EMPTY, SY_TOO_LARGE, SY_TOO_DEEP, SY_TOO_MANY_ITEMS, SY_BAD_CBOR, or SY_BAD_VALUE for bad UTF-8
 */
enum sy_code sy_check(const uint8_t *payload, size_t length, struct sy_bounds bounds, size_t *offset);

#endif
