#include "writer.h"

static void put_batch(struct sy_writer *writer, const struct sy_sample *samples, size_t count) {
  if (count < 1 || count > SY_MAX_BATCH) sy_writer_fail(writer);
  sy_put_integer(writer, SY_KEY_BATCH);
  sy_put_array(writer, count);
  for (size_t i = 0; i < count && writer->code == SY_OK; i++) {
    sy_put_array(writer, 2);
    sy_put_integer(writer, samples[i].t);
    sy_put_entries(writer, &samples[i].vals);
  }
}

enum sy_code sy_encode_tele(const struct sy_tele *message, uint8_t *buffer, size_t size, size_t *length) {
  struct sy_writer writer;
  sy_writer_open(&writer, buffer, size);
  sy_put_map(&writer, 4);
  sy_put_heading(&writer, &message->heading);
  if (message->batch == NULL) {
    sy_put_integer(&writer, SY_KEY_VALS);
    sy_put_entries(&writer, &message->vals);
  } else {
    put_batch(&writer, message->batch, message->batch_count);
  }
  return sy_writer_close(&writer, SY_BOUNDS, length);
}
