#include <string.h>
#include <switchyard/topics.h>

#include "rules.h"

void test_topics(void) {
  char topic[SY_TOPIC_SIZE];
  sy_up_topic(topic, "home", "lamp", SY_UP_STATE);
  tap_ok(strcmp(topic, "iot/1/home/lamp/up/state") == 0, "topics: up");
  sy_down_filter(topic, "home", "lamp");
  tap_ok(strcmp(topic, "iot/1/home/lamp/dn/#") == 0, "topics: the filter");
  const char *longest = "abcdefghijklmnopqrstuvwxyz_-0123";
  sy_up_topic(topic, longest, longest, SY_UP_STATUS);
  tap_ok(sy_is_id(longest) && strlen(topic) == strlen("iot/1///up/status") + 64, "topics: the longest ids have room");

  const struct {
    const char *topic;
    enum sy_down channel;
  } topics[] = {
      {"iot/1/home/lamp/dn/cmd", SY_DOWN_CMD},      {"iot/1/home/lamp/dn/ctl", SY_DOWN_CTL},
      {"iot/1/home/lamp/dn/blk", SY_DOWN_BLK},      {"iot/1/home/lamp/dn/desired", SY_DOWN_DESIRED},
      {"iot/1/home/lamp/dn/news", SY_DOWN_NONE},    {"iot/1/home/lamp/dn/cmd/x", SY_DOWN_NONE},
      {"iot/1/home/other/dn/cmd", SY_DOWN_NONE},    {"iot/1/home/lamp/up/state", SY_DOWN_NONE},
      {"iot/2/home/lamp/dn/cmd", SY_DOWN_NONE},     {"", SY_DOWN_NONE},
  };
  for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
    tap_ok(sy_down_channel(topics[i].topic, "home", "lamp") == topics[i].channel, "topics: \"%s\"", topics[i].topic);
  }

  const char *const ids[] = {"a", "0", "a_b-c", "9lives"};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) tap_ok(sy_is_id(ids[i]), "ids: \"%s\"", ids[i]);
  const char *const others[] = {"",    "A",    "_a", "-a", "@hub", "a/b", "a#", "a+",
                                "a b", "l\xc3\xa4mp", "abcdefghijklmnopqrstuvwxyz_-01234"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) tap_ok(!sy_is_id(others[i]), "no ids: \"%s\"", others[i]);
}
