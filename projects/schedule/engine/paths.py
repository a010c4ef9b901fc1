"""The critical paths of a schedule: there may be several, and near-critical ones beside them."""

from pmdm.worktime.engine import WorkCalendar

from .explain import FROM_FINISH, STARTS_HELD, Explainer
from .network import Minutes, Network, Result, TaskId

MOST_PATHS = 20


def critical_paths(
    network: Network, result: Result, calendar: WorkCalendar, *, within: Minutes = 0, limit: int = MOST_PATHS
) -> list[list[TaskId]]:
    """Chains of tasks with at most ``within`` minutes of float, each held by the one before it; earliest first.

    A chain begins with a task that no other on such a chain holds, and ends with one that holds no other. At most
    ``limit`` of them: there can be more than one would ever read. Completed tasks are on none.
    """
    tell = Explainer(network, result, result.start, calendar)
    chosen = {
        task: None  # in the order of the plan, which decides between paths that start together
        for task, out in result.tasks.items()
        if out.total_float is not None and out.total_float <= within and not out.is_summary
    }
    after: dict[TaskId, list[TaskId]] = {task: [] for task in chosen}
    held: set[TaskId] = set()
    for task in chosen:
        given, out = tell.tasks[task], result.tasks[task]
        own = tell.calendar_of(given)
        for link in tell.links_into(task):
            at = out.start if link.type in STARTS_HELD else out.finish
            if own.between(tell.bound(given, link), at) > within:
                continue
            for before in tell.leaves_of(link.predecessor, at_start=link.type not in FROM_FINISH):
                if before in chosen and before != task:
                    after[before].append(task)
                    held.add(task)
    paths: list[list[TaskId]] = []
    starts = sorted((task for task in chosen if task not in held), key=lambda task: result.tasks[task].start)
    waiting = [[task] for task in reversed(starts)]
    while waiting and len(paths) < limit:
        path = waiting.pop()
        following = [task for task in dict.fromkeys(after[path[-1]]) if task not in path]
        if not following:
            paths.append(path)
        waiting.extend([*path, task] for task in reversed(following))
    return sorted(paths, key=lambda path: (result.tasks[path[0]].start, -len(path)))
