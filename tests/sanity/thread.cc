// Two threads write the same variable, without any order between them.
#include <thread>

namespace {

int shared_value = 0;

void add() {
    for (int i = 0; i < 1000; ++i)
        shared_value = shared_value + 1;
}

}  // namespace

int main() {
    std::thread first(add);
    std::thread second(add);
    first.join();
    second.join();
    return shared_value == 0 ? 1 : 0;
}
