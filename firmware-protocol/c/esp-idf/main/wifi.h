#ifndef WIFI_H
#define WIFI_H

#include <esp_err.h>

#include "happenings.h"

/**
 * Joins the Wi-Fi, and again whenever it is lost; NETWORK_UP tells each time. The default event loop must exist.
 * @param ssid at most 32 characters
 * @param password at most 64 characters; empty for a Wi-Fi without one
 * @param happenings outlives the Wi-Fi
 */
esp_err_t wifi_start(const char *ssid, const char *password, struct happenings *happenings);

#endif
