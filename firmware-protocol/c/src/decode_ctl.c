#include "record.h"
#include "switchyard/receive.h"

enum sy_code sy_decode_ctl(const uint8_t *payload, size_t length, struct sy_ctl *message, size_t *offset) {
  struct sy_record record;
  sy_record_open(&record, payload, length, SY_BOUNDS);
  message->t = sy_record_integer(&record, SY_KEY_T, SY_MAX_INTEGER);
  message->op = (uint32_t)sy_record_optional(&record, SY_KEY_OP, UINT32_MAX).value;
  return sy_record_close(&record, offset);
}
