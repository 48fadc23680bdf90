"""A local server that behaves like the hub: the URLs that the hub's client uses, test files, and simulated faults."""

import hashlib
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from huggingface_hub import constants


@dataclass
class Fault:
    """A fault for requests whose path contains `path`: an error status, or a body that ends after `cut` bytes.

    times: number of faulty answers. method: HTTP method of the affected requests.
    """

    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = -1
    times: int = 1_000_000
    method: str = "GET"


@dataclass
class Hub:
    """A running server.

    repositories: `datasets/lab/corpus` or `models/lab/model` -> commit -> path -> content; the last commit is `main`.
    requests: every request so far, `GET /path`.
    """

    repositories: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    endpoint: str = ""

    def list_downloads(self) -> list[str]:
        """Return the paths, within their repositories, of the files requested by GET, in order."""
        return [
            line.split("/resolve/")[1].split("/", 1)[1]
            for line in self.requests
            if line.startswith("GET") and "/resolve/" in line
        ]


def make_rows(
    language: str, split: str, count: int, tags: tuple[str, ...] = ("B-PER", "O", "B-LOC")
) -> dict[str, list]:
    """Return columns of sentences such as `Ada0 met Oslo`, which differ by language and split, with tags by name."""
    tokens = [[f"Ada{language}{number}", f"met{split}", "Oslo"] for number in range(count)]
    return {"tokens": tokens, "ner_tags": [list(tags)] * count}


def write_parquet(rows: dict[str, list], names: tuple[str, ...]) -> bytes:
    """Return rows in the hub's format: parquet with numbered tags and a schema with their names."""
    from datasets import ClassLabel, Dataset, Features, List, Value

    features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=list(names)))})
    into = io.BytesIO()
    Dataset.from_dict(rows, features=features).to_parquet(into)
    return into.getvalue()


def write_jsonl(rows: dict[str, list], names: tuple[str, ...]) -> bytes:
    """Return rows as JSON lines with numbered tags."""
    pairs = zip(rows["tokens"], rows["ner_tags"], strict=True)
    lines = [{"tokens": tokens, "ner_tags": [names.index(tag) for tag in tags]} for tokens, tags in pairs]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Run the server on a free local port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(hub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def point_to(monkeypatch, endpoint: str, folder: Path) -> None:
    """Make the client of this process use this endpoint and cache folder, which it otherwise reads only once."""
    template = f"{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)


def _make_handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

        def _answer(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.requests.append(f"{self.command} {path}")
            fault = next((f for f in hub.faults if f.path in path and f.method == self.command and f.times > 0), None)
            if fault is not None:
                fault.times -= 1
                if fault.status:
                    self._send(fault.status, b"{}", fault.headers)
                    return
            status, body, headers = find_answer(hub, path)
            start = 0
            if status == 200 and "Range" in self.headers:
                start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
                status, headers = 206, {**headers, "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            self._send(status, body[start:], headers, None if fault is None else max(0, fault.cut - start))

        def _send(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body[:cut])
            self.close_connection = True

    return Handler


def find_answer(hub: Hub, path: str) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and headers of a correct answer."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 6:
        name, verb, revision = "/".join(parts[1:4]), parts[4], "/".join(parts[5:])
    else:
        kind = [] if parts[0] == "datasets" else ["models"]
        name = "/".join([*kind, *parts][:3])
        verb, revision, *rest = [*kind, *parts][3:] or ["", ""]
    if name not in hub.repositories:
        return 404, b"{}", {"X-Error-Code": "RepoNotFound"}
    commits = hub.repositories[name]
    commit = list(commits)[-1] if revision in ("main", "refs/pr/5") else revision
    if commit not in commits:
        return 404, b"{}", {"X-Error-Code": "RevisionNotFound"}
    files = commits[commit]
    if verb == "resolve":
        if "/".join(rest) not in files:
            return 404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit}
        body = files["/".join(rest)]
        return 200, body, {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "X-Repo-Commit": commit}
    about: object = {"id": name.split("/", 1)[1], "sha": commit, "siblings": [{"rfilename": file} for file in files]}
    if verb == "tree":
        about = [
            {"type": "file", "path": file, "size": len(body), "oid": hashlib.sha1(body).hexdigest()}
            for file, body in files.items()
        ]
    return 200, json.dumps(about).encode(), {"Content-Type": "application/json"}
