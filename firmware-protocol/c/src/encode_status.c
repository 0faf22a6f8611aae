#include "writer.h"

enum sy_code sy_encode_status(const struct sy_status *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  if ((unsigned)message->st > SY_BYE) sy_writer_fail(&writer);
  sy_put_map(&writer, 3u + message->seq.set + (message->dhash != NULL));
  sy_put_field(&writer, SY_KEY_BOOT, message->boot);
  sy_put_optional(&writer, SY_KEY_SEQ, message->seq, 0, UINT32_MAX);
  sy_put_field(&writer, SY_KEY_ST, message->st);
  sy_put_field(&writer, SY_KEY_SESS, message->sess);
  if (message->dhash != NULL) sy_put_h8(&writer, SY_KEY_DHASH, message->dhash);
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
