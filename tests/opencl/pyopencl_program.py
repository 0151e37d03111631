"""Uses OpenCL through pyopencl, and prints what came out."""
import numpy
import pyopencl as cl

context = cl.Context([cl.get_platforms()[0].get_devices()[0]])
queue = cl.CommandQueue(context)
left = (numpy.arange(100_000) % 977).astype(numpy.float32)
right = (numpy.arange(100_000) % 331).astype(numpy.float32)
flags = cl.mem_flags
left_buffer = cl.Buffer(context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=left)
right_buffer = cl.Buffer(context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=right)
out_buffer = cl.Buffer(context, flags.READ_WRITE, left.nbytes)
program = cl.Program(context, """
    kernel void add(global const float* a, global const float* b, global float* out) {
        size_t i = get_global_id(0);
        out[i] = a[i] + 2 * b[i];
    }""").build()
kernel = cl.Kernel(program, "add")
for _ in range(50):
    event = kernel(queue, left.shape, None, left_buffer, right_buffer, out_buffer)
event.wait()
out = numpy.empty_like(left)
cl.enqueue_copy(queue, out, out_buffer)
print("equal", bool((out == left + 2 * right).all()), "sum", float(out.sum(dtype=numpy.float64)))
