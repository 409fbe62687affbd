/** `?`: every shortcut there is, whether or not it does something now. */
import { Dialog } from "../kit/dialog";
import { Keys } from "../kit/keys";
import { useSettings } from "../settings";
import { texts } from "../texts";
import { openOverlay, useOverlay } from "./overlays";

const words = texts.shortcuts;

const PARTS: readonly { title: string; lines: readonly (readonly [string, string])[] }[] = [
  {
    title: words.rings,
    lines: [
      ["Enter", words.start],
      ["d", words.decline],
      ["a", words.availability],
      ["m", words.mute],
    ],
  },
  {
    title: words.conversation,
    lines: [
      ["r", words.reply],
      ["Escape", words.leave],
      ["j", words.next],
      ["k", words.previous],
      ["u", words.unread],
      ["1 … 9", words.nth],
      ["b", words.beside],
      ["x", words.closePane],
      ["i", words.panel],
      ["t", words.transfer],
      ["e", words.end],
    ],
  },
  {
    title: texts.routing.shortcuts.title,
    lines: [
      ["n", texts.routing.shortcuts.add],
      ["/", texts.routing.shortcuts.find],
      ["j", texts.routing.shortcuts.next],
      ["k", texts.routing.shortcuts.previous],
      ["Alt+ArrowUp", texts.routing.shortcuts.up],
      ["Alt+ArrowDown", texts.routing.shortcuts.down],
      ["t", texts.routing.shortcuts.try],
      ["Mod+s", texts.routing.shortcuts.save],
      ["p", texts.routing.shortcuts.publish],
      ["Mod+z", texts.routing.shortcuts.undo],
      ["Mod+Shift+z", texts.routing.shortcuts.redo],
    ],
  },
  {
    title: words.everywhere,
    lines: [
      ["Mod+k", words.palette],
      ["?", words.help],
      ["g i", words.inbox],
      ["g h", words.history],
      ["g r", texts.routing.shortcuts.go],
      ["g t", words.team],
      ["g a", words.account],
      ["/", words.search],
      ["l", words.theme],
    ],
  },
];

export function Shortcuts() {
  const open = useOverlay() === "shortcuts";
  const { singleKeys } = useSettings();
  return (
    <Dialog title={words.title} size="wide" open={open} onClose={() => openOverlay(null)}>
      <div className="dialog-body shortcuts" tabIndex={0}>
        <p>{singleKeys ? words.rule : words.off}</p>
        <div className="shortcut-parts">
          {PARTS.map(({ title, lines }) => (
            <section key={title}>
              <h3>{title}</h3>
              <dl>
                {lines.map(([keys, name]) => (
                  <div key={keys}>
                    <dt>{name}</dt>
                    <dd>
                      <span className="unseen">{keys}</span>
                      <Keys keys={keys} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
