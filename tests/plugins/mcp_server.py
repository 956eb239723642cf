"""An MCP server of a few lines that tells what a file says, and does what no server should.

    python tests/plugins/mcp_server.py TOOLS.json

The file holds a list of tools as the protocol lists them; it is read each time they are listed, and another beside it
says that the server was started. A tool does what its name says: `echo`, `fail`, `hang`, `die`, `huge`, `picture`,
`variables`, `noise`; `linger` writes its own process and one that it starts into a file, and hangs.
"""

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HUGE = 9 << 20


def answer(request, tools):
    method, parameters = request["method"], request.get("params") or {}
    if method == "initialize":
        about = {"name": "scripted", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
    if method == "tools/list":
        return {"tools": json.loads(Path(tools).read_text("utf-8"))}
    if method == "tools/call":
        return {
            "content": called(parameters["name"], parameters.get("arguments") or {}),
            "isError": parameters["name"] == "fail",
        }
    return None


def called(name, arguments):
    match name:
        case "hang":
            time.sleep(3600)
        case "linger":
            child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(3600)"])
            Path(arguments["beside"]).write_text(f"{os.getpid()} {child.pid}")
            child.wait()
        case "die":
            sys.stderr.write("the disk is gone\n")
            sys.stderr.flush()
            os._exit(3)
        case "huge":
            return text("x" * HUGE)
        case "picture":
            return [{"type": "image", "data": base64.b64encode(b"x").decode(), "mimeType": "image/png"}]
        case "variables":
            return text(json.dumps(dict(os.environ)))
        case "noise":
            print("Loading the weights ...", flush=True)
    return text(json.dumps(arguments))


def text(said):
    return [{"type": "text", "text": said}]


def main():
    Path(f"{sys.argv[1]}.started").touch()
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        result = answer(request, sys.argv[1])
        told = {"result": result} if result is not None else {"error": {"code": -32601, "message": "no such method"}}
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **told}), flush=True)


if __name__ == "__main__":
    main()
