// SPDX-License-Identifier: GPL-2.0-only
#include "record/container.h"

#include <stdio.h>
#include <string.h>

enum {
	ID_DIGITS = 64,
	UID_CHARS = 36, /* of a pod: 8-4-4-4-12 digits */
	UID_DIGITS = 32, /* the same of static pods, which have a hash */
	MATCH_LEAST = CONTAINER_SHORT / 3,
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_id(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!is_hex(s[i]))
			return false;
	return len == ID_DIGITS;
}

static bool begins(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len > n && !memcmp(s, with, n);
}

static size_t without_end(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(s + len - n, end, n) ? len - n : len;
}

/* What runtimes put before the id, with systemd as the manager of cgroups and without. */
static const struct {
	const char *prefix;
	enum container_runtime runtime;
	bool name; /* what follows is a name, not an id */
} prefixes[] = {
	{ "docker-", CONTAINER_DOCKER, false },
	{ "libpod-", CONTAINER_PODMAN, false },
	{ "cri-containerd-", CONTAINER_CONTAINERD, false },
	{ "nerdctl-", CONTAINER_CONTAINERD, false },
	{ "crio-", CONTAINER_CRIO, false },
	{ "lxc.payload.", CONTAINER_LXC, true },
	{ "systemd-nspawn@", CONTAINER_NSPAWN, true },
	{ "machine-", CONTAINER_NSPAWN, true },
};

static bool by_prefix(const char *s, size_t len, struct container *c)
{
	size_t i, n, end = without_end(s, len, ".scope");

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		n = strlen(prefixes[i].prefix);
		if (!begins(s, len, prefixes[i].prefix))
			continue;
		if (!prefixes[i].name && !is_id(s + n, end - n))
			continue;
		/* "machine-" begins slices and scopes of anything else, too */
		if (prefixes[i].runtime == CONTAINER_NSPAWN)
			end = without_end(s, end, ".service");
		if (prefixes[i].runtime == CONTAINER_NSPAWN && end == len)
			continue;
		c->runtime = prefixes[i].runtime;
		c->id = (struct container_part){ s + n, end - n };
		return true;
	}
	return false;
}

/* Folders whose children are containers, where no systemd manages cgroups. */
static enum container_runtime by_folder(const char *s, size_t len)
{
	static const struct {
		const char *name;
		enum container_runtime runtime;
	} folders[] = { { "docker", CONTAINER_DOCKER },
			{ "libpod_parent", CONTAINER_PODMAN },
			{ "lxc", CONTAINER_LXC } };
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strlen(folders[i].name) == len && !memcmp(s, folders[i].name, len))
			return folders[i].runtime;
	return CONTAINER_NONE;
}

/* "pod6f2c8c2e-...": 36 characters, or 32 of a static pod. "-" is "_" in names of slices. */
static bool pod_of(const char *s, size_t len, struct container *c)
{
	const char *at = begins(s, len, "kubepods-") ? strstr(s, "-pod") : s - 1;
	size_t i;

	len = without_end(s, len, ".slice");
	if (!at || at >= s + len || !begins(at + 1, s + len - at - 1, "pod"))
		return false;
	c->pod = (struct container_part){ at + 4, (size_t)(s + len - at - 4) };
	for (i = 0; i < c->pod.len; i++)
		if (!is_hex(c->pod.s[i]) && c->pod.s[i] != '-' && c->pod.s[i] != '_')
			break;
	if (i == c->pod.len && (i == UID_CHARS || i == UID_DIGITS))
		return true;
	c->pod.len = 0;
	return false;
}

static bool is_unit(const char *s, size_t len)
{
	return without_end(s, len, ".service") != len || without_end(s, len, ".scope") != len;
}

/* One component of the path. `folder`: what the one before it holds. */
static void component(const char *s, size_t len, enum container_runtime folder, struct container *c)
{
	if (by_prefix(s, len, c) || pod_of(s, len, c))
		return;
	if (is_id(s, len) || folder == CONTAINER_LXC) {
		c->runtime = folder ? folder : c->pod.len ? CONTAINER_CONTAINERD : CONTAINER_OTHER;
		c->id = (struct container_part){ s, len };
	} else if (is_unit(s, len) &&
		   (c->runtime == CONTAINER_NONE || c->runtime == CONTAINER_UNIT)) {
		c->runtime = CONTAINER_UNIT;
		c->id = (struct container_part){ s, len };
	}
}

void container__parse(const char *path, struct container *c)
{
	enum container_runtime folder = CONTAINER_NONE;

	memset(c, 0, sizeof(*c));
	while (path && *path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			return;
		component(path, len, folder, c);
		folder = by_folder(path, len);
		path += len;
	}
}

const char *container_runtime__name(enum container_runtime runtime)
{
	static const char *const names[CONTAINER_RUNTIMES] = {
		[CONTAINER_DOCKER] = "docker",
		[CONTAINER_PODMAN] = "podman",
		[CONTAINER_CONTAINERD] = "containerd",
		[CONTAINER_CRIO] = "cri-o",
		[CONTAINER_LXC] = "lxc",
		[CONTAINER_NSPAWN] = "nspawn",
		[CONTAINER_OTHER] = "container",
		[CONTAINER_UNIT] = "unit",
	};

	return names[runtime];
}

const char *container__text(const struct container *c, char text[CONTAINER_TEXT])
{
	int len = (int)(c->id.len < 64 ? c->id.len : 64), at;
	size_t i;

	*text = 0;
	if (c->runtime == CONTAINER_NONE)
		return text;
	if (is_id(c->id.s, c->id.len))
		len = CONTAINER_SHORT;
	at = snprintf(text, CONTAINER_TEXT, "%s %.*s", container_runtime__name(c->runtime), len,
		      c->id.s);
	if (!c->pod.len)
		return text;
	at += snprintf(text + at, CONTAINER_TEXT - at, " of pod ");
	for (i = 0; i < c->pod.len; i++)
		text[at++] = c->pod.s[i] == '_' ? '-' : c->pod.s[i];
	text[at] = 0;
	return text;
}

/* "_" in the name of a slice stands for "-". */
static bool same_uid(const struct container_part *pod, const char *name)
{
	size_t i;

	if (!pod->len || strlen(name) != pod->len)
		return false;
	for (i = 0; i < pod->len; i++)
		if (name[i] != pod->s[i] && !(name[i] == '-' && pod->s[i] == '_'))
			return false;
	return true;
}

bool container__matches(const struct container *c, const char *name)
{
	size_t len = strlen(name);

	if (c->runtime == CONTAINER_NONE)
		return false;
	if (len == c->id.len && !memcmp(name, c->id.s, len))
		return true;
	return same_uid(&c->pod, name) || (is_id(c->id.s, c->id.len) && len >= MATCH_LEAST &&
					   len < c->id.len && !memcmp(name, c->id.s, len));
}

bool cgroup__is_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	while (len && above[len - 1] == '/')
		len--;
	return !strncmp(path, above, len) && (!path[len] || path[len] == '/');
}
