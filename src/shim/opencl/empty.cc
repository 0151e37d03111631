// A library needs a source of its own; what is in this one comes from headway_opencl_core.
