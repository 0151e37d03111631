// Reads one element past the end of an array on the heap.
#include <memory>

int main() {
    constexpr int kCount = 4;
    const auto values = std::make_unique<int[]>(kCount);
    const volatile int index = kCount;  // volatile: the compiler must not see the mistake
    return values[static_cast<std::size_t>(index)];
}
