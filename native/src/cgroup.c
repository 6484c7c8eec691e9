/* cgroup.c - reads quotas where distributions mount the control groups. A container sees its own group as the root, with a
 * path that may not exist inside; so files that are missing are passed over on the way up. */
#include "cgroup.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_PATH 4096
#define LONGEST_FILE 16384 /* of /proc/self/cgroup: a dozen lines of version 1 */

int32_t cnn_cgroup_processors(int64_t quota, int64_t period)
{
    if (quota <= 0 || period <= 0) return 0;
    const int64_t processors = quota / period + (quota % period != 0);
    return processors < INT32_MAX ? (int32_t)processors : INT32_MAX;
}

/* Takes a number off the text, of as many digits as surely fit; 0 where there is none, as for "max" and -1. By hand, since
 * newer C libraries bind the scanning functions to versions that older ones lack. */
static int64_t take_number(const char **text)
{
    int64_t value = 0;
    while (**text == ' ')
        ++*text;
    for (int digits = 0; digits < 18 && **text >= '0' && **text <= '9'; digits++)
        value = value * 10 + (*(*text)++ - '0');
    return value;
}

int32_t cnn_cgroup_parse_max(const char *text)
{
    const int64_t quota = take_number(&text);
    return cnn_cgroup_processors(quota, take_number(&text));
}

int cnn_cgroup_next(const char **text, cnn_cgroup_line *line)
{
    while (**text) {
        const char *const start = *text, *const end = start + strcspn(start, "\n");
        *text = *end ? end + 1 : end;
        const char *const first = memchr(start, ':', (size_t)(end - start));
        const char *const second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
        if (!second || second[1] != '/') continue;
        *line = (cnn_cgroup_line){first + 1, (int32_t)(second - first - 1), second + 1, (int32_t)(end - second - 1)};
        return 1;
    }
    return 0;
}

int cnn_cgroup_has_cpu(const cnn_cgroup_line *line)
{
    const char *name = line->controllers, *const end = name + line->controllers_length;
    while (name < end) {
        const char *const comma = memchr(name, ',', (size_t)(end - name)), *const stop = comma ? comma : end;
        if (stop - name == 3 && memcmp(name, "cpu", 3) == 0) return 1;
        name = stop + 1;
    }
    return 0;
}

/* Reads the start of folder/name as text; returns 0 when there is no such file. */
static int read_text(const char *folder, const char *name, char *text, size_t size)
{
    char path[LONGEST_PATH];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) return 0;
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    text[fread(text, 1, size - 1, file)] = '\0';
    (void)fclose(file);
    return 1;
}

static int32_t quota_of_version_2(const char *folder)
{
    char text[64];
    return read_text(folder, "cpu.max", text, sizeof text) ? cnn_cgroup_parse_max(text) : 0;
}

static int32_t quota_of_version_1(const char *folder)
{
    char quota[32], period[32];
    if (!read_text(folder, "cpu.cfs_quota_us", quota, sizeof quota)) return 0;
    if (!read_text(folder, "cpu.cfs_period_us", period, sizeof period)) return 0;
    const char *of_quota = quota, *of_period = period;
    return cnn_cgroup_processors(take_number(&of_quota), take_number(&of_period));
}

static int32_t smaller_quota(int32_t left, int32_t right)
{
    if (left == 0 || right == 0) return left + right;
    return left < right ? left : right;
}

/* Goes from mount/path up to the mount. A path with "..", which leads out of what the process can see, counts as the mount.
 */
static int32_t smallest_on_the_way_up(const char *mount, const cnn_cgroup_line *line, int32_t (*quota_of)(const char *))
{
    char folder[LONGEST_PATH];
    const size_t root = strlen(mount);
    const int length = snprintf(folder, sizeof folder, "%s%.*s", mount, (int)line->path_length, line->path);
    if (length < 0 || (size_t)length >= sizeof folder) return quota_of(mount);
    if (strstr(folder + root, "/..")) folder[root] = '\0';
    for (int32_t smallest = 0;;) {
        smallest = smaller_quota(smallest, quota_of(folder));
        char *const slash = strrchr(folder + root, '/');
        if (!slash) return smallest;
        *slash = '\0';
    }
}

int32_t cnn_cgroup_quota(const char *root)
{
    char text[LONGEST_FILE], mount[LONGEST_PATH];
    const char *rest = text;
    cnn_cgroup_line line;
    int32_t smallest = 0;
    if (!read_text(root, "proc/self/cgroup", text, sizeof text)) return 0;
    while (cnn_cgroup_next(&rest, &line)) {
        const int version_2 = line.controllers_length == 0;
        if (!version_2 && !cnn_cgroup_has_cpu(&line)) continue;
        /* Version 1 is mounted under the names of its controllers, and "cpu" leads there in any order of them. */
        const int length = snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s", root, version_2 ? "" : "/cpu");
        if (length < 0 || (size_t)length >= sizeof mount) continue;
        const int32_t found = smallest_on_the_way_up(mount, &line, version_2 ? quota_of_version_2 : quota_of_version_1);
        smallest = smaller_quota(smallest, found);
    }
    return smallest;
}
