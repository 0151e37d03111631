// Overflows a signed integer.
#include <limits>

int main() {
    volatile int value = std::numeric_limits<int>::max();  // volatile: not folded at compile time
    value = value + 1;
    return value == 0 ? 1 : 0;
}
