#include "writer.h"

enum sy_code sy_encode_state(const struct sy_state *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  sy_put_map(&writer, 5u + message->dver.set + (message->errs != NULL));
  sy_put_heading(&writer, &message->heading);
  sy_put_integer(&writer, SY_KEY_VALS);
  sy_put_entries(&writer, &message->vals);
  sy_put_field(&writer, SY_KEY_VER, message->ver);
  sy_put_optional(&writer, SY_KEY_DVER, message->dver, 0, UINT32_MAX);
  if (message->errs != NULL) {
    sy_put_integer(&writer, SY_KEY_ERRS);
    sy_put_failures(&writer, message->errs, message->err_count);
  }
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
