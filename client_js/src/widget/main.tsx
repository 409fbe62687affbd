/** The widget's second file: takes over from the loader. */
import { answer } from "./api.ts";
import { take } from "./handoff.ts";
import { mount } from "./mount.tsx";

const handoff = take();
if (handoff !== undefined) {
  const { settings, root } = handoff;
  const model = mount({ settings, root, hasFocus: handoff.leave() });
  if (handoff.isWanted) model.open();
  handoff.answer((call) => answer(model, call));
}
