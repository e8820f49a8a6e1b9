"""Read two regions of a picture with the official client: python read_regions.py PICTURE."""

import base64
import json
import os
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import aspose_ocr_cloud as ocr

URL = os.environ.get("WHALELINE_URL", "http://127.0.0.1:8080")
REGIONS = [(0, 0, 700, 60), (0, 120, 700, 180)]  # left, top, right, bottom in pixels

# 1. Get an access token. It is valid for an hour.
form = {
    "grant_type": "client_credentials",
    "client_id": os.environ["WHALELINE_ID"],
    "client_secret": os.environ["WHALELINE_SECRET"],
}
with urllib.request.urlopen(f"{URL}/connect/token", urllib.parse.urlencode(form).encode()) as answer:
    token = json.load(answer)["access_token"]

# 2. Post the picture and its regions.
api = ocr.RecognizeRegionsApi(ocr.ApiClient(ocr.Configuration(host=URL, access_token=token)))
regions = [
    ocr.OCRRegion(
        order=order,
        rect=ocr.OCRRect(top_left_x=left, top_left_y=top, bottom_right_x=right, bottom_right_y=bottom),
    )
    for order, (left, top, right, bottom) in enumerate(REGIONS, 1)
]
image = base64.b64encode(Path(sys.argv[1]).read_bytes()).decode()
settings = ocr.OCRSettingsRecognizeRegions(language="English", result_type="Text", regions=regions)
task = api.post_recognize_regions(ocr.OCRRecognizeRegionsBody(image=image, settings=settings))

# 3. Fetch the result. This waits up to 20 seconds; a task that takes longer is Pending or Processing then.
answer = api.get_recognize_regions(task)
while answer.task_status in ("Pending", "Processing"):
    answer = api.get_recognize_regions(task)
if answer.task_status != "Completed":
    sys.exit(f"{answer.task_status}: {answer.error.messages if answer.error else 'no reason given'}")
for result in answer.results:
    print(base64.b64decode(result.data).decode())
