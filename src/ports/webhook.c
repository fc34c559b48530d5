// SPDX-License-Identifier: GPL-3.0-or-later
//
// webhook.c: the port that posts the message to an address. The only file that knows libcurl.
//
// https with the system's certificates (http to this machine only: table.c), no redirect, no proxy,
// no cookie, port->allowed_ms in all. What comes back is thrown away; a status of 2xx means that
// the message has arrived.
#include <curl/curl.h>
#include <stdio.h>

#include "ports/ports_priv.h"

static size_t throw_away(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    size_t *taken = context;
    *taken += size * count;
    return *taken > LIMIT_PORT_MESSAGE_SIZE ? 0 : size * count;
}

static void set_options(CURL *handle, const struct port *port, struct span message,
                        struct curl_slist *headers, size_t *taken)
{
    curl_easy_setopt(handle, CURLOPT_URL, port->target);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)port->allowed_ms);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)port->allowed_ms / 2);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, message.data);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)message.size);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, taken);
}

enum fault_code port_send_webhook(const struct port *port, struct span message, struct fault *fault)
{
    size_t taken = 0;
    long status = 0;
    char reason[64] = "memory";
    CURL *handle = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (handle != NULL && headers != NULL) {
        set_options(handle, port, message, headers, &taken);
        CURLcode outcome = curl_easy_perform(handle);
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        if (outcome == CURLE_OK)
            snprintf(reason, sizeof reason, "HTTP %ld", status);
        else
            snprintf(reason, sizeof reason, "%s", curl_easy_strerror(outcome));
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
    if (status >= 200 && status < 300)
        return FAULT_NONE;
    return fault_set(fault, FAULT_IO, TEXT_PORTS_FAILED, text_string(port->name),
                     text_string(reason));
}
