/*
** Stands between the extension and the system, to have something happen at a moment that nobody could hit. Only on Linux do
** the program's own functions come before the system library's for what it loads.
*/
#ifndef LOCKKEEPER_SYSTEM_CALLS_H
#define LOCKKEEPER_SYSTEM_CALLS_H

#ifdef __linux__
/* Just before the next call of flock, once, in this process. */
void before_flock(void (*happens)(void));
int has_happened(void);
#endif

#endif
