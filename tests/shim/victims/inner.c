int inner_answer(void);

__attribute__((visibility("default"))) int inner_answer(void) {
    return 42;
}
