"""`wandb sync` against a stand-in of W&B's server: what an offline run's folder brings there."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from typoglot import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable


class StandIn(http.server.BaseHTTPRequestHandler):
    """Answers the few operations that `wandb sync` asks, and keeps what is uploaded, by its last path."""

    protocol_version = "HTTP/1.1"
    uploaded: dict[str, bytes]
    artifacts: list[str]
    rows: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        answer: dict[str, Any] = {}
        if self.path == "/graphql":
            asked = json.loads(body)
            (operation,) = re.findall(r"^\s*(?:query|mutation) (\w+)", asked["query"])
            answer = {"data": self.answered(operation, asked.get("variables") or {})}
        elif self.path.endswith("file_stream"):
            self.rows += json.loads(body).get("files", {}).get("wandb-history.jsonl", {}).get("content", [])
        else:
            self.uploaded[self.path.partition("/up/")[2]] = body
        told = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_PUT = do_GET = do_POST  # noqa: N815

    def answered(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        base = f"http://127.0.0.1:{self.server.server_address[1]}/up"
        given = variables.get("input", {})
        if operation == "ServerFeaturesQuery":
            return {"serverInfo": {"features": []}}
        if operation == "UpsertBucket":
            project = {"id": "P", "name": "p", "entity": {"id": "E", "name": "ann"}}
            bucket = {"id": "B", "name": variables["name"], "displayName": "d", "config": "{}", "historyLineCount": 0}
            return {"upsertBucket": {"bucket": {**bucket, "project": project}, "inserted": True}}
        if operation == "CreateArtifact":
            self.artifacts.append(given["artifactCollectionName"])
            sequence = {"id": "S", "latestArtifact": None}
            made = {"id": f"A{len(self.artifacts)}", "digest": "d", "state": "PENDING", "artifactSequence": sequence}
            return {"createArtifact": {"artifact": made}}
        if operation.endswith("ArtifactManifest"):
            file = {"id": "F", "name": "m", "displayName": "m", "uploadUrl": f"{base}/manifest", "uploadHeaders": []}
            key = operation[0].lower() + operation[1:]
            return {key: {"artifactManifest": {"id": "M", "file": file}}}
        if operation == "CreateArtifactFiles":
            names = [file["name"] for file in given["artifactFiles"]]
            nodes = [
                {"id": name, "name": name, "displayName": name, "uploadUrl": f"{base}/artifact/{name}",
                 "uploadHeaders": [], "storagePath": name, "artifact": {"id": "A"}} for name in names
            ]  # fmt: skip
            return {"createArtifactFiles": {"files": {"edges": [{"node": node} for node in nodes]}}}
        if operation == "CommitArtifact":
            return {"commitArtifact": {"artifact": {"id": "A", "digest": "d"}}}
        if operation == "CreateRunFiles":
            files = [{"name": name, "uploadUrl": f"{base}/run/{name}"} for name in variables["files"]]
            return {"createRunFiles": {"runID": "B", "uploadHeaders": [], "files": files}}
        return {}

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, type[StandIn]]]:
    kept = type("Kept", (StandIn,), {"uploaded": {}, "artifacts": [], "rows": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kept) as running:
        running.handle_error = lambda *_: None  # type: ignore[method-assign]  # W&B hangs up when it is done
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", kept
        running.shutdown()


@pytest.mark.slow
def test_an_offline_run_carried_elsewhere_brings_everything_to_wandb(
    evaluate_settings: Callable[..., Any], tmp_path: Path, server: tuple[str, type[StandIn]]
) -> None:
    url, kept = server
    settings = evaluate_settings("tracker=wandb")
    pipeline.run(settings)
    (log,) = pipeline.folder_of(settings).glob("wandb/*/*.wandb")
    while time.time() - log.stat().st_mtime < 2:  # W&B's own process writes on for a moment
        time.sleep(0.2)
    moved = Path(shutil.move(pipeline.folder_of(settings), tmp_path / "elsewhere"))
    (run,) = moved.glob("wandb/offline-run-*")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")} | {
        "WANDB_BASE_URL": url, "WANDB_API_KEY": "0123456789abcdef" * 3, "HOME": str(tmp_path / "other"),
        "WANDB_ERROR_REPORTING": "false",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("wandb")), "sync", str(run.relative_to(moved))]
    made = subprocess.run(command, cwd=moved, env=environment, capture_output=True, text=True, timeout=100)

    assert made.returncode == 0, made.stderr
    assert kept.artifacts == [f"per_query-{pipeline.folder_of(settings).name}"]
    assert kept.uploaded["artifact/per_query.parquet"] == (moved / "per_query.parquet").read_bytes()
    tables = {name.split("/")[-1].split("_")[0] for name in kept.uploaded if name.startswith("run/media/table/")}
    assert {"points", "languages", "misspelt", "recall@1"} <= tables
    assert [json.loads(row)["typo_rate"] for row in kept.rows if "curve/all/recall@1" in row] == [0, 0.5]
