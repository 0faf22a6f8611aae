#include "record.h"
#include "switchyard/receive.h"

enum sy_code sy_decode_desired(const uint8_t *payload, size_t length, struct sy_desired *message, size_t *offset) {
  struct sy_record record;
  sy_record_open(&record, payload, length, SY_BOUNDS);
  if (sy_record_need(&record, SY_KEY_VALS)) sy_record_values(&record, &message->vals);
  message->ver = (uint32_t)sy_record_integer(&record, SY_KEY_VER, UINT32_MAX);
  return sy_record_close(&record, offset);
}
