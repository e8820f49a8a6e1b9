// The request that is on the screen, as code that makes the same one.

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** JSON to be read; a rectangle is easier to read on one line. */
const pretty = (value) =>
  JSON.stringify(value, null, 2).replace(/\{\s+"topLeftX"[^}]*\}/g, (rectangle) => rectangle.replace(/\s+/g, ' '));

/** For a shell with curl and base64. */
export function curl({ origin, operation, fileName, settings }) {
  return `# CLIENT_ID and CLIENT_SECRET come from:
# whaleline client add NAME
HOST=${origin}
TOKEN=$(curl -s $HOST/connect/token \\
  -d grant_type=client_credentials \\
  --data-urlencode "client_id=$CLIENT_ID" \\
  --data-urlencode "client_secret=$CLIENT_SECRET" |
  sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

SETTINGS=${quote(pretty(settings))}

ID=$({
  printf '{"image":"'
  base64 < ${quote(fileName)} | tr -d '\\n'
  printf '","settings":%s}' "$SETTINGS"
} | curl -s $HOST/v5.0/ocr/${operation} \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  --data-binary @-)

curl -s "$HOST/v5.0/ocr/${operation}?id=$ID" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Prefer: wait=30'
`;
}

const SNAKE = (name) => name.replace(/[A-Z]/g, (letter, at) => (at ? '_' : '') + letter.toLowerCase());
const literal = (value) => (typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value));

const pythonToken = (origin) => `HOST = ${literal(origin)}

credentials = urllib.parse.urlencode({
    "grant_type": "client_credentials",
    "client_id": os.environ["CLIENT_ID"],
    "client_secret": os.environ["CLIENT_SECRET"],
}).encode()
with urllib.request.urlopen(f"{HOST}/connect/token", credentials) as answer:
    token = json.load(answer)["access_token"]
`;

/** For Python with the protocol's official client. */
export function python({ origin, operation, fileName, settings }) {
  if (settings.template) return pythonByTemplate({ origin, fileName, settings });
  const { regions, ...others } = settings;
  const lines = Object.entries(others).map(([name, value]) => `    ${SNAKE(name)}=${literal(value)},`);
  const rows = (regions ?? []).map(
    ({ order, rect }) =>
      `        region(${order}, ${rect.topLeftX}, ${rect.topLeftY}, ${rect.bottomRightX}, ${rect.bottomRightY}),`,
  );
  if (regions) lines.push(rows.length ? `    regions=[\n${rows.join('\n')}\n    ],` : '    regions=[],');
  return `# pip install aspose-ocr-cloud
import base64
import json
import os
import urllib.parse
import urllib.request
from pathlib import Path

import aspose_ocr_cloud as ocr

${pythonToken(origin)}

def region(order, left, top, right, bottom):
    rect = ocr.OCRRect(top_left_x=left, top_left_y=top, bottom_right_x=right, bottom_right_y=bottom)
    return ocr.OCRRegion(order=order, rect=rect)


settings = ocr.OCRSettings${operation}(
${lines.join('\n')}
)
image = base64.b64encode(Path(${literal(fileName)}).read_bytes()).decode()
api = ocr.${operation}Api(ocr.ApiClient(ocr.Configuration(host=HOST, access_token=token)))
task = api.post_${SNAKE(operation)}(ocr.OCR${operation}Body(image=image, settings=settings))
answer = api.get_${SNAKE(operation)}(task)
while answer.task_status in ("Pending", "Processing"):
    answer = api.get_${SNAKE(operation)}(task)
print(answer.response_status_code.value, *(answer.error.messages if answer.error else []))
for number, result in enumerate(answer.results or [], 1):
    data = base64.b64decode(result.data)
    if result.type in ("Text", "JSON", "Hocr"):
        print(result.type, data.decode())
    else:
        Path(f"result-{number}.{result.type.removeprefix('Image').lower()}").write_bytes(data)
`;
}

/** The protocol's client knows no templates, so this asks the service's own API (docs/plain-api.md). */
function pythonByTemplate({ origin, fileName, settings: { template } }) {
  const written = typeof template === 'string' ? literal(template) : `json.loads(r'''${JSON.stringify(template)}''')`;
  return `import base64
import json
import os
import urllib.parse
import urllib.request
from pathlib import Path

${pythonToken(origin)}
body = {
    "file": base64.b64encode(Path(${literal(fileName)}).read_bytes()).decode(),
    "template": ${written},
}
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "wait=30"}
with urllib.request.urlopen(urllib.request.Request(f"{HOST}/api/read", json.dumps(body).encode(), headers)) as answer:
    for field in json.load(answer)["fields"]:
        print(field["name"], field["value"], "" if field["valid"] else field["reasons"])
`;
}

/** The request's body. */
export const json = ({ fileName, settings }) => `${pretty({ image: `<Base64 of ${fileName}>`, settings })}\n`;
