#ifndef DECODE_VECTOR_H
#define DECODE_VECTOR_H

#include "from_json.h"

/** Whether devices receive messages of this type. */
bool is_received(const char *type);

/** Decodes a payload of a type that devices receive, without looking at what it says. */
enum sy_code decode_only(const char *type, const uint8_t *payload, size_t length);

/** Whether a payload decodes, and says just what the JSON form of its message says. */
bool decodes_to(const char *type, const uint8_t *payload, size_t length, const cJSON *message);

#endif
