#include "switchyard/rules.h"

static const struct sy_verdict fine = {SY_REASON_NONE, NULL};

static struct sy_verdict refuse(enum sy_reason code, const char *reason) {
  struct sy_verdict verdict = {(uint8_t)code, reason};
  return verdict;
}

static struct sy_verdict judge_writes(const struct sy_description *description, struct sy_values values) {
  uint8_t pid;
  struct sy_value value;
  while (sy_next_value(&values, &pid, &value)) {
    struct sy_verdict verdict = sy_judge_write(description, pid, &value, SY_THROUGH_CMD);
    if (verdict.code != SY_REASON_NONE) return verdict;
  }
  return fine;
}

static struct sy_verdict judge_arguments(const struct sy_action *action, struct sy_values arguments) {
  if (arguments.count != action->param_count) {
    return refuse(SY_REASON_INVALID, "the action takes another number of arguments");
  }
  struct sy_value value;
  for (size_t i = 0; sy_next_argument(&arguments, &value); i++) {
    struct sy_verdict verdict = sy_judge_value(&action->params[i], &value);
    if (verdict.code != SY_REASON_NONE) return verdict;
  }
  return fine;
}

struct sy_verdict sy_judge_command(const struct sy_cmd *command, const struct sy_circumstances *circumstances) {
  if (!circumstances->knows_time) {
    return refuse(SY_REASON_UNAVAILABLE, "the device does not know the time yet");
  }
  if (circumstances->hub_time > command->exp) return refuse(SY_REASON_EXPIRED, "the command came too late");
  if (command->if_ver.set && command->if_ver.value != circumstances->ver) {
    return refuse(SY_REASON_PRECONDITION, "the state has changed meanwhile");
  }
  if (command->has_vals) return judge_writes(circumstances->description, command->vals);
  const struct sy_action *action = sy_find_action(circumstances->description, (uint8_t)command->op.value);
  if (action == NULL) return refuse(SY_REASON_UNIMPLEMENTED, "there is no such action");
  return judge_arguments(action, command->args);
}
