#!/usr/bin/env python3
"""A second GPU worker, with Python's standard library only: it copies every photo to its result and calls back.

It takes the message as a POST to / (GPU_PROVIDER=http) or as {"input": message} to /run (GPU_PROVIDER=runpod), uses the
message's URLs and needs no storage keys. The result is sent as the message's output_type, image/png where it names none,
since the signature of output_url binds that type; what is sent is the photo as it came, so the copy is of that type only
where the photo was. This stands for the contract, not for the work: a real worker encodes what it has made.

    GPU_API_KEY=… PORT=9000 examples/gpu_worker.py
"""

import json
import os
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API_KEY = os.environ.get("GPU_API_KEY", "")
MAX_TRIES = 8
# Python's own name is refused by Cloudflare's Browser Integrity Check (error 1010), which is on where a domain is proxied.
USER_AGENT = "s3-example-gpu-worker/1.0"
RUNS = {}


def log(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def send(method, url, body=None, headers=None):
    """One HTTP exchange, tried again on network errors, 429 and 5xx with full jitter. Returns the body."""
    for attempt in range(1, MAX_TRIES + 1):
        request = urllib.request.Request(url, data=body, method=method, headers={"User-Agent": USER_AGENT, **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if attempt == MAX_TRIES or (error.code < 500 and error.code != 429):
                raise
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            if attempt == MAX_TRIES:
                raise
        time.sleep(random.random() * min(10, 0.2 * 2**attempt))


def work_on(message, item):
    """Copies one photo and returns its result."""
    base = {"idx": item["idx"], "attempt": message["attempt"]}
    try:
        photo = send("GET", item["input_url"])
        send("PUT", item["preview_url"], photo, {"Content-Type": "image/jpeg"})
        send("PUT", item["output_url"], photo, {"Content-Type": message.get("output_type") or "image/png"})
    except Exception as error:  # whatever it was, it is the photo's result
        return {**base, "status": "failed", "error": f"copying failed: {error.__class__.__name__}"}
    return {**base, "status": "done", "output_key": item["output_key"], "preview_key": item["preview_key"]}


def run(run_id, message):
    for item in message["items"]:
        if RUNS[run_id] == "CANCELLED":
            log("run.cancelled", run=run_id, job=message["job_id"])
            return
        result = work_on(message, item)
        key = f'{message["idempotency_prefix"]}:{item["idx"]}'
        headers = {
            "Content-Type": "application/json",
            "Authorization": "Bearer " + message["callback_token"],
            "Idempotency-Key": key,
        }
        send("POST", message["callback_url"], json.dumps({**result, "idempotency_key": key}).encode(), headers)
        log("photo.reported", run=run_id, job=message["job_id"], idx=item["idx"], status=result["status"])
    RUNS[run_id] = "COMPLETED"


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def authorized(self):
        if not API_KEY or self.headers.get("Authorization") == "Bearer " + API_KEY:
            return True
        self.answer(401, {"error": "wrong or missing API key"})
        return False

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        if not self.authorized():
            return None
        run_id = self.path.removeprefix("/status/")
        if run_id not in RUNS:
            return self.answer(404, {"error": "no such run"})
        return self.answer(200, {"id": run_id, "status": RUNS[run_id]})

    def do_POST(self):
        if not self.authorized():
            return None
        if self.path.startswith("/cancel/"):
            run_id = self.path.removeprefix("/cancel/")
            if run_id not in RUNS:
                return self.answer(404, {"error": "no such run"})
            if RUNS[run_id] == "IN_PROGRESS":
                RUNS[run_id] = "CANCELLED"
            return self.answer(200, {"id": run_id, "status": RUNS[run_id]})
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"null")
        message = body.get("input") if self.path == "/run" else body
        if not isinstance(message, dict) or "job_id" not in message:
            return self.answer(400, {"error": "job_id is missing"})
        run_id = str(uuid.uuid4())
        RUNS[run_id] = "IN_PROGRESS"
        threading.Thread(target=run, args=(run_id, message), daemon=True).start()
        return self.answer(200, {"id": run_id, "status": "IN_PROGRESS"})

    def log_message(self, *args):
        """The lines of log() are enough."""


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "9000"))), Handler)
    log("listening", port=server.server_port)
    server.serve_forever()
