// A filled form, drawn on the spot, for those who have no image at hand.

const LINES = [
  ['Surname', 'Melville', 'surname', 300],
  ['Given names', 'Herman', 'given names', 420],
  ['Date of birth', '1 August 1819', 'date of birth', 540],
  ['Place of birth', 'New York', 'place of birth', 660],
];

/** The image file, and regions over what was filled in. */
export async function makeExample() {
  const canvas = document.createElement('canvas');
  canvas.width = 1240;
  canvas.height = 880;
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = '#16212b';
  context.font = '600 52px Georgia, "DejaVu Serif", serif';
  context.fillText('Application for a whaling voyage', 100, 130);
  context.font = '26px Georgia, "DejaVu Serif", serif';
  context.fillText('Please complete in block letters or by machine.', 100, 190);
  for (const [label, value, , y] of LINES) {
    context.font = '24px Helvetica, Arial, "DejaVu Sans", sans-serif';
    context.fillStyle = '#5a6772';
    context.fillText(label, 100, y);
    context.fillStyle = '#16212b';
    context.font = '38px "Courier New", "DejaVu Sans Mono", monospace';
    context.fillText(value, 420, y);
    context.fillStyle = '#9aa5ae';
    context.fillRect(400, y + 18, 740, 2);
  }
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  return {
    file: new File([blob], 'example.png', { type: 'image/png' }),
    regions: LINES.map(([, , name, y]) => ({ name, left: 404, top: y - 44, right: 1136, bottom: y + 16 })),
  };
}
