# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Serve it
#
# A server on your own machine, and a program that asks it. The picture is a drawing, so its answer is about nobody.
#
# Run it in the repository: `PYTHONPATH=tests jupyter lab`, after `pip install .`.

# %%
import subprocess

import cv2

from synthetic import lesion_image

cv2.imwrite("drawing.png", lesion_image("mel", 1, height=300, width=400)[..., ::-1])
server = subprocess.Popen(
    ["dermdistill", "serve", "--port", "0"],  # any free port
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
)
said = next(line for line in server.stdout if "http://" in line)
address = said[said.index("http://") :].split()[0].rstrip("/.,")

# %% [markdown]
# In a terminal this is `dermdistill serve`, and the question is
# `curl -F image=@drawing.png http://127.0.0.1:8000/api/v1/predict`. In Python:

# %%
import json
import urllib.request
from pathlib import Path

edge = "a-line-that-no-picture-holds"
head = f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="drawing.png"\r\n\r\n'
body = head.encode() + Path("drawing.png").read_bytes() + f"\r\n--{edge}--\r\n".encode()
request = urllib.request.Request(
    f"{address}/api/v1/predict", body, {"Content-Type": f"multipart/form-data; boundary={edge}"}
)
answer = json.load(urllib.request.urlopen(request))
print(answer["notice"])
first = answer["predictions"][0]
print(first["assessment"]["level"], first["assessment"]["reasons"])

# %% [markdown]
# Show `assessment` first: it is what a person should be told. Then the rest.

# %%
{code: round(value, 3) for code, value in first["probabilities"].items()}

# %% [markdown]
# A picture that cannot be used has an `error` in its place. A full server answers 503: ask again later. All addresses and
# fields: "HTTP API". Now the server ends, as it does on Ctrl-C.

# %%
server.terminate()
print("ended with", server.wait(30))
