"""Begin a run or go on with one: the plan is made once, and kept with what it was made for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from tocsin.errors import GridError
from tocsin.grids.block import Method
from tocsin.grids.cluster import Crew
from tocsin.grids.inputs import Inputs
from tocsin.grids.journal import Journal
from tocsin.grids.plan import Plan, make_plan
from tocsin.grids.store import create, read_run, remove, status_of
from tocsin.grids.tile import Job

__all__ = ["begin", "check_same_run"]


def begin(job: Job, method: Method, inputs: Inputs, crew: Crew) -> Plan:
    """Return the plan of the unfinished run in the store, or begin a new one."""
    status = status_of(job.store)
    if status in ("starting", "running") and not _anything_done(job.store):
        remove(job.store)
        status = "none"
    if status == "foreign":
        raise GridError(
            f"{job.store} is there and was not written by `tocsin grids compute`. Give another "
            "--out."
        )
    if status == "none":
        plan = make_plan(
            inputs.rows,
            inputs.shape,
            inputs.chunks,
            method.cost(inputs),
            memory=crew.memory // crew.sharing * crew.workers,
            workers=crew.workers,
            whole_series=method.whole_series,
        )
        create(job.store, method.entries, inputs, plan, {**job.identity(), "plan": asdict(plan)})
        return plan
    check_same_run(job)
    plan = Plan.restore(read_run(job.store)["plan"])
    if plan.block_bytes * crew.sharing > crew.memory:
        needed = plan.block_bytes * crew.sharing - crew.memory
        raise GridError(
            f"{job.store} holds an unfinished run with blocks of {plan.block_bytes / 1e6:,.0f} MB; "
            f"with {crew.sharing} thread(s) that is {needed / 1e6:,.0f} MB more than is allowed. "
            "Give more --memory or fewer --threads, or begin anew with --fresh."
        )
    return plan


def _anything_done(store: Path) -> bool:
    """Whether a run that was broken off has finished a block; refuses one still under way."""
    journal = Journal(store)
    if not journal.folder.exists():
        return False
    with journal.alone():
        return journal.begun()


def check_same_run(job: Job) -> None:
    """Refuse to go on with, or to take as done, what was computed from something else.

    Raises
    ------
    GridError
        Names what differs.
    """
    mine, theirs = job.identity(), read_run(job.store)
    remedy = "Give the same command again, another --out, or --fresh to begin anew."
    for what in ("indicators", "variables", "settings", "tocsin"):
        if mine[what] != theirs[what]:
            raise GridError(
                f"{job.store} was begun with {what} {theirs[what]!r}, now it is {mine[what]!r}. "
                f"{remedy}"
            )
    was, now = theirs["inputs"], mine["inputs"]
    if list(was.values()) == list(now.values()):
        return  # the same files, perhaps in another place
    changed = [path for path in now if path in was and was[path] != now[path]]
    detail = (
        f"{changed[0]} has changed since"
        if changed
        else f"those were {', '.join(was)} and now it is {', '.join(now)}"
    )
    raise GridError(f"{job.store} was computed from other inputs: {detail}. {remedy}")
