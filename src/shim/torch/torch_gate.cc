// The LibTorch operator gate: at::RecordFunction calls back before and after each operator, on the
// thread that runs it, and the call before may block. So a lane is held between two operators with
// no change to torch or to the model. Operators nest (a convolution calls others); only the
// outermost is gated, so a thread is never held in the middle of one.
#include "headway/torch.h"

#include <ATen/record_function.h>
#include <torch/version.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

namespace {

std::unique_ptr<at::ObserverContext> on_operator_start(const at::RecordFunction&) {
    headway_begin();
    return nullptr;
}

void on_operator_end(const at::RecordFunction&, at::ObserverContext*) {
    headway_end();
}

std::mutex install_mutex;
at::CallbackHandle installed = at::INVALID_CALLBACK_HANDLE;

bool disabled_by_environment() noexcept {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): getenv is safe as long as nobody calls setenv
    // meanwhile
    const char* text = std::getenv("HEADWAY_DISABLE");
    return text != nullptr && std::strcmp(text, "1") == 0;
}

}  // namespace

headway_status_t headway_torch_install(void) noexcept {
    if (disabled_by_environment()) return HEADWAY_OK;
    try {
        const std::lock_guard lock(install_mutex);
        if (installed != at::INVALID_CALLBACK_HANDLE) return HEADWAY_OK;
        installed = at::addGlobalCallback(
            at::RecordFunctionCallback(on_operator_start, on_operator_end)
                .needsInputs(false)
                .needsOutputs(false)
                .needsIds(false)
                .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
        return HEADWAY_OK;
    } catch (const std::exception&) {
        return HEADWAY_UNAVAILABLE;  // a guest never throws out; torch goes on unscheduled
    }
}

void headway_torch_remove(void) noexcept {
    try {
        const std::lock_guard lock(install_mutex);
        if (installed == at::INVALID_CALLBACK_HANDLE) return;
        at::removeCallback(installed);
        installed = at::INVALID_CALLBACK_HANDLE;
    } catch (const std::exception&) {
        // Still installed: it goes on gating, which is what the caller wanted to end, but harms
        // nothing.
    }
}

const char* headway_torch_built_with(void) noexcept {
    return TORCH_VERSION;
}
