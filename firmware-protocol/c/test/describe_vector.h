#ifndef DESCRIBE_VECTOR_H
#define DESCRIBE_VECTOR_H

#include "from_json.h"

/** Encodes a description from its JSON form. */
enum sy_code encode_description(const cJSON *message, uint8_t *buffer, size_t size, size_t *length);

#endif
