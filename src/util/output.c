// SPDX-License-Identifier: GPL-2.0-only
#include "util/output.h"

#include <errno.h>
#include <unistd.h>

int output__write(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buf += n;
		len -= n;
	}
	return 0;
}
