// Keeps pthread_cancel() out of a stretch of code.
#pragma once

#include <pthread.h>

namespace headway {

// While it lives, the calling thread is not cancelled: a guest's launch is no cancellation point,
// so a wait inside of it must not be one either, and a thread that vanished there would leave its
// work unsettled. A cancellation that comes meanwhile takes effect at the program's own next point.
class NoCancel {
 public:
    NoCancel() noexcept { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }

    NoCancel(const NoCancel&) = delete;
    NoCancel& operator=(const NoCancel&) = delete;
    NoCancel(NoCancel&&) = delete;
    NoCancel& operator=(NoCancel&&) = delete;

    ~NoCancel() { ::pthread_setcancelstate(before_, nullptr); }

 private:
    int before_ = PTHREAD_CANCEL_ENABLE;
};

}  // namespace headway
