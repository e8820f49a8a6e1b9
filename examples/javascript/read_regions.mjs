// Read two regions of a picture: node read_regions.mjs PICTURE
import { readFile } from 'node:fs/promises';

const { WHALELINE_URL: url = 'http://127.0.0.1:8080', WHALELINE_ID: id, WHALELINE_SECRET: secret } = process.env;

async function call(path, options) {
  const answer = await fetch(url + path, options);
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer;
}

// 1. Get an access token. It is valid for an hour.
const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
const { access_token: token } = await (await call('/connect/token', { method: 'POST', body: form })).json();
const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };

// 2. Post the picture and its regions.
const region = (order, topLeftX, topLeftY, bottomRightX, bottomRightY) => ({
  order,
  rect: { topLeftX, topLeftY, bottomRightX, bottomRightY },
});
const body = {
  image: (await readFile(process.argv[2])).toString('base64'),
  settings: { language: 'English', resultType: 'Text', regions: [region(1, 0, 0, 700, 60), region(2, 0, 120, 700, 180)] },
};
const path = '/v5.0/ocr/RecognizeRegions';
const task = await (await call(path, { method: 'POST', headers, body: JSON.stringify(body) })).text();

// 3. Fetch the result. This waits up to 20 seconds; a task that takes longer is Pending or Processing then.
let answer;
do {
  answer = await (await call(`${path}?id=${task}`, { headers })).json();
} while (['Pending', 'Processing'].includes(answer.taskStatus));
if (answer.taskStatus !== 'Completed') throw new Error(`${answer.taskStatus}: ${answer.error?.messages}`);
for (const { data } of answer.results) console.log(Buffer.from(data, 'base64').toString());
