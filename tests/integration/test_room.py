"""tasks/room.py on real rows: how exact it is, and how seldom it counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from new_task import new_task
from whaleline.errors import QueueFull
from whaleline.settings import Settings
from whaleline.tasks.room import Room
from whaleline.tasks.sql import Client, Store


class World:
    """An empty store, and how many statements it was asked to carry out."""

    def __init__(self, data: Path) -> None:
        self.store = Store(f"sqlite:///{data / 'test.db'}")
        self.store.migrate()
        self.counts = 0
        sa.event.listen(self.store._engine, "before_cursor_execute", self._note)
        for name in ("ahab", "ishmael"):
            self.store.add_client(Client(name, name, "", 0.0))

    def _note(self, *of_statement: object) -> None:
        self.counts += "count(*)" in str(of_statement[2])

    def fill(self, room: Room, client_id: str) -> int:
        """Submit until there is no room; how many were taken."""
        for taken in range(10_000):
            try:
                room.take_place(client_id)
            except QueueFull:
                return taken
            self.store.insert(new_task(client_id))
        raise AssertionError("there is room without end")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_one_process_gives_away_no_more_than_there_is(world: World) -> None:
    room = Room(Settings(max_queue=500, max_open_tasks=300), world.store)
    assert world.fill(room, "ahab") == 300
    assert world.fill(room, "ishmael") == 200
    assert world.counts < 250


def test_sixteen_processes_that_take_turns_give_away_no_more_either(world: World) -> None:
    rooms = [Room(Settings(max_queue=400, max_open_tasks=300), world.store) for _ in range(16)]
    for taken in range(301):
        try:
            rooms[taken % 16].take_place("ahab")
        except QueueFull:
            break
        world.store.insert(new_task("ahab"))
    assert taken == 300


def test_the_last_places_are_counted_one_by_one(world: World) -> None:
    room = Room(Settings(max_queue=10, max_open_tasks=10), world.store)
    assert world.fill(room, "ahab") == 10
    assert world.counts == 11
