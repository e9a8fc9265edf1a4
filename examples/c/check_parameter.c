// SPDX-License-Identifier: MIT
/* Checks the value of netconsole= for a kernel: check_parameter PARAMETER [VERSION.PATCHLEVEL.SUBLEVEL]
 * Exit code 0: the kernel takes all of it. 1: it refuses some of it. 2: bad arguments. */
#include <netcon.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char** argv) {
  netcon_kernel kernel = {.size = sizeof kernel};
  if (argc < 2 || argc > 3 ||
      (argc == 3 && sscanf(argv[2], "%" SCNu16 ".%" SCNu16 ".%" SCNu16, &kernel.version, &kernel.patchlevel,
                           &kernel.sublevel) < 2)) {
    fprintf(stderr, "usage: check_parameter PARAMETER [VERSION]     for example '@/,@10.0.0.2/' 6.12.117\n");
    return 2;
  }
  const netcon_text parameter = {argv[1], strlen(argv[1])};

  /* An error may be the last of many findings: first count them. */
  const ptrdiff_t found = netcon_lint(parameter, &kernel, NULL, 0);
  netcon_finding* findings = found < 0 ? NULL : calloc((size_t)found + 1, sizeof *findings);
  if (!findings) return 2;
  findings->size = sizeof *findings;
  if (netcon_lint(parameter, &kernel, findings, (size_t)found) != found) return free(findings), 2;
  int errors = 0;
  for (ptrdiff_t i = 0; i < found; ++i) {
    const netcon_finding* one = &findings[i];
    errors += one->severity == NETCON_ERROR;
    printf("bytes %" PRIu32 " to %" PRIu32 ": %s: %s\n", one->problem.begin, one->problem.end,
           one->problem.message, one->problem.hint);
    if (one->has_fix)
      printf("  write %.*s%.*s%s\n", (int)one->fix_begin, argv[1], (int)one->fix_size, one->fix,
             argv[1] + one->fix_end);
  }
  free(findings);

  const ptrdiff_t kept = netcon_explain(parameter, &kernel, NULL, 0, NULL);
  netcon_target* targets = kept <= 0 ? NULL : calloc((size_t)kept, sizeof *targets);
  if (kept > 0 && !targets) return 2;
  if (targets) {
    targets->size = sizeof *targets;
    netcon_explain(parameter, &kernel, targets, (size_t)kept, NULL);
  }
  for (ptrdiff_t i = 0; i < kept; ++i) {
    const netcon_target* one = &targets[i];
    const uint8_t* mac = one->device_mac;
    if (one->has_device_mac)
      printf("the device with %02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    else
      printf("%s", one->device);
    printf(" sends to %s port %u%s\n", one->remote_ip, one->remote_port, one->extended ? ", extended" : "");
  }
  free(targets);
  return errors != 0;
}
