#include "saved_state.h"

#include <esp_log.h>
#include <esp_random.h>
#include <nvs.h>
#include <nvs_flash.h>
#include <string.h>

#define NAMESPACE "lamp"

static const char tag[] = "saved state";

_Static_assert(sizeof(struct sy_failure) == 2, "errs are kept as pairs of bytes");

esp_err_t saved_state_open(void) {
  esp_err_t problem = nvs_flash_init();
  if (problem != ESP_ERR_NVS_NO_FREE_PAGES && problem != ESP_ERR_NVS_NEW_VERSION_FOUND) return problem;
  ESP_LOGW(tag, "the settings cannot be read (%s): beginning anew", esp_err_to_name(problem));
  problem = nvs_flash_erase();
  return problem == ESP_OK ? nvs_flash_init() : problem;
}

/** What is missing or cannot be is left as on the first run. */
static void load(nvs_handle_t handle, struct lamp_saved *saved) {
  uint8_t byte;
  uint32_t dver;
  size_t length = sizeof saved->errs;
  memset(saved, 0, sizeof *saved);
  saved->brightness = 100;
  saved->boot = nvs_get_u32(handle, "boot", &saved->boot) == ESP_OK ? saved->boot + 1 : esp_random();
  if (nvs_get_u8(handle, "power_on", &byte) == ESP_OK && byte <= LAMP_AS_BEFORE) {
    saved->power_on = (enum lamp_power_on)byte;
  }
  if (nvs_get_u8(handle, "on", &byte) == ESP_OK) saved->on = byte != 0;
  if (nvs_get_u8(handle, "brightness", &byte) == ESP_OK && byte <= 100) saved->brightness = byte;
  if (nvs_get_u32(handle, "dver", &dver) == ESP_OK) {
    saved->dver.set = true;
    saved->dver.value = dver;
  }
  if (nvs_get_blob(handle, "errs", saved->errs, &length) == ESP_OK) saved->err_count = length / sizeof *saved->errs;
}

esp_err_t saved_state_begin(struct lamp_saved *saved) {
  nvs_handle_t handle;
  esp_err_t problem = nvs_open(NAMESPACE, NVS_READWRITE, &handle);
  if (problem != ESP_OK) return problem;
  load(handle, saved);
  problem = nvs_set_u32(handle, "boot", saved->boot);
  if (problem == ESP_OK) problem = nvs_commit(handle);
  nvs_close(handle);
  return problem;
}

static esp_err_t store_errs(nvs_handle_t handle, const struct lamp_saved *saved) {
  if (saved->err_count > 0) {
    return nvs_set_blob(handle, "errs", saved->errs, saved->err_count * sizeof *saved->errs);
  }
  esp_err_t problem = nvs_erase_key(handle, "errs");
  return problem == ESP_ERR_NVS_NOT_FOUND ? ESP_OK : problem;
}

esp_err_t saved_state_store(const struct lamp_saved *saved) {
  nvs_handle_t handle;
  esp_err_t problem = nvs_open(NAMESPACE, NVS_READWRITE, &handle);
  if (problem != ESP_OK) return problem;
  problem = nvs_set_u8(handle, "power_on", (uint8_t)saved->power_on);
  if (problem == ESP_OK) problem = nvs_set_u8(handle, "on", saved->on);
  if (problem == ESP_OK) problem = nvs_set_u8(handle, "brightness", saved->brightness);
  if (problem == ESP_OK) problem = store_errs(handle, saved);
  // Last: when power fails before this is written, the hub's document is newer still, and is applied again.
  if (problem == ESP_OK && saved->dver.set) problem = nvs_set_u32(handle, "dver", (uint32_t)saved->dver.value);
  if (problem == ESP_OK) problem = nvs_commit(handle);
  nvs_close(handle);
  return problem;
}
