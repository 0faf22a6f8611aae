#include "writer.h"

enum sy_code sy_encode_event(const struct sy_event *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  if (message->vals.count == 0) sy_writer_fail(&writer);
  sy_put_map(&writer, 4u + (message->msg.at != NULL));
  sy_put_heading(&writer, &message->heading);
  sy_put_integer(&writer, SY_KEY_VALS);
  sy_put_entries(&writer, &message->vals);
  if (message->msg.at != NULL) {
    sy_put_integer(&writer, SY_KEY_MSG);
    sy_put_text(&writer, &message->msg);
  }
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
