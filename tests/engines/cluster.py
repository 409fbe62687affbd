"""A Redis Cluster of three masters, and a slot that moves from one to another."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from redis.crc import key_slot

from tests.engines.server import Server, until

SLOTS = 16_384
DESK = key_slot(b"{d:main}")
NODE_TIMEOUT = 1500
"""ms; operations.md says 5000, and tests have no time."""


class ClusterSet:
    """Three masters; the one that has the desk `main` has `replicas`, and needs one to write."""

    def __init__(self, folder: Path, program: Path, replicas: int, node_timeout: int) -> None:
        settings = {
            "cluster_enabled": "yes",
            "cluster_node_timeout": str(node_timeout),
            "cluster_require_full_coverage": "no",
            "cluster_replica_validity_factor": "0",
            "cluster_migration_barrier": "10",
        }
        self.nodes = [Server(folder, program, **settings) for _ in range(3 + replicas)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.nodes[:3])
        return f"redis+cluster://{hosts}"

    def start(self) -> None:
        """Returns when all know of all, and every slot has a master."""
        for number, node in enumerate(self.nodes):
            node.start()
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
        for number, node in enumerate(self.nodes[:3]):
            node.ask("CLUSTER", "ADDSLOTS", *range(SLOTS * number // 3, SLOTS * (number + 1) // 3))
        for node in self.nodes:
            until(partial(self._sees_all, node), "the nodes to know each other")
        master, replicas = self.owner(DESK), self.nodes[3:]
        for node in replicas:
            node.ask("CLUSTER", "REPLICATE", self.id_of(master))
        for node in replicas:
            until(partial(_is_replica, node), "a replica")
        for node in [master, *replicas] if replicas else []:
            node.ask("CONFIG", "SET", "min-replicas-to-write", 1)

    def id_of(self, node: Server) -> str:
        said: bytes = node.ask("CLUSTER", "MYID")
        return said.decode()

    def owners(self, slot: int) -> list[Server]:
        """Who says so of itself: others may hear of a move a second later."""
        return [node for node in self.nodes if node.alive and _owns(node, slot)]

    def owner(self, slot: int) -> Server:
        """The one that has it."""
        (found,) = self.owners(slot)
        return found

    def other_than(self, node: Server) -> Server:
        """Another master."""
        return next(one for one in self.nodes[:3] if one is not node and one.alive)

    def migration(self, key: str) -> "Migration":
        """Of the slot of this key, to another master."""
        slot = key_slot(key.encode())
        source = self.owner(slot)
        return Migration(self, slot, source, self.other_than(source))

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def _sees_all(self, node: Server) -> bool:
        """All nodes, and who has which slot: a state may still be that of the beginning."""
        info = node.cluster_info()
        wanted = {
            "cluster_state": "ok",
            "cluster_known_nodes": str(len(self.nodes)),
            "cluster_slots_ok": str(SLOTS),
        }
        return wanted.items() <= info.items()


class Migration:
    """A slot on its way, step by step, as `redis-cli --cluster reshard` does it."""

    def __init__(self, cluster: ClusterSet, slot: int, source: Server, target: Server) -> None:
        self.slot = slot
        self.source = source
        self.target = target
        self._cluster = cluster

    def begin(self) -> None:
        """From now on the slot is migrating; nothing of it has moved."""
        self._set(self.target, "IMPORTING", self._cluster.id_of(self.source))
        self._set(self.source, "MIGRATING", self._cluster.id_of(self.target))

    def left(self) -> list[bytes]:
        """Those that haven't moved."""
        found: list[bytes] = self.source.ask("CLUSTER", "GETKEYSINSLOT", self.slot, 100_000)
        return found

    def move(self, *keys: bytes) -> None:
        """These, or all that are left."""
        chosen = keys or tuple(self.left())
        if chosen:
            self.source.ask("MIGRATE", "127.0.0.1", self.target.port, "", 0, 5000, "KEYS", *chosen)

    def end(self) -> None:
        """Moves what is left, which clients may add to meanwhile, and says whose the slot is."""
        while self.left():
            self.move()
        new = self._cluster.id_of(self.target)
        others = [n for n in self._cluster.nodes[:3] if n not in (self.source, self.target)]
        for node in (self.target, self.source, *others):
            if node.alive:
                self._set(node, "NODE", new)

    def _set(self, node: Server, how: str, whose: str) -> None:
        node.ask("CLUSTER", "SETSLOT", self.slot, how, whose)


def _owns(node: Server, slot: int) -> bool:
    ranges = node.slots()
    return any(a <= slot <= b and port == node.port for a, b, (_, port, *_), *_ in ranges)


def _is_replica(node: Server) -> bool:
    return bool(node.info()["master_link_status"] == "up")


@contextmanager
def running_cluster(
    program: Path, *, replicas: int = 0, node_timeout: int = NODE_TIMEOUT
) -> Iterator[ClusterSet]:
    """Starts it in a folder of its own, and ends it."""
    folder = Path(tempfile.mkdtemp(prefix="fd-cluster-"))
    found = ClusterSet(folder, program, replicas, node_timeout)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)
