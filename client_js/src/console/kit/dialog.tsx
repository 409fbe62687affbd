import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { texts } from "../texts";
import { Button, IconButton } from "./button";

interface Props {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  kind?: "dialog" | "alertdialog";
  size?: "small" | "wide" | "side";
}

export function Dialog({ title, open, onClose, children, kind = "dialog", size = "small" }: Props) {
  return (
    <ModalOverlay
      className={`scrim ${size}`}
      isOpen={open}
      onOpenChange={(next) => (next ? undefined : onClose())}
      isDismissable={kind === "dialog"}
    >
      <Modal className={`modal ${size}`}>
        <AriaDialog role={kind} className="dialog">
          <header className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <IconButton label={texts.close} keys="Escape" onPress={onClose} size="small">
              <X size={16} />
            </IconButton>
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** Before what can't be undone. */
export function Confirm({ title, text, action, open, onClose, onConfirm }: ConfirmProps) {
  return (
    <Dialog title={title} open={open} onClose={onClose} kind="alertdialog">
      <p className="dialog-text">{text}</p>
      <footer className="dialog-foot">
        <Button onPress={onClose} autoFocus>
          {texts.cancel}
        </Button>
        <Button
          look="danger"
          onPress={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </footer>
    </Dialog>
  );
}
