#include "json.h"

SQLITE_EXTENSION_INIT3

void json_append_text(sqlite3_str *json, const char *text) {
  sqlite3_str_appendchar(json, 1, '"');
  for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
    if (*at == '"' || *at == '\\') sqlite3_str_appendf(json, "\\%c", *at);
    else if (*at < 0x20) sqlite3_str_appendf(json, "\\u%04x", *at);
    else sqlite3_str_appendchar(json, 1, (char)*at);
  }
  sqlite3_str_appendchar(json, 1, '"');
}
