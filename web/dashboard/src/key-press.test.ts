import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DialogKind } from './context.tsx';
import { beginChord, endChord, isForPage, isForPart } from './key-press.ts';

class FakeElement extends EventTarget {
  readonly #kind: string;
  constructor(kind: string) {
    super();
    this.#kind = kind;
  }
  matches(selector: string): boolean {
    return selector.split(', ').includes(this.#kind);
  }
}

let dialogElement: unknown = null;
beforeEach(() =>
  Object.assign(globalThis, { HTMLElement: FakeElement, document: { querySelector: () => dialogElement } }),
);
afterEach(() => {
  dialogElement = null;
  endChord();
  Reflect.deleteProperty(globalThis, 'HTMLElement');
  Reflect.deleteProperty(globalThis, 'document');
});

const plain = { defaultPrevented: false, ctrlKey: false, metaKey: false, altKey: false };
const press = (more: Partial<typeof plain> = {}, kind = 'body') => ({
  ...plain,
  ...more,
  target: new FakeElement(kind),
});
const dialogs = (kind: 'none' | 'help' = 'none') => ({ open: signal<DialogKind>({ kind }) });

test.each([
  ['a key over the page', press(), true],
  ['a key on a button', press({}, 'button'), true],
  ['what is typed', press({}, 'input'), false],
  ['what is typed into a form', press({}, 'textarea'), false],
  ['a key of the browser', press({ ctrlKey: true }), false],
  ['a key that somebody has taken', press({ defaultPrevented: true }), false],
] as const)('%s: %s', (_what, key, isOurs) =>
  expect([isForPage(key, dialogs()), isForPart(key, dialogs())]).toEqual([isOurs, isOurs]),
);

test('nothing acts behind a dialog, neither one of the page nor one that a view has opened itself', () => {
  expect(isForPart(press(), dialogs('help'))).toBe(false);
  dialogElement = {};
  expect([isForPart(press(), dialogs()), isForPage(press(), dialogs())]).toEqual([false, false]);
});

test('the letter after G is the page’s alone: G P goes to the port and does not seek the player', () => {
  beginChord();
  expect([isForPage(press(), dialogs()), isForPart(press(), dialogs())]).toEqual([true, false]);
  endChord();
  expect(isForPart(press(), dialogs())).toBe(true);
});
