#include "switchyard/memory.h"

#include <string.h>

#include "result.h"

static enum sy_code keep(struct sy_kept *kept, const struct sy_result *result) {
  struct sy_writer writer;
  sy_writer_open(&writer, kept->body, sizeof kept->body);
  sy_put_result(&writer, result);
  size_t length = 0;
  enum sy_code code = sy_writer_close(&writer, SY_BOUNDS, &length);
  if (code != SY_OK) return code;
  memcpy(kept->id, result->id, sizeof kept->id);
  kept->fields = (uint8_t)sy_count_result(result);
  kept->length = (uint16_t)length;
  return SY_OK;
}

static enum sy_code keep_what_fits(struct sy_kept *kept, const struct sy_result *result) {
  enum sy_code code = keep(kept, result);
  if (code != SY_NO_ROOM) return code;
  struct sy_result bare = *result;
  bare.vals.at = NULL;
  bare.msg.at = NULL;
  return keep(kept, &bare);
}

static bool is_of(const struct sy_kept *kept, const uint8_t *id) { return memcmp(kept->id, id, sizeof kept->id) == 0; }

const struct sy_kept *sy_recall(const struct sy_memory *memory, const uint8_t *id) {
  if (memory->runs && is_of(&memory->running, id)) return &memory->running;
  for (uint8_t i = 0; i < memory->count; i++) {
    if (is_of(&memory->results[i], id)) return &memory->results[i];
  }
  return NULL;
}

enum sy_code sy_remember(struct sy_memory *memory, const struct sy_result *result) {
  struct sy_kept kept;
  enum sy_code code = keep_what_fits(&kept, result);
  if (code != SY_OK) return code;
  if (result->st == SY_ACCEPTED || result->st == SY_PROGRESS) {
    memory->running = kept;
    memory->runs = true;
    return SY_OK;
  }
  if (memory->runs && is_of(&memory->running, result->id)) memory->runs = false;
  memory->results[memory->next] = kept;
  memory->next = (uint8_t)((memory->next + 1) % SY_KEPT_RESULTS);
  if (memory->count < SY_KEPT_RESULTS) memory->count++;
  return SY_OK;
}

enum sy_code sy_encode_kept(const struct sy_kept *kept, const struct sy_heading *heading, uint8_t *buffer, size_t size,
                            size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  sy_put_map(&writer, 3u + kept->fields);
  sy_put_heading(&writer, heading);
  sy_put_encoded(&writer, kept->body, kept->length);
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
