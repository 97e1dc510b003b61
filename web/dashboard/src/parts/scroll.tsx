/** A region that scrolls inside itself. It takes the focus, so that the arrow keys scroll it in every browser. */
import type { ComponentChildren, RefObject } from 'preact';

type Props = {
  readonly label: string;
  readonly more?: string;
  readonly box?: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
};

export function Scroll({ label, more = '', box, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolling is what one does here, and Safari gives no focus by itself.
    <section class={`scroll ${more}`} tabIndex={0} aria-label={label} {...(box === undefined ? {} : { ref: box })}>
      {children}
    </section>
  );
}
