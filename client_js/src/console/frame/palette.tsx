/** Every command by name: Ctrl/⌘ K, a few letters, Enter. */
import { useMemo, useState } from "react";
import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from "react-aria-components";

import { Keys } from "../kit/keys";
import { reachable } from "../kit/reachable";
import { texts } from "../texts";
import { type Command, useOffered } from "./commands";
import { openOverlay, useOverlay } from "./overlays";

export function Palette() {
  const open = useOverlay() === "palette";
  return (
    <ModalOverlay
      className="scrim"
      isOpen={open}
      isDismissable
      onOpenChange={(next) => openOverlay(next ? "palette" : null)}
    >
      <Modal className="modal palette">
        <Dialog className="dialog" aria-label={texts.palette.title}>
          <Finder />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Finder() {
  const commands = useOffered();
  const { contains } = useFilter({ sensitivity: "base" });
  const [query, setQuery] = useState("");
  const shown = useMemo(() => listed(commands), [commands]);
  const run = (id: string) => {
    openOverlay(null);
    // The dialog gives the focus back first; then the command may move it.
    requestAnimationFrame(() => shown.find((command) => command.id === id)?.run());
  };
  return (
    <Autocomplete filter={contains} inputValue={query} onInputChange={setQuery}>
      <SearchField aria-label={texts.palette.find} className="palette-field" autoFocus>
        <Input placeholder={texts.palette.find} />
      </SearchField>
      <Menu
        ref={reachable}
        className="palette-list"
        aria-label={texts.palette.title}
        items={shown}
        onAction={(id) => run(String(id))}
        renderEmptyState={() => <p className="meta targets-none">{texts.palette.nothing}</p>}
      >
        {(command) => (
          <MenuItem
            id={command.id}
            textValue={`${command.name} ${command.also ?? ""}`}
            className="menu-item palette-item"
          >
            <span className="clip">{command.name}</span>
            {command.keys ? <Keys keys={command.keys} /> : null}
          </MenuItem>
        )}
      </Menu>
    </Autocomplete>
  );
}

/** Once each; what the page offers stands before what is always there. */
function listed(commands: readonly Command[]): Command[] {
  const seen = new Set<string>();
  return commands.filter((command) => {
    if (command.unlisted === true || seen.has(command.id)) return false;
    seen.add(command.id);
    return true;
  });
}
