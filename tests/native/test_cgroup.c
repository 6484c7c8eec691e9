/* test_cgroup.c - quotas of control groups: the texts that kernels and container engines write, in folders that look like
 * the systems they come from. */
#include "check.h"
#include "check_run.h"

#include "cgroup.h"
#include "platform.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void check_numbers(void)
{
    static const struct {
        const char *text;
        int32_t expected;
    } texts[] = {{"max 100000\n", 0},
                 {"100000 100000\n", 1},
                 {"150000 100000\n", 2},
                 {"5000 100000\n", 1},
                 {"3200000 100000\n", 32},
                 {"100000", 0},
                 {"", 0},
                 {"\n", 0},
                 {"-1 100000\n", 0},
                 {"0 100000\n", 0},
                 {"100000 0\n", 0},
                 {"100000 max\n", 0},
                 {"999999999999999999 1\n", INT32_MAX},
                 {"99999999999999999999999999 100000\n", 0}}; /* the rest of the digits is no period */
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_case("cpu.max '%.*s'", (int)strcspn(texts[i].text, "\n"), texts[i].text);
        const int32_t found = cnn_cgroup_parse_max(texts[i].text);
        CHECK(i + 1 == sizeof texts / sizeof *texts ? found > 0 : found == texts[i].expected, "%d processors", (int)found);
    }
    check_case("quota and period");
    CHECK(cnn_cgroup_processors(INT64_MAX, INT64_MAX - 1) == 2, "rounding up overflowed");
    CHECK(cnn_cgroup_processors(-1, 100000) == 0, "-1 stands for no quota");
}

static void check_lines(void)
{
    const char *text = "\nno colon\n12:cpuset,memory:/a\n4:cpu,cpuacct:/docker/0a1b\n5:cpuacct,cpu:/x\n6:cpuacct:/\n"
                       "1:name=systemd:/user.slice\n7:only one\n0::/system.slice/a:b.service";
    static const struct {
        const char *controllers, *path;
        int has_cpu;
    } expected[] = {{"cpuset,memory", "/a", 0}, {"cpu,cpuacct", "/docker/0a1b", 1}, {"cpuacct,cpu", "/x", 1},
                    {"cpuacct", "/", 0},        {"name=systemd", "/user.slice", 0}, {"", "/system.slice/a:b.service", 0}};
    cnn_cgroup_line line;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        check_case("line %d of /proc/self/cgroup", (int)i);
        if (!CHECK(cnn_cgroup_next(&text, &line), "the text ended")) return;
        CHECK(strlen(expected[i].controllers) == (size_t)line.controllers_length &&
                  memcmp(expected[i].controllers, line.controllers, (size_t)line.controllers_length) == 0,
              "controllers are '%.*s'", (int)line.controllers_length, line.controllers);
        CHECK(strlen(expected[i].path) == (size_t)line.path_length &&
                  memcmp(expected[i].path, line.path, (size_t)line.path_length) == 0,
              "path is '%.*s'", (int)line.path_length, line.path);
        CHECK(cnn_cgroup_has_cpu(&line) == expected[i].has_cpu, "has_cpu is %d", cnn_cgroup_has_cpu(&line));
    }
    CHECK(!cnn_cgroup_next(&text, &line), "a line too many: '%.*s'", (int)line.path_length, line.path);
}

/* ---- whole systems, laid out below a folder of their own */

typedef struct system_file {
    const char *name;
    const char *text;
} system_file;

typedef struct sample_system {
    const char *what;
    int32_t expected;
    system_file files[8];
} sample_system;

static const sample_system systems[] = {
    {"nothing at all", 0, {{NULL, NULL}}},
    {"version 2 without a quota",
     0,
     {{"proc/self/cgroup", "0::/user.slice\n"}, {"sys/fs/cgroup/user.slice/cpu.max", "max 100000\n"}}},
    {"version 2, a quota of its own", 3, {{"proc/self/cgroup", "0::/a\n"}, {"sys/fs/cgroup/a/cpu.max", "250000 100000\n"}}},
    {"version 2, a smaller quota further up",
     2,
     {{"proc/self/cgroup", "0::/a/b/c\n"},
      {"sys/fs/cgroup/a/cpu.max", "200000 100000\n"},
      {"sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
      {"sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n"}}},
    {"version 2, a smaller quota further down",
     4,
     {{"proc/self/cgroup", "0::/a/b\n"},
      {"sys/fs/cgroup/a/cpu.max", "1600000 100000\n"},
      {"sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"}}},
    {"version 2 in a container that sees its group as the root",
     5,
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "450000 100000\n"}}},
    {"version 2, a path that does not exist inside",
     6,
     {{"proc/self/cgroup", "0::/docker/0a1b\n"}, {"sys/fs/cgroup/cpu.max", "600000 100000\n"}}},
    {"version 2, a path that leads out",
     7,
     {{"proc/self/cgroup", "0::/../../b\n"},
      {"sys/fs/cgroup/cpu.max", "700000 100000\n"},
      {"b/cpu.max", "100000 100000\n"},
      {"sys/b/cpu.max", "100000 100000\n"}}},
    {"version 1",
     2,
     {{"proc/self/cgroup", "11:memory:/m\n4:cpu,cpuacct:/a/b\n0::/\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"},
      {"sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "150000\n"},
      {"sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000\n"}}},
    {"version 1 without a period",
     0,
     {{"proc/self/cgroup", "4:cpu:/\n"}, {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n"}}},
    {"both, with processor time in version 1",
     1,
     {{"proc/self/cgroup", "4:cpu:/\n0::/s\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "20000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "50000\n"},
      {"sys/fs/cgroup/s/cpu.max", "900000 100000\n"}}},
};

/* Writes a file and the folders above it. */
static int write_below(const char *root, const system_file *given)
{
    char path[512];
    const int length = snprintf(path, sizeof path, "%s/%s", root, given->name);
    if (length < 0 || (size_t)length >= sizeof path) return 0;
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    if (!file) return 0;
    const int written = fputs(given->text, file) >= 0;
    return fclose(file) == 0 && written;
}

/* Removes a file and the folders above it that are empty then. */
static void remove_below(const char *root, const system_file *given)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", root, given->name);
    for (char *slash = path + strlen(path); slash && slash > path + strlen(root); slash = strrchr(path, '/')) {
        *slash = '\0';
        if (remove(path) != 0) return;
    }
}

static void check_systems(void)
{
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        char root[] = "/tmp/cnn-cgroup-XXXXXX";
        check_case("%s", systems[i].what);
        if (!CHECK(mkdtemp(root) != NULL, "no folder to write to")) return;
        for (const system_file *file = systems[i].files; file->name; file++)
            CHECK(write_below(root, file), "'%s' was not written", file->name);
        const int32_t found = cnn_cgroup_quota(root);
        CHECK(found == systems[i].expected, "%d processors, expected %d", (int)found, (int)systems[i].expected);
        for (const system_file *file = systems[i].files; file->name; file++)
            remove_below(root, file);
        CHECK(remove(root) == 0, "'%s' is not empty", root);
    }
}

/* The pool's size comes from all of them, and asking changes nothing. */
static void check_this_system(void)
{
    cpu_set_t before, after;
    check_case("this system");
    const int small = sched_getaffinity(0, sizeof before, &before) == 0;
    const int32_t allowed = cnn_processors_allowed(), quota = cnn_cgroup_quota("");
    CHECK(allowed >= 1 && (quota == 0 || allowed <= quota), "%d processors, a quota of %d", (int)allowed, (int)quota);
    if (small) {
        CHECK(allowed <= CPU_COUNT(&before), "%d processors, %d in the mask", (int)allowed, CPU_COUNT(&before));
        CHECK(sched_getaffinity(0, sizeof after, &after) == 0 && CPU_EQUAL(&before, &after), "the mask changed");
    }
}

void test_cgroup(void)
{
    check_numbers();
    check_lines();
    check_systems();
    check_this_system();
}
