#include <stdlib.h>
#include <string.h>
#include <switchyard/profile.h>

#include "decode_vector.h"
#include "encode_vector.h"
#include "tap.h"

/**
 * Holds the library to the golden vectors: arguments are files of `firmware-protocol/vectors`. Of types that devices
 * neither send nor receive only the profile is checked.
 */

/** Where cutting a payload short at every byte would take too long, some cuts must do. */
#define LONG_PAYLOAD 4200
#define STRIDE_OF_LONG 61

static struct sy_bounds bounds_of(const char *type) {
  const struct sy_bounds feed = {1048576, 262144};
  if (strcmp(type, "desc") == 0) return SY_BOUNDS_DESC;
  if (strcmp(type, "blk") == 0) return SY_BOUNDS_BLK;
  return strncmp(type, "ev/", 3) == 0 ? feed : SY_BOUNDS;
}

/** What a receiver of this type says; of types that devices do not receive, what the profile alone says. */
static enum sy_code judge(const char *type, const uint8_t *payload, size_t length) {
  if (is_received(type)) return decode_only(type, payload, length);
  return sy_check(payload, length, bounds_of(type), NULL);
}

/** As a message whose every shorter form is an array of bytes of its own, so that the sanitizer guards its end. */
static bool refuses_every_truncation(const char *type, const uint8_t *payload, size_t length) {
  size_t stride = length > LONG_PAYLOAD ? STRIDE_OF_LONG : 1;
  for (size_t cut = 0; cut < length; cut += stride) {
    uint8_t *shorter = malloc(cut > 0 ? cut : 1);
    memcpy(shorter, payload, cut);
    enum sy_code code = judge(type, shorter, cut);
    free(shorter);
    if (code != (cut == 0 ? SY_EMPTY : SY_BAD_CBOR)) return false;
  }
  return true;
}

static bool encodes_to(const char *type, const cJSON *message, const uint8_t *payload, size_t length) {
  uint8_t *buffer = malloc(length);
  size_t written = 0;
  enum sy_code code = encode_vector(type, message, buffer, length, &written);
  bool same = code == SY_OK && written == length && memcmp(buffer, payload, length) == 0;
  free(buffer);
  return same;
}

static bool needs_room(const char *type, const cJSON *message, size_t length) {
  size_t stride = length > LONG_PAYLOAD ? STRIDE_OF_LONG : 1;
  for (size_t size = 0; size < length; size += stride) {
    uint8_t *buffer = malloc(size > 0 ? size : 1);
    size_t written;
    enum sy_code code = encode_vector(type, message, buffer, size, &written);
    free(buffer);
    forget_parts();
    if (code != SY_NO_ROOM) return false;
  }
  return true;
}

static void try_accepted(const char *type, const cJSON *vector) {
  const char *name = member(vector, "name")->valuestring;
  const cJSON *message = member(vector, "message");
  size_t length;
  uint8_t *payload = bytes_of_vector(member(vector, "hex"), &length);
  forget_parts();

  tap_ok(sy_check(payload, length, bounds_of(type), NULL) == SY_OK, "%s: is within the profile: %s", type, name);
  tap_ok(refuses_every_truncation(type, payload, length), "%s: is refused cut short anywhere: %s", type, name);
  if (is_received(type)) tap_ok(decodes_to(type, payload, length, message), "%s: decodes: %s", type, name);
  if (is_sent(type) && optional_member(vector, "only") == NULL) {
    tap_ok(encodes_to(type, message, payload, length), "%s: encodes: %s", type, name);
    tap_ok(needs_room(type, message, length), "%s: fits no shorter buffer: %s", type, name);
  }
  free(payload);
}

/** Whether `code` is one that the profile alone tells. */
static bool is_of_profile(const char *code) {
  static const char *const codes[] = {"empty", "too_large", "too_deep", "too_many_items", "bad_cbor"};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    if (strcmp(code, codes[i]) == 0) return true;
  }
  return false;
}

static void try_refused(const cJSON *vector) {
  const char *name = member(vector, "name")->valuestring;
  const char *type = member(vector, "type")->valuestring;
  const char *expected = member(vector, "code")->valuestring;
  size_t length;
  uint8_t *payload = bytes_of_vector(member(vector, "hex"), &length);
  enum sy_code code = judge(type, payload, length);
  const char *said = sy_code_name(code);
  if (is_received(type) || is_of_profile(expected)) {
    tap_ok(strcmp(said, expected) == 0, "%s: is refused as %s, and not %s: %s", type, expected, said, name);
  } else {
    // Text that is not UTF-8 is the only wrong value that the profile knows.
    tap_ok(code == SY_OK || code == SY_BAD_VALUE, "%s: is within the profile, %s apart: %s", type, expected, name);
  }
  free(payload);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    cJSON *file = read_vector_file(argv[i]);
    const cJSON *type = optional_member(file, "type");
    for (const cJSON *vector = member(file, "vectors")->child; vector != NULL; vector = vector->next) {
      if (type != NULL) {
        try_accepted(type->valuestring, vector);
      } else {
        try_refused(vector);
      }
    }
    cJSON_Delete(file);
  }
  return tap_done();
}
