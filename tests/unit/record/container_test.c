// SPDX-License-Identifier: GPL-2.0-only
/* Paths of cgroups as the runtimes make them, with and without systemd. */
#include "record/container.h"
#include "record/task_filter.h"

#include "test.h"

#define ID "b15ccfe36b7c9a60c2c1f0b1f9ee2c44a10b1ad2c9b6a1e5f6b7c8d9e0f1a2b3"
#define UID "6f2c8c2e-4a3b-4c5d-8e9f-0123456789ab"
#define UID_ "6f2c8c2e_4a3b_4c5d_8e9f_0123456789ab"

static const char *of(const char *path)
{
	static char text[CONTAINER_TEXT];
	struct container c;

	container__parse(path, &c);
	return container__text(&c, text);
}

static void runtimes(void)
{
	CHECK_STR(of("/docker/" ID), "docker b15ccfe36b7c");
	CHECK_STR(of("/system.slice/docker-" ID ".scope"), "docker b15ccfe36b7c");
	CHECK_STR(of("/system.slice/docker-" ID ".scope/init.scope"), "docker b15ccfe36b7c");
	CHECK_STR(of("/system.slice/docker.service"), "unit docker.service");
	CHECK_STR(of("/machine.slice/libpod-" ID ".scope/container"), "podman b15ccfe36b7c");
	CHECK_STR(of("/libpod_parent/libpod-" ID), "podman b15ccfe36b7c");
	CHECK_STR(of("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		     ".scope/container"),
		  "podman b15ccfe36b7c");
	/* the monitor of a container is not in it */
	CHECK_STR(of("/machine.slice/libpod-conmon-" ID ".scope"),
		  "unit libpod-conmon-b15ccfe36b7c9a60c2c1f0b1f9ee2c44a10b1ad2c9b6a1e5f6");
	CHECK_STR(of("/system.slice/nerdctl-" ID ".scope"), "containerd b15ccfe36b7c");
	CHECK_STR(of("/default/" ID), "container b15ccfe36b7c");
	CHECK_STR(of("/lxc.payload.web"), "lxc web");
	CHECK_STR(of("/lxc.payload.web/system.slice/cron.service"), "lxc web");
	CHECK_STR(of("/lxc/web/system.slice"), "lxc web");
	CHECK_STR(of("/lxc.monitor.web"), "");
	CHECK_STR(of("/machine.slice/systemd-nspawn@web.service/payload"), "nspawn web");
	CHECK_STR(of("/machine.slice/machine-web.scope"), "nspawn web");
	CHECK_STR(of("/system.slice/cron.service"), "unit cron.service");
	CHECK_STR(of("/user.slice/user-0.slice/session-1.scope"), "unit session-1.scope");
}

static void pods(void)
{
	CHECK_STR(of("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_
		     ".slice/cri-containerd-" ID ".scope"),
		  "containerd b15ccfe36b7c of pod " UID);
	CHECK_STR(of("/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope/container"),
		  "cri-o b15ccfe36b7c of pod " UID);
	CHECK_STR(of("/kubepods/burstable/pod" UID "/" ID), "containerd b15ccfe36b7c of pod " UID);
	CHECK_STR(of("/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" ID),
		  "containerd b15ccfe36b7c of pod 0123456789abcdef0123456789abcdef");
	CHECK_STR(of("/kubepods/pod" UID), "");
}

static void nothing(void)
{
	CHECK_STR(of(NULL), "");
	CHECK_STR(of(""), "");
	CHECK_STR(of("/"), "");
	CHECK_STR(of("///"), "");
	CHECK_STR(of("/box1"), "");
	CHECK_STR(of("/docker"), "");
	CHECK_STR(of("/docker/short"), "");
	CHECK_STR(of("/docker-" ID "0.scopx"), "");
	CHECK_STR(of("/machine-"), "");
	CHECK_STR(of("/machine.slice"), "");
	CHECK_STR(of("/lxc.payload."), "");
	CHECK_STR(of("/podium"), "");
}

static bool matches(const char *path, const char *name)
{
	struct container c;

	container__parse(path, &c);
	return container__matches(&c, name);
}

static void filters(void)
{
	CHECK(matches("/docker/" ID, ID));
	CHECK(matches("/docker/" ID, "b15ccfe36b7c"));
	CHECK(matches("/docker/" ID, "b15c"));
	CHECK(!matches("/docker/" ID, "b15"));
	CHECK(!matches("/docker/" ID, ""));
	CHECK(!matches("/docker/" ID, "c15ccfe36b7c"));
	CHECK(!matches("/docker/" ID, ID "0"));
	CHECK(matches("/lxc/web", "web"));
	CHECK(!matches("/lxc/web", "we"));
	CHECK(matches("/system.slice/cron.service", "cron.service"));
	CHECK(matches("/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope", UID));
	CHECK(!matches("/box1", "box1"));
	CHECK(!matches(NULL, "x"));
	CHECK(cgroup__is_below("/a/b", "/a"));
	CHECK(cgroup__is_below("/a/b", "/a/"));
	CHECK(cgroup__is_below("/a", "/a"));
	CHECK(cgroup__is_below("/a", "/"));
	CHECK(!cgroup__is_below("/ab", "/a"));
	CHECK(!cgroup__is_below("/", "/a"));
}

static void tasks(void)
{
	static const char *const comms[] = { "ls", "a-name-of-many-bytes" };
	static const char *const cgroups[] = { "/system.slice" };
	static const char *const containers[] = { "b15ccfe36b7c" };
	struct task_filter f = { 0 };
	struct rec_task ls = { .comm = "ls", .cgroup_path = "/system.slice/docker-" ID ".scope" };
	struct rec_task cut = { .comm = "a-name-of-many-" };

	CHECK(task_filter__is_empty(&f));
	CHECK(task_filter__matches(&f, &ls));
	f.comms = (struct task_words){ comms, 2 };
	CHECK(!task_filter__is_empty(&f));
	CHECK(task_filter__matches(&f, &ls));
	CHECK(task_filter__matches(&f, &cut));
	f.comms.n = 0;
	f.cgroups = (struct task_words){ cgroups, 1 };
	CHECK(task_filter__matches(&f, &ls));
	/* its cgroup is not known */
	CHECK(!task_filter__matches(&f, &cut));
	f.containers = (struct task_words){ containers, 1 };
	CHECK(task_filter__matches(&f, &ls));
	ls.cgroup_path = "/system.slice/cron.service";
	CHECK(!task_filter__matches(&f, &ls));
}

int main(void)
{
	TEST(tasks);
	TEST(runtimes);
	TEST(pods);
	TEST(nothing);
	TEST(filters);
	return test_done();
}
