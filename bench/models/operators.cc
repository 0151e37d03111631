#include "bench/models/operators.h"

#include "base/clock.h"
#include "bench/failure.h"
#include "bench/models/translate.h"

#include <ATen/record_function.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <memory>
#include <optional>
#include <utility>

namespace headway::bench {
namespace {

// Not a concept of c10::Event alone: a template, so that an older one is not looked into.
template <typename Event>
double between_ms(const Event& begin, const Event& end) {
    if constexpr (requires { begin.elapsedTime(end); }) {
        return begin.elapsedTime(end);
    } else {
        throw Failure("this LibTorch can't time a GPU's operators: 2.4 or later is needed");
    }
}

// A moment in the program on a CPU, in the stream on a GPU.
class Moment {
 public:
    explicit Moment(c10::Device device) {
        if (device.is_cpu()) {
            ns_ = now_ns();
            return;
        }
        event_.emplace(device.type(), c10::EventFlag::BACKEND_DEFAULT);
        event_->record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
    }

    // After the device has come to both.
    double ms_until(const Moment& end) const {
        if (event_) return between_ms(*event_, *end.event_);
        return static_cast<double>(end.ns_ - ns_) / static_cast<double>(kNsPerMs);
    }

 private:
    std::uint64_t ns_ = 0;
    std::optional<c10::Event> event_;
};

// Sees every operator that the thread calls while it lives.
class Recorder {
 public:
    explicit Recorder(c10::Device device) : device_(device) {
        current = this;
        handle_ = at::addThreadLocalCallback(
            at::RecordFunctionCallback(enter, leave).scopes({at::RecordScope::FUNCTION}));
    }

    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    Recorder(Recorder&&) = delete;
    Recorder& operator=(Recorder&&) = delete;

    ~Recorder() {
        at::removeCallback(handle_);
        current = nullptr;
    }

    // After the device has finished.
    std::vector<OperatorTime> times() const {
        std::vector<OperatorTime> times;
        times.reserve(spans_.size());
        for (const Span& span : spans_)
            times.push_back({span.name, span.begin.ms_until(*span.end)});
        return times;
    }

 private:
    struct Span {
        std::string name;
        Moment begin;
        std::optional<Moment> end;
    };

    static std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& function) {
        if (current->depth_++ == 0) {
            current->spans_.push_back({function.name(), Moment(current->device_), {}});
        }
        return nullptr;
    }

    static void leave(const at::RecordFunction&, at::ObserverContext*) {
        if (--current->depth_ == 0) current->spans_.back().end.emplace(current->device_);
    }

    static thread_local Recorder* current;

    const c10::Device device_;
    at::CallbackHandle handle_ = 0;
    int depth_ = 0;
    std::vector<Span> spans_;
};

thread_local Recorder* Recorder::current = nullptr;

}  // namespace

std::vector<OperatorTime> time_operators(Model& model, const std::string& device) {
    model.wait(0);
    return translated([&] {
        const Recorder recorder{c10::Device(device)};
        model.run();
        model.wait(0);
        return recorder.times();
    });
}

}  // namespace headway::bench
