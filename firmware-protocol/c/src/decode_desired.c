#include "record.h"
#include "switchyard/receive.h"

enum sy_code sy_decode_desired(const uint8_t *payload, size_t length, struct sy_desired *message, size_t *offset) {
  struct sy_record record;
  sy_record_open(&record, payload, length, SY_BOUNDS, SY_HAS(SY_KEY_VALS) | SY_HAS(SY_KEY_VER));
  bool found = sy_record_find(&record, SY_KEY_VALS);
  const uint8_t *at = found ? record.reader.at : payload;
  if (record.code == SY_OK && !(found && sy_take_values(&record.reader, &message->vals))) sy_record_fail(&record, at);
  message->ver = (uint32_t)sy_record_integer(&record, SY_KEY_VER, 0, UINT32_MAX);
  return sy_record_close(&record, offset);
}
