// A task that has ended, as the service keeps it and as far as this browser knows more of it.

import { checkedAs } from './checking.js';
import { PLAIN } from './fields.js';
import { fromRect, isUnfit, sentence, toReading } from './results.js';
import { toRegions } from './template-file.js';

const RIM = 20; // pixels around what is known of a picture that is gone

/**
 * What there is to show of a task.
 *
 * @param known {file, template, regions, said} of it, as far as this browser has sent it; or null.
 * @returns {file, template, settings, asked, ground, problem, toReading}: `asked` are its regions, `ground` is width, height
 *   and words of a blank picture for it, and `toReading` gives what was read, or null where it has failed.
 */
export async function fetchTask(api, operation, id, known) {
  const [details, answer] = await Promise.all([api.task(id), api.result(operation, id)]);
  const { template } = details.settings;
  const isForm = Boolean(template && (known?.template || template.pages.some(({ picture }) => picture)));
  const drawn = (details.settings.regions ?? []).toSorted((a, b) => a.order - b.order).map(({ rect, page }) => ({ ...fromRect(rect), page }));
  const named = drawn.map((region, at) => ({ ...region, name: known?.regions?.[at]?.name ?? '', field: PLAIN }));
  const asked = !template ? named : isForm ? [] : toRegions(template);
  return {
    file: known?.file ?? null,
    template: known?.template ?? '',
    settings: details.settings,
    asked,
    ground: groundFor(toReading(answer, asked, { isForm }), asked),
    problem: details.taskStatus === 'Error' ? sentence(details.messages.join(' ')) : '',
    toReading: (regions, image) => {
      if (details.taskStatus !== 'Completed') return null;
      const request = { ...details.settings, ...(known?.template && { template: known.template }) };
      const reading = toReading(answer, regions, { image, operation, request, isForm });
      const items = reading.items.map((item, at) => checkedAs(item, known?.said?.[at] ?? null));
      return { ...reading, items, task: id, isUnfit: isUnfit(reading) };
    },
  };
}

/** The task does not keep its image's size; what it asked for and found tells how large it was at least. */
function groundFor({ items }, asked) {
  const words = items.flatMap((item) => item.words);
  const far = (edge) => Math.max(100, ...[...asked, ...words].map((box) => box[edge]));
  return [far('right') + RIM, far('bottom') + RIM, words];
}
