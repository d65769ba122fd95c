/* Hostal's agent: PID 1 of a guest's initramfs, and the guest's end of one byte channel to its host.
 *
 *   main.c      arguments, signals, the one poll loop
 *   boot.c      mounts, modules, ports, the root out of layers, handing over to the image's init
 *   disk.c      a root on a disk that boots by itself, with a host or without one
 *   network.c   addresses and routes by netlink
 *   dhcp.c      addresses of NICs that are given none
 *   wire.c      frames: handshake, parsing, sending
 *   service.c   what the host may ask, one function each
 *   stream.c    streams, their credit, the main program and those attached to it
 *   process.c   starting programs as a user, with pipes or a terminal
 *   tarout.c, tarin.c   archives, so that the guest needs no tar
 *   copy.c      copies of folders, and the filling of empty volumes
 *   mounts.c    what a container sees beside its image
 *   volumes.c   what a guest sees beside its image
 *   log.c       the records of the log port
 *   container.c   the agent beside a container on the host, instead of in a guest
 *   inside.c    the same program in the container, until the container's own takes its place
 *   loop.c      files as disks
 *   identity.c  becoming somebody else, as the copy of another guest
 *   share.c     folders of a user who is not root, for the program that shares them with a guest
 *   switch.c    machines in networks of a user who is not root
 *   power.c     asking the guest to end, freezing its disks, clock and randomness
 *
 * The protocol is described in docs/reference/agent-protocol.md. */
#ifndef AGENT_H
#define AGENT_H

#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64      /* Large files and late times on 32-bit guests too. */
#define _TIME_BITS 64
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum {
    PROTOCOL_VERSION = 1,
    GUEST_GOES_ON = 1 << 30,                   /* Said with a host's version: the guest goes on from a checkpoint. */
    FRAME_HEADER = 12,
    FRAME_MAX = 32768,                         /* One write to a virtio port. Source: virtio_console.c. */
    PAYLOAD_MAX = FRAME_MAX - FRAME_HEADER - 1, /* The last byte of a frame is its end mark. */
    MESSAGE_MAX = 1 << 20,                     /* A request of several frames. */
    WINDOW = 128 * 1024,                       /* Credit of each direction of a stream at its start. */
    STREAMS_MAX = 512,
    LOG_UNHEARD_MAX = 64 << 20,                /* Output recorded while no host listens. */
    LINGER_MILLIS = 250,                       /* Waiting for a dead program's children to close its pipes. */
};

/* ---- wire.c */

enum frame_type {
    /* Requests of the host: each opens a stream and is answered by REPLY. */
    T_CONFIGURE = 1, T_RUN, T_EXEC, T_ATTACH, T_TAR_READ, T_TAR_WRITE, T_CONNECT, T_ADDRESSES,
    T_SHUTDOWN, T_FREEZE, T_THAW, T_RENEW, T_SIGNAL_MAIN, T_IDENTITY, T_NICS,
    /* Within a stream; the first three go both ways. */
    T_DATA = 32, T_EOF, T_CREDIT, T_RESIZE, T_SIGNAL, T_CLOSE, T_FAREWELL,
    /* From the guest. */
    T_HELLO = 64, T_REPLY, T_EXIT, T_MAIN_EXIT, T_END, T_BROKEN,
};

enum reply { OK, FAILED, BUSY, WRONG_STATE, NOT_FOUND, UNSUPPORTED };

/* Reads a request's members; `bad` is set once anything does not fit and stays. */
struct reader { const uint8_t *at, *end; bool bad; };
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
const char *read_string(struct reader *r);
/* NULL-ended, allocated; its strings lie in the message. */
char **read_list(struct reader *r);

void put_u32(uint8_t *at, uint32_t value);
void put_u64(uint8_t *at, uint64_t value);

struct wire {
    int fd;             /* -1 where none is open */
    bool up;            /* the host's side is open */
    bool session;       /* hands were shaken */
};
extern struct wire wire;

void wire_readable(void);
void wire_writable(void);
bool wire_has_output(void);
bool wire_has_room(void);      /* for a frame of data */
bool wire_may_read(void);
void wire_lost(void);          /* the host's side is gone: everything half done goes too */
void wire_broken(const char *why);     /* ends the session; the host is told */
void send_frame(enum frame_type type, uint8_t channel, uint32_t stream, const void *payload, size_t length);
/* Space for a payload to be filled in place, then sent by frame_commit. */
uint8_t *frame_space(size_t *room);
void frame_commit(enum frame_type type, uint8_t channel, uint32_t stream, size_t length);
void send_reply(uint32_t stream, enum reply code, const char *text);

/* ---- service.c */

struct state { bool configured, boot_init, main_started, main_ended, ending; uint8_t main_status; uint8_t boot_id[16]; };
extern struct state state;

extern bool farewell_answered;          /* the host has everything that was sent before T_MAIN_EXIT */
void serve(enum frame_type type, uint8_t channel, uint32_t stream, const uint8_t *payload, size_t length);

/* ---- process.c */

struct program {
    char **argv, **env;
    const char *user, *workdir;
    bool tty, stdin_open;
    uint16_t columns, rows;
};
struct ends {
    pid_t pid;
    int in, out, err;   /* -1 where there is none */
    bool tty, console;  /* console: `out` is a socket through which the terminal's master comes */
    int said;           /* with it: what the runtime says meanwhile */
    unsigned launch;    /* not 0: `pid` is an OCI runtime that is starting the program */
    int ready;          /* with it: ends when the program is in place of what has started it */
};

int spawn(const struct program *program, struct ends *ends);
/* A child that runs a function of ours, with its standard streams as pipes. */
int spawn_function(int (*function)(const char *), const char *argument, bool input, struct ends *ends);
/* Whom a `user[:group]` means here. */
int user_of(const char *text, uid_t *uid, gid_t *gid);
int signal_number(const char *name);
void keep_limits(void);
/* 0 in the child, which has its ends as standard streams and a session of its own; 1 in the agent. */
int fork_with_pipes(bool input, struct ends *ends);
void own_streams(int in, int out, int err);
void close_others(void);
void close_others_but(int one, int other);
_Noreturn void run_program(const struct program *program);
extern bool spared;
extern const char *more_groups, *kept_capabilities;

/* ---- stream.c */

bool open_process(uint32_t id, const struct ends *ends);
enum reply open_connection(uint32_t id, uint16_t port);
bool open_attachment(uint32_t id);
bool stream_known(uint32_t id);
bool start_main(const struct program *program, bool held);
pid_t main_pid(void);             /* 0 while it is being started */
int main_signal(int number);
void main_answer(uint32_t stream);  /* as soon as the program is there */

bool stream_data(uint32_t id, const uint8_t *bytes, size_t length);     /* false: more than was granted */
void stream_eof(uint32_t id);
bool stream_credit(uint32_t id, uint8_t channel, uint32_t more);
void stream_resize(uint32_t id, uint16_t columns, uint16_t rows);
void stream_signal(uint32_t id, int number);
void stream_close(uint32_t id);
void streams_drop_all(bool hang_up);

void child_ended(pid_t pid, int status);
void main_finished(uint8_t status);      /* all of its output is delivered, or there was no program */
void streams_kill_all(void);
/* Fills in what to wait for; the count, and the milliseconds until something must be done anyway (or -1). */
size_t streams_poll(struct pollfd *fds, size_t max, int *timeout);
void streams_ready(const struct pollfd *fds, size_t count);
bool streams_all_ended(void);

/* ---- log.c */

enum { LOG_HEADER = 24, LOG_PAYLOAD_MAX = FRAME_MAX - LOG_HEADER };
enum log_type { LOG_START = 1, LOG_OUTPUT, LOG_EXIT, LOG_DROPPED };
extern int log_fd;
void log_output(uint8_t channel, uint8_t *record, size_t length);   /* the bytes stand after LOG_HEADER */
void log_event(enum log_type type, const void *payload, size_t length);
void log_heard(void);                                               /* a host listens again */
void log_end(uint8_t status);                                       /* tells how the program ended */

/* ---- disk.c */

bool own_disk_known(void);          /* booted from a disk that has its root */
bool own_disk_has_host(void);       /* a host may speak through a port */
int own_disk_mount(void);           /* its root, at /r */
_Noreturn void own_disk_alone(void);

/* ---- boot.c, network.c, power.c */

struct nic { bool moves; const char *was, *mac; char **addresses, **gateways, **dns; };
enum { NICS_MAX = 16 };
struct guest_mount { uint8_t kind, flags; const char *source, *target, *options; };
struct configuration {
    const char *hostname; unsigned layers; bool boot_init;
    bool renamed;       /* what names mean is written anew, although no NIC may have changed */
    size_t nic_count; struct nic nics[NICS_MAX];
    size_t mount_count; struct guest_mount *mounts;
};

void boot_early(void);                                  /* until the ports are open */
int boot_root(const struct configuration *config);
int boot_init_program(void);                            /* in the parent it does not return */
int become_init(const char *path);                      /* returns where it cannot, with the errno */
const char *find_init(void);                            /* NULL where there is none */
int switch_root(void);                                  /* from the initramfs to /r */
void furnish(bool boot_init);                           /* what the new root needs mounted */
char *read_text(const char *path, char *text, size_t size);
int write_names(const struct configuration *config);
int write_text(const char *path, const char *text);
int write_resolver(const char *text);                   /* who is asked for names */
extern int scratch_fd;
void load_modules(const char *list);
int mount_disk(const char *serial, const char *type, const char *target, unsigned long flags, const char *options);

int network_up(const struct configuration *config);
int network_renew(const struct configuration *config);
const struct nic *network_missing(const struct configuration *config);
size_t network_addresses(char *text, size_t size);
int network_lease(unsigned index, char **addresses, char **gateways);   /* of IPv4, instead of those before */

/* ---- dhcp.c */

int dhcp_start(const char *mac, unsigned index, const char *hostname, bool names);
void dhcp_stop(const char *mac);
bool dhcp_ended(pid_t pid);     /* whether it was one of its processes */

void power_off(void);
int power_shutdown(void);
int disks_freeze(bool freeze);
void disks_thaw_when_due(void);
int disks_millis_until_thaw(void);
int renew(uint64_t unix_nanos, const uint8_t *seed, size_t length);

/* ---- identity.c */

int become(const struct configuration *config);
void became(const struct configuration *config);

int tar_read(const char *path);
char **names_in(const char *path, size_t *count);    /* sorted; NULL where it is no folder that can be read */

/* How the next archive is unpacked; set before it is, in its process or the one that it is forked from. */
enum clash { CLASH_FILES_GIVE_WAY, CLASH_REPLACED, CLASH_REFUSED };
struct unpacking { const char *owner; enum clash clash; };      /* owner: whose all of it is, or NULL */
extern struct unpacking unpacking;
int tar_write(const char *folder);

/* ---- copy.c */

struct copied { uint64_t bytes, files; bool shared, copied; };     /* shared: the file system keeps the bytes once */
int copy_tree(int from, int to, struct copied *how);
int copy_command(const char *source, const char *target);
int folder_command(const char *folder, bool unpack);
int fill_volume(int from, int volume);
int remove_below(int folder);

/* ---- mounts.c */

int mounts_open(const char *bundle);
int mounts_place(const char *root);
int idmap_namespace(const char *map);
int idmap_tree(int tree, int namespace, const char *what);

/* ---- volumes.c */

int volumes_open(const struct configuration *config);   /* in the initramfs */
int volumes_mount(const struct configuration *config);  /* in the root */
void volumes_find_disks(void);                          /* before the guest's own is frozen */
int volumes_freeze(void);
void volumes_thaw(void);

/* ---- inside.c */

enum { PROGRAM_FD = 3, READY_FD = 4, CONSOLE_FD = 5 };
_Noreturn void container_inside(void);

/* ---- loop.c */

int attach_loop(const char *file, bool writable, char *device, size_t size);     /* a descriptor, and the device's path */

/* ---- container.c */

extern bool container;      /* beside a container, on its host */
void container_arguments(int count, char **words);
int container_root(const struct configuration *config);
int container_spawn(const struct program *program, struct ends *ends);
pid_t container_started(unsigned launch);
void container_orphan(pid_t pid, int status);
bool container_was_orphan(pid_t pid, int *status);
int container_console(int socket);
_Noreturn void container_try(char **argv);
int container_tar_read(const char *path);
int container_tar_write(const char *folder);
int container_absence(const char *path, bool follow);
int container_network(bool enter);
int container_resolver(const char *text);
int container_nics(const struct configuration *config);
int own_mounts(void);
int mount_layer(const char *file, const char *folder);
void append_path(char *options, const char *path, size_t size);

/* ---- root.c */

int root_command(int count, char **words);
int changes_command(int count, char **words);

/* ---- share.c, switch.c */

int share_command(int count, char **words);
int switch_command(const char *folder);

/* ---- main.c */

extern bool testing;        /* run on a host: nothing is mounted, nothing is powered off */
extern const char *problem; /* the sentence of the last fail() */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));        /* returns -1 */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));        /* a line to the console */
uint64_t now_millis(void);
ssize_t write_all(int fd, const void *bytes, size_t length);
void close_fd(int *fd);
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));   /* allocated; ends the agent when it cannot */
void listen_again(void);    /* for testing: lets the connection go, and takes the next */

#endif
