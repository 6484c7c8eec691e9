/* cgroup.h - the quota of processor time that Linux's control groups give a process, in whole processors. The files are
 * looked for below a root folder, so that tests can lay out systems of their own. */
#ifndef CNN_CGROUP_H
#define CNN_CGROUP_H

#include <stdint.h>

/* What a quota in a period comes to, rounded up; 0 where there is none. */
int32_t cnn_cgroup_processors(int64_t quota, int64_t period);

/* Reads a cpu.max of version 2, "150000 100000" or "max 100000"; 0: no quota. */
int32_t cnn_cgroup_parse_max(const char *text);

/* A line of /proc/self/cgroup, "id:controllers:path"; both strings are left where they are in the text. */
typedef struct cnn_cgroup_line {
    const char *controllers; /* empty in version 2 */
    int32_t controllers_length;
    const char *path; /* starts with a slash */
    int32_t path_length;
} cnn_cgroup_line;

/* Takes the next line off the text; returns 0 at its end. Lines that are not of this form are passed over. */
int cnn_cgroup_next(const char **text, cnn_cgroup_line *line);

/* Whether version 1's list of controllers, such as "cpu,cpuacct", has the one that limits processor time. */
int cnn_cgroup_has_cpu(const cnn_cgroup_line *line);

/* The smallest quota of the groups that the calling process is in, from its own up to the root; 0: none. `root` is empty
 * for the system itself. */
int32_t cnn_cgroup_quota(const char *root);

#endif
