#include "record.h"
#include "switchyard/receive.h"

enum sy_code sy_decode_cmd(const uint8_t *payload, size_t length, struct sy_cmd *message, size_t *offset) {
  struct sy_record record;
  sy_record_open(&record, payload, length, SY_BOUNDS);

  message->has_vals = sy_record_find(&record, SY_KEY_VALS);
  message->vals.count = 0;
  if (message->has_vals) sy_record_values(&record, &message->vals);
  message->id = sy_record_bytes(&record, SY_KEY_ID, 8, 8).at;
  message->exp = sy_record_integer(&record, SY_KEY_EXP, SY_MAX_INTEGER);
  message->if_ver = sy_record_optional(&record, SY_KEY_IF, UINT32_MAX);
  message->op = sy_record_optional(&record, SY_KEY_OP, UINT8_MAX);
  message->args.count = 0;
  bool has_args = sy_record_find(&record, SY_KEY_ARGS);
  if (has_args) sy_record_arguments(&record, &message->args);
  if (message->has_vals == message->op.set || (message->has_vals && has_args)) record.lacks = true;
  return sy_record_close(&record, offset);
}
