#include "record.h"
#include "switchyard/receive.h"

#define SHA256_BYTES 32

enum sy_code sy_decode_manifest(const uint8_t *payload, size_t length, struct sy_manifest *message, size_t *offset) {
  struct sy_record record;
  sy_record_open(&record, payload, length, SY_BOUNDS);
  message->digest = sy_record_bytes(&record, SY_KEY_DATA, SHA256_BYTES, SHA256_BYTES).at;
  message->size = (uint32_t)sy_record_integer(&record, SY_KEY_N, UINT32_MAX);
  message->model = sy_record_text(&record, SY_KEY_MODEL);
  message->fw = sy_record_text(&record, SY_KEY_FW);
  message->arb = (uint32_t)sy_record_integer(&record, SY_KEY_ARB, UINT32_MAX);
  return sy_record_close(&record, offset);
}
