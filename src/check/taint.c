// SPDX-License-Identifier: GPL-2.0-only
#include "check/taint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

unsigned long taint__read(void)
{
	int fd = open("/proc/sys/kernel/tainted", O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = 0;
	close(fd);
	return strtoul(text, NULL, 10);
}
