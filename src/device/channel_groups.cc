#include "device/channel_groups.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <cstring>
#include <new>

namespace headway::device {

void ChannelGroups::observe(int fd, unsigned long request, const void* argument) noexcept {
    const rm::Event event = rm::read_event(request, argument);
    if (event.kind == rm::Event::Kind::kOther) return;
    const BoundedGuard guard(lock_, BoundedGuard::kPatient);
    if (!guard.owns()) return;
    if (event.kind == rm::Event::Kind::kAllocated) {
        add(fd, event);
    } else {
        remove(event);
    }
}

// The caller holds the lock.
void ChannelGroups::add(int fd, const rm::Event& event) noexcept {
    if (event.object_class == rm::kClassSubdevice) {
        for (Subdevice& place : subdevices_) {
            if (place.handle != 0) continue;
            place = {fd, event.client, event.parent, event.object, 0, {}};
            return;
        }
    }
    if (event.object_class != rm::kClassChannelGroup || event.engine != rm::kEngineGraphics) return;
    for (Group& place : groups_) {
        if (place.handle != 0) continue;
        place = {fd, event.client, event.parent, event.object, 0};
        group_count_ += 1;
        // A context made while others wait must not run a whole long slice first.
        const Subdevice* const subdevice = subdevice_of(place);
        if (subdevice != nullptr && subdevice->wish_us != 0) apply(place, subdevice->wish_us);
        return;
    }
}

// The caller holds the lock. What is freed takes its children along: a client everything, a device
// its subdevices and groups.
void ChannelGroups::remove(const rm::Event& event) noexcept {
    const auto gone = [&event](std::uint32_t client, std::uint32_t device, std::uint32_t handle) {
        return client == event.client &&
               (handle == event.object || device == event.object || client == event.object);
    };
    for (Group& group : groups_) {
        if (group.handle == 0 || !gone(group.client, group.device, group.handle)) continue;
        group = {};
        group_count_ -= 1;
    }
    for (Subdevice& subdevice : subdevices_) {
        if (gone(subdevice.client, subdevice.device, subdevice.handle)) subdevice = {};
    }
}

// The caller holds the lock. Null: not known, or the driver does not tell which GPU it is.
ChannelGroups::Subdevice* ChannelGroups::subdevice_of(const Group& group) noexcept {
    for (Subdevice& subdevice : subdevices_) {
        if (subdevice.handle == 0 || subdevice.client != group.client ||
            subdevice.device != group.device) {
            continue;
        }
        const rm::Ioctl call = ioctl_ != nullptr ? ioctl_ : &::ioctl;
        if (subdevice.gpu[0] != '\0' ||
            rm::get_gpu_name(
                call, subdevice.fd, subdevice.client, subdevice.handle, subdevice.gpu)) {
            return &subdevice;
        }
    }
    return nullptr;
}

// The caller holds the lock. Returns the timeslice in force, 0 for the default.
std::uint32_t ChannelGroups::apply(Group& group, std::uint32_t us) noexcept {
    const rm::Ioctl call = ioctl_ != nullptr ? ioctl_ : &::ioctl;
    if (group.default_us == 0 &&
        !rm::get_timeslice(call, group.fd, group.client, group.handle, &group.default_us)) {
        return 0;  // a driver that cannot say what it has is not told what to have
    }
    const std::uint64_t wish = us != 0 ? us : group.default_us;
    std::uint64_t now_us = 0;
    if (!rm::set_timeslice(call, group.fd, group.client, group.handle, wish) ||
        !rm::get_timeslice(call, group.fd, group.client, group.handle, &now_us)) {
        return 0;
    }
    return now_us == group.default_us ? 0 : static_cast<std::uint32_t>(now_us);
}

std::uint32_t ChannelGroups::set_timeslice(const char* gpu, std::uint32_t us) noexcept {
    const BoundedGuard guard(lock_, BoundedGuard::kPatient);
    if (!guard.owns()) return 0;
    const int saved_errno = errno;
    std::uint32_t in_force = 0;
    for (Group& group : groups_) {
        if (group.handle == 0) continue;
        Subdevice* const subdevice = subdevice_of(group);
        if (subdevice == nullptr || std::strcmp(subdevice->gpu, gpu) != 0) continue;
        subdevice->wish_us = us;
        const std::uint32_t applied = apply(group, us);
        if (applied != 0) in_force = applied;
    }
    errno = saved_errno;
    return in_force;
}

void ChannelGroups::forget() noexcept {
    ::new (&lock_) BoundedLock;  // a thread that is not in this process may have held it
    groups_ = {};
    subdevices_ = {};
    group_count_ = 0;
}

}  // namespace headway::device
