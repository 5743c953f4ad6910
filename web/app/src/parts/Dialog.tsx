/** A question or a small task in front of the page. It opens when it is rendered and closes when it is not. */
import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
  /** A question that wants an answer is an alertdialog. */
  readonly asks?: boolean;
}

export function Dialog({ title, onClose, children, wide = false, asks = false }: DialogProps) {
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!asks} onOpenChange={(open) => !open && onClose()}>
      <Modal className={wide ? "modal wide" : "modal"}>
        <AriaDialog className="dialog" role={asks ? "alertdialog" : "dialog"}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
