import { EllipsisVertical } from "lucide-react";
import type { ReactNode } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

import { IconButton } from "./button";
import { Keys } from "./keys";

export interface Action {
  id: string;
  name: string;
  icon?: ReactNode;
  keys?: string;
  bad?: boolean;
  disabled?: boolean;
  run: () => void;
}

/** Three dots, and what can be done with the thing they stand beside. */
export function More({ label, actions }: { label: string; actions: readonly Action[] }) {
  return (
    <MenuTrigger>
      <IconButton label={label} size="small">
        <EllipsisVertical size={16} />
      </IconButton>
      <Popover className="float menu" placement="bottom end" offset={4}>
        <Menu
          aria-label={label}
          items={actions}
          disabledKeys={actions.filter((one) => one.disabled).map((one) => one.id)}
          onAction={(id) => actions.find((one) => one.id === id)?.run()}
        >
          {(one) => (
            <MenuItem
              id={one.id}
              textValue={one.name}
              className={one.bad ? "menu-item bad" : "menu-item"}
            >
              {one.icon}
              <span className="menu-words">{one.name}</span>
              {one.keys ? <Keys keys={one.keys} /> : null}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
