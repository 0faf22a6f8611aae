#include "wifi.h"

#include <esp_event.h>
#include <esp_log.h>
#include <esp_netif.h>
#include <esp_random.h>
#include <esp_timer.h>
#include <esp_wifi.h>
#include <string.h>

#include "backoff.h"

static const char tag[] = "wifi";

struct wifi {
  struct happenings *happenings;
  esp_timer_handle_t retry;
  unsigned failures;
};

static void join(void *context) {
  (void)context;
  esp_wifi_connect();
}

static void on_wifi(void *context, esp_event_base_t base, int32_t id, void *data) {
  (void)base;
  struct wifi *wifi = context;
  if (id == WIFI_EVENT_STA_START) {
    join(NULL);
  } else if (id == WIFI_EVENT_STA_DISCONNECTED) {
    const wifi_event_sta_disconnected_t *event = data;
    ESP_LOGW(tag, "not joined (reason %u of wifi_err_reason_t): check ssid and password; trying again",
             (unsigned)event->reason);
    esp_timer_start_once(wifi->retry, (uint64_t)backoff(wifi->failures++, esp_random()) * 1000);
  }
}

static void on_address(void *context, esp_event_base_t base, int32_t id, void *data) {
  (void)base;
  (void)id;
  (void)data;
  struct wifi *wifi = context;
  const struct happening happening = {.kind = NETWORK_UP};
  wifi->failures = 0;
  happenings_put(wifi->happenings, &happening);
}

static esp_err_t configure(const char *ssid, const char *password) {
  // Both arrays may be filled to their end, without a zero.
  wifi_config_t config = {.sta.threshold.authmode = password[0] == '\0' ? WIFI_AUTH_OPEN : WIFI_AUTH_WPA2_PSK};
  memcpy(config.sta.ssid, ssid, strnlen(ssid, sizeof config.sta.ssid));
  memcpy(config.sta.password, password, strnlen(password, sizeof config.sta.password));
  esp_err_t problem = esp_wifi_set_mode(WIFI_MODE_STA);
  return problem == ESP_OK ? esp_wifi_set_config(WIFI_IF_STA, &config) : problem;
}

esp_err_t wifi_start(const char *ssid, const char *password, struct happenings *happenings) {
  static struct wifi wifi;
  wifi.happenings = happenings;
  const esp_timer_create_args_t retry = {.callback = join, .name = "wifi"};
  const wifi_init_config_t init = WIFI_INIT_CONFIG_DEFAULT();

  esp_err_t problem = esp_netif_init();
  if (problem == ESP_OK && esp_netif_create_default_wifi_sta() == NULL) problem = ESP_ERR_NO_MEM;
  if (problem == ESP_OK) problem = esp_timer_create(&retry, &wifi.retry);
  if (problem == ESP_OK) problem = esp_wifi_init(&init);
  // The password is kept in one place.
  if (problem == ESP_OK) problem = esp_wifi_set_storage(WIFI_STORAGE_RAM);
  if (problem == ESP_OK) problem = esp_event_handler_register(WIFI_EVENT, ESP_EVENT_ANY_ID, on_wifi, &wifi);
  if (problem == ESP_OK) problem = esp_event_handler_register(IP_EVENT, IP_EVENT_STA_GOT_IP, on_address, &wifi);
  if (problem == ESP_OK) problem = configure(ssid, password);
  if (problem == ESP_OK) problem = esp_wifi_start();
  // A lamp has power, and is to react at once: no sleep between beacons.
  return problem == ESP_OK ? esp_wifi_set_ps(WIFI_PS_NONE) : problem;
}
