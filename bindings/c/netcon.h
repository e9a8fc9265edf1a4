// SPDX-License-Identifier: MIT
/* netcon for C and for languages that call C: lint a parameter, explain it, decode a packet, encode a record.
 *
 * Pure functions: none keeps state, locks, looks at a clock or reads a file; all may be called from any
 * thread. Texts are bytes with a length and need no NUL behind them. A struct begins with its size: set it to
 * sizeof, and later versions of the library fill only the fields that the caller knows.
 *
 * Link with -lnetcon. The texts that the library points to as `const char *` are constants and end in a NUL.
 */
#ifndef NETCON_H
#define NETCON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define NETCON_API __attribute__((visibility("default")))
#else
#define NETCON_API
#endif

/* Bytes of the caller's. data may be null where size is 0. */
typedef struct netcon_text {
  const char* data;
  size_t size;
} netcon_text;

/* The kernel that is asked about. Version 0.0.0: the newest one that netcon knows. */
typedef struct netcon_kernel {
  size_t size; /* sizeof(netcon_kernel) */
  uint16_t version;
  uint16_t patchlevel;
  uint16_t sublevel;
  uint16_t built_in; /* not 0: netconsole is built in, not a module */
} netcon_kernel;

/* What a function answers when it cannot do its work; what it does otherwise it says itself. Stable. */
enum {
  NETCON_OK = 0,
  NETCON_REFUSED = -1,  /* the text, packet or record is wrong: see the problem */
  NETCON_BAD_CALL = -2, /* a null pointer, a size that is no struct's, a kernel 0.x, or a text above 4 GiB */
  NETCON_NO_MEMORY = -3
};

/* What is wrong with a text, and where: bytes [begin, end). code is the number of docs/errors.md. A record of
 * netcon_encode has many texts: name says which is wrong, and begin and end are 0. */
typedef struct netcon_problem {
  size_t size; /* sizeof(netcon_problem) */
  uint32_t code;
  uint32_t begin;
  uint32_t end;
  const char* name;    /* "bad-port" */
  const char* message; /* what is wrong */
  const char* hint;    /* what to write instead */
} netcon_problem;

enum { NETCON_NOTE = 0, NETCON_WARNING = 1, NETCON_ERROR = 2 };
enum { NETCON_MAX_FIX = 512 };

/* A problem with a parameter, and what to type instead: replace the bytes [fix_begin, fix_end) by fix. */
typedef struct netcon_finding {
  size_t size; /* sizeof(netcon_finding) */
  netcon_problem problem;
  uint32_t severity; /* NETCON_NOTE, NETCON_WARNING: the kernel takes it; NETCON_ERROR: it refuses it */
  uint32_t has_fix;  /* 0 also where the fix is longer than NETCON_MAX_FIX */
  uint32_t fix_begin;
  uint32_t fix_end;
  uint32_t fix_size;
  char fix[NETCON_MAX_FIX]; /* no NUL behind it */
} netcon_finding;

/* Judges the value of netconsole= as that kernel reads it. Writes at most capacity findings, in the order of
 * the text, and returns how many there are, which may be more. findings may be null where capacity is 0; the
 * size of the first one is set by the caller and holds for all. Returns NETCON_BAD_CALL or NETCON_NO_MEMORY
 * otherwise. */
NETCON_API ptrdiff_t netcon_lint(netcon_text parameter, const netcon_kernel* kernel, netcon_finding* findings,
                                 size_t capacity);

/* One target as the kernel would use it: every default filled in. Addresses are text that ends in a NUL. */
typedef struct netcon_target {
  size_t size;    /* sizeof(netcon_target) */
  uint32_t begin; /* its bytes in the parameter */
  uint32_t end;
  uint8_t extended;
  uint8_t release;
  uint16_t local_port;
  uint16_t remote_port;
  char local_ip[46]; /* empty: the kernel takes one of the device */
  char remote_ip[46];
  char device[16]; /* empty where has_device_mac is set */
  uint8_t has_device_mac;
  uint8_t device_mac[6];
  uint8_t remote_mac[6]; /* ff:ff:ff:ff:ff:ff where the text has none */
} netcon_target;

/* Reads the value of netconsole= as that kernel does. Writes at most capacity targets and returns how many
 * the kernel keeps. NETCON_REFUSED: it refuses the whole parameter; problem, which may be null, says why.
 * From 6.12 on a kernel skips a bad target and keeps the others: netcon_lint reports it. */
NETCON_API ptrdiff_t netcon_explain(netcon_text parameter, const netcon_kernel* kernel,
                                    netcon_target* targets, size_t capacity, netcon_problem* problem);

/* A decoded packet. Texts point into the packet, which must stay as long as they are used. */
typedef struct netcon_record {
  size_t size;      /* sizeof(netcon_record) */
  uint8_t extended; /* 0: a basic packet: text and body alone are set */
  uint8_t replayed; /* the kernel sent this record before */
  uint8_t level;    /* 0 emerg to 7 debug */
  uint8_t facility;
  char flag;           /* '-', 'c' or '+' */
  uint8_t is_fragment; /* text, body and dictionary are a part of the record's */
  uint16_t reserved;
  uint64_t sequence;
  uint64_t timestamp_us; /* since the sender's boot */
  uint32_t fragment_offset;
  uint32_t fragment_total;
  netcon_text release;    /* empty: none */
  netcon_text caller;     /* "T123" or "C0"; empty: none */
  netcon_text text;       /* still escaped, without its newline */
  netcon_text dictionary; /* the lines after the text: see netcon_next_entry */
  netcon_text body;       /* all after the first ';' */
} netcon_record;

/* Decodes one packet. Returns NETCON_OK; NETCON_REFUSED for an empty packet and for an extended header that
 * no kernel sends: problem, which may be null, says why. */
NETCON_API int netcon_decode(netcon_text packet, netcon_record* record, netcon_problem* problem);

/* Takes the next "key=value" line from a dictionary. Returns 1 and shortens lines, or 0 at their end. */
NETCON_API int netcon_next_entry(netcon_text* lines, netcon_text* key, netcon_text* value);

/* A record of the kernel's log before it is formatted, and what the target adds to it. */
typedef struct netcon_log_record {
  size_t size;       /* sizeof(netcon_log_record) */
  uint16_t priority; /* facility * 8 + level, at most 2047 */
  char flag;         /* '-'; 0 stands for it */
  uint8_t reserved;
  uint64_t sequence;
  uint64_t timestamp_us;
  netcon_text caller; /* empty: none; Linux 5.1 */
  netcon_text text;   /* raw bytes */
  netcon_text subsystem;
  netcon_text device;
  netcon_text release;         /* empty: none; Linux 6.6 */
  const netcon_text* userdata; /* key, value, key, value; Linux 6.9 */
  size_t userdata_entries;
} netcon_log_record;

/* Receives one packet; it is gone when the call ends. */
typedef void (*netcon_sink)(void* context, const char* packet, size_t size);

/* Calls sink with each packet that this kernel sends for a record, and returns their number. NETCON_REFUSED:
 * this kernel cannot send such a record; problem, which may be null, says why, and sink was not called. */
NETCON_API ptrdiff_t netcon_encode(const netcon_log_record* record, const netcon_kernel* kernel,
                                   netcon_sink sink, void* context, netcon_problem* problem);

/* "0.1.0": of the library that runs. */
NETCON_API const char* netcon_version(void);

#ifdef __cplusplus
}
#endif

#endif
