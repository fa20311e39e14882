"""Work in numbered pieces, spread over a Dask cluster; without one, a plain loop."""

import pickle
import platform
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import numpy as np

from stoop import __version__
from stoop.kernel.errors import Refusal

Out = TypeVar("Out")
PATIENCE_S = 10


# The same as in stoopstat.impact.design: the kernel knows no stoopstat, which knows no stoop.
class Each(Protocol):
    """Applies a function to each number and gives the results in their order, as map does."""

    def __call__(self, function: Callable[[int], Out], of: Iterable[int], /) -> Iterable[Out]: ...


@contextmanager
def spread(address: str | None) -> Iterator[Each]:
    """A map over the workers of the scheduler at `address`, tcp://HOST:PORT; map itself for None.

    Function and results travel by pickle. A piece whose worker dies is done again by another.
    Raises Refusal when Dask is not installed, nobody answers, no worker is there, a worker is not
    of the same kind as this machine, or the scheduler is lost in the midst.
    """
    if address is None:
        yield map
        return
    try:
        from distributed import Client
    except ImportError:
        raise Refusal(
            'A cluster needs Dask, an extra of Stoop; "python -m pip install distributed" adds it.'
        ) from None
    try:
        client = Client(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError):
        raise Refusal(
            f"No Dask scheduler answers at {address}; give its address as tcp://HOST:PORT."
        ) from None
    with client:
        _check_workers(client, address)
        yield lambda function, of: _gather(client, function, of)


def _gather(client: Any, function: Callable[[int], Out], of: Iterable[int]) -> list[Out]:
    from distributed import KilledWorker

    # The function goes to the scheduler once, as a piece of work: lost with a worker, it is remade.
    try:
        held = client.submit(pickle.loads, pickle.dumps(function), pure=False)
        found: list[Out] = client.gather(client.map(_ask, list(of), function=held, pure=False))
    except (OSError, CancelledError, KilledWorker) as error:
        raise Refusal(
            "The cluster was lost in the midst of the work, and nothing is written; run it again."
        ) from error
    return found


def _ask(number: int, function: Callable[[int], Out]) -> Out:
    return function(number)


def kit() -> tuple[str, str, str]:
    """What the last digits of a machine's numbers hang on."""
    return f"Stoop {__version__}", f"NumPy {np.__version__}", platform.machine()


def _check_workers(client: Any, address: str) -> None:
    try:
        kits = client.run(kit)
    except ImportError:
        raise Refusal(
            f"A worker of the cluster at {address} is without Stoop; install it there as here."
        ) from None
    if not kits:
        raise Refusal(f'The cluster at {address} has no worker; "dask worker {address}" adds one.')
    for other in kits.values():
        if tuple(other) != kit():
            raise Refusal(
                f"A worker of the cluster at {address} has {', '.join(other)}, this machine "
                f"{', '.join(kit())}; the last digits would differ, so make them alike."
            )
