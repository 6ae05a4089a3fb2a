/* Answers are JSON: one text for any number of fields, and no type of our own to be agreed on. */
#ifndef LOCKKEEPER_JSON_H
#define LOCKKEEPER_JSON_H

#include "sqlite3ext.h"

/* Appends a text in quotes, escaped as RFC 8259, section 7 asks. */
void json_append_text(sqlite3_str *json, const char *text);

#endif
