"""An HTTP server that speaks the part of Qdrant's REST API that the store uses, over qdrant-client's local mode.

It shows that what goes over the wire is understood, and what a server's failures do. It is no Qdrant: snapshots are
copies it keeps in memory, and nothing is ever indexed. With `script` set, the next requests whose paths end so fail
that way: a status, or "drop", which does the work and then hangs up without a word.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from qdrant_client import QdrantClient, models


class QdrantServer:
    def __init__(self, *, key=None, snapshots="/qdrant/snapshots"):
        self.key, self.snapshots = key, snapshots
        self.client = QdrantClient(":memory:", force_disable_check_same_thread=True)
        self.lock = threading.Lock()
        self.script = []
        self.seen = []
        self.taken = {}
        self.indexes = {}
        self.statuses = []  # what it says of a collection next; green once they are used up
        self.held = None  # how many points of a snapshot this node holds; None: all

    def answer(self, method, path, body):
        """The result of one request."""
        match [method, *path.split("/")[1:]]:
            case ["POST", "collections", "aliases"]:
                moves = [models.CreateAliasOperation(**action) for action in body["actions"]]
                return self.client.update_collection_aliases(moves)
            case [_, "collections", name]:
                return self.collection(method, name, body)
            case ["GET", "collections", name, "exists"]:
                return {"exists": self.client.collection_exists(name)}
            case ["PUT", "collections", name, "index"]:
                self.indexes.setdefault(name, {})[body["field_name"]] = body["field_schema"]
                return {"status": "completed"}
            case [_, "collections", name, "points", *rest]:
                return self.points([method, *rest], name, body)
            case [_, "collections", name, "snapshots", *rest]:
                return self.snapshot([method, *rest], name, body)
            case _:
                raise NotImplementedError(f"{method} {path}")

    def collection(self, method, name, body):
        match method:
            case "PUT":
                return self.client.create_collection(name, models.VectorParams(**body["vectors"]))
            case "DELETE":
                return self.client.delete_collection(name)
            case "PATCH":
                return self.client.collection_exists(name)
            case "GET":
                info = self.client.get_collection(name).model_dump(mode="json")
                return info | {"status": self.statuses.pop(0) if self.statuses else "green"}

    def points(self, call, name, body):
        match call:
            case ["PUT"]:
                return self.client.upsert(name, [models.PointStruct(**point) for point in body["points"]])
            case ["POST"]:
                return self.client.retrieve(name, body["ids"], with_payload=False, with_vectors=True)
            case ["POST", "delete"]:
                return self.client.delete(name, models.PointIdsList(**body))
            case ["POST", "count"]:
                return self.client.count(name)
            case ["POST", "query"]:
                asked = models.QueryRequest(**body)
                return self.client.query_points(
                    name, query=asked.query, query_filter=asked.filter, limit=asked.limit, with_payload=False
                )
            case ["POST", "scroll"]:
                records, after = self.client.scroll(
                    name, limit=body["limit"], offset=body.get("offset"), with_payload=True, with_vectors=True
                )
                return {"points": [record.model_dump(mode="json") for record in records], "next_page_offset": after}

    def snapshot(self, call, name, body):
        match call:
            case ["POST"]:
                taken = f"{name}-{len(self.seen)}.snapshot"
                shape = self.client.get_collection(name).config.params.vectors
                records, _ = self.client.scroll(name, limit=1_000_000, with_payload=True, with_vectors=True)
                self.taken[f"file://{self.snapshots}/{name}/{taken}"] = shape, records[: self.held]
                return {"name": taken, "size": 1}
            case ["PUT", "recover"]:
                shape, records = self.taken[body["location"]]
                self.client.create_collection(name, shape)
                points = [models.PointStruct(id=each.id, vector=each.vector, payload=each.payload) for each in records]
                if points:
                    self.client.upsert(name, points)
                return True
            case ["GET"]:
                kept = [place.rpartition("/")[2] for place in self.taken if f"/{name}/" in place]
                return [{"name": taken, "size": 1, "creation_time": None, "checksum": None} for taken in kept]
            case ["DELETE", taken]:
                return self.taken.pop(f"file://{self.snapshots}/{name}/{taken}", None) is not None

    def respond(self, method, path, body):
        """Status and result; None where the line is cut."""
        with self.lock:
            self.seen.append(f"{method} {path}")
            failure = self.script.pop(0)[1] if self.script and path.endswith(self.script[0][0]) else None
            if isinstance(failure, int):
                return failure, None
            try:
                result = self.answer(method, path, body)
            except (ValueError, KeyError) as error:
                return (404 if "not found" in str(error) else 400), str(error)
            return None if failure == "drop" else (200, result)


class _Handler(BaseHTTPRequestHandler):
    server_of = None

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.server_of.key and self.headers.get("api-key") != self.server_of.key:
            given = 401, "Must provide an API key"
        else:
            given = self.server_of.respond(self.command, self.path.split("?")[0], body)
        if given is None:
            self.close_connection = True
            return
        status, result = given
        said = {"result": result, "status": "ok" if status == 200 else {"error": result}, "time": 0.0}
        text = json.dumps(said, default=lambda thing: json.loads(thing.model_dump_json())).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self._answer()

    def do_PUT(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def do_PATCH(self):
        self._answer()

    def do_DELETE(self):
        self._answer()

    def log_message(self, *_):
        pass


@contextmanager
def serving(**options):
    """A running server and its address."""
    server = QdrantServer(**options)
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_of": server}))
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
