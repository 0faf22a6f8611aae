#include "switchyard/rules.h"

bool sy_is_newer(const struct sy_desired *document, struct sy_optional applied) {
  return !applied.set || document->ver > applied.value;
}

size_t sy_judge_desired(const struct sy_description *description, const struct sy_desired *document,
                        struct sy_failure *errs) {
  struct sy_values values = document->vals;
  uint8_t pid;
  struct sy_value value;
  size_t count = 0;
  while (sy_next_value(&values, &pid, &value)) {
    struct sy_verdict verdict = sy_judge_write(description, pid, &value, SY_THROUGH_DESIRED);
    if (verdict.code == SY_REASON_NONE) continue;
    errs[count].pid = pid;
    errs[count].code = verdict.code;
    count++;
  }
  return count;
}

uint8_t sy_failure_of(const struct sy_failure *errs, size_t count, uint8_t pid) {
  for (size_t i = 0; i < count; i++) {
    if (errs[i].pid == pid) return errs[i].code;
  }
  return SY_REASON_NONE;
}
