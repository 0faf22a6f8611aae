#ifndef FROM_JSON_H
#define FROM_JSON_H

#include <switchyard/description.h>
#include <switchyard/send.h>

#include "vector_file.h"

/*
 * Parts of messages, from their JSON form (vectors/README.md). What they point to lives until `forget_parts`.
 */

void forget_parts(void);

/** Room for something that lives as long, all zero. */
void *part(size_t size);

struct sy_value value_from_json(const cJSON *json);
struct sy_entries entries_from_json(const cJSON *map);
/** Absent where there is no such member. */
struct sy_optional optional_from_json(const cJSON *object, const char *name);
struct sy_number number_from_json(const cJSON *json);
/** NULL where there is no such member. */
const uint8_t *bytes_from_json(const cJSON *object, const char *name);
/** Absent where there is no such member. */
struct sy_text text_from_json(const cJSON *object, const char *name);
int64_t integer_from_json(const cJSON *object, const char *name);

#endif
