#include "credentials.h"

#include <esp_log.h>
#include <nvs.h>
#include <nvs_flash.h>
#include <string.h>
#include <switchyard/topics.h>

#define PARTITION "creds"
#define ADVICE "put it into credentials.csv, build and flash again"

static const char tag[] = "credentials";

static bool read_text(nvs_handle_t handle, const char *key, char *text, size_t size) {
  size_t length = size;
  esp_err_t problem = nvs_get_str(handle, key, text, &length);
  if (problem == ESP_OK) return true;
  if (problem == ESP_ERR_NVS_INVALID_LENGTH) {
    ESP_LOGE(tag, "\"%s\" is longer than %u characters", key, (unsigned)(size - 1));
  } else {
    ESP_LOGE(tag, "there is no \"%s\" (%s): " ADVICE, key, esp_err_to_name(problem));
  }
  return false;
}

static bool check(const struct credentials *credentials) {
  if (strncmp(credentials->url, "wss://", strlen("wss://")) != 0) {
    ESP_LOGE(tag, "the url \"%s\" does not begin with wss://: " ADVICE, credentials->url);
    return false;
  }
  if (!sy_is_id(credentials->tenant) || !sy_is_id(credentials->device)) {
    ESP_LOGE(tag, "\"%s/%s\" is no tenant and device, of a-z, 0-9, \"_\" and \"-\": " ADVICE, credentials->tenant,
             credentials->device);
    return false;
  }
  return true;
}

bool credentials_load(struct credentials *credentials) {
  nvs_handle_t handle;
  esp_err_t problem = nvs_flash_init_partition(PARTITION);
  if (problem == ESP_OK) problem = nvs_open_from_partition(PARTITION, "hub", NVS_READONLY, &handle);
  if (problem != ESP_OK) {
    ESP_LOGE(tag, "the partition " PARTITION " has no credentials (%s): run idf.py flash", esp_err_to_name(problem));
    return false;
  }
  bool complete = read_text(handle, "ssid", credentials->ssid, sizeof credentials->ssid) &&
                  read_text(handle, "password", credentials->password, sizeof credentials->password) &&
                  read_text(handle, "url", credentials->url, sizeof credentials->url) &&
                  read_text(handle, "tenant", credentials->tenant, sizeof credentials->tenant) &&
                  read_text(handle, "device", credentials->device, sizeof credentials->device) &&
                  read_text(handle, "secret", credentials->secret, sizeof credentials->secret);
  nvs_close(handle);
  return complete && check(credentials);
}
