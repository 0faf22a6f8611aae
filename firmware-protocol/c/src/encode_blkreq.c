#include "writer.h"

enum sy_code sy_encode_blkreq(const struct sy_blkreq *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  if (message->n < 1 || message->n > 16) sy_writer_fail(&writer);
  sy_put_map(&writer, 3);
  sy_put_field(&writer, SY_KEY_OFF, message->off);
  sy_put_field(&writer, SY_KEY_N, message->n);
  sy_put_h8(&writer, SY_KEY_IMG, message->img);
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
