// The layouts of device/amd_kfd.h against those of the system's header.
#include "device/amd_kfd.h"

#include <gtest/gtest.h>
#include <linux/kfd_ioctl.h>

#include <cstddef>

namespace headway::device::kfd {
namespace {

#define HEADWAY_SAME_PLACE(ours, member, theirs, their_member)                \
    static_assert(offsetof(ours, member) == offsetof(theirs, their_member) && \
                  sizeof(ours::member) == sizeof(theirs::their_member))

using TheirCreate = kfd_ioctl_create_queue_args;
static_assert(sizeof(TheirCreate) >= sizeof(CreateQueue), "fields are only ever added at the end");
HEADWAY_SAME_PLACE(CreateQueue, ring_address, TheirCreate, ring_base_address);
HEADWAY_SAME_PLACE(CreateQueue, ring_bytes, TheirCreate, ring_size);
HEADWAY_SAME_PLACE(CreateQueue, gpu_id, TheirCreate, gpu_id);
HEADWAY_SAME_PLACE(CreateQueue, type, TheirCreate, queue_type);
HEADWAY_SAME_PLACE(CreateQueue, percentage, TheirCreate, queue_percentage);
HEADWAY_SAME_PLACE(CreateQueue, priority, TheirCreate, queue_priority);
HEADWAY_SAME_PLACE(CreateQueue, queue_id, TheirCreate, queue_id);
HEADWAY_SAME_PLACE(CreateQueue, control_stack_bytes, TheirCreate, ctl_stack_size);

using TheirDestroy = kfd_ioctl_destroy_queue_args;
static_assert(sizeof(TheirDestroy) == sizeof(DestroyQueue));
HEADWAY_SAME_PLACE(DestroyQueue, queue_id, TheirDestroy, queue_id);

using TheirUpdate = kfd_ioctl_update_queue_args;
static_assert(sizeof(TheirUpdate) == sizeof(UpdateQueue));
HEADWAY_SAME_PLACE(UpdateQueue, ring_address, TheirUpdate, ring_base_address);
HEADWAY_SAME_PLACE(UpdateQueue, queue_id, TheirUpdate, queue_id);
HEADWAY_SAME_PLACE(UpdateQueue, ring_bytes, TheirUpdate, ring_size);
HEADWAY_SAME_PLACE(UpdateQueue, percentage, TheirUpdate, queue_percentage);
HEADWAY_SAME_PLACE(UpdateQueue, priority, TheirUpdate, queue_priority);

static_assert(kDestroyRequest == AMDKFD_IOC_DESTROY_QUEUE);
static_assert(kUpdateRequest == AMDKFD_IOC_UPDATE_QUEUE);
static_assert(kTypeCompute == KFD_IOC_QUEUE_TYPE_COMPUTE);
static_assert(kTypeComputeAql == KFD_IOC_QUEUE_TYPE_COMPUTE_AQL);
static_assert(kPriorityMax == KFD_MAX_QUEUE_PRIORITY);

TEST(KfdLayout, TheKernelsRequestsAreRecognised) {
    EXPECT_EQ(kind_of(AMDKFD_IOC_CREATE_QUEUE), Call::kCreate);
    EXPECT_EQ(kind_of(AMDKFD_IOC_DESTROY_QUEUE), Call::kDestroy);
    EXPECT_EQ(kind_of(AMDKFD_IOC_UPDATE_QUEUE), Call::kUpdate);
    EXPECT_EQ(kind_of(AMDKFD_IOC_SET_CU_MASK), Call::kOther);
    EXPECT_EQ(kind_of(AMDKFD_IOC_ALLOC_MEMORY_OF_GPU), Call::kOther);
}

}  // namespace
}  // namespace headway::device::kfd
