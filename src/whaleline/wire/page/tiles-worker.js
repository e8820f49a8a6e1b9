// Decodes an image beside the page's own thread, and cuts tiles of it at halved sizes for whoever draws.
//
// In:  {open: Blob}                   Out: {opened: {width, height, levels}} or {failed: message}
//      {tile: {level, column, row}}        {tile: {level, column, row, bitmap}}

const TILE = 512;
const OVERVIEW = 1024; // the last level is no larger than this either way

/** Level n has the image at 1/2^n of its size. */
let levels = [];
let asked = [];
let working = false;

onmessage = async ({ data }) => {
  if (data.open) {
    try {
      await open(data.open);
    } catch (error) {
      postMessage({ failed: String(error) });
    }
  } else if (data.wanted) {
    // Only what is in sight now counts; what was asked for before and has not been cut is passed over.
    asked = data.wanted;
    if (!working) await cut();
  }
};

async function open(blob) {
  levels = [await createImageBitmap(blob)];
  for (let last = levels[0]; Math.max(last.width, last.height) > OVERVIEW; last = levels.at(-1)) {
    levels.push(
      await createImageBitmap(last, {
        resizeWidth: Math.ceil(last.width / 2),
        resizeHeight: Math.ceil(last.height / 2),
        resizeQuality: 'medium',
      }),
    );
  }
  const [{ width, height }] = levels;
  const overview = await createImageBitmap(levels.at(-1));
  postMessage({ opened: { width, height, levels: levels.length, tile: TILE, overview } }, [overview]);
}

async function cut() {
  working = true;
  while (asked.length) {
    const { level, column, row } = asked.shift();
    const source = levels[level];
    const [x, y] = [column * TILE, row * TILE];
    const bitmap = await createImageBitmap(source, x, y, Math.min(TILE, source.width - x), Math.min(TILE, source.height - y));
    postMessage({ tile: { level, column, row, bitmap } }, [bitmap]);
    // Let newer wishes in between two tiles.
    await new Promise((resolve) => setTimeout(resolve));
  }
  working = false;
}
