#include "rules.h"

int main(void) {
  test_values();
  test_commands();
  test_desired();
  test_encoders();
  test_floats();
  test_memory();
  test_sessions();
  test_topics();
  test_lamp();
  return tap_done();
}
