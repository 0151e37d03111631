"""Processes that come from one another in each way that Python knows. Usage: family.py WAY

Ordinary PyTorch but for the two ways that say so. Every process works, and reports a line.
"""
import multiprocessing
import os
import subprocess
import sys
import threading

import torch
import torch.multiprocessing
import torch.utils.data

from work import compute, report, work

CHILD_STATUS = 7


def wait_for(pid):
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != CHILD_STATUS:
        sys.exit(f"the child ended with {status}")


def fork_and_work(role):
    pid = os.fork()
    if pid == 0:
        work(role)
        os._exit(CHILD_STATUS)
    wait_for(pid)


def fork_after():
    compute()
    fork_and_work("child")
    work("parent")


def fork_before():
    fork_and_work("child")
    work("parent")


def fork_twice():
    compute()
    pid = os.fork()
    if pid == 0:
        compute()
        fork_and_work("grandchild")
        work("child")
        os._exit(CHILD_STATUS)
    wait_for(pid)
    work("parent")


def fork_beside_busy_thread():
    # A fork in the middle of work of OpenMP or OpenBLAS hangs now and then, with or without a scheduler:
    # the other thread's operators use neither.
    torch.set_num_threads(1)
    stop = threading.Event()

    def keep_busy():
        values = torch.zeros(1000)
        while not stop.is_set():
            values.add_(1).relu_()

    thread = threading.Thread(target=keep_busy)
    thread.start()
    for index in range(5):
        fork_and_work(f"child {index}")
    stop.set()
    thread.join()
    work("parent")


def with_multiprocessing(method):
    compute()  # before the children: the case that ends with a hang or a crash if it ends badly
    context = multiprocessing.get_context(method)
    children = [context.Process(target=work, args=(f"child {i}",)) for i in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        if child.exitcode != 0:
            sys.exit(f"a child ended with {child.exitcode}")
    work("parent")


def with_pool(method):
    # One task for each process, so that two processes share them.
    with multiprocessing.get_context(method).Pool(2, maxtasksperchild=1) as pool:
        pool.map(work, ["child 0", "child 1"], chunksize=1)
    work("parent")


def with_subprocess():
    compute()
    subprocess.run([sys.executable, __file__, "alone"], check=True)
    work("parent")


def alone():
    work("child")


def with_torch_multiprocessing():
    compute()
    context = torch.multiprocessing.get_context("fork")
    answers, done = context.SimpleQueue(), context.SimpleQueue()

    def child():
        answers.put(torch.arange(10.0) * 2)
        work("child")
        done.get()

    process = context.Process(target=child)
    process.start()
    if answers.get().sum().item() != 90:
        sys.exit("the tensor from the child is wrong")
    done.put(None)
    process.join()
    if process.exitcode != 0:
        sys.exit(f"the child ended with {process.exitcode}")
    work("parent")


def spawned(index):
    work(f"child {index}")


def with_torch_spawn():
    compute()
    torch.multiprocessing.spawn(spawned, nprocs=2)
    work("parent")


class Images(torch.utils.data.Dataset):
    reported = False

    def __len__(self):
        return 8

    def __getitem__(self, index):
        sha256 = compute(0.05)
        if not Images.reported:
            Images.reported = True  # once in each worker
            report("worker", sha256)
        return torch.full((4,), float(index))


def with_data_loader():
    compute()
    loader = torch.utils.data.DataLoader(Images(), batch_size=2, num_workers=2)
    if sum(batch.sum().item() for batch in loader) != 4 * sum(range(8)):
        sys.exit("the batches are wrong")
    work("parent")


def fork_in_lane():
    """Uses the package: the child goes on in the lane of the thread that forked."""
    import headway

    def in_lane():
        with headway.lane(priority=2, device="cpu", name="thread", strict=True):
            compute()
            fork_and_work("child")
            work("parent")

    thread = threading.Thread(target=in_lane)
    thread.start()
    thread.join()


def lane_after_fork():
    """Uses the package: a child opens a lane of its own."""
    import headway

    compute()
    pid = os.fork()
    if pid == 0:
        with headway.lane(priority=3, device="cpu", name="own", strict=True):
            work("child")
        os._exit(CHILD_STATUS)
    wait_for(pid)
    work("parent")


WAYS = {
    "fork_after": fork_after,
    "fork_before": fork_before,
    "fork_twice": fork_twice,
    "fork_beside_busy_thread": fork_beside_busy_thread,
    "fork": lambda: with_multiprocessing("fork"),
    "spawn": lambda: with_multiprocessing("spawn"),
    "forkserver": lambda: with_multiprocessing("forkserver"),
    "pool_fork": lambda: with_pool("fork"),
    "pool_spawn": lambda: with_pool("spawn"),
    "subprocess": with_subprocess,
    "torch_multiprocessing": with_torch_multiprocessing,
    "torch_spawn": with_torch_spawn,
    "data_loader": with_data_loader,
    "fork_in_lane": fork_in_lane,
    "lane_after_fork": lane_after_fork,
    "alone": alone,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
    sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
