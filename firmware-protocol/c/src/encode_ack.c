#include "result.h"

size_t sy_count_result(const struct sy_result *result) {
  return 2u + (result->vals.at != NULL) + result->ver.set + result->code.set + (result->msg.at != NULL) +
         result->pct.set;
}

void sy_put_result(struct sy_writer *writer, const struct sy_result *result) {
  if (result->st < SY_ACCEPTED || result->st > SY_REJECTED) sy_writer_fail(writer);
  if (result->vals.at != NULL) {
    sy_put_integer(writer, SY_KEY_VALS);
    sy_put_entries(writer, &result->vals);
  }
  sy_put_optional(writer, SY_KEY_VER, result->ver, 0, UINT32_MAX);
  sy_put_h8(writer, SY_KEY_ID, result->id);
  sy_put_optional(writer, SY_KEY_CODE, result->code, 0, UINT8_MAX);
  if (result->msg.at != NULL) {
    sy_put_integer(writer, SY_KEY_MSG);
    sy_put_text(writer, &result->msg);
  }
  sy_put_field(writer, SY_KEY_ST, result->st);
  sy_put_optional(writer, SY_KEY_PCT, result->pct, 0, 100);
}

enum sy_code sy_encode_ack(const struct sy_ack *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  sy_put_map(&writer, 3 + sy_count_result(&message->result));
  sy_put_heading(&writer, &message->heading);
  sy_put_result(&writer, &message->result);
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
