"""Models of the hub, fetched by the real client from a small server on loopback that speaks as much as it asks for."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b'{"model_type": "mt5"}',
    "model.safetensors": b"weights " * 400,
    "pytorch_model.bin": b"pickled weights",
}
REPOSITORIES = {"lab/model": FILES, "lab/pickled": {name: FILES[name] for name in ("config.json", "pytorch_model.bin")}}


class Hub(BaseHTTPRequestHandler):
    """Answers for REPOSITORIES: the list of files, and each file at its commit."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        parts = self.path.split("?")[0].strip("/").split("/")
        status, body, headers = 404, b"{}", {"X-Error-Code": "RepoNotFound"}
        if parts[:2] == ["api", "models"] and "/".join(parts[2:4]) in REPOSITORIES:
            name = "/".join(parts[2:4])
            files = REPOSITORIES[name]
            about: object = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": file} for file in files]}
            if parts[4] == "tree":
                about = [{"type": "file", "path": f, "size": len(files[f]), "oid": f} for f in files]
            status, headers = 200, {"Content-Type": "application/json"}
            body = json.dumps(about).encode()
        elif len(parts) == 5 and parts[2] == "resolve" and parts[4] in REPOSITORIES.get("/".join(parts[:2]), {}):
            body = REPOSITORIES["/".join(parts[:2])][parts[4]]
            status, headers = 200, {"ETag": f'"{parts[4]}"', "X-Repo-Commit": COMMIT}
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def fetch(endpoint: str, name: str, out) -> subprocess.CompletedProcess:
    recipe = json.dumps({"hub": name, "revision": "main"})
    command = [sys.executable, "-m", "isogloss", "fetch-model", "--recipe", recipe, "--out", str(out)]
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(out.parent / "cache"),
        "HF_HUB_DISABLE_XET": "1",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_a_model_is_fetched_without_its_pickled_weights(endpoint, tmp_path):
    outcome = fetch(endpoint, "lab/model", tmp_path / "model")
    assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert {path.name for path in (tmp_path / "model").iterdir()} == {"config.json", "model.safetensors"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("lab/nowhere", "the hub has no model 'lab/nowhere'"), ("lab/pickled", "has no safetensors weights")],
)
def test_what_cannot_be_used_is_told_in_one_line_and_nothing_is_left(endpoint, tmp_path, name, words):
    outcome = fetch(endpoint, name, tmp_path / "model")
    assert outcome.returncode == 2
    lines = [line for line in outcome.stderr.splitlines() if line.startswith("isogloss:")]
    assert len(lines) == 1
    assert words in lines[0]
    assert not (tmp_path / "model").exists()


def test_no_network_is_told_in_one_line(tmp_path):
    outcome = fetch("http://127.0.0.1:9", "lab/model", tmp_path / "model")
    assert outcome.returncode == 2
    assert "cannot be fetched" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "model").exists()
