#include "record.h"
#include "switchyard/receive.h"

enum sy_code sy_decode_blk(const uint8_t *payload, size_t length, struct sy_blk *message, size_t *offset) {
  struct sy_record record;
  sy_record_open(&record, payload, length, SY_BOUNDS_BLK);
  message->data = sy_record_bytes(&record, SY_KEY_DATA, 1, SY_MAX_BLOCK);
  message->off = (uint32_t)sy_record_integer(&record, SY_KEY_OFF, UINT32_MAX);
  message->img = sy_record_bytes(&record, SY_KEY_IMG, 8, 8).at;
  return sy_record_close(&record, offset);
}
