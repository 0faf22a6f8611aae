#include "from_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_BYTES 4000000

static union {
  double aligned;
  uint8_t bytes[POOL_BYTES];
} pool;
static size_t used;

void forget_parts(void) { used = 0; }

void *part(size_t size) {
  if (size > POOL_BYTES - used) {
    fprintf(stderr, "a vector needs more room than tests have\n");
    exit(2);
  }
  void *room = pool.bytes + used;
  used += (size + 15) / 16 * 16;
  return memset(room, 0, size);
}

static struct sy_text text_of(const char *string) {
  char *copy = part(strlen(string) + 1);
  size_t length = 0;
  while (*string != '\0') {
    bool is_nul = strncmp(string, NUL_STAND_IN, strlen(NUL_STAND_IN)) == 0;
    copy[length++] = is_nul ? '\0' : *string;
    string += is_nul ? strlen(NUL_STAND_IN) : 1;
  }
  struct sy_text text = {copy, length};
  return text;
}

static struct sy_bytes bytes_of(const char *hex) {
  uint8_t *copy = part(strlen(hex) / 2 + 1);
  struct sy_bytes bytes = {copy, bytes_of_hex(hex, copy)};
  return bytes;
}

struct sy_value value_from_json(const cJSON *json) {
  struct sy_value value = {SY_NULL, {false}};
  if (cJSON_IsBool(json)) return sy_bool(cJSON_IsTrue(json));
  if (cJSON_IsNumber(json)) {
    double number = json->valuedouble;
    return number == floor(number) ? sy_int((int64_t)number) : sy_float(number);
  }
  if (cJSON_IsString(json)) {
    value.kind = SY_STRING;
    value.as.text = text_of(json->valuestring);
  } else if (cJSON_IsObject(json)) {
    value.kind = SY_BYTES;
    value.as.bytes = bytes_of(member(json, "hex")->valuestring);
  }
  return value;
}

struct sy_entries entries_from_json(const cJSON *object) {
  const cJSON *map = member(object, "map");
  size_t count = (size_t)cJSON_GetArraySize(map);
  struct sy_entry *entries = part((count + 1) * sizeof *entries);
  struct sy_entries list = {entries, count};
  for (const cJSON *pair = map->child; pair != NULL; pair = pair->next) {
    entries->pid = (uint8_t)pair->child->valuedouble;
    entries->value = value_from_json(pair->child->next);
    entries++;
  }
  return list;
}

struct sy_optional optional_from_json(const cJSON *object, const char *name) {
  const cJSON *json = optional_member(object, name);
  struct sy_optional optional = {json != NULL, json == NULL ? 0 : (int64_t)json->valuedouble};
  return optional;
}

struct sy_number number_from_json(const cJSON *json) {
  struct sy_number absent = {SY_ABSENT, 0, 0.0};
  if (json == NULL) return absent;
  double number = json->valuedouble;
  struct sy_number integer = SY_INTEGER(number == floor(number) ? (int64_t)number : 0);
  struct sy_number real = SY_REAL(number);
  return number == floor(number) ? integer : real;
}

const uint8_t *bytes_from_json(const cJSON *object, const char *name) {
  const cJSON *json = optional_member(object, name);
  return json == NULL ? NULL : bytes_of(member(json, "hex")->valuestring).at;
}

struct sy_text text_from_json(const cJSON *object, const char *name) {
  const cJSON *json = optional_member(object, name);
  struct sy_text absent = {NULL, 0};
  return json == NULL ? absent : text_of(json->valuestring);
}

int64_t integer_from_json(const cJSON *object, const char *name) {
  return (int64_t)member(object, name)->valuedouble;
}
