/* A disk that keeps only what was synced, and that fails when it is told to; loaded before libc by LD_PRELOAD.
 *
 * POWER_CUT_ROOT     the folder that is watched, as an absolute path
 * POWER_CUT_DISK     what a power cut would leave: DISK/files/INODE the synced bytes of each file, DISK/folders/INODE
 *                    the synced names of each folder, a line each: `f` or `d`, the inode, the name
 * POWER_CUT_CONTROL  48 bytes, six 64-bit numbers: writes that still succeed (-1: all), the errno of the one after
 *                    them, whether later ones fail too, syncs that still succeed (-1: all), writes so far, syncs so far
 *
 * A write dirties a range of its file; fsync and fdatasync copy the dirty ranges to DISK/files and set the length; a
 * sync of a folder writes down its names. A name is there after a power cut only if its folder was synced after it was
 * made. A sync takes as long as on a turning disk, so that what does not wait for it is seen not to. A sync that fails forgets the dirty ranges, as Linux does: the next one succeeds and has saved nothing.
 * Mapped memory is not watched: SQLite maps its -shm file alone, which it makes anew. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FDS = 65536, PATH = 4096, SYNC_MICROSECONDS = 10000 };
struct control { int64_t writes_left, write_errno, stays, syncs_left, writes, syncs; };
struct range { off_t from, to; };
struct file { ino_t inode; size_t count, room; struct range *ranges; };

static char root[1024], disk[1024];
static volatile struct control *control;
static unsigned char watched[MOST_FDS];
static struct file *files;
static size_t file_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_close)(int);

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_close = dlsym(RTLD_NEXT, "close");
    const char *r = getenv("POWER_CUT_ROOT"), *d = getenv("POWER_CUT_DISK"), *c = getenv("POWER_CUT_CONTROL");
    if (!r || !d || !c) return;
    int fd = real_open(c, O_RDWR);
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    real_close(fd);
    if (at == MAP_FAILED) return;
    snprintf(root, sizeof root, "%s", r);
    snprintf(disk, sizeof disk, "%s", d);
    control = at;
}

/* The file of an inode; made where it is missing. The lock is held. */
static struct file *file_of(ino_t inode) {
    for (size_t at = 0; at < file_count; at++)
        if (files[at].inode == inode) return &files[at];
    files = realloc(files, (file_count + 1) * sizeof *files);
    if (!files) abort();
    files[file_count] = (struct file){ .inode = inode };
    return &files[file_count++];
}

static void synced_path(char *out, size_t room, const char *kind, ino_t inode) {
    snprintf(out, room, "%s/%s/%lu", disk, kind, (unsigned long)inode);
}

static void opened(int fd, int is_new) {
    if (!control || fd < 0 || fd >= MOST_FDS) return;
    char link[64], path[PATH];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    size_t prefix = strlen(root);
    watched[fd] = !strncmp(path, root, prefix) && (path[prefix] == '/' || !path[prefix]);
    if (!watched[fd] || !is_new) return;
    /* An inode that an older file had: nothing of that one is in the new file. */
    struct stat is;
    if (fstat(fd, &is)) return;
    pthread_mutex_lock(&lock);
    file_of(is.st_ino)->count = 0;
    synced_path(path, sizeof path, "files", is.st_ino);
    unlink(path);
    pthread_mutex_unlock(&lock);
}

static int open_it(int folder, const char *path, int flags, mode_t mode) {
    int is_new = control && (flags & O_CREAT) && faccessat(folder, path, F_OK, 0);
    int fd = real_openat(folder, path, flags, mode);
    int kept = errno;
    opened(fd, is_new);
    errno = kept;
    return fd;
}

#define MODE(last) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, last); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags) return open_it(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_it(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return open_it(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return open_it(folder, path, flags, mode); }

int close(int fd) {
    if (fd >= 0 && fd < MOST_FDS) watched[fd] = 0;
    return real_close(fd);
}

static int is_watched(int fd) { return control && fd >= 0 && fd < MOST_FDS && watched[fd]; }

static void dirtied(int fd, off_t from, off_t to) {
    struct stat is;
    if (to <= from || fstat(fd, &is) || !S_ISREG(is.st_mode)) return;
    pthread_mutex_lock(&lock);
    struct file *file = file_of(is.st_ino);
    if (file->count == file->room) {
        file->room = file->room ? file->room * 2 : 64;
        file->ranges = realloc(file->ranges, file->room * sizeof *file->ranges);
        if (!file->ranges) abort();
    }
    file->ranges[file->count++] = (struct range){ from, to };
    pthread_mutex_unlock(&lock);
}

/* Whether this write fails, as the test said. */
static int write_fails(void) {
    __sync_fetch_and_add(&control->writes, 1);
    if (control->writes_left < 0) return 0;
    if (control->writes_left > 0) {
        __sync_fetch_and_sub(&control->writes_left, 1);
        return 0;
    }
    if (!control->stays) control->writes_left = -1;
    errno = (int)control->write_errno;
    return 1;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!is_watched(fd)) return real_write(fd, bytes, count);
    if (write_fails()) return -1;
    ssize_t written = real_write(fd, bytes, count);
    int kept = errno;
    off_t to = lseek(fd, 0, SEEK_CUR);
    if (written > 0 && to >= 0) dirtied(fd, to - written, to);
    errno = kept;
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t from) {
    if (!is_watched(fd)) return real_pwrite(fd, bytes, count, from);
    if (write_fails()) return -1;
    ssize_t written = real_pwrite(fd, bytes, count, from);
    if (written > 0) dirtied(fd, from, from + written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t from) { return pwrite64(fd, bytes, count, from); }

/* Writes down the names of a folder. */
static void save_names(int fd, ino_t inode) {
    char path[PATH], part[PATH + 8];
    synced_path(path, sizeof path, "folders", inode);
    snprintf(part, sizeof part, "%s.part", path);
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    FILE *out = fopen(part, "w");
    if (!folder || !out) abort();
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        struct stat is;
        if (fstatat(fd, entry->d_name, &is, AT_SYMLINK_NOFOLLOW)) continue;
        fprintf(out, "%c %lu %s\n", S_ISDIR(is.st_mode) ? 'd' : 'f', (unsigned long)is.st_ino, entry->d_name);
    }
    fclose(out);
    closedir(folder);
    if (rename(part, path)) abort();
}

/* Copies what is dirty. The lock is held. */
static void save_bytes(int fd, const struct stat *is) {
    static char buffer[1 << 16];
    char path[PATH], link[64];
    synced_path(path, sizeof path, "files", is->st_ino);
    int out = real_open(path, O_RDWR | O_CREAT, 0600);
    /* The file may be open for writing alone. */
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int in = real_open(link, O_RDONLY);
    if (out < 0 || in < 0) abort();
    struct file *file = file_of(is->st_ino);
    for (size_t at = 0; at < file->count; at++) {
        for (off_t from = file->ranges[at].from; from < file->ranges[at].to;) {
            off_t left = file->ranges[at].to - from;
            size_t most = left < (off_t)sizeof buffer ? (size_t)left : sizeof buffer;
            ssize_t got = pread(in, buffer, most, from);
            if (got <= 0) break;
            if (real_pwrite(out, buffer, (size_t)got, from) != got) abort();
            from += got;
        }
    }
    file->count = 0;
    if (real_ftruncate(out, is->st_size)) abort();
    real_close(in);
    real_close(out);
}

static int sync_it(int fd, int (*real)(int)) {
    if (!is_watched(fd)) return real(fd);
    usleep(SYNC_MICROSECONDS);
    __sync_fetch_and_add(&control->syncs, 1);
    struct stat is;
    if (fstat(fd, &is)) return -1;
    pthread_mutex_lock(&lock);
    int fails = 0;
    if (control->syncs_left == 0) {
        control->syncs_left = -1;
        file_of(is.st_ino)->count = 0;
        fails = 1;
    } else {
        if (control->syncs_left > 0) control->syncs_left--;
        if (S_ISDIR(is.st_mode)) save_names(fd, is.st_ino);
        else save_bytes(fd, &is);
    }
    pthread_mutex_unlock(&lock);
    errno = fails ? EIO : 0;
    return fails ? -1 : 0;
}

int fsync(int fd) { return sync_it(fd, real_fsync); }
int fdatasync(int fd) { return sync_it(fd, real_fdatasync); }
