/* Headway: priorities for work that shares one device.
 *
 * A *lane* is the unit of scheduling: the work that a thread (or a whole process) submits to one
 * device under one priority. While a lane of higher priority is busy on the same device, the next
 * launch of a lower lane is held in its calling thread; nothing is reordered, dropped or copied.
 *
 *     headway_lane_options_t options;
 *     headway_lane_options_init(&options);
 *     options.priority = 10;
 *     headway_lane_t* lane;
 *     if (headway_lane_open(&options, &lane) == HEADWAY_OK) headway_lane_enter(lane);
 *     ... this thread's work is now scheduled ...
 *     headway_lane_leave(lane);
 *     headway_lane_close(lane);
 *
 * Rules that hold for every function here:
 * - No function aborts, throws or prints. A failure is a status code, and headway_last_error() says
 *   why.
 * - Every function may be called from any thread. One lane may be used by several threads at once.
 * - Only headway_begin() can block, and never longer than the lane's max_hold_ms in one call.
 * - With HEADWAY_DISABLE=1 in the environment lanes open as usual and never hold anything.
 *
 * Usable from C11 and later, and from C++; headway.hpp is a thin RAII form. */
#ifndef HEADWAY_HEADWAY_H
#define HEADWAY_HEADWAY_H

#include <stdint.h>

#if defined(__GNUC__)
#define HEADWAY_API __attribute__((visibility("default")))
#define HEADWAY_NODISCARD __attribute__((warn_unused_result))
#else
#define HEADWAY_API
#define HEADWAY_NODISCARD
#endif

#ifdef __cplusplus
#define HEADWAY_NOEXCEPT noexcept
extern "C" {
#else
#define HEADWAY_NOEXCEPT
#endif

/* Priorities: a higher number wins, 0 is the default. The range is that of XSched's XHintPriority.
 */
#define HEADWAY_PRIORITY_MIN (-256)
#define HEADWAY_PRIORITY_MAX 255

/* For headway_lane_options_t.linger_us: learn the linger from the gaps inside requests. */
#define HEADWAY_LINGER_AUTO UINT32_MAX

typedef enum headway_status {
    HEADWAY_OK = 0,
    HEADWAY_INVALID_ARGUMENT = 1, /* a null pointer, or an option out of its range */
    HEADWAY_NOT_FOUND = 2,        /* no such device */
    HEADWAY_UNAVAILABLE = 3,      /* the board can't be opened; work runs unscheduled */
    HEADWAY_BOARD_FULL = 4,       /* all lanes of the device's board are taken */
    HEADWAY_NOT_ENTERED = 5       /* leave without a matching enter on this thread */
} headway_status_t;

/* An open lane. Opaque; owned by whoever opened it. */
typedef struct headway_lane headway_lane_t;

/* How a lane is opened. Fill it with headway_lane_options_init() first. */
typedef struct headway_lane_options {
    /* sizeof(headway_lane_options_t); set by init */
    uint32_t struct_size;
    /* HEADWAY_PRIORITY_MIN..MAX; default 0 */
    int32_t priority;
    /* "cpu", "cuda:N", "hip:N" or "opencl:N"; NULL means "cpu". Copied. */
    const char* device;
    /* shown by `headway status`; NULL = the program's name. Copied, 31 bytes. */
    const char* name;
    /* most unfinished commands, 1..65535; default 4. A command that is predicted shorter than
     * budget_us/threshold counts only as its share of the budget. Lanes of one process that have
     * the same device, priority, threshold, batch_size and budget_us keep these limits together. */
    uint32_t threshold;
    /* commands between two markers, 1..threshold; default 2 */
    uint32_t batch_size;
    /* most unfinished predicted work, in microseconds, 1..1000000; default 400. A command that is
     * longer by itself follows the one before it just before that ends. */
    uint32_t budget_us;
    /* how long the lane counts as busy after its last activity, in microseconds, 0..1000000, or
     * HEADWAY_LINGER_AUTO (the default) */
    uint32_t linger_us;
    /* longest single hold, in milliseconds, 1..60000; default 1000 */
    uint32_t max_hold_ms;
} headway_lane_options_t;

/* What happened to a lane's launches. Every launch is counted in exactly one of passed, gated and
 * bypassed; held is a part of gated. */
typedef struct headway_counters {
    uint32_t struct_size;   /* sizeof(headway_counters_t), set by the caller */
    uint32_t reserved;      /* 0 */
    uint64_t passed;        /* not looked at: nobody else was there. Lags by up to 63 a thread. */
    uint64_t gated;         /* looked at, because another lane was on the device */
    uint64_t held;          /* of those: had to wait */
    uint64_t bypassed;      /* could not be scheduled (disabled, no board) and went straight on */
    uint64_t markers;       /* progress markers asked of the device */
    uint64_t hold_ns;       /* time spent held for a higher lane, in nanoseconds */
    uint64_t window_ns;     /* time spent waiting for the lane's own window, in nanoseconds */
    uint64_t hold_timeouts; /* holds that ended by max_hold_ms */
} headway_counters_t;

/* The library's version, "MAJOR.MINOR.PATCH". A static string. */
HEADWAY_API const char* headway_version(void) HEADWAY_NOEXCEPT;

/* The name of a status code, for example "invalid argument". A static string for any value. */
HEADWAY_API const char* headway_status_string(headway_status_t status) HEADWAY_NOEXCEPT;

/* Why this thread's last call failed: one line without a newline, empty after a success. Owned by
 * the library; valid until this thread's next call into it. */
HEADWAY_API const char* headway_last_error(void) HEADWAY_NOEXCEPT;

/* Writes the defaults named at headway_lane_options_t into *options. */
HEADWAY_API void headway_lane_options_init(headway_lane_options_t* options) HEADWAY_NOEXCEPT;

/* Opens a lane on options->device and returns it in *out_lane, owned by the caller until
 * headway_lane_close(). On failure *out_lane is NULL and nothing stays open.
 * Errors: INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE, BOARD_FULL. May create the device's board file;
 * does not wait for other lanes. */
HEADWAY_API HEADWAY_NODISCARD headway_status_t headway_lane_open(
    const headway_lane_options_t* options, headway_lane_t** out_lane) HEADWAY_NOEXCEPT;

/* Closes a lane: it leaves the board at once and lower lanes stop waiting for it. The object itself
 * lives until the last thread that entered it has left it. NULL is allowed.
 * The handle must not be used by its owner afterwards, except to leave it. */
HEADWAY_API void headway_lane_close(headway_lane_t* lane) HEADWAY_NOEXCEPT;

/* Makes `lane` the lane of the calling thread, on top of the one it had. Calls nest, 16 deep.
 * Errors: INVALID_ARGUMENT (NULL, or nested too deep). */
HEADWAY_API headway_status_t headway_lane_enter(headway_lane_t* lane) HEADWAY_NOEXCEPT;

/* Ends the calling thread's innermost headway_lane_enter(), which must be of `lane`; the thread
 * gets back the lane it had. Errors: INVALID_ARGUMENT, NOT_ENTERED. */
HEADWAY_API headway_status_t headway_lane_leave(headway_lane_t* lane) HEADWAY_NOEXCEPT;

/* Changes the priority of an open lane, seen by all other lanes at their next launch.
 * Errors: INVALID_ARGUMENT. */
HEADWAY_API headway_status_t headway_lane_set_priority(headway_lane_t* lane,
                                                       int32_t priority) HEADWAY_NOEXCEPT;

/* Tells that everything this lane launched has completed: held lanes go on at once instead of after
 * the linger. Only a hint. Errors: INVALID_ARGUMENT. */
HEADWAY_API headway_status_t headway_lane_idle(headway_lane_t* lane) HEADWAY_NOEXCEPT;

/* Copies the lane's counters into *out_counters, whose struct_size the caller has set.
 * Errors: INVALID_ARGUMENT. */
HEADWAY_API headway_status_t headway_lane_counters(
    const headway_lane_t* lane, headway_counters_t* out_counters) HEADWAY_NOEXCEPT;

/* Gates one piece of synchronous work that the calling thread is about to do itself, in the lane
 * that the thread has entered. In a thread that has entered none: in the process's lane on "cpu",
 * which there is if HEADWAY_PRIORITY is set (`headway run` sets it); otherwise it returns at once.
 * So it does in a lane on a GPU, where the driver's calls are gated instead. May block, at most
 * max_hold_ms. Pair it with headway_end(); pairs nest, and only the outermost one is gated. */
HEADWAY_API void headway_begin(void) HEADWAY_NOEXCEPT;

/* The work begun by headway_begin() has completed. Never blocks. */
HEADWAY_API void headway_end(void) HEADWAY_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEADWAY_HEADWAY_H */
