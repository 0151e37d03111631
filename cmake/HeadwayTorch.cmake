# Finds LibTorch: Debian's libtorch-dev, or the one inside a Python package of PyTorch.
# Sets HEADWAY_HAVE_TORCH.
set(HEADWAY_HAVE_TORCH OFF)
if(NOT HEADWAY_TORCH STREQUAL "OFF")
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    find_program(HEADWAY_PYTHON3 python3)
    if(HEADWAY_PYTHON3)
      execute_process(
        COMMAND ${HEADWAY_PYTHON3} -c "import torch; print(torch.utils.cmake_prefix_path, end='')"
        OUTPUT_VARIABLE headway_torch_prefix RESULT_VARIABLE headway_torch_missing ERROR_QUIET)
      if(headway_torch_missing EQUAL 0)
        find_package(Torch QUIET PATHS ${headway_torch_prefix})
      endif()
    endif()
  endif()
  if(Torch_FOUND)
    set(HEADWAY_HAVE_TORCH ON)
  elseif(HEADWAY_TORCH STREQUAL "ON")
    message(FATAL_ERROR "LibTorch was not found. Install it (Debian: libtorch-dev) or set HEADWAY_TORCH=OFF.")
  endif()
endif()
message(STATUS "LibTorch shim and models: ${HEADWAY_HAVE_TORCH}")
