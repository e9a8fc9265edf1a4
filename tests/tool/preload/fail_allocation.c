/* SPDX-License-Identifier: MIT */
/* Preloaded, it has allocations of a program fail: FAIL_MANY of them, from that of the number FAIL_AT
   (from 0) on. The file FAIL_COUNT gets the count of allocations when the program ends. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static atomic_long count;
static long fail_at = -1, fail_many;
static int counts;

static int (*real_main)(int, char**, char**);

/* Counting begins with main(): what fails before that is not the program's. */
static int counted_main(int count_of_arguments, char** arguments, char** environment) {
  const char* const first = getenv("FAIL_AT");
  const char* const many = getenv("FAIL_MANY");
  if (first != NULL) fail_at = atol(first);
  if (many != NULL) fail_many = atol(many);
  counts = 1;
  return real_main(count_of_arguments, arguments, environment);
}

int __libc_start_main(int (*main)(int, char**, char**), int count_of_arguments, char** arguments,
                      void (*begin)(void), void (*end)(void), void (*end_of_loader)(void), void* stack_end) {
  real_main = main;
  int (*real)(int (*)(int, char**, char**), int, char**, void (*)(void), void (*)(void), void (*)(void),
              void*);
  *(void**)&real = dlsym(RTLD_NEXT, "__libc_start_main");
  return real(counted_main, count_of_arguments, arguments, begin, end, end_of_loader, stack_end);
}

__attribute__((destructor)) static void report(void) {
  counts = 0;
  const char* const path = getenv("FAIL_COUNT");
  FILE* const to = path == NULL ? NULL : fopen(path, "w");
  if (to == NULL) return;
  fprintf(to, "%ld\n", atomic_load(&count));
  fclose(to);
}

static int fails(void) {
  if (!counts) return 0;
  const long number = atomic_fetch_add(&count, 1);
  if (fail_at < 0 || number < fail_at || number - fail_at >= fail_many) return 0;
  errno = ENOMEM;
  return 1;
}

void* malloc(size_t size) {
  return fails() ? NULL : __libc_malloc(size);
}
void* calloc(size_t many, size_t size) {
  return fails() ? NULL : __libc_calloc(many, size);
}
void* realloc(void* block, size_t size) {
  return fails() ? NULL : __libc_realloc(block, size);
}
void* memalign(size_t alignment, size_t size) {
  return fails() ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** to, size_t alignment, size_t size) {
  if (fails()) return ENOMEM;
  *to = __libc_memalign(alignment, size);
  return *to == NULL ? ENOMEM : 0;
}
