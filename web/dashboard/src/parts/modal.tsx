/** A dialog that floats over the page: it takes the focus, gives it back, and closes by Esc. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { words } from '../settings.ts';

export function Modal({
  title,
  onClose,
  isWide = false,
  children,
}: {
  title: string;
  onClose: () => void;
  isWide?: boolean;
  children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  // With the elements, not after they are painted: an Esc in between would be nobody's.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  // What this dialog says after it was put away, a frame later, would close the one that has been opened since.
  const onCloseEvent = () => {
    if (ref.current !== null) onClose();
  };
  return (
    <dialog ref={ref} class={isWide ? 'wide' : ''} aria-label={title} onClose={onCloseEvent}>
      <header>
        <h2>{title}</h2>
      </header>
      {children}
      <button type="button" class="tb modal-close" onClick={onClose} aria-label={words.value.close}>
        ×
      </button>
    </dialog>
  );
}
