#ifndef ENCODE_VECTOR_H
#define ENCODE_VECTOR_H

#include "from_json.h"

/** Whether devices send messages of this type. */
bool is_sent(const char *type);

/** Encodes a message that devices send from its JSON form. */
enum sy_code encode_vector(const char *type, const cJSON *message, uint8_t *buffer, size_t size, size_t *length);

#endif
