#include "video.h"

#include "app/language/language.h"
#include "app/system/memory.h"
#include "app/system/number.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID = 400, CHILD_OUTPUT = 3 };

struct video_writer {
    pid_t child;
    int pipe;   /* frames go in */
    int errors; /* what it says comes out */
    const file_writer *out;
    char said[SAID]; /* the end of it, for the failure */
    size_t said_count;
};

static const char *const encoders[][16] = {
    [VIDEO_MP4] = {"-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", "-threads", "2", "-f",
                   "mp4", NULL},
    [VIDEO_WEBM] = {"-c:v", "libvpx-vp9", "-crf", "28", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6",
                    "-threads", "2", "-f", "webm", NULL},
};

/* The child's standard input, error and descriptor 3, which is the file. */
static int start(video_writer *w, char *const *arguments, int input, int errors, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0) return status;
    status = posix_spawnattr_init(&attributes);
    if (status != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return status;
    }
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    /* Its own group: Ctrl-C reaches us alone, and we end it. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    status = posix_spawn_file_actions_adddup2(&actions, input, 0);
    if (status == 0) status = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (status == 0) status = posix_spawn_file_actions_adddup2(&actions, errors, 2);
    if (status == 0) status = posix_spawn_file_actions_adddup2(&actions, output, CHILD_OUTPUT);
    if (status == 0) status = posix_spawnp(&w->child, "ffmpeg", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* A descriptor above those that the child's are put at. */
static int moved_up(int fd) {
    if (fd > CHILD_OUTPUT || fd < 0) return fd;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, CHILD_OUTPUT + 1);
    close(fd);
    return high;
}

bool video_begin(video_writer **created, file_writer *out, video_format format, int width, int height, double fps,
                 failure *f) {
    video_writer *w = *created = memory_zeroed(1, sizeof *w);
    if (!w) return fail_memory(f);
    *w = (video_writer){.child = -1, .pipe = -1, .errors = -1, .out = out};
    char size[32], rate[40];
    snprintf(size, sizeof size, "%dx%d", width, height);
    number_write(fps, 12, rate, sizeof rate);
    const char *arguments[64] = {"ffmpeg",     "-nostdin", "-hide_banner", "-loglevel", "error",       "-y",
                                 "-f",         "rawvideo", "-pix_fmt",     "bgr0",      "-video_size", size,
                                 "-framerate", rate,       "-i",           "pipe:0",    "-an",         "-map_metadata",
                                 "-1",         "-fflags",  "+bitexact",    "-flags:v",  "+bitexact"};
    int count = 23;
    if (format == VIDEO_MP4) { /* a pipe cannot be gone back in */
        arguments[count++] = "-movflags";
        arguments[count++] = out->direct ? "frag_keyframe+empty_moov" : "+faststart";
    }
    for (int k = 0; encoders[format][k]; k++) arguments[count++] = encoders[format][k];
    arguments[count++] = out->direct ? "pipe:3" : "/dev/fd/3";
    int frames[2] = {-1, -1}, errors[2] = {-1, -1}, output = -1;
    int status = pipe2(frames, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0 ? errno : 0;
    if (status == 0) {
        frames[0] = moved_up(frames[0]);
        errors[1] = moved_up(errors[1]);
        output = fcntl(out->fd, F_DUPFD_CLOEXEC, CHILD_OUTPUT + 1);
        if (frames[0] < 0 || errors[1] < 0 || output < 0) status = errno;
    }
    if (status == 0) status = start(w, (char *const *)arguments, frames[0], errors[1], output);
    if (frames[0] >= 0) close(frames[0]);
    if (errors[1] >= 0) close(errors[1]);
    if (output >= 0) close(output);
    w->pipe = frames[1];
    w->errors = errors[0];
    if (status == 0) {
        fcntl(w->pipe, F_SETFL, O_NONBLOCK);
        fcntl(w->errors, F_SETFL, O_NONBLOCK);
        return true;
    }
    w->child = -1;
    video_abandon(w);
    *created = NULL;
    if (status == ENOENT)
        return fail(f,
                    N_("videos need ffmpeg, which is not installed (Debian: sudo apt install ffmpeg). GIF and PNG "
                       "frames need nothing"),
                    "");
    return fail(f, N_("ffmpeg cannot be started: {0}"), "s", strerror(status));
}

/* Keeps the end of what the encoder says, so that its pipe never fills. */
static void listen(video_writer *w) {
    char text[256];
    ssize_t count;
    while ((count = read(w->errors, text, sizeof text)) > 0) {
        size_t n = (size_t)count;
        if (w->said_count + n > SAID - 1) {
            size_t drop = w->said_count + n - (SAID - 1);
            if (drop > w->said_count) drop = w->said_count;
            memmove(w->said, w->said + drop, w->said_count - drop);
            w->said_count -= drop;
        }
        if (n > SAID - 1 - w->said_count) n = SAID - 1 - w->said_count;
        memcpy(w->said + w->said_count, text, n);
        w->said_count += n;
        w->said[w->said_count] = 0;
    }
}

/* What of its words says that the file could not be written: 0, or an errno value. It names our file /dev/fd/3. */
static int file_fault(const video_writer *w) {
    static const int codes[] = {ENOSPC, EDQUOT, EIO, EFBIG, EROFS};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strstr(w->said, strerror(codes[i]))) return codes[i];
    return 0;
}

/* The file's fault, its last line, or how it ended. */
static bool say(video_writer *w, int status, failure *f) {
    const int fault = file_fault(w);
    if (fault) return fail_system(f, w->out->target, fault);
    while (w->said_count > 0 && (w->said[w->said_count - 1] == '\n' || w->said[w->said_count - 1] == '\r'))
        w->said[--w->said_count] = 0;
    const char *line = strrchr(w->said, '\n');
    line = line ? line + 1 : w->said;
    if (*line) return fail(f, N_("ffmpeg could not write the video: {0}"), "s", line);
    if (WIFSIGNALED(status)) return fail(f, N_("ffmpeg was ended by signal {0}"), "d", (int64_t)WTERMSIG(status));
    return fail(f, N_("ffmpeg ended with status {0}"), "d", (int64_t)WEXITSTATUS(status));
}

/* It ends with status 0 also when it could not write the end of the file, and says so. */
static bool is_whole(const video_writer *w) {
    struct stat about;
    if (file_fault(w) || strstr(w->said, "rror ")) return false;
    return w->out->direct || (fstat(w->out->fd, &about) == 0 && about.st_size > 0);
}

static bool reap(video_writer *w, int *status) {
    pid_t child = w->child;
    w->child = -1;
    while (waitpid(child, status, 0) < 0)
        if (errno != EINTR) return false;
    return true;
}

bool video_frame(video_writer *w, const void *pixels, size_t size, failure *f) {
    const char *data = pixels;
    while (size > 0) {
        struct pollfd ready[2] = {{w->pipe, POLLOUT, 0}, {w->errors, POLLIN, 0}};
        if (poll(ready, 2, 100) < 0 && errno != EINTR) return fail_system(f, "ffmpeg", errno);
        listen(w);
        ssize_t done = write(w->pipe, data, size);
        if (done < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (done < 0) {
            int status = 0;
            close(w->pipe);
            w->pipe = -1;
            reap(w, &status);
            listen(w);
            return say(w, status, f);
        }
        data += done;
        size -= (size_t)done;
    }
    return true;
}

static void release(video_writer *w) {
    if (w->pipe >= 0) close(w->pipe);
    if (w->errors >= 0) close(w->errors);
    memory_free(w);
}

bool video_end(video_writer *w, failure *f) {
    int status = 0;
    close(w->pipe);
    w->pipe = -1;
    fcntl(w->errors, F_SETFL, 0); /* until the child has ended and its end is closed */
    listen(w);
    bool ok = reap(w, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_whole(w);
    if (!ok) say(w, status, f);
    release(w);
    return ok;
}

void video_abandon(video_writer *w) {
    if (!w) return;
    int status;
    if (w->child > 0) {
        kill(w->child, SIGKILL);
        reap(w, &status);
    }
    release(w);
}
