"""The outline: who is under whom, numbered in one walk."""

from collections.abc import Hashable, Mapping, Sequence

from .network import NetworkError, TaskIn


class Outline:
    """Positions of tasks in the tree, all by index into the task list."""

    __slots__ = ("children", "level", "parent", "walk", "wbs")

    def __init__(self, tasks: Sequence[TaskIn], index: Mapping[Hashable, int]) -> None:
        count = len(tasks)
        self.children: dict[int, list[int]] = {}
        self.level = [1] * count
        self.parent = [-1 if task.parent is None else index[task.parent] for task in tasks]
        self.walk: Sequence[int] = range(count)  # parents before their children
        if any(above >= i for i, above in enumerate(self.parent)):
            self.walk = self._parents_first(tasks)
        self.wbs = [""] * count
        numbers = [0] * (count + 1)  # of children so far; the last is the top level's
        for i in range(count):
            above = self.parent[i]
            if above >= 0:
                below = self.children.get(above)
                if below is None:
                    self.children[above] = [i]
                else:
                    below.append(i)
        for i in self.walk:
            above = self.parent[i]
            if above < 0:
                numbers[-1] += 1
                self.wbs[i] = str(numbers[-1])
        for i in self.walk:
            if i in self.children:
                prefix, level = self.wbs[i] + ".", self.level[i] + 1
                for number, child in enumerate(self.children[i], start=1):
                    self.wbs[child] = prefix + str(number)
                    self.level[child] = level

    def _parents_first(self, tasks: Sequence[TaskIn]) -> list[int]:
        """An order in which every parent comes before its children, for lists where some do not."""
        below: dict[int, list[int]] = {}
        for i, above in enumerate(self.parent):
            below.setdefault(above, []).append(i)
        walk = list(below.get(-1, ()))
        for i in walk:
            walk.extend(below.get(i, ()))
        if len(walk) < len(tasks):
            lost = sorted(label(tasks[i]) for i in set(range(len(tasks))).difference(walk))
            raise NetworkError([f"These tasks are above and below each other at once: {', '.join(lost[:5])}."])
        return walk


def label(task: TaskIn) -> str:
    """How messages call a task."""
    return f"{task.name} ({task.id})" if task.name else str(task.id)
